//! Where text came from, and places in it.

use std::sync::{Arc, OnceLock};

/// A range of bytes in a [`Source`]; `end` is exclusive.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte behind the last one.
    pub end: u32,
}

impl Span {
    /// Makes a span of `start..end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Returns whether `offset` lies in the span.
    pub const fn contains(self, offset: u32) -> bool {
        self.start <= offset && offset < self.end
    }

    /// Returns the span as a range that indexes bytes.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A line and a column, both counted from 1; columns count characters. Both are 0 in a source that
/// nobody wrote as text: an object that a cluster gave.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// The line, from 1; 0 where there are none.
    pub line: u32,
    /// The column in characters, from 1; 0 where there are none.
    pub column: u32,
}

/// A text with a name: a file, standard input, an object that a cluster gave.
#[derive(Debug)]
pub struct Source {
    name: Arc<str>,
    text: Box<str>,
    /// Whether somebody can look the text up under the name.
    written: bool,
    lines: OnceLock<Box<[u32]>>,
}

impl Source {
    /// Makes a source; the caller keeps `text` under 4 GiB (see [`crate::Limits`]).
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Box<str>>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            written: true,
            lines: OnceLock::new(),
        }
    }

    /// Makes the source of one object of a cluster, under a name such as
    /// `team-a/Service.serving.knative.dev/web`.
    ///
    /// Its text is only how the object came here: it has no lines that a report could point to.
    pub fn of_object(name: impl Into<Arc<str>>, text: impl Into<Box<str>>) -> Self {
        Self {
            written: false,
            ..Self::new(name, text)
        }
    }

    /// Returns whether it is a text that somebody wrote and can look up, not an object of a cluster.
    pub fn is_written(&self) -> bool {
        self.written
    }

    /// Returns the name that reports show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name, to keep it without a copy.
    pub fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// Returns the whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text of a span, empty where the span is not of this source.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Returns the line and column of a byte offset; offsets past the end give the end.
    pub fn position(&self, offset: u32) -> Position {
        if !self.written {
            return Position { line: 0, column: 0 };
        }
        let starts = self.line_starts();
        let offset = offset.min(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        let line = starts.partition_point(|&start| start <= offset).max(1);
        let start = starts.get(line - 1).copied().unwrap_or(0);
        let before = self
            .text
            .as_bytes()
            .get(start as usize..offset as usize)
            .unwrap_or_default();
        // Counting the bytes that start a character works in the middle of one too.
        let column = before.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }

    /// Returns the span of a line, counted from 1, without its line break.
    pub fn line(&self, line: u32) -> Option<Span> {
        if !self.written {
            return None;
        }
        let starts = self.line_starts();
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = *starts.get(index)?;
        let end = starts
            .get(index + 1)
            .map_or(self.text.len(), |&next| next as usize);
        let text = self.text.get(start as usize..end)?;
        let kept = text.trim_end_matches(['\n', '\r']).len();
        Some(Span::new(start, start + u32::try_from(kept).ok()?))
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut starts = vec![0];
            starts.extend(
                memchr::memchr_iter(b'\n', bytes).filter_map(|at| u32::try_from(at + 1).ok()),
            );
            starts.into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let source = Source::new("a", "ab\r\nöä: x\n");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(8), Position { line: 2, column: 3 });
        assert_eq!(source.position(900), Position { line: 3, column: 1 });
        assert_eq!(source.line(1).map(|span| source.slice(span)), Some("ab"));
        assert_eq!(source.line(9), None);
    }

    #[test]
    fn objects_of_a_cluster_have_no_lines() {
        let source = Source::of_object("a/Pod/b", "{\n}");
        assert_eq!(source.position(3), Position { line: 0, column: 0 });
        assert_eq!(source.line(1), None);
    }
}
