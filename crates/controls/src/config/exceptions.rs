//! `exceptions`: findings that are accepted.

use knight_model::tree::{Entry, Node};

use super::section::Section;
use crate::exceptions::{Day, Exception, Patterns, Scope};

pub(super) const KEYS: &[&str] = &[
    "control",
    "file",
    "kind",
    "name",
    "namespace",
    "path",
    "reason",
    "until",
];

/// Reads the list.
pub(super) fn read<'a>(section: &mut Section<'a, '_>, value: Node<'a>) -> Vec<Exception> {
    let items = section.list(value);
    items
        .into_iter()
        .filter_map(|item| exception(section, item))
        .collect()
}

fn exception<'a>(section: &mut Section<'a, '_>, item: Node<'a>) -> Option<Exception> {
    let mut section = section.item(item, "an exception", "exceptions")?;
    let mut control = None;
    let mut reason = None;
    let mut until: Option<Day> = None;
    let mut patterns = Patterns::default();
    let (mut has_control, mut has_reason) = (false, false);
    while let Some(Entry { key, value, .. }) = section.next() {
        match key {
            "control" => {
                has_control = true;
                control = section.pattern(value);
            }
            "reason" => {
                has_reason = true;
                reason = section.text(value);
            }
            "until" => {
                let Some(text) = section.text(value) else {
                    continue;
                };
                match text.parse() {
                    Ok(day) => until = Some(day),
                    Err(invalid) => section.wrong(value, invalid.to_string()),
                }
            }
            _ => {
                let text = section.text(value).map(str::to_owned);
                match key {
                    "namespace" => patterns.namespace = text,
                    "kind" => patterns.kind = text,
                    "name" => patterns.name = text,
                    "path" => patterns.path = text,
                    _ => patterns.file = text,
                }
            }
        }
    }
    let place = section.here();
    if !has_control {
        section.mistake(
            place.clone(),
            "an exception needs a `control`".to_owned(),
            None,
        );
    }
    if !has_reason {
        section.mistake(
            place.clone(),
            "an exception needs a `reason`".to_owned(),
            None,
        );
    }
    let (control, reason) = (control?, reason?.to_owned());
    Some(Exception {
        control,
        scope: Scope::Matching(patterns),
        reason,
        until,
        place,
    })
}
