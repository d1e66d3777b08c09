//! The comments of a document.
//!
//! The parser drops comments, so they are looked for where they can be: in the text between the
//! keys and values that the tree knows.

use crate::{
    source::{Source, Span},
    tree::Document,
};

/// A comment, from its `#` to the end of its line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Comment<'a> {
    /// The bytes, with the `#`.
    pub span: Span,
    /// What it says, without the `#` and the blanks around.
    pub text: &'a str,
    /// The line, from 1.
    pub line: u32,
    /// Whether nothing but blanks stands before it on its line.
    pub alone: bool,
}

/// The comments of a document, in the order of the text.
#[derive(Clone, Debug)]
pub struct Comments<'a> {
    list: Vec<Comment<'a>>,
}

impl Document {
    /// Finds the comments, those before and behind the values included.
    pub fn comments(&self) -> Comments<'_> {
        let text = self.source().slice(self.span());
        let mut list = Vec::new();
        if memchr::memchr(b'#', text.as_bytes()).is_some() {
            for gap in self.gaps() {
                scan(self.source(), gap, |byte| {
                    if let Met::Comment(span) = byte {
                        list.push(Comment::at(self.source(), span));
                    }
                });
            }
        }
        Comments { list }
    }
}

impl<'a> Comments<'a> {
    /// Returns the comments in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = Comment<'a>> {
        self.list.iter().copied()
    }

    /// Returns the comment on a line, counted from 1.
    pub fn on_line(&self, line: u32) -> Option<Comment<'a>> {
        let at = self
            .list
            .binary_search_by_key(&line, |comment| comment.line)
            .ok()?;
        self.list.get(at).copied()
    }

    /// Returns the comment that has the line above to itself.
    pub fn above(&self, line: u32) -> Option<Comment<'a>> {
        self.on_line(line.checked_sub(1)?)
            .filter(|comment| comment.alone)
    }

    /// Returns the comments that speak of a line: the one on it and the one above it.
    pub fn about(&self, line: u32) -> impl Iterator<Item = Comment<'a>> {
        [self.on_line(line), self.above(line)].into_iter().flatten()
    }
}

impl<'a> Comment<'a> {
    fn at(source: &'a Source, span: Span) -> Self {
        let line = source.position(span.start).line;
        let start = source.line(line).map_or(0, |line| line.start);
        let before = source.slice(Span::new(start, span.start));
        Self {
            span,
            text: source.slice(span).trim_start_matches('#').trim(),
            line,
            alone: before.trim_start_matches('\u{FEFF}').trim().is_empty(),
        }
    }
}

/// What stands between keys and values.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Met {
    /// A comment, without its line break.
    Comment(Span),
    /// Any other byte, with its place.
    Byte(u32, u8),
}

/// Goes through a gap between keys and values.
pub(crate) fn scan(source: &Source, gap: Span, mut met: impl FnMut(Met)) {
    let bytes = source.text().as_bytes();
    let (mut at, end) = (gap.range().start, gap.range().end.min(bytes.len()));
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    while at < end {
        match bytes[at] {
            b'#' => {
                let found = memchr::memchr2(b'\n', b'\r', &bytes[at..end]);
                let to = found.map_or(end, |found| at + found);
                met(Met::Comment(Span::new(place(at), place(to))));
                at = to;
            }
            // Tags can hold a `#`.
            byte @ (b'&' | b'!') => {
                met(Met::Byte(place(at), byte));
                let blank = |byte: &u8| byte.is_ascii_whitespace();
                at = bytes[at..end]
                    .iter()
                    .position(blank)
                    .map_or(end, |found| at + found);
            }
            byte => {
                met(Met::Byte(place(at), byte));
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::load::load;

    fn check(text: &str, expected: &[(u32, &str, bool)]) {
        let source = Arc::new(Source::new("a.yaml", text));
        let loaded = load(&source, &crate::Limits::default());
        assert_eq!(loaded.problems, []);
        let found: Vec<_> = loaded
            .documents
            .iter()
            .flat_map(|document| {
                let comments: Vec<_> = document.comments().iter().collect();
                comments
                    .into_iter()
                    .map(|c| (c.line, c.text.to_owned(), c.alone))
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|&(line, text, alone)| (line, text.to_owned(), alone))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn finds_comments_and_no_text_that_looks_like_one() {
        check(
            "# a\nk: v # b\n# c\n",
            &[(1, "a", true), (2, "b", false), (3, "c", true)],
        );
        check("k: v#b\nl: 'a # b'\nm: \"# c\"\n", &[]);
        check(
            "k: | # a\n  # b\n  c\n# d\n",
            &[(1, "a", false), (4, "d", true)],
        );
        check(
            "k: [a, # b\n  c] # d\n",
            &[(1, "b", false), (2, "d", false)],
        );
        check("k: !t#a v ## b\n", &[(1, "b", false)]);
        check(
            "a: &x {b: 1} # c\nd: {<<: *x} # e\nf: 1 # g\n",
            &[(1, "c", false), (2, "e", false), (3, "g", false)],
        );
        check("{\"a\": \"# b\"}\n", &[]);
    }

    #[test]
    fn finds_what_speaks_of_a_line() {
        let source = Arc::new(Source::new("a.yaml", "a: 1 # x\n# y\nb: 2 # z\n"));
        let loaded = load(&source, &crate::Limits::default());
        let comments = loaded.documents[0].comments();
        let about = |line| comments.about(line).map(|c| c.text).collect::<Vec<_>>();
        assert_eq!(about(3), ["z", "y"]);
        assert_eq!(about(2), ["y"]);
        assert_eq!(about(1), ["x"]);
    }
}
