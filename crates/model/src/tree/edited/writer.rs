//! Drafts as nodes of a new document.

use serde_json::Value;

use super::{
    super::{Data, Document, Kind, List, Map, Node, Payload},
    Draft, Key, Place,
};

/// Writes drafts as nodes of a new document.
pub(super) struct Writer<'a> {
    pub(super) from: &'a Document,
    pub(super) to: Document,
    /// Where each node of the old document stands in the new one, if it was copied whole.
    pub(super) copies: Vec<Option<u32>>,
}

impl Writer<'_> {
    pub(super) fn draft(&mut self, draft: &Draft) {
        match draft {
            Draft::Kept(index) => self.copy(*index),
            Draft::New { place, value } => self.value(*place, value),
            Draft::Map { place, entries } => {
                let at = self.push(*place, Payload::Map { end: 0, len: 0 });
                for (key, value) in entries {
                    match key {
                        Key::Kept(index) => self.copy_leaf(*index),
                        Key::New { place, name } => self.key(*place, name),
                    }
                    self.draft(value);
                }
                let len = count(entries.len());
                self.close(at, |end| Payload::Map { end, len });
            }
            Draft::List { place, items } => {
                let at = self.push(*place, Payload::List { end: 0, len: 0 });
                for item in items {
                    self.draft(item);
                }
                let len = count(items.len());
                self.close(at, |end| Payload::List { end, len });
            }
        }
    }

    /// Copies a node with all below it; aliases stay aliases where what they name was copied.
    fn copy(&mut self, index: u32) {
        let target = self.from.followed(index);
        if target != index
            && let Some(Some(copied)) = self.copies.get(target as usize)
        {
            let span = self.from.data(index).span;
            self.to.nodes.push(Data {
                span,
                payload: Payload::Alias(*copied),
            });
            return;
        }
        let at = count(self.to.nodes.len());
        match Node::at(self.from, target).kind() {
            Kind::Map(map) => self.copy_map(target, map),
            Kind::List(list) => self.copy_list(target, list),
            Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => {
                let Data { span, payload } = self.from.data(target);
                // An alias may name a key.
                let payload = match payload {
                    Payload::Key(text) | Payload::DroppedKey(text) => Payload::Text(text),
                    payload => payload,
                };
                let place = Place {
                    span,
                    origin: self.from.origin_at(target),
                };
                self.push(place, payload);
            }
        }
        self.copies[target as usize] = Some(at);
    }

    fn copy_map(&mut self, index: u32, map: Map<'_>) {
        let at = self.copy_head(index);
        for (key, value) in map.indexes() {
            self.copy_leaf(key);
            self.copy(value);
        }
        let len = map.len;
        self.close(at, |end| Payload::Map { end, len });
    }

    fn copy_list(&mut self, index: u32, list: List<'_>) {
        let at = self.copy_head(index);
        list.indexes().for_each(|item| self.copy(item));
        let len = list.len;
        self.close(at, |end| Payload::List { end, len });
    }

    fn copy_head(&mut self, index: u32) -> u32 {
        let at = count(self.to.nodes.len());
        self.copy_leaf(index);
        at
    }

    fn copy_leaf(&mut self, index: u32) {
        if let Some(origin) = self.from.origin_at(index) {
            self.to.unwritten.push((count(self.to.nodes.len()), origin));
        }
        self.to.nodes.push(self.from.data(index));
    }

    fn value(&mut self, place: Place, value: &Value) {
        match value {
            Value::Null => {
                self.push(place, Payload::Null);
            }
            Value::Bool(value) => {
                self.push(place, Payload::Bool(*value));
            }
            Value::Number(number) => {
                let payload = match (number.as_i64(), number.as_f64()) {
                    (Some(value), _) => Payload::Int(value),
                    (None, Some(value)) => Payload::Float(value),
                    (None, None) => Payload::Null,
                };
                self.push(place, payload);
            }
            Value::String(text) => {
                let text = self.to.own(text);
                self.push(place, Payload::Text(text));
            }
            Value::Array(items) => {
                let at = self.push(place, Payload::List { end: 0, len: 0 });
                for item in items {
                    self.value(place, item);
                }
                let len = count(items.len());
                self.close(at, |end| Payload::List { end, len });
            }
            Value::Object(entries) => {
                let at = self.push(place, Payload::Map { end: 0, len: 0 });
                for (name, value) in entries {
                    self.key(place, name);
                    self.value(place, value);
                }
                let len = count(entries.len());
                self.close(at, |end| Payload::Map { end, len });
            }
        }
    }

    fn key(&mut self, place: Place, name: &str) {
        let text = self.to.own(name);
        self.push(place, Payload::Key(text));
    }

    fn push(&mut self, place: Place, payload: Payload) -> u32 {
        let at = count(self.to.nodes.len());
        if let Some(origin) = place.origin {
            self.to.unwritten.push((at, origin));
        }
        self.to.nodes.push(Data {
            span: place.span,
            payload,
        });
        at
    }

    fn close(&mut self, at: u32, payload: impl FnOnce(u32) -> Payload) {
        let end = count(self.to.nodes.len());
        // INVARIANT: `at` was returned by `push` or `copy_head`.
        self.to.nodes[at as usize].payload = payload(end);
    }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
