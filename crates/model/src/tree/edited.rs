//! A document with changes, as a tree.

mod writer;

use serde_json::Value;

use super::{Document, Node, Origin};
use crate::{
    edit::{Change, Edit},
    path::Step,
    source::Span,
};

use writer::Writer;

impl Document {
    /// Returns the document with edits made, one after the other.
    ///
    /// What is new lies at the key of the nearest place that exists, or at that place itself where
    /// it has no key, and a replaced value lies where the old one did. An edit that has nowhere to
    /// go, because its path leads through a string or to an item that is not there, changes nothing.
    /// Aliases and merges are written out where an edit goes through them.
    #[must_use]
    pub fn edited(&self, edits: &[Edit]) -> Self {
        let mut drafter = Drafter {
            document: self,
            origins: self.origins.clone(),
        };
        let mut root = Draft::Kept(0);
        for edit in edits {
            drafter.apply(
                &mut root,
                edit.path.steps(),
                &edit.change,
                self.root().span(),
            );
        }
        let mut writer = Writer {
            from: self,
            to: Self {
                source: self.source.clone(),
                span: self.span,
                syntax: self.syntax,
                nodes: Vec::with_capacity(self.nodes.len() + 16 * edits.len()),
                text: self.text.clone(),
                unwritten: Vec::new(),
                origins: drafter.origins,
            },
            copies: vec![None; self.nodes.len()],
        };
        writer.draft(&root);
        writer.to
    }
}

/// A value while edits are made; what no edit touches stays a node of the old document.
enum Draft {
    Kept(u32),
    Map {
        place: Place,
        entries: Vec<(Key, Self)>,
    },
    List {
        place: Place,
        items: Vec<Self>,
    },
    New {
        place: Place,
        value: Value,
    },
}

/// Where a draft's node lies and which origin it has.
#[derive(Clone, Copy)]
struct Place {
    span: Span,
    origin: Option<u32>,
}

enum Key {
    Kept(u32),
    New { place: Place, name: Box<str> },
}

struct Drafter<'a> {
    document: &'a Document,
    origins: Vec<Origin>,
}

impl<'a> Drafter<'a> {
    /// Makes a change at the end of `steps`; `place` is the nearest key above.
    fn apply(&mut self, draft: &mut Draft, steps: &[Step], change: &Change, place: Span) {
        match steps {
            [] => self.replace(draft, change, place),
            [Step::Key(name), rest @ ..] => self.apply_in_map(draft, name, rest, change, place),
            [Step::Item { index, name }, rest @ ..] => {
                self.apply_in_list(draft, (*index, name.as_deref()), rest, change, place);
            }
        }
    }

    fn replace(&mut self, draft: &mut Draft, change: &Change, place: Span) {
        match change {
            Change::Set(value) => {
                let span = self.span(draft);
                *draft = Draft::New {
                    place: Place { span, origin: None },
                    value: value.clone(),
                };
            }
            Change::Default(value, origin) if self.is_null(draft) => {
                let origin = Some(self.origin(origin));
                *draft = Draft::New {
                    place: Place {
                        span: place,
                        origin,
                    },
                    value: value.clone(),
                };
            }
            Change::Default(..) | Change::Remove | Change::Rename(_) => {}
        }
    }

    fn apply_in_map(
        &mut self,
        draft: &mut Draft,
        name: &str,
        rest: &[Step],
        change: &Change,
        place: Span,
    ) {
        let adds = match change {
            Change::Set(_) | Change::Default(..) => leads_to_new(rest, change),
            Change::Remove | Change::Rename(_) => false,
        };
        if adds && self.is_null(draft) {
            let place = self.unwritten(place, change);
            *draft = Draft::Map {
                place,
                entries: Vec::new(),
            };
        }
        let Some(entries) = self.entries(draft) else {
            return;
        };
        let found = entries
            .iter()
            .position(|(key, _)| key_name(self.document, key) == name);
        match (found, change) {
            (Some(at), Change::Remove) if rest.is_empty() => {
                entries.remove(at);
            }
            (Some(at), Change::Rename(to)) if rest.is_empty() => {
                let taken = entries
                    .iter()
                    .any(|(key, _)| key_name(self.document, key) == &**to);
                if !taken {
                    let span = key_span(self.document, &entries[at].0);
                    let place = Place { span, origin: None };
                    entries[at].0 = Key::New {
                        place,
                        name: to.clone(),
                    };
                }
            }
            (Some(at), _) => {
                let place = key_span(self.document, &entries[at].0);
                self.apply(&mut entries[at].1, rest, change, place);
            }
            (None, _) if adds => {
                let place = self.unwritten(place, change);
                let mut value = Draft::New {
                    place,
                    value: Value::Null,
                };
                self.apply(&mut value, rest, change, place.span);
                entries.push((
                    Key::New {
                        place,
                        name: name.into(),
                    },
                    value,
                ));
            }
            (None, _) => {}
        }
    }

    fn apply_in_list(
        &mut self,
        draft: &mut Draft,
        (index, name): (u32, Option<&str>),
        rest: &[Step],
        change: &Change,
        place: Span,
    ) {
        let adds = matches!(change, Change::Set(_)) && leads_to_new(rest, change);
        if adds && index == 0 && self.is_null(draft) {
            *draft = Draft::List {
                place: self.unwritten(place, change),
                items: Vec::new(),
            };
        }
        let Some(items) = self.items(draft) else {
            return;
        };
        let found = position(self.document, items, index as usize, name);
        match found {
            Some(at) if rest.is_empty() && matches!(change, Change::Remove) => {
                items.remove(at);
            }
            Some(at) => {
                let place = span_of(self.document, &items[at]);
                self.apply(&mut items[at], rest, change, place);
            }
            None if adds && index as usize == items.len() => {
                let place = self.unwritten(place, change);
                let mut item = Draft::New {
                    place,
                    value: Value::Null,
                };
                self.apply(&mut item, rest, change, place.span);
                items.push(item);
            }
            None => {}
        }
    }

    /// Returns the entries of a draft that is a map, ready to be changed.
    fn entries<'d>(&self, draft: &'d mut Draft) -> Option<&'d mut Vec<(Key, Draft)>> {
        match draft {
            Draft::Kept(index) => {
                let map = self.node(*index).as_map()?;
                let entries = map
                    .indexes()
                    .map(|(key, value)| (Key::Kept(key), Draft::Kept(value)));
                *draft = Draft::Map {
                    place: self.kept(*index),
                    entries: entries.collect(),
                };
            }
            Draft::New {
                place,
                value: Value::Object(object),
            } => {
                let place = *place;
                let entries = std::mem::take(object).into_iter().map(|(name, value)| {
                    (
                        Key::New {
                            place,
                            name: name.into(),
                        },
                        Draft::New { place, value },
                    )
                });
                *draft = Draft::Map {
                    place,
                    entries: entries.collect(),
                };
            }
            Draft::Map { .. } | Draft::List { .. } | Draft::New { .. } => {}
        }
        match draft {
            Draft::Map { entries, .. } => Some(entries),
            Draft::Kept(_) | Draft::List { .. } | Draft::New { .. } => None,
        }
    }

    /// Returns the items of a draft that is a list, ready to be changed.
    fn items<'d>(&self, draft: &'d mut Draft) -> Option<&'d mut Vec<Draft>> {
        match draft {
            Draft::Kept(index) => {
                let list = self.node(*index).as_list()?;
                let items = list.indexes().map(Draft::Kept).collect();
                *draft = Draft::List {
                    place: self.kept(*index),
                    items,
                };
            }
            Draft::New {
                place,
                value: Value::Array(array),
            } => {
                let place = *place;
                let items = std::mem::take(array).into_iter();
                let items = items.map(|value| Draft::New { place, value }).collect();
                *draft = Draft::List { place, items };
            }
            Draft::Map { .. } | Draft::List { .. } | Draft::New { .. } => {}
        }
        match draft {
            Draft::List { items, .. } => Some(items),
            Draft::Kept(_) | Draft::Map { .. } | Draft::New { .. } => None,
        }
    }

    fn unwritten(&mut self, span: Span, change: &Change) -> Place {
        let origin = match change {
            Change::Default(_, origin) => Some(self.origin(origin)),
            Change::Set(_) | Change::Remove | Change::Rename(_) => None,
        };
        Place { span, origin }
    }

    fn origin(&mut self, origin: &Origin) -> u32 {
        let known = self.origins.iter().position(|known| known == origin);
        let at = known.unwrap_or_else(|| {
            self.origins.push(origin.clone());
            self.origins.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    fn kept(&self, index: u32) -> Place {
        let node = self.node(index);
        Place {
            span: node.span(),
            origin: self.document.origin_at(node.index),
        }
    }

    fn span(&self, draft: &Draft) -> Span {
        span_of(self.document, draft)
    }

    fn is_null(&self, draft: &Draft) -> bool {
        match draft {
            Draft::Kept(index) => self.node(*index).is_null(),
            Draft::New { value, .. } => value.is_null(),
            Draft::Map { .. } | Draft::List { .. } => false,
        }
    }

    fn node(&self, index: u32) -> Node<'a> {
        Node::at(self.document, index)
    }
}

/// Returns whether the steps can be made where nothing is yet.
fn leads_to_new(steps: &[Step], change: &Change) -> bool {
    steps.iter().all(|step| match step {
        Step::Key(_) => true,
        // Defaulting never makes items.
        Step::Item { index, .. } => *index == 0 && matches!(change, Change::Set(_)),
    }) || matches!(steps, [])
}

fn span_of(document: &Document, draft: &Draft) -> Span {
    match draft {
        Draft::Kept(index) => Node::at(document, *index).span(),
        Draft::Map { place, .. } | Draft::List { place, .. } | Draft::New { place, .. } => {
            place.span
        }
    }
}

fn key_name<'d>(document: &'d Document, key: &'d Key) -> &'d str {
    match key {
        Key::Kept(index) => document.key_text(*index),
        Key::New { name, .. } => name,
    }
}

fn key_span(document: &Document, key: &Key) -> Span {
    match key {
        Key::Kept(index) => document.data(*index).span,
        Key::New { place, .. } => place.span,
    }
}

fn position(
    document: &Document,
    items: &[Draft],
    index: usize,
    name: Option<&str>,
) -> Option<usize> {
    let Some(name) = name else {
        return (index < items.len()).then_some(index);
    };
    let is_named = |draft: &Draft| item_name(document, draft) == Some(name);
    if items.get(index).is_some_and(is_named) {
        return Some(index);
    }
    items.iter().position(is_named)
}

fn item_name<'d>(document: &'d Document, draft: &'d Draft) -> Option<&'d str> {
    match draft {
        Draft::Kept(index) => Node::at(document, *index).get("name")?.as_str(),
        Draft::New { value, .. } => value.get("name")?.as_str(),
        Draft::Map { entries, .. } => {
            let (_, value) = entries
                .iter()
                .find(|(key, _)| key_name(document, key) == "name")?;
            match value {
                Draft::Kept(index) => Node::at(document, *index).as_str(),
                Draft::New { value, .. } => value.as_str(),
                Draft::Map { .. } | Draft::List { .. } => None,
            }
        }
        Draft::List { .. } => None,
    }
}
