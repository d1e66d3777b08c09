//! What lies between the keys and values of a document.

use super::{Document, Payload};
use crate::source::Span;

impl Document {
    /// Returns the stretches of the text that belong to no key and no scalar, in order.
    ///
    /// The line that announces a block scalar is one of them, since a comment can end it.
    pub(crate) fn gaps(&self) -> Vec<Span> {
        let mut gaps = Vec::new();
        let mut from = self.span.start;
        for node in &self.nodes {
            // What merges bring, and what was filled in, lies somewhere else or nowhere.
            let written = node.span.start >= from && node.span.end > node.span.start;
            if !written || matches!(node.payload, Payload::Map { .. } | Payload::List { .. }) {
                continue;
            }
            gaps.push(Span::new(from, self.content_start(node.span)));
            from = node.span.end;
        }
        gaps.push(Span::new(from, self.span.end));
        gaps
    }

    /// Returns where the text of a scalar starts: of a block scalar, behind the line of its `|`.
    fn content_start(&self, span: Span) -> u32 {
        let text = self.source.slice(span);
        if !text.starts_with(['|', '>']) {
            return span.start;
        }
        let header = memchr::memchr2(b'\n', b'\r', text.as_bytes()).unwrap_or(text.len());
        span.start + u32::try_from(header).unwrap_or(0)
    }
}
