//! What the parser would read otherwise than Kubernetes does, found in the text before and during
//! the parse.
//!
//! The parser reads YAML 1.2, Kubernetes reads YAML 1.1 with libyaml's rules. Where the two give
//! different values for the same text, the text is refused rather than read wrongly.

use std::borrow::Cow;

use thiserror::Error;

use super::reader::Reason;
use crate::{
    comments::{self, Met},
    tree::{BuildRefused, Document, LimitExceeded},
};

/// How deep the parser lets brackets nest.
const PARSER_DEPTH: usize = 255;

/// Text that YAML 1.1 and YAML 1.2 read in different ways.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub(crate) enum Odd {
    #[error("inside brackets a `?` starts a key for Kubernetes: quote this text")]
    QuestionInFlow,
    #[error("inside brackets a `:` needs a space behind it for Kubernetes: write `key: value`")]
    ColonInFlow,
    #[error("the names of anchors and aliases are letters, digits, `-` and `_`")]
    AnchorName,
    #[error("an anchor on a key that is no string is not supported")]
    AnchoredKey,
    #[error("inside brackets this text must be quoted: Kubernetes reads its first character alone")]
    StartInFlow,
    #[error("inside brackets a key and its `:` must stand on one line")]
    KeyOverLines,
    #[error("a key must not be longer than 1024 characters")]
    LongKey,
    #[error("tabs cannot indent lines in YAML: use spaces")]
    TabIndent,
    #[error("a tab behind a `:` inside this text and one outside of it: write spaces outside")]
    TabInText,
    #[error("the text of this block must be indented")]
    BlockNotIndented,
    #[error(
        "the block of text ends in spaces without a line break: end the file with a line break"
    )]
    SpacesAtEnd,
    #[error("another document begins here without `---`")]
    SecondDocument,
    #[error("Kubernetes does not know the escape `\\/`: write the slash alone")]
    EscapedSlash,
}

/// A text that is refused before it is parsed: the byte and the reason.
pub(super) fn refused_text(text: &str) -> Option<(usize, &'static str)> {
    if let Some(at) = odd_directive(text) {
        return Some((
            at,
            "the only directives that Kubernetes knows are `%YAML 1.1` and `%TAG`",
        ));
    }
    // One pass that a compiler can make wide; the place is looked for only where there is one.
    let odd = text.as_bytes().iter().fold(0_u8, |odd, &byte| {
        let control = byte < 0x20 && byte != b'\n';
        odd.max(u8::from(control)).max(u8::from(byte >= 0x7F))
    }) > 0;
    if !odd {
        return None;
    }
    text.char_indices()
        .find_map(|(at, character)| Some((at, refused_character(character)?)))
}

fn refused_character(character: char) -> Option<&'static str> {
    match character {
        '\t' | '\n' | '\r' | ' '..='~' => None,
        '\u{85}' | '\u{2028}' | '\u{2029}' => Some(
            "a Unicode line break (U+0085, U+2028, U+2029) ends a line for Kubernetes only: \
             write it as an escape",
        ),
        '\0'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}' => {
            Some("a control character is not allowed in YAML")
        }
        '\u{FEFF}' => Some("a byte order mark is only allowed at the beginning of the file"),
        _ => None,
    }
}

/// Returns the byte of a directive that Kubernetes refuses.
fn odd_directive(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        if let Some(directive) = content.strip_prefix('%') {
            let mut words = directive.split([' ', '\t']).filter(|word| !word.is_empty());
            let known = match words.next() {
                Some("YAML") => words.next() == Some("1.1"),
                Some("TAG") => true,
                _ => false,
            };
            if !known {
                return Some(at);
            }
        } else if !content.is_empty() && !content.trim_start().starts_with('#') {
            return None;
        }
        at += line.len();
    }
    None
}

/// Looks at a plain scalar between brackets.
pub(super) fn plain_in_flow(text: &str, start: usize, end: usize) -> Option<Odd> {
    let bytes = text.as_bytes();
    let scalar = bytes.get(start..end)?;
    if matches!(scalar.first(), Some(b':' | b'|' | b'>')) {
        return Some(Odd::StartInFlow);
    }
    if memchr::memchr(b'?', scalar).is_some() {
        return Some(Odd::QuestionInFlow);
    }
    match bytes.get(end..end + 2) {
        Some([b':', b',' | b'[' | b']' | b'{' | b'}']) => Some(Odd::ColonInFlow),
        _ => None,
    }
}

/// Looks at a key between brackets, and at the way to its `:`.
pub(super) fn key_in_flow(text: &str, start: usize, end: usize) -> Option<Odd> {
    let bytes = text.as_bytes();
    let mut at = end;
    loop {
        match bytes.get(at)? {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'#' => at = line_end(bytes, at),
            b':' => break,
            // A key that has no `:` has no value either.
            _ => return None,
        }
    }
    let way = text.get(start..at)?;
    if memchr::memchr2(b'\n', b'\r', way.as_bytes()).is_some() {
        return Some(Odd::KeyOverLines);
    }
    (way.len() > 1024 && way.chars().count() > 1024).then_some(Odd::LongKey)
}

/// Returns where the content of the block scalar that `header` announces begins, and looks at it.
pub(super) fn block_content(text: &str, header: usize) -> (usize, Option<Odd>) {
    let bytes = text.as_bytes();
    let mut at = line_end(bytes, header);
    let indicators = text.get(header + 1..at).unwrap_or_default();
    let numbered = indicators
        .trim_start_matches(['+', '-'])
        .starts_with(|c: char| c.is_ascii_digit());
    let mut indented = false;
    loop {
        match bytes.get(at) {
            Some(b'\n' | b'\r') => indented = false,
            Some(b' ') => indented = true,
            Some(b'\t') if !numbered => return (at, Some(Odd::TabIndent)),
            Some(_) if !indented => return (at, Some(Odd::BlockNotIndented)),
            Some(_) | None => return (at, None),
        }
        at += 1;
    }
}

/// How a text ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum LastLine {
    /// With a line break.
    Ended,
    /// With something on a line that lacks its break.
    Content,
    /// With nothing but spaces on a line that lacks its break.
    Spaces,
}

/// Looks at how a text ends.
pub(super) fn last_line(text: &str) -> LastLine {
    let last = text.rsplit(['\n', '\r']).next().unwrap_or_default();
    if last.is_empty() {
        LastLine::Ended
    } else if last.bytes().all(|byte| byte == b' ') {
        LastLine::Spaces
    } else {
        LastLine::Content
    }
}

/// Looks at a scalar of a text that was mended: only line breaks and the blanks behind them may
/// have changed, which no value shows.
pub(super) fn mended(written: &str, parsed: &str, start: usize, end: usize) -> Option<Odd> {
    let (written, parsed) = (
        written.as_bytes().get(start..end)?,
        parsed.as_bytes().get(start..end)?,
    );
    if written == parsed {
        return None;
    }
    if matches!(written.first(), Some(b'|' | b'>')) {
        // The line of the `|` may have lost a comment.
        let header = line_end(parsed, 0);
        return (written.get(header..) != parsed.get(header..)).then_some(Odd::TabInText);
    }
    let mut line_start = false;
    for (&byte, &read) in written.iter().zip(parsed) {
        if byte == b'\t' && read != byte && !line_start {
            return Some(Odd::TabInText);
        }
        line_start = byte == b'\n' || line_start && matches!(byte, b' ' | b'\t');
    }
    None
}

/// Returns the byte of a tab where Kubernetes wants spaces.
pub(super) fn tabs(document: &Document) -> Option<u32> {
    let source = document.source();
    memchr::memchr(b'\t', source.slice(document.span()).as_bytes())?;
    let (mut brackets, mut fresh, mut found) = (0_usize, true, None);
    for gap in document.gaps() {
        let mut before = b' ';
        comments::scan(source, gap, |met| {
            let Met::Byte(at, byte) = met else { return };
            match byte {
                b'\n' | b'\r' => fresh = true,
                b' ' => {}
                b'\t' => {
                    if fresh && brackets == 0 {
                        found.get_or_insert(at);
                    }
                }
                b'[' | b'{' => brackets += 1,
                b']' | b'}' => brackets = brackets.saturating_sub(1),
                b'-' | b'?' if before != b'-' => fresh = true,
                _ => fresh = false,
            }
            before = byte;
        });
        fresh = false;
    }
    found
}

/// Looks at the name of an anchor or alias.
pub(super) fn anchor(name: &str) -> Option<Odd> {
    let known = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (!known).then_some(Odd::AnchorName)
}

/// Looks at the escapes of a double-quoted scalar.
pub(super) fn escapes(text: &str) -> Option<Odd> {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'\\' && bytes.next() == Some(b'/') {
            return Some(Odd::EscapedSlash);
        }
    }
    None
}

/// Returns the byte behind the quote that ends the scalar which starts at `start`.
pub(super) fn closing_quote(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let quote = bytes.get(start).copied().unwrap_or(b'"');
    let mut at = start + 1;
    while let Some(rest) = bytes.get(at..) {
        let found = if quote == b'"' {
            memchr::memchr2(b'"', b'\\', rest)
        } else {
            memchr::memchr(b'\'', rest)
        };
        let Some(found) = found else { break };
        at += found;
        let doubled = quote == b'\'' && bytes.get(at + 1) == Some(&b'\'');
        if bytes.get(at) == Some(&b'\\') || doubled {
            at += 2;
        } else {
            return at + 1;
        }
    }
    bytes.len()
}

/// Returns the byte of the `|` or `>` that announces the block scalar whose content is at `content`.
///
/// Between the end of what stands before it, `from`, and the header there are only blanks, comments,
/// indicators, an anchor and a tag.
pub(super) fn block_header(text: &str, from: usize, content: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'|' | b'>' => return at,
            b'#' => at = line_end(bytes, at),
            b'&' | b'!' => at = word_end(bytes, at),
            _ => at += 1,
        }
    }
    content
}

/// Returns the byte of the next `-` that begins an item, which comments do not hide.
pub(super) fn next_dash(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        match bytes.get(at)? {
            b'-' => return Some(at),
            b'#' => at = line_end(bytes, at),
            b'&' | b'!' => at = word_end(bytes, at),
            _ => at += 1,
        }
    }
}

/// Returns the byte behind an anchor and a tag, and blanks and comments behind these.
pub(super) fn properties(text: &str, start: usize) -> (usize, Option<Odd>) {
    let bytes = text.as_bytes();
    let mut at = start;
    // Where the value is empty it stands behind the last property, not behind the blanks.
    loop {
        match bytes.get(at) {
            Some(b'&') => {
                let end = word_end(bytes, at);
                let odd = anchor(text.get(at + 1..end).unwrap_or_default());
                if odd.is_some() {
                    return (at, odd);
                }
                at = end;
            }
            Some(b'!') => at = word_end(bytes, at),
            _ => return (at, None),
        }
        let mut next = at;
        loop {
            match bytes.get(next) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => next += 1,
                Some(b'#') if next > at => next = line_end(bytes, next),
                _ => break,
            }
        }
        at = next;
    }
}

fn word_end(bytes: &[u8], at: usize) -> usize {
    let verbatim = bytes.get(at..at + 2) == Some(b"!<");
    let ends = |byte: &u8| match byte {
        b' ' | b'\t' | b'\r' | b'\n' => true,
        b',' | b'[' | b']' | b'{' | b'}' => !verbatim,
        _ => false,
    };
    bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(ends))
        .map_or(bytes.len(), |n| at + n)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    memchr::memchr2(b'\n', b'\r', rest).map_or(bytes.len(), |found| at + found)
}

/// Puts what the parser says into our words.
pub(super) fn sentence(info: &str) -> Reason {
    if info == "recursion limit exceeded" {
        return BuildRefused::from(LimitExceeded::Depth(PARSER_DEPTH)).into();
    }
    let known = match info {
        "while parsing a block mapping, did not find expected key" => {
            "this line is not indented like the keys of a map before it"
        }
        "mapping values are not allowed in this context" => {
            "a `: ` is not allowed here: quote the text, or start a new line"
        }
        "simple key expect ':'" | "simple key expected" => "a key without `:` behind it",
        "while parsing a block collection, did not find expected '-' indicator" => {
            "this line is not indented like the items of a list before it"
        }
        "while parsing a flow mapping, did not find expected ',' or '}'" => {
            "a map in braces lacks a `,` or its `}`"
        }
        "while parsing a flow sequence, expected ',' or ']'" => {
            "a list in brackets lacks a `,` or its `]`"
        }
        "while parsing node, found unknown anchor" => {
            "an alias names no anchor that stands before it"
        }
        "while scanning a quoted scalar, found unexpected end of stream" => {
            "the quote that ends this text is missing"
        }
        "tabs disallowed within this context (block indentation)" => {
            "tabs cannot indent lines in YAML: use spaces"
        }
        "while scanning a quoted scalar, found unknown escape character" => {
            "YAML does not know the escape in this text"
        }
        "invalid indentation"
        | "invalid indentation in flow construct"
        | "invalid indentation in quoted scalar" => {
            "this line must be indented more than the line where its value begins"
        }
        "invalid trailing content after double-quoted scalar" => {
            "there is text behind the quote that ends the value"
        }
        "misplaced bracket" => "a closing bracket has no opening one",
        "while parsing a node, did not find expected node content" => "a value is missing here",
        _ => return Reason::Syntax(Cow::Owned(format!("not YAML: {info}"))),
    };
    Reason::Syntax(Cow::Borrowed(known))
}
