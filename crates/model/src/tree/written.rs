//! What is written in a text, as against what it means: aliases stay aliases.

use super::{Document, List, Map, Node, Payload};
use crate::source::Span;

/// A value as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written<'a> {
    /// The value; of an alias, what it names.
    pub(crate) node: Node<'a>,
    /// Where it is written; of an alias, the alias.
    pub(crate) span: Span,
    pub(crate) alias: bool,
}

/// An entry of a map as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WrittenEntry<'a> {
    pub(crate) key: &'a str,
    pub(crate) key_span: Span,
    pub(crate) value: Written<'a>,
    /// Whether it counts: a duplicate's first value and the `<<` of a merge do not.
    pub(crate) counts: bool,
}

impl<'a> Written<'a> {
    fn at(document: &'a Document, index: u32) -> Self {
        Self {
            node: Node::at(document, index),
            span: document.data(index).span,
            alias: document.is_alias(index),
        }
    }

    /// Returns the outermost value of a document.
    pub(crate) fn root(document: &'a Document) -> Self {
        Self::at(document, 0)
    }
}

impl<'a> Map<'a> {
    /// Returns the entries that stand in the map's own text, dropped ones too.
    pub(crate) fn written(self) -> Vec<WrittenEntry<'a>> {
        let document = self.node.document;
        let mut entries = Vec::new();
        let mut from = self.node.span().start;
        let mut next = self.node.index + 1;
        while next < self.end {
            let key = document.data(next);
            let value = Written::at(document, next + 1);
            // What merges bring is written somewhere else, before.
            if key.span.start < from {
                break;
            }
            entries.push(WrittenEntry {
                key: document.key_text(next),
                key_span: key.span,
                value,
                counts: matches!(key.payload, Payload::Key(_)),
            });
            from = key.span.end.max(value.span.end);
            next = document.after(next + 1);
        }
        entries
    }
}

impl<'a> List<'a> {
    /// Returns the items as they are written.
    pub(crate) fn written(self) -> Vec<Written<'a>> {
        let document = self.node.document;
        self.indexes()
            .map(|index| Written::at(document, index))
            .collect()
    }
}
