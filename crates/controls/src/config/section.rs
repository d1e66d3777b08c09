//! One map of the file, read key by key.

use std::{fmt::Display, str::FromStr};

use knight_model::{
    place::Place,
    source::Span,
    tree::{Entry, Kind, Node},
};

use super::{KEYS, Mistake, PathPattern, pattern::check_pattern};
use crate::words::{did_you_mean, plain};

/// A map whose keys are known.
pub(super) struct Section<'a, 'm> {
    node: Node<'a>,
    entries: Box<dyn Iterator<Item = Entry<'a>> + 'a>,
    known: &'static [&'static str],
    /// What the map is called.
    title: &'a str,
    mistakes: &'m mut Vec<Mistake>,
}

impl<'a, 'm> Section<'a, 'm> {
    /// Opens a map with the keys that [`KEYS`] lists under a name; anything else is a mistake.
    pub(super) fn of(
        node: Node<'a>,
        title: &'a str,
        keys: &str,
        mistakes: &'m mut Vec<Mistake>,
    ) -> Option<Self> {
        let known = KEYS
            .iter()
            .find(|(name, _)| *name == keys)
            .map_or(&[][..], |(_, keys)| keys);
        let Some(map) = node.as_map() else {
            mistakes.push(Mistake {
                place: Place::of(node),
                message: format!("{} must be a map, not {}", quoted(title), type_words(node)),
                label: Some(format!(
                    "with keys such as `{}`",
                    known.first().unwrap_or(&"")
                )),
            });
            return None;
        };
        Some(Self {
            node,
            entries: Box::new(map.entries()),
            known,
            title,
            mistakes,
        })
    }

    /// Returns the next entry with a known key; others are mistakes.
    pub(super) fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            let entry = self.entries.next()?;
            if self.known.contains(&entry.key) {
                return Some(entry);
            }
            let nearest = did_you_mean(entry.key, self.known.iter().copied());
            let message = format!(
                "{} has no key `{}`{nearest}",
                quoted(self.title),
                plain(entry.key)
            );
            let label = format!("the keys are {}", self.known.join(", "));
            self.mistake(self.place(entry.key_span), message, Some(label));
        }
    }

    /// Reads a map that is the value of a key.
    pub(super) fn inner(
        &mut self,
        value: Node<'a>,
        key: &'a str,
        read: impl FnOnce(&mut Section<'a, '_>),
    ) {
        if !value.is_null()
            && let Some(mut section) = Section::of(value, key, key, self.mistakes)
        {
            read(&mut section);
        }
    }

    /// Opens a map in a list.
    pub(super) fn item(
        &mut self,
        item: Node<'a>,
        title: &'a str,
        keys: &str,
    ) -> Option<Section<'a, '_>> {
        Section::of(item, title, keys, self.mistakes)
    }

    /// Reads a list; `null` is an empty one.
    pub(super) fn list(&mut self, value: Node<'a>) -> Vec<Node<'a>> {
        match value.kind() {
            Kind::List(list) => list.items().collect(),
            Kind::Null => Vec::new(),
            _ => {
                self.wrong(
                    value,
                    format!("this must be a list, not {}", type_words(value)),
                );
                Vec::new()
            }
        }
    }

    /// Reads a string that is not empty.
    pub(super) fn text(&mut self, value: Node<'a>) -> Option<&'a str> {
        match value.as_str().map(str::trim) {
            Some("") => {
                self.wrong(value, "this is empty".to_owned());
                None
            }
            Some(text) => Some(text),
            None => {
                self.wrong(
                    value,
                    format!("this must be a string, not {}", type_words(value)),
                );
                None
            }
        }
    }

    /// Reads a list of strings.
    pub(super) fn texts(&mut self, value: Node<'a>) -> Vec<String> {
        let items = self.list(value);
        items
            .into_iter()
            .filter_map(|item| self.text(item).map(str::to_owned))
            .collect()
    }

    /// Reads a list of strings with their places.
    pub(super) fn located_texts(&mut self, value: Node<'a>) -> Vec<PathPattern> {
        let items = self.list(value);
        items
            .into_iter()
            .filter_map(|item| {
                let text = self.text(item)?.to_owned();
                Some(PathPattern {
                    text,
                    place: Place::of(item),
                })
            })
            .collect()
    }

    /// Reads a list of patterns of controls.
    pub(super) fn patterns(&mut self, value: Node<'a>) -> Vec<String> {
        let items = self.list(value);
        items
            .into_iter()
            .filter_map(|item| self.pattern(item))
            .collect()
    }

    /// Reads a pattern of controls.
    pub(super) fn pattern(&mut self, value: Node<'a>) -> Option<String> {
        let text = self.text(value)?;
        match check_pattern(text) {
            Ok(()) => Some(text.to_owned()),
            Err(unknown) => {
                self.wrong(value, unknown.to_string());
                None
            }
        }
    }

    /// Reads one of some words.
    pub(super) fn word<T: Copy>(
        &mut self,
        value: Node<'a>,
        what: &str,
        all: &[T],
        word: fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.text(value)?;
        let found = all.iter().copied().find(|known| word(*known) == text);
        if found.is_none() {
            let words: Vec<&str> = all.iter().map(|known| word(*known)).collect();
            let nearest = did_you_mean(text, words.iter().copied());
            let message = format!("`{}` is no {what}{nearest}", plain(text));
            let label = format!("one of {}", words.join(", "));
            self.mistake(Place::of(value), message, Some(label));
        }
        found
    }

    /// Reads a list of words.
    pub(super) fn words<T: Copy>(
        &mut self,
        value: Node<'a>,
        what: &str,
        all: &[T],
        word: fn(T) -> &'static str,
    ) -> Vec<T> {
        let items = self.list(value);
        items
            .into_iter()
            .filter_map(|item| self.word(item, what, all, word))
            .collect()
    }

    /// Reads a version, quoted or not: as a number, `1.30` would be 1.3.
    pub(super) fn version<T: FromStr<Err: Display>>(&mut self, value: Node<'a>) -> Option<T> {
        let text = match value.kind() {
            Kind::Text(text) => text,
            Kind::Float(_) | Kind::Int(_) => value.document().source().slice(value.span()),
            Kind::Null | Kind::Bool(_) | Kind::List(_) | Kind::Map(_) => {
                let message = format!(
                    "this must be a version such as `1.30`, not {}",
                    type_words(value)
                );
                self.wrong(value, message);
                return None;
            }
        };
        match text.parse() {
            Ok(version) => Some(version),
            Err(error) => {
                self.wrong(value, plain_sentence(&error.to_string()));
                None
            }
        }
    }

    /// Notes that a value is wrong.
    pub(super) fn wrong(&mut self, value: Node<'_>, message: String) {
        self.mistake(Place::of(value), message, None);
    }

    /// Notes a mistake.
    pub(super) fn mistake(&mut self, place: Place, message: String, label: Option<String>) {
        self.mistakes.push(Mistake {
            place,
            message,
            label,
        });
    }

    /// Returns the place of the map, or of its first key.
    pub(super) fn here(&self) -> Place {
        super::first_key(self.node)
    }

    fn place(&self, span: Span) -> Place {
        Place::of_span(self.node.document(), span)
    }
}

fn quoted(title: &str) -> String {
    if title.contains(' ') {
        title.to_owned()
    } else {
        format!("`{title}`")
    }
}

/// Returns the type of a value in words.
pub(super) fn type_words(node: Node<'_>) -> &'static str {
    match node.kind() {
        Kind::Null => "nothing",
        Kind::Bool(_) => "a boolean",
        Kind::Int(_) | Kind::Float(_) => "a number",
        Kind::Text(_) => "a string",
        Kind::List(_) => "a list",
        Kind::Map(_) => "a map",
    }
}

fn plain_sentence(text: &str) -> String {
    text.chars()
        .filter(|char| !char.is_control())
        .take(200)
        .collect()
}
