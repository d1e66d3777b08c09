//! Places that outlive the document they lie in.

use std::{fmt, sync::Arc};

use crate::{
    source::{Position, Span},
    tree::{Document, Node},
};

/// Where something is written, without the document itself.
///
/// Prints as `platform.yaml:12`, and in an object of a cluster as the name of the object.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// The name of the source.
    pub file: Arc<str>,
    /// The bytes.
    pub span: Span,
    /// The line and column of the first byte.
    pub start: Position,
    /// The line and column behind the last byte.
    pub end: Position,
}

impl Place {
    /// Returns the place of a value.
    pub fn of(node: Node<'_>) -> Self {
        Self::of_span(node.document(), node.span())
    }

    /// Returns the place of a span of a document.
    pub fn of_span(document: &Document, span: Span) -> Self {
        let source = document.source();
        Self {
            file: source.shared_name(),
            span,
            start: source.position(span.start),
            end: source.position(span.end),
        }
    }

    /// Returns whether it is a place in a text that somebody wrote, not in an object of a cluster.
    pub fn is_written(&self) -> bool {
        self.start.line > 0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_written() {
            write!(f, "{}:{}", self.file, self.start.line)
        } else {
            f.write_str(&self.file)
        }
    }
}
