//! How a tree is made: readers say what they meet, in document order.

use std::sync::Arc;

use thiserror::Error;

use super::{
    Data, Document, Node, Payload, Syntax,
    keys::{self, Merge, Met},
};
use crate::source::{Source, Span};

/// What a document may cost, so that a hostile one ends in an error.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one document.
    pub document_bytes: usize,
    /// Maps and lists inside one another, with every alias followed.
    pub depth: usize,
    /// Nodes of one document as a reader meets them, so with every alias followed.
    pub nodes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 64 << 20,
            depth: 200,
            nodes: 5_000_000,
        }
    }
}

/// A bound of [`Limits`] that a document goes over.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum LimitExceeded {
    /// Too many bytes.
    #[error("the document is longer than {0} bytes")]
    Bytes(usize),
    /// Too deep.
    #[error("maps and lists are nested more than {0} deep")]
    Depth(usize),
    /// Too many nodes.
    #[error("the document grows to more than {0} values once its aliases are followed")]
    Nodes(u64),
}

/// Why a tree cannot go on.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum BuildRefused {
    /// The document costs too much.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// The value of a `<<` is neither a map nor a list of maps.
    #[error("a merge key `<<` needs a map, or a list of maps, as its value")]
    MergeOfNoMap,
    /// An alias stands inside of what it names.
    #[error("an alias stands inside the value that it names")]
    AliasInsideItself,
    /// So much of the document comes from aliases that Kubernetes takes it for an attack.
    #[error("too much of the document comes from aliases: Kubernetes refuses it")]
    TooManyAliases,
    /// An alias names what the reader never said.
    #[error("an alias names no value of this document")]
    UnknownAlias,
}

/// A string of a document: a slice of the source or of the document's own buffer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Text {
    pub(super) start: u32,
    pub(super) len: u32,
    pub(super) owned: bool,
}

/// Two entries of one map with the same key; the first is dropped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Duplicate {
    /// The key that does not count.
    pub first: Span,
    /// The key that does.
    pub second: Span,
}

/// Makes a [`Document`] from what a reader meets.
///
/// A map is a key and a value in turn; [`Builder::key`] and [`Builder::merge`] say the keys.
#[derive(Debug)]
pub struct Builder {
    document: Document,
    limits: Limits,
    open: Vec<Open>,
    /// The keys of all maps that are open, the innermost map's last.
    keys: Vec<Met>,
    /// Nodes as a reader of the tree meets them.
    weight: u64,
    /// How many of these lie below an alias.
    aliased: u64,
    /// What aliases may name, by the number that the reader gave it.
    anchors: Vec<Anchor>,
    /// The number that the next node gets.
    pending: Option<usize>,
    duplicates: Vec<Duplicate>,
    /// The end of the text of the last value or key.
    end: u32,
}

#[derive(Debug)]
struct Open {
    index: u32,
    len: u32,
    /// Where the map's keys begin in `Builder::keys`.
    keys: usize,
    merges: bool,
    anchor: Option<usize>,
    weight_before: u64,
    /// Levels of maps and lists below.
    height: usize,
}

#[derive(Clone, Copy, Debug)]
enum Anchor {
    Unknown,
    Open,
    Ready {
        index: u32,
        weight: u64,
        height: usize,
    },
}

impl Builder {
    /// Makes a builder for the document that covers `span` of `source`.
    pub fn new(source: Arc<Source>, span: Span, limits: Limits) -> Self {
        // Small manifests have a node every 14 bytes, definitions with prose every 45: growing once
        // costs less than memory that is never used.
        let guess = (span.range().len() / 24).clamp(8, 1 << 20);
        Self {
            document: Document {
                source,
                span,
                syntax: Syntax::Yaml,
                nodes: Vec::with_capacity(guess),
                text: String::new(),
                unwritten: Vec::new(),
                origins: Vec::new(),
            },
            limits,
            open: Vec::new(),
            keys: Vec::new(),
            weight: 0,
            aliased: 0,
            anchors: Vec::new(),
            pending: None,
            duplicates: Vec::new(),
            end: span.start,
        }
    }

    /// Gives the next node a number for aliases; a number that is given again means the later node.
    pub fn anchor(&mut self, number: usize) {
        self.pending = Some(number);
    }

    /// Adds a `null`.
    pub fn null(&mut self, span: Span) -> Result<(), BuildRefused> {
        self.leaf(span, Payload::Null)
    }

    /// Adds a boolean.
    pub fn bool(&mut self, span: Span, value: bool) -> Result<(), BuildRefused> {
        self.leaf(span, Payload::Bool(value))
    }

    /// Adds a whole number.
    pub fn int(&mut self, span: Span, value: i64) -> Result<(), BuildRefused> {
        self.leaf(span, Payload::Int(value))
    }

    /// Adds any other number.
    pub fn float(&mut self, span: Span, value: f64) -> Result<(), BuildRefused> {
        self.leaf(span, Payload::Float(value))
    }

    /// Adds a string; `at` is where the source would hold it, if it holds it as it is.
    pub fn text(&mut self, span: Span, value: &str, at: u32) -> Result<(), BuildRefused> {
        let text = self.store(value, at);
        self.leaf(span, Payload::Text(text))
    }

    /// Adds the key of the next value.
    pub fn key(&mut self, span: Span, value: &str, at: u32) -> Result<(), BuildRefused> {
        let text = self.store(value, at);
        let index = self.next_index();
        self.keys.push(Met {
            index,
            hash: keys::hash(value),
            merge: false,
        });
        self.leaf(span, Payload::Key(text))
    }

    /// Adds a `<<` whose next value is merged into the map.
    pub fn merge(&mut self, span: Span) -> Result<(), BuildRefused> {
        let text = self.store("<<", span.start);
        let index = self.next_index();
        self.keys.push(Met {
            index,
            hash: 0,
            merge: true,
        });
        if let Some(open) = self.open.last_mut() {
            open.merges = true;
        }
        self.leaf(span, Payload::DroppedKey(text))
    }

    /// Begins a map at a byte.
    pub fn open_map(&mut self, start: u32) -> Result<(), BuildRefused> {
        self.open(start, Payload::Map { end: 0, len: 0 })
    }

    /// Begins a list at a byte.
    pub fn open_list(&mut self, start: u32) -> Result<(), BuildRefused> {
        self.open(start, Payload::List { end: 0, len: 0 })
    }

    /// Ends the innermost map or list; without an `end`, where its last value ends.
    pub fn close(&mut self, end: Option<u32>) -> Result<(), BuildRefused> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        self.end = end.unwrap_or(self.end).max(self.end);
        let mut len = open.len;
        // INVARIANT: `open.index` was pushed by `open`.
        if matches!(
            self.document.nodes[open.index as usize].payload,
            Payload::Map { .. }
        ) {
            len = self.settle(&open)?;
            self.keys.truncate(open.keys);
        }
        let after = self.next_index();
        let node = &mut self.document.nodes[open.index as usize];
        node.span.end = self.end.max(node.span.start);
        node.payload = match node.payload {
            Payload::Map { .. } => Payload::Map { end: after, len },
            _ => Payload::List { end: after, len },
        };
        let height = open.height + 1;
        if let Some(number) = open.anchor {
            let weight = self.weight - open.weight_before;
            self.name(
                number,
                Anchor::Ready {
                    index: open.index,
                    weight,
                    height,
                },
            );
        }
        if let Some(parent) = self.open.last_mut() {
            parent.height = parent.height.max(height);
        }
        Ok(())
    }

    /// Adds an alias of what [`Builder::anchor`] gave a number; the span is the alias's own.
    pub fn alias(&mut self, span: Span, number: usize) -> Result<(), BuildRefused> {
        let (index, weight, height) = self.ready(number)?;
        let depth = self.limits.depth;
        if self.open.len() + height > depth {
            return Err(LimitExceeded::Depth(depth).into());
        }
        self.weigh(weight + 1)?;
        self.aliased = self.aliased.saturating_add(weight);
        if too_many_aliases(self.aliased, self.weight + 1) {
            return Err(BuildRefused::TooManyAliases);
        }
        if let Some(parent) = self.open.last_mut() {
            parent.height = parent.height.max(height);
        }
        self.push(span, Payload::Alias(index));
        self.count_value();
        Ok(())
    }

    /// Returns what an alias of this number would name.
    pub fn named(&self, number: usize) -> Result<Node<'_>, BuildRefused> {
        self.ready(number)
            .map(|(index, ..)| Node::at(&self.document, index))
    }

    /// Returns where the text of the last key or value ends.
    pub fn end(&self) -> u32 {
        self.end
    }

    /// Returns how many maps and lists are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Returns the tree with the duplicate keys that it has; nothing read gives a `null`.
    pub fn finish(mut self) -> (Document, Vec<Duplicate>) {
        while !self.open.is_empty() {
            // A reader that stops in the middle of a map drops the document anyway.
            if self.close(None).is_err() {
                self.document.nodes.clear();
                self.open.clear();
            }
        }
        if self.document.nodes.is_empty() {
            let span = Span::new(self.document.span.start, self.document.span.start);
            self.document.nodes.push(Data {
                span,
                payload: Payload::Null,
            });
        }
        (self.document, self.duplicates)
    }

    fn ready(&self, number: usize) -> Result<(u32, u64, usize), BuildRefused> {
        match self.anchors.get(number) {
            Some(&Anchor::Ready {
                index,
                weight,
                height,
            }) => Ok((index, weight, height)),
            Some(Anchor::Open) => Err(BuildRefused::AliasInsideItself),
            Some(Anchor::Unknown) | None => Err(BuildRefused::UnknownAlias),
        }
    }

    fn name(&mut self, number: usize, anchor: Anchor) {
        if self.anchors.len() <= number {
            self.anchors.resize(number + 1, Anchor::Unknown);
        }
        self.anchors[number] = anchor;
    }

    fn open(&mut self, start: u32, payload: Payload) -> Result<(), BuildRefused> {
        let depth = self.limits.depth;
        if self.open.len() >= depth {
            return Err(LimitExceeded::Depth(depth).into());
        }
        let weight_before = self.weight;
        self.weigh(1)?;
        let anchor = self.pending.take();
        if let Some(number) = anchor {
            self.name(number, Anchor::Open);
        }
        self.count_value();
        let index = self.next_index();
        self.push(Span::new(start, start), payload);
        self.open.push(Open {
            index,
            len: 0,
            keys: self.keys.len(),
            merges: false,
            anchor,
            weight_before,
            height: 0,
        });
        Ok(())
    }

    fn leaf(&mut self, span: Span, payload: Payload) -> Result<(), BuildRefused> {
        self.weigh(1)?;
        if let Some(number) = self.pending.take() {
            let index = self.next_index();
            self.name(
                number,
                Anchor::Ready {
                    index,
                    weight: 1,
                    height: 0,
                },
            );
        }
        if !matches!(payload, Payload::Key(_) | Payload::DroppedKey(_)) {
            self.count_value();
        }
        self.push(span, payload);
        Ok(())
    }

    fn count_value(&mut self) {
        if let Some(parent) = self.open.last_mut() {
            parent.len += 1;
        }
    }

    fn weigh(&mut self, weight: u64) -> Result<(), BuildRefused> {
        self.weight = self.weight.saturating_add(weight);
        if self.weight > self.limits.nodes {
            return Err(LimitExceeded::Nodes(self.limits.nodes).into());
        }
        Ok(())
    }

    fn push(&mut self, span: Span, payload: Payload) {
        self.end = self.end.max(span.end);
        self.document.nodes.push(Data { span, payload });
    }

    fn next_index(&self) -> u32 {
        // Limits keep the count of nodes far below 2³².
        u32::try_from(self.document.nodes.len()).unwrap_or(u32::MAX)
    }

    fn store(&mut self, value: &str, at: u32) -> Text {
        let start = at as usize;
        let len = u32::try_from(value.len()).unwrap_or(u32::MAX);
        let written = self
            .document
            .source
            .text()
            .as_bytes()
            .get(start..start + value.len());
        if written == Some(value.as_bytes()) {
            return Text {
                start: at,
                len,
                owned: false,
            };
        }
        self.document.own(value)
    }

    /// Finds the keys that do not count and brings in what merges bring.
    fn settle(&mut self, open: &Open) -> Result<u32, BuildRefused> {
        let met = &self.keys[open.keys..];
        if open.merges {
            let entries = Merge::new(&self.document, met, &mut self.duplicates).resolve()?;
            return Ok(entries.apply(&mut self.document));
        }
        let dropped = keys::drop_repeated(&mut self.document, met, &mut self.duplicates);
        Ok(open.len - dropped)
    }
}

/// Returns whether go-yaml gives up on a document with so many values, of which so many lie below
/// aliases.
///
/// Its bound falls from 99 % in documents of up to 400,000 values to 10 % from 4,000,000 on.
fn too_many_aliases(aliased: u64, values: u64) -> bool {
    const LOW: u64 = 400_000;
    const HIGH: u64 = 4_000_000;
    if aliased <= 100 || values <= 1000 {
        return false;
    }
    // In millionths, so that whole numbers do.
    let beyond = values.clamp(LOW, HIGH) - LOW;
    let allowed = 990_000 - 890_000 * beyond / (HIGH - LOW);
    aliased.saturating_mul(1_000_000) / values > allowed
}
