//! JSON into trees, with places.
//!
//! Strict, and read as the API server reads JSON: a number without a point or an exponent that fits
//! 64 bits is a whole number, every other one a double.

use std::{borrow::Cow, sync::Arc};

use thiserror::Error;

use crate::{
    source::{Source, Span},
    tree::{BuildRefused, Builder, Document, Duplicate, LimitExceeded, Limits},
};

/// Why a text is not JSON, and the byte where that shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Refused {
    pub(crate) at: u32,
    pub(crate) reason: Reason,
}

#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub(crate) enum Reason {
    #[error("not JSON")]
    Syntax,
    #[error(transparent)]
    Build(#[from] BuildRefused),
}

/// Returns whether Kubernetes would try to read the text as JSON first.
pub(crate) fn looks_like_json(text: &str) -> bool {
    text.trim_start_matches('\u{FEFF}')
        .trim_start()
        .starts_with('{')
}

/// Reads the JSON documents that stand one behind the other in a source.
pub(crate) fn read_all(
    source: &Arc<Source>,
    limits: &Limits,
) -> Result<Vec<(Document, Vec<Duplicate>)>, Refused> {
    let bytes = source.text().as_bytes();
    let mut at = if source.text().starts_with('\u{FEFF}') {
        3
    } else {
        0
    };
    let mut documents = Vec::new();
    loop {
        at = skip_blanks(bytes, at);
        if at >= bytes.len() {
            return Ok(documents);
        }
        // Where the document ends shows at its end only.
        let most = bytes.len().min(at.saturating_add(limits.document_bytes));
        let (document, duplicates, end) = read_at(source, at, most, limits)?;
        documents.push((document, duplicates));
        at = end;
    }
}

/// Reads the one JSON document that a span of a source holds.
pub(crate) fn read_one(
    source: &Arc<Source>,
    span: Span,
    limits: &Limits,
) -> Result<Document, Refused> {
    let (start, end) = (span.range().start, span.range().end);
    let (document, _, read) = read_at(source, start, end, limits)?;
    let rest = source.text().as_bytes().get(read..end).unwrap_or_default();
    if skip_blanks(rest, 0) < rest.len() {
        return Err(Refused {
            at: place(read),
            reason: Reason::Syntax,
        });
    }
    Ok(document)
}

/// Reads a document that starts at a byte and ends before another, and returns where it ends.
fn read_at(
    source: &Arc<Source>,
    start: usize,
    most: usize,
    limits: &Limits,
) -> Result<(Document, Vec<Duplicate>, usize), Refused> {
    let span = Span::new(place(start), place(most));
    let builder = Builder::new(Arc::clone(source), span, *limits);
    let text = source.text();
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: start,
        builder,
    };
    reader.value()?;
    let end = reader.at;
    if end > most {
        let limit = LimitExceeded::Bytes(limits.document_bytes);
        return Err(Refused {
            at: place(start),
            reason: BuildRefused::Limit(limit).into(),
        });
    }
    let (mut document, duplicates) = reader.builder.finish();
    document.set_json(Span::new(place(start), place(end)));
    Ok((document, duplicates, end))
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    builder: Builder,
}

impl<'a> Reader<'a> {
    /// Reads a value; the builder bounds how deep this calls itself.
    fn value(&mut self) -> Result<(), Refused> {
        self.blanks();
        let start = self.at;
        match self.bytes.get(start) {
            Some(b'{') => self.map(),
            Some(b'[') => self.list(),
            Some(b'"') => {
                let (value, span) = self.string()?;
                let built = self.builder.text(span, &value, span.start + 1);
                built.map_err(|reason| self.refused(start, reason))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.word(),
            None => Err(self.syntax()),
        }
    }

    fn map(&mut self) -> Result<(), Refused> {
        let start = self.at;
        self.builder
            .open_map(place(start))
            .map_err(|reason| self.refused(start, reason))?;
        self.at += 1;
        self.blanks();
        if !self.eat(b'}') {
            loop {
                self.blanks();
                let (key, span) = self.string()?;
                let built = self.builder.key(span, &key, span.start + 1);
                built.map_err(|reason| self.refused(span.range().start, reason))?;
                self.blanks();
                if !self.eat(b':') {
                    return Err(self.syntax());
                }
                self.value()?;
                self.blanks();
                if self.eat(b'}') {
                    break;
                }
                if !self.eat(b',') {
                    return Err(self.syntax());
                }
            }
        }
        self.close()
    }

    fn list(&mut self) -> Result<(), Refused> {
        let start = self.at;
        self.builder
            .open_list(place(start))
            .map_err(|reason| self.refused(start, reason))?;
        self.at += 1;
        self.blanks();
        if !self.eat(b']') {
            loop {
                self.value()?;
                self.blanks();
                if self.eat(b']') {
                    break;
                }
                if !self.eat(b',') {
                    return Err(self.syntax());
                }
            }
        }
        self.close()
    }

    fn close(&mut self) -> Result<(), Refused> {
        let at = self.at;
        self.builder
            .close(Some(place(at)))
            .map_err(|reason| self.refused(at, reason))
    }

    /// Reads a string, and returns its span with the quotes.
    fn string(&mut self) -> Result<(Cow<'a, str>, Span), Refused> {
        let start = self.at;
        if !self.eat(b'"') {
            return Err(self.syntax());
        }
        let mut value = Cow::Borrowed("");
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(len) = memchr::memchr2(b'"', b'\\', rest) else {
                return Err(self.syntax());
            };
            let run = self.text.get(self.at..self.at + len).unwrap_or_default();
            if run.bytes().any(|byte| byte < 0x20) {
                return Err(self.syntax());
            }
            if value.is_empty() {
                value = Cow::Borrowed(run);
            } else {
                value.to_mut().push_str(run);
            }
            self.at += len;
            if self.eat(b'"') {
                return Ok((value, Span::new(place(start), place(self.at))));
            }
            self.at += 1;
            let character = self.escape()?;
            value.to_mut().push(character);
        }
    }

    fn escape(&mut self) -> Result<char, Refused> {
        let Some(&byte) = self.bytes.get(self.at) else {
            return Err(self.syntax());
        };
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return Err(self.syntax()),
        })
    }

    /// Reads the rest of `\uXXXX`; half of a pair becomes U+FFFD, as Go has it.
    fn unicode(&mut self) -> Result<char, Refused> {
        let first = self.hex()?;
        if !(0xD800..0xDC00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.at;
        if self.bytes.get(self.at..self.at + 2) == Some(b"\\u") {
            self.at += 2;
            let second = self.hex()?;
            if (0xDC00..0xE000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Result<u32, Refused> {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.syntax());
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| self.syntax())
    }

    fn number(&mut self) -> Result<(), Refused> {
        let start = self.at;
        let mut whole = true;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            whole = false;
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            whole = false;
            if !self.eat(b'-') {
                self.eat(b'+');
            }
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let span = Span::new(place(start), place(self.at));
        let built = match text.parse() {
            Ok(value) if whole => self.builder.int(span, value),
            _ => match text.parse::<f64>() {
                Ok(value) if value.is_finite() => self.builder.float(span, value),
                _ => return Err(self.syntax()),
            },
        };
        built.map_err(|reason| self.refused(start, reason))
    }

    fn digits(&mut self) -> Result<(), Refused> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 {
            Err(self.syntax())
        } else {
            Ok(())
        }
    }

    fn word(&mut self) -> Result<(), Refused> {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let (word, value): (&str, _) = if rest.starts_with(b"true") {
            ("true", Some(true))
        } else if rest.starts_with(b"false") {
            ("false", Some(false))
        } else if rest.starts_with(b"null") {
            ("null", None)
        } else {
            return Err(self.syntax());
        };
        self.at += word.len();
        let span = Span::new(place(start), place(self.at));
        let built = match value {
            Some(value) => self.builder.bool(span, value),
            None => self.builder.null(span),
        };
        built.map_err(|reason| self.refused(start, reason))
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        self.at = skip_blanks(self.bytes, self.at);
    }

    fn syntax(&self) -> Refused {
        Refused {
            at: place(self.at),
            reason: Reason::Syntax,
        }
    }

    #[expect(clippy::unused_self, reason = "reads as a sentence where it is used")]
    fn refused(&self, at: usize, reason: BuildRefused) -> Refused {
        Refused {
            at: place(at),
            reason: reason.into(),
        }
    }
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        .count()
}

fn place(at: usize) -> u32 {
    // Sources are shorter than 4 GiB.
    u32::try_from(at).unwrap_or(u32::MAX)
}
