//! A text into the texts of its documents.

use memchr::memmem;

use crate::source::Span;

/// A stretch of a text between the markers of documents.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// A document, with the directives, the comments and the `---` before it.
    Document(Span),
    /// Nothing but blanks and comments.
    Empty,
    /// Text behind `...` and before the next `---`, which Kubernetes never looks at.
    Unseen(Span),
}

/// Splits a text at its markers, `---` and `...` alone or before a blank at the start of a line.
///
/// A marker is one wherever it stands, in a quoted or block scalar too. Kubernetes' own splitter
/// cuts at every line that starts with `---` and refuses what is neither blank nor a comment behind
/// it; here such a text belongs to the document, as YAML has it.
pub fn split(text: &str) -> Vec<Part> {
    let start = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
    let mut splitter = Splitter {
        text,
        parts: Vec::new(),
        start,
        content: start,
        begun: Begun::Silently,
    };
    for (at, begins) in markers(text, start) {
        if begins {
            splitter.begin(at);
        } else {
            splitter.cut(at);
            splitter.start = at + 3;
            splitter.content = at + 3;
            splitter.begun = Begun::BehindEnd;
        }
    }
    splitter.cut(text.len());
    splitter.parts
}

struct Splitter<'a> {
    text: &'a str,
    parts: Vec<Part>,
    start: usize,
    /// Where the part's text starts, behind its `---`.
    content: usize,
    begun: Begun,
}

/// How a part began.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Begun {
    /// At the start of the text.
    Silently,
    /// With `---`.
    Marked,
    /// Behind `...`.
    BehindEnd,
}

impl Splitter<'_> {
    /// Meets a `---`.
    fn begin(&mut self, at: usize) {
        let before = self.text.get(self.start..at).unwrap_or_default();
        let preamble = self.begun != Begun::Marked
            && lines(before).all(|line| line.starts_with('%') || is_blank(line));
        if !preamble {
            self.cut(at);
            self.start = at;
        }
        self.content = at + 3;
        self.begun = Begun::Marked;
    }

    fn cut(&mut self, end: usize) {
        let content = self.text.get(self.content..end).unwrap_or_default();
        let place = |at| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span::new(place(self.start), place(end));
        match (lines(content).all(is_blank), self.begun) {
            (true, Begun::BehindEnd) => {}
            (true, Begun::Silently | Begun::Marked) => self.parts.push(Part::Empty),
            (false, Begun::BehindEnd) => self.parts.push(Part::Unseen(span)),
            (false, Begun::Silently | Begun::Marked) => self.parts.push(Part::Document(span)),
        }
    }
}

/// Returns the lines of a text; a carriage return alone ends one too.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r'])
}

fn is_blank(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t']);
    line.is_empty() || line.starts_with('#')
}

/// Returns the places of the markers in order, and whether each begins a document.
fn markers(text: &str, start: usize) -> Vec<(usize, bool)> {
    let bytes = text.as_bytes();
    let marker = |at: usize| {
        let begins = match bytes.get(at..at + 3)? {
            b"---" => true,
            b"..." => false,
            _ => return None,
        };
        matches!(bytes.get(at + 3), None | Some(b' ' | b'\t' | b'\r' | b'\n'))
            .then_some((at, begins))
    };
    let starts_line = |at: usize| at == start || matches!(bytes.get(at - 1), Some(b'\n' | b'\r'));
    let mut found: Vec<_> = memmem::find_iter(bytes, b"---")
        .chain(memmem::find_iter(bytes, b"..."))
        .filter(|&at| at >= start && starts_line(at))
        .filter_map(marker)
        .collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let parts: Vec<_> = split(text)
            .into_iter()
            .map(|part| match part {
                Part::Document(span) => text.get(span.range()).unwrap(),
                Part::Empty => "(empty)",
                Part::Unseen(_) => "(unseen)",
            })
            .collect();
        assert_eq!(parts, expected, "{text:?}");
    }

    #[test]
    fn cuts_at_markers_only() {
        check("a: 1\n---\nb: 2\n", &["a: 1\n", "---\nb: 2\n"]);
        check(
            "---\r\na: 1\r\n---\t\r\nb: 2",
            &["---\r\na: 1\r\n", "---\t\r\nb: 2"],
        );
        check(
            "a: |\n  ---\n ---\n----\n---a\n",
            &["a: |\n  ---\n ---\n----\n---a\n"],
        );
        check(
            "--- {a: 1}\n--- # b\nb: 2\n",
            &["--- {a: 1}\n", "--- # b\nb: 2\n"],
        );
    }

    #[test]
    fn counts_documents_that_hold_nothing() {
        check("", &["(empty)"]);
        check("# only this\n", &["(empty)"]);
        check(
            "---\n# a\n---\n---\na: 1\n---\n",
            &["(empty)", "(empty)", "---\na: 1\n", "(empty)"],
        );
    }

    #[test]
    fn keeps_what_announces_a_document_with_it() {
        check(
            "# a\n%YAML 1.1\n---\na: 1\n",
            &["# a\n%YAML 1.1\n---\na: 1\n"],
        );
        check("\u{FEFF}---\na: 1\n", &["---\na: 1\n"]);
        check("# a\rb: 1\r---\r# c\r", &["# a\rb: 1\r", "(empty)"]);
        check(
            "a: 1\n...\n# b\n---\nb: 2\n",
            &["a: 1\n", "\n# b\n---\nb: 2\n"],
        );
    }

    #[test]
    fn sees_what_kubernetes_does_not() {
        check(
            "a: 1\n...\nb: 2\n---\nc: 3\n",
            &["a: 1\n", "(unseen)", "---\nc: 3\n"],
        );
    }
}
