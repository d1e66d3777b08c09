//! The located tree: every key and value of a document knows its bytes.
//!
//! A document is one flat vector of nodes in document order. A map or list stores where its
//! subtree ends, so a walk is a scan and no node owns another:
//!
//! ```text
//! {a: [1, 2], b: x}   →   Map(end 7) Key(a) List(end 5) 1 2 Key(b) Str(x)
//! ```
//!
//! An alias is one node that points back at its target; nothing is copied. What YAML leaves out of
//! the object that Kubernetes sees (a duplicate key's first value, the `<<` of a merge) stays in the
//! vector as a dropped entry that no reader meets.

mod build;
mod edited;
mod gaps;
mod json;
mod keys;
mod written;

use std::{fmt, sync::Arc};

use crate::{
    path::{FieldPath, Step},
    source::{Position, Source, Span},
};

use build::Text;
pub use build::{BuildRefused, Builder, Duplicate, LimitExceeded, Limits};
pub(crate) use written::{Written, WrittenEntry};

/// Why a value is in the tree though nobody wrote it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    /// What filled it in, as a phrase that fits behind "comes from".
    pub from: Arc<str>,
}

/// What a document is written in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Syntax {
    /// YAML, of which JSON with comments is one.
    Yaml,
    /// Strict JSON.
    Json,
}

/// One document, read.
#[derive(Clone, Debug)]
pub struct Document {
    source: Arc<Source>,
    span: Span,
    syntax: Syntax,
    nodes: Vec<Data>,
    /// Strings that are not a slice of the source, one behind the other.
    text: String,
    /// The nodes that nobody wrote, in order, each with its place in `origins`.
    unwritten: Vec<(u32, u32)>,
    origins: Vec<Origin>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Data {
    span: Span,
    payload: Payload,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Payload {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Text),
    /// The key of an entry; its value is the next node.
    Key(Text),
    /// A key whose entry does not count.
    DroppedKey(Text),
    Map {
        end: u32,
        len: u32,
    },
    List {
        end: u32,
        len: u32,
    },
    Alias(u32),
}

/// A value of a document.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    document: &'a Document,
    index: u32,
}

/// What a node is; aliases are followed.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'a> {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number that fits 64 bits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(&'a str),
    /// A list.
    List(List<'a>),
    /// A map with string keys.
    Map(Map<'a>),
}

/// A list of a document.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    node: Node<'a>,
    end: u32,
    len: u32,
}

/// A map of a document.
#[derive(Clone, Copy, Debug)]
pub struct Map<'a> {
    node: Node<'a>,
    end: u32,
    len: u32,
}

/// A key of a map with its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The key as Kubernetes sees it: a string.
    pub key: &'a str,
    /// Where the key is written.
    pub key_span: Span,
    /// The value.
    pub value: Node<'a>,
}

impl Document {
    /// Returns the text that the document was read from.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Returns the bytes of the document in its source.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Returns the outermost value.
    pub fn root(&self) -> Node<'_> {
        Node::at(self, 0)
    }

    /// Returns how many nodes the document holds, aliases counted once.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Returns whether the document holds nothing but `null`.
    pub fn is_empty(&self) -> bool {
        self.root().is_null()
    }

    /// Returns what the document is written in.
    pub fn syntax(&self) -> Syntax {
        self.syntax
    }

    pub(crate) fn set_json(&mut self, span: Span) {
        self.span = span;
        self.syntax = Syntax::Json;
    }

    fn data(&self, index: u32) -> Data {
        // INVARIANT: indexes come from this document's own nodes, and a document has a root.
        self.nodes[index as usize]
    }

    fn str(&self, text: Text) -> &str {
        let whole = if text.owned {
            &self.text
        } else {
            self.source.text()
        };
        whole
            .get(text.start as usize..(text.start + text.len) as usize)
            .unwrap_or_default()
    }

    /// Returns the place in `origins` of a node that nobody wrote.
    fn origin_at(&self, index: u32) -> Option<u32> {
        let at = self
            .unwritten
            .binary_search_by_key(&index, |&(node, _)| node)
            .ok()?;
        self.unwritten.get(at).map(|&(_, origin)| origin)
    }

    fn after(&self, index: u32) -> u32 {
        match self.data(index).payload {
            Payload::Map { end, .. } | Payload::List { end, .. } => end,
            Payload::Null
            | Payload::Bool(_)
            | Payload::Int(_)
            | Payload::Float(_)
            | Payload::Text(_)
            | Payload::Key(_)
            | Payload::DroppedKey(_)
            | Payload::Alias(_) => index + 1,
        }
    }
}

impl<'a> Node<'a> {
    /// Follows aliases, so that a node is never one.
    fn at(document: &'a Document, mut index: u32) -> Self {
        // INVARIANT: an alias points at an earlier node, so this ends.
        while let Payload::Alias(target) = document.data(index).payload {
            index = target;
        }
        Self { document, index }
    }

    /// Returns the document that the node belongs to.
    pub fn document(self) -> &'a Document {
        self.document
    }

    /// Returns the bytes of the value; of an alias, those of what it names.
    pub fn span(self) -> Span {
        self.document.data(self.index).span
    }

    /// Returns the place of the value's first byte.
    pub fn position(self) -> Position {
        self.document.source.position(self.span().start)
    }

    /// Returns where the value came from, when nobody wrote it.
    pub fn origin(self) -> Option<&'a Origin> {
        self.document
            .origins
            .get(self.document.origin_at(self.index)? as usize)
    }

    fn payload(self) -> Payload {
        self.document.data(self.index).payload
    }

    /// Returns what the value is.
    pub fn kind(self) -> Kind<'a> {
        match self.payload() {
            Payload::Bool(value) => Kind::Bool(value),
            Payload::Int(value) => Kind::Int(value),
            Payload::Float(value) => Kind::Float(value),
            Payload::Text(text) | Payload::Key(text) | Payload::DroppedKey(text) => {
                Kind::Text(self.document.str(text))
            }
            Payload::Map { end, len } => Kind::Map(Map {
                node: self,
                end,
                len,
            }),
            Payload::List { end, len } => Kind::List(List {
                node: self,
                end,
                len,
            }),
            // An alias cannot be met: `at` followed it.
            Payload::Null | Payload::Alias(_) => Kind::Null,
        }
    }

    /// Returns whether the value is `null`.
    pub fn is_null(self) -> bool {
        matches!(self.payload(), Payload::Null)
    }

    /// Returns the value of a string.
    pub fn as_str(self) -> Option<&'a str> {
        match self.kind() {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the value of a boolean.
    pub fn as_bool(self) -> Option<bool> {
        match self.payload() {
            Payload::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the value of a whole number.
    pub fn as_int(self) -> Option<i64> {
        match self.payload() {
            Payload::Int(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the map.
    pub fn as_map(self) -> Option<Map<'a>> {
        match self.payload() {
            Payload::Map { end, len } => Some(Map {
                node: self,
                end,
                len,
            }),
            _ => None,
        }
    }

    /// Returns the list.
    pub fn as_list(self) -> Option<List<'a>> {
        match self.payload() {
            Payload::List { end, len } => Some(List {
                node: self,
                end,
                len,
            }),
            _ => None,
        }
    }

    /// Returns the value of a key, when this is a map that has it.
    pub fn get(self, key: &str) -> Option<Self> {
        self.as_map()?.get(key)
    }

    /// Returns the value at keys that lead down from here.
    pub fn at_path(self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Returns the value at a path from here.
    ///
    /// An item that the path gives a name is found by it, where its place is another one.
    pub fn locate(self, path: &FieldPath) -> Option<Self> {
        path.steps().iter().try_fold(self, Self::locate_step)
    }

    /// Returns the value that one step of a path leads to.
    pub fn locate_step(self, step: &Step) -> Option<Self> {
        match step {
            Step::Key(key) => self.get(key),
            Step::Item { index, name } => {
                let list = self.as_list()?;
                list.items().nth(list.position(*index, name.as_deref())?)
            }
        }
    }

    /// Returns whether a step of a path leads anywhere from here.
    pub(crate) fn has(self, step: &Step) -> bool {
        match (self.kind(), step) {
            (Kind::Map(map), Step::Key(key)) => map.get(key).is_some(),
            (Kind::List(list), Step::Item { index, name }) => {
                list.position(*index, name.as_deref()).is_some()
            }
            _ => false,
        }
    }

    /// Returns the name of the value's type, as Kubernetes' CEL calls it.
    pub fn type_name(self) -> &'static str {
        match self.kind() {
            Kind::Null => "null",
            Kind::Bool(_) => "bool",
            Kind::Int(_) => "int",
            Kind::Float(_) => "double",
            Kind::Text(_) => "string",
            Kind::List(_) => "list",
            Kind::Map(_) => "map",
        }
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:?}", self.type_name(), self.span())
    }
}

/// Two nodes are equal when the values are: key order and places do not count.
impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.kind(), other.kind()) {
            (Kind::Null, Kind::Null) => true,
            (Kind::Bool(a), Kind::Bool(b)) => a == b,
            (Kind::Int(a), Kind::Int(b)) => a == b,
            (Kind::Float(a), Kind::Float(b)) => a.to_bits() == b.to_bits(),
            (Kind::Text(a), Kind::Text(b)) => a == b,
            (Kind::List(a), Kind::List(b)) => a.len == b.len && a.items().eq(b.items()),
            (Kind::Map(a), Kind::Map(b)) => a.len == b.len && a.has_entries_of(b),
            _ => false,
        }
    }
}

impl<'a> List<'a> {
    /// Returns the list as a node.
    pub fn node(self) -> Node<'a> {
        self.node
    }

    /// Returns how many items there are.
    pub fn len(self) -> usize {
        self.len as usize
    }

    /// Returns whether there are no items.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Returns the place of the item that a step of a path means.
    pub(crate) fn position(self, index: u32, name: Option<&str>) -> Option<usize> {
        let index = index as usize;
        let Some(name) = name else {
            return (index < self.len()).then_some(index);
        };
        let is_named = |item: Node<'a>| item.get("name").and_then(Node::as_str) == Some(name);
        let at_index = self.items().nth(index);
        if at_index.is_some_and(is_named) {
            return Some(index);
        }
        // Admission names containers that have no name: in the text they are found by their place.
        let unnamed = at_index.is_some_and(|item| item.get("name").is_none_or(Node::is_null));
        self.items()
            .position(is_named)
            .or_else(|| unnamed.then_some(index))
    }

    /// Returns the items in order.
    pub fn items(self) -> impl Iterator<Item = Node<'a>> {
        let document = self.node.document;
        self.indexes().map(move |item| Node::at(document, item))
    }

    /// Returns the nodes of the items, aliases as such.
    fn indexes(self) -> impl Iterator<Item = u32> + use<'a> {
        let document = self.node.document;
        let mut next = self.node.index + 1;
        std::iter::from_fn(move || {
            (next < self.end).then(|| {
                let item = next;
                next = document.after(item);
                item
            })
        })
    }
}

impl<'a> Map<'a> {
    /// Returns the map as a node.
    pub fn node(self) -> Node<'a> {
        self.node
    }

    /// Returns how many keys there are.
    pub fn len(self) -> usize {
        self.len as usize
    }

    /// Returns whether there are no keys.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Returns whether every entry of this map is one of another; quick where the order is the same.
    fn has_entries_of(self, other: Map<'_>) -> bool {
        let mut others = other.entries();
        self.entries().all(|entry| {
            let next = others
                .next()
                .filter(|next| next.key == entry.key)
                .map(|next| next.value);
            next.or_else(|| other.get(entry.key))
                .is_some_and(|value| value == entry.value)
        })
    }

    /// Returns the value of a key.
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        self.entry(key).map(|entry| entry.value)
    }

    /// Returns the entry of a key.
    pub fn entry(self, key: &str) -> Option<Entry<'a>> {
        let document = self.node.document;
        let mut indexes = self.indexes();
        // Every rule asks for keys: most others are told apart by their length alone.
        indexes
            .find(|&(at, _)| match document.data(at).payload {
                Payload::Key(text) => {
                    text.len as usize == key.len()
                        && document.str(text).as_bytes() == key.as_bytes()
                }
                _ => false,
            })
            .map(|(at, value)| self.entry_at(at, value))
    }

    /// Returns the entries in the order of the text; those that a merge brings come last.
    pub fn entries(self) -> impl Iterator<Item = Entry<'a>> {
        self.indexes()
            .map(move |(key, value)| self.entry_at(key, value))
    }

    fn entry_at(self, key: u32, value: u32) -> Entry<'a> {
        let document = self.node.document;
        Entry {
            key: document.key_text(key),
            key_span: document.data(key).span,
            value: Node::at(document, value),
        }
    }

    /// Returns the nodes of the keys and of their values.
    fn indexes(self) -> impl Iterator<Item = (u32, u32)> + use<'a> {
        let document = self.node.document;
        let mut next = self.node.index + 1;
        std::iter::from_fn(move || {
            while next < self.end {
                let key = next;
                next = document.after(key + 1);
                if matches!(document.data(key).payload, Payload::Key(_)) {
                    return Some((key, key + 1));
                }
            }
            None
        })
    }
}
