//! How a document is laid out, and where its lines end.

use super::emit::{Layout, Style};
use crate::{
    source::Span,
    tree::{Document, Kind, Node, Syntax, Written},
};

/// A document's text with the questions that edits have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page<'a> {
    document: &'a Document,
    text: &'a str,
    layout: Layout,
}

impl<'a> Page<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        let text = document.source().text();
        let own = document.source().slice(document.span());
        let line_break = match memchr::memchr(b'\n', own.as_bytes()) {
            Some(at) if at > 0 && own.as_bytes()[at - 1] == b'\r' => "\r\n",
            _ => "\n",
        };
        let mut page = Self {
            document,
            text,
            layout: Layout {
                line_break,
                list_step: 0,
            },
        };
        page.layout.list_step = page.list_step(document.root()).unwrap_or(0);
        page
    }

    pub(super) fn document(&self) -> &'a Document {
        self.document
    }

    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    /// Returns the byte at a place.
    pub(super) fn byte(&self, at: u32) -> Option<u8> {
        self.text.as_bytes().get(at as usize).copied()
    }

    pub(super) fn slice(&self, from: u32, to: u32) -> &'a str {
        self.text
            .get(from as usize..to as usize)
            .unwrap_or_default()
    }

    /// Returns how new text is written inside of a map or list.
    pub(super) fn style_inside(&self, collection: Span) -> Style {
        if self.document.syntax() == Syntax::Json {
            return Style::Json;
        }
        match self.byte(collection.start) {
            Some(b'{' | b'[') => Style::Flow,
            _ => Style::Block,
        }
    }

    /// Returns the first byte of the line that holds a place.
    pub(super) fn line_start(&self, at: u32) -> u32 {
        let before = self.slice(0, at);
        let found = before.rfind('\n').map_or(0, |found| found + 1);
        // A byte order mark is no part of the first line.
        let found = if found == 0 && self.text.starts_with('\u{FEFF}') {
            3
        } else {
            found
        };
        u32::try_from(found)
            .unwrap_or(u32::MAX)
            .max(self.document.span().start)
    }

    /// Returns where the line that holds a place ends, without its line break.
    pub(super) fn line_end(&self, at: u32) -> u32 {
        let rest = self.text.as_bytes().get(at as usize..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let end = if end > 0 && rest[end - 1] == b'\r' {
            end - 1
        } else {
            end
        };
        at + u32::try_from(end).unwrap_or(u32::MAX)
    }

    /// Returns where the line behind the one that holds a place starts, or the end of the text.
    pub(super) fn next_line(&self, at: u32) -> u32 {
        let rest = self.text.as_bytes().get(at as usize..).unwrap_or_default();
        let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |found| found + 1);
        at + u32::try_from(len).unwrap_or(u32::MAX)
    }

    /// Returns the rest of a place's line and the lines before the line of another place, without
    /// the last line break.
    pub(super) fn lines_between(&self, from: u32, to: u32) -> &'a str {
        let lines = self.slice(from, self.line_start(to));
        let lines = lines.strip_suffix('\n').unwrap_or(lines);
        lines.strip_suffix('\r').unwrap_or(lines)
    }

    /// Returns the column of a place in characters, from 0.
    pub(super) fn column(&self, at: u32) -> usize {
        self.slice(self.line_start(at), at).chars().count()
    }

    /// Returns whether only blanks stand before a place on its line.
    pub(super) fn is_first_on_line(&self, at: u32) -> bool {
        self.slice(self.line_start(at), at).trim().is_empty()
    }

    /// Returns whether a place lies between brackets.
    pub(super) fn is_in_brackets(&self, at: u32) -> bool {
        let mut node = self.document.root();
        loop {
            let span = node.span();
            if matches!(self.byte(span.start), Some(b'{' | b'[')) && span.contains(at) {
                return true;
            }
            let inner = match node.kind() {
                Kind::Map(map) => map
                    .written()
                    .into_iter()
                    .map(|entry| entry.value)
                    .find(holds(at)),
                Kind::List(list) => list.written().into_iter().find(holds(at)),
                Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => None,
            };
            match inner {
                Some(inner) => node = inner.node,
                None => return false,
            }
        }
    }

    /// Returns how far behind its key the first list of the document stands.
    fn list_step(&self, node: Node<'_>) -> Option<usize> {
        match node.kind() {
            Kind::Map(map) => map.written().into_iter().find_map(|entry| {
                let value = entry.value;
                let is_list = matches!(value.node.kind(), Kind::List(_));
                if is_list && !value.alias && self.byte(value.span.start) == Some(b'-') {
                    return self
                        .column(value.span.start)
                        .checked_sub(self.column(entry.key_span.start));
                }
                if value.alias {
                    None
                } else {
                    self.list_step(value.node)
                }
            }),
            Kind::List(list) => list
                .written()
                .into_iter()
                .filter(|item| !item.alias)
                .find_map(|item| self.list_step(item.node)),
            Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => None,
        }
    }
}

fn holds(at: u32) -> impl Fn(&Written<'_>) -> bool {
    move |value| !value.alias && value.span.contains(at)
}
