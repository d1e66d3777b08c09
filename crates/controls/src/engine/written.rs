//! Exceptions that annotations and comments make.

use knight_model::{
    object::Object,
    place::Place,
    source::Span,
    tree::{Document, Map},
};

use super::Outcome;
use crate::{
    catalogue,
    exceptions::{ANNOTATION, Exception, Scope},
    finding::{Claim, ExceptionNote},
};

/// How a comment begins that allows a control: `# knight: allow ID until=DATE reason`.
const COMMENT: &str = "knight:";

/// Collects what the annotations and comments of a document allow.
pub(super) fn exceptions(document: &Document, objects: &[Object<'_>], outcome: &mut Outcome) {
    for object in objects {
        let annotations = object.annotations();
        for entry in annotations.into_iter().flat_map(Map::entries) {
            let Some(control) = entry.key.strip_prefix(ANNOTATION) else {
                continue;
            };
            let scope = Scope::Object(object.reference(), document.source().name().into());
            let text = entry.value.as_str().unwrap_or_default();
            add(document, entry.key_span, control, text, scope, outcome);
        }
    }
    let text = document.source().slice(document.span());
    if !text.contains(COMMENT) {
        return;
    }
    for comment in document.comments().iter() {
        let Some(words) = comment.text.strip_prefix(COMMENT) else {
            continue;
        };
        let place = Place::of_span(document, comment.span);
        let words = words.trim();
        let Some(words) = words
            .strip_prefix("allow")
            .filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
        else {
            let message = "a `knight:` comment says `allow`, a control and a reason".to_owned();
            outcome.notes.push(ExceptionNote { place, message });
            continue;
        };
        let words = words.trim();
        let (control, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        // A comment that has its line to itself is about the next line.
        let line = if comment.alone {
            place.start.line + 1
        } else {
            place.start.line
        };
        let scope = Scope::Line(document.source().name().into(), line);
        add(document, comment.span, control, rest, scope, outcome);
    }
}

/// Collects what objects of a cluster claim for themselves.
pub(super) fn claims(objects: &[Object<'_>], outcome: &mut Outcome) {
    for object in objects {
        let annotations = object.annotations();
        for entry in annotations.into_iter().flat_map(Map::entries) {
            let Some(control) = entry.key.strip_prefix(ANNOTATION) else {
                continue;
            };
            outcome.claims.push(Claim {
                control: control.to_owned(),
                object: object.reference(),
                place: Place::of_span(object.node().document(), entry.key_span),
                reason: entry.value.as_str().unwrap_or_default().to_owned(),
            });
        }
    }
}

fn add(
    document: &Document,
    span: Span,
    control: &str,
    text: &str,
    scope: Scope,
    outcome: &mut Outcome,
) {
    let place = Place::of_span(document, span);
    if catalogue::control(control).is_none() {
        let message = format!(
            "`{}` is no control{}",
            crate::words::plain(control),
            crate::words::did_you_mean(control, catalogue::controls().map(|known| known.id)),
        );
        outcome.notes.push(ExceptionNote { place, message });
        return;
    }
    match Exception::words(text) {
        Ok((until, reason)) => {
            let control = control.to_owned();
            outcome.exceptions.push(Exception {
                control,
                scope,
                reason,
                until,
                place,
            });
        }
        Err(invalid) => {
            outcome.notes.push(ExceptionNote {
                place,
                message: invalid.to_string(),
            });
        }
    }
}
