//! From the parser's events to a tree.

use std::{borrow::Cow, sync::Arc};

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks};
use thiserror::Error;

use super::{
    check::{self, LastLine, Odd},
    hop::{self, JsonNumber},
    mend,
    place::Cursor,
    scalars::{self, Scalar, ScalarRefused, Tag},
};
use crate::{
    source::{Source, Span},
    tree::{BuildRefused, Builder, Document, Duplicate, Kind, Limits},
};

/// Why a document cannot be read, and the byte where that shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refused {
    pub(crate) at: u32,
    pub(crate) reason: Reason,
}

/// What is wrong with a document.
#[derive(Clone, Debug, Error, PartialEq)]
pub(crate) enum Reason {
    #[error("{0}")]
    Syntax(Cow<'static, str>),
    #[error(transparent)]
    Scalar(#[from] ScalarRefused),
    #[error(transparent)]
    Build(#[from] BuildRefused),
    #[error(transparent)]
    Odd(#[from] Odd),
}

/// Reads the one document that a span of the source holds.
pub(crate) fn read(
    source: &Arc<Source>,
    span: Span,
    limits: &Limits,
) -> Result<(Document, Vec<Duplicate>), Refused> {
    let text = source.slice(span);
    if let Some((at, reason)) = check::refused_text(text) {
        let at = span.start + u32::try_from(at).unwrap_or(0);
        return Err(Refused {
            at,
            reason: Reason::Syntax(reason.into()),
        });
    }
    let mut mended: Option<String> = None;
    for mends in 1_usize.. {
        let builder = Builder::new(Arc::clone(source), span, *limits);
        let mut reader = Reader::new(text, mended.as_deref(), span.start, builder);
        let refused = match reader.read() {
            Ok(()) => {
                let (document, duplicates) = reader.builder.finish();
                return match check::tabs(&document) {
                    Some(at) => Err(Refused {
                        at,
                        reason: Odd::TabIndent.into(),
                    }),
                    None => Ok((document, duplicates)),
                };
            }
            Err(Failed::Refused(refused)) => return Err(refused),
            Err(Failed::Scan { at, info }) => {
                let parsed = mended.as_deref().unwrap_or(text);
                let again = mends < mend::MOST_MENDS && mends * text.len() < mend::MOST_BYTES;
                if let Some(text) = again.then(|| mend::mend(parsed, at, &info)).flatten() {
                    mended = Some(text);
                    continue;
                }
                reader.refused(at, check::sentence(&info))
            }
        };
        return Err(refused);
    }
    // The loop ends by returning: a count of mends never runs out before its bound.
    Err(Refused {
        at: span.start,
        reason: Reason::Syntax("not YAML".into()),
    })
}

/// Why one parse failed.
enum Failed {
    Refused(Refused),
    /// What the parser said, which another spelling of the text may avoid.
    Scan {
        at: usize,
        info: String,
    },
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

struct Reader<'a> {
    /// What is parsed: the document, or the document mended.
    text: &'a str,
    /// The document, if it is mended.
    written: Option<&'a str>,
    base: u32,
    cursor: Cursor<'a>,
    builder: Builder,
    open: Vec<Open>,
    /// How many of the open maps and lists are written with brackets.
    flow: usize,
}

/// A map or list that the parser is in.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Open {
    /// Of a map: whether the next node is a key. A list has none.
    key_next: Option<bool>,
    brackets: bool,
}

impl<'a> Reader<'a> {
    fn new(written: &'a str, mended: Option<&'a str>, base: u32, builder: Builder) -> Self {
        let text = mended.unwrap_or(written);
        Self {
            text,
            written: mended.map(|_| written),
            base,
            cursor: Cursor::new(text),
            builder,
            open: Vec::new(),
            flow: 0,
        }
    }

    fn read(&mut self) -> Result<(), Failed> {
        let mut parser = Parser::new_from_str(self.text);
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, marks) = event.map_err(|error| Failed::Scan {
                at: self.cursor.byte(*error.marker()),
                info: error.info().to_owned(),
            })?;
            match event {
                Event::DocumentStart(_) if documents > 0 => {
                    let at = self.cursor.byte(marks.start);
                    return Err(self.refused(at, Odd::SecondDocument).into());
                }
                Event::DocumentStart(_) => documents += 1,
                Event::StreamEnd => break,
                event => self.event(event, marks)?,
            }
        }
        Ok(())
    }

    fn event(&mut self, event: Event<'_>, marks: Marks) -> Result<(), Refused> {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let tag = tag.map(|tag| Tag::from_uri(&tag.handle, &tag.suffix));
                let start = self.cursor.byte(marks.start);
                let end = self.cursor.byte(marks.end);
                let properties = anchor != 0 || tag.is_some();
                let mut start = self.behind_properties(start, properties)?;
                if properties && value.is_empty() && style == ScalarStyle::Plain {
                    // Nothing stands behind the anchor or tag.
                    start = end;
                }
                self.scalar(&value, style, anchor, tag, start, end.max(start))
            }
            Event::Alias(anchor) => {
                let start = self.cursor.byte(marks.start);
                let end = self.cursor.byte(marks.end);
                self.odd(start, check::anchor(self.slice(start + 1, end)))?;
                self.alias(anchor, start, end)
            }
            Event::MappingStart(anchor, tag) => self.open(marks, anchor, tag.is_some(), Some(true)),
            Event::SequenceStart(anchor, tag) => self.open(marks, anchor, tag.is_some(), None),
            Event::MappingEnd | Event::SequenceEnd => self.close(marks),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn open(
        &mut self,
        marks: Marks,
        anchor: usize,
        tagged: bool,
        key_next: Option<bool>,
    ) -> Result<(), Refused> {
        let start = self.cursor.byte(marks.start);
        let end = self.cursor.byte(marks.end);
        let start = self.behind_properties(start, anchor != 0 || tagged)?;
        if self.is_key() {
            return Err(self.refused(start, ScalarRefused::CollectionKey));
        }
        if anchor != 0 {
            self.builder.anchor(anchor);
        }
        // The marks of a block map or list, and of a single pair in brackets, are empty.
        let indicator = if key_next.is_some() { b'{' } else { b'[' };
        let brackets = end > start && self.text.as_bytes().get(start) == Some(&indicator);
        let start = if key_next.is_none() && !brackets {
            self.first_dash(start)
        } else {
            start
        };
        let at = self.place(start);
        let built = if key_next.is_some() {
            self.builder.open_map(at)
        } else {
            self.builder.open_list(at)
        };
        built.map_err(|reason| self.refused(start, reason))?;
        self.flow += usize::from(brackets);
        self.open.push(Open { key_next, brackets });
        Ok(())
    }

    fn close(&mut self, marks: Marks) -> Result<(), Refused> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let mut end = None;
        if open.brackets {
            self.flow -= 1;
            let bracket = self.cursor.byte(marks.start);
            end = Some(self.place(bracket + 1));
        }
        self.builder
            .close(end)
            .map_err(|reason| self.refused_at_end(reason))?;
        self.met_value();
        Ok(())
    }

    fn scalar(
        &mut self,
        mut value: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Tag>,
        start: usize,
        end: usize,
    ) -> Result<(), Refused> {
        let plain = style == ScalarStyle::Plain;
        let is_key = self.is_key();
        // Where the value's text would be, if it is written as it is.
        let (span, at) = match style {
            ScalarStyle::Plain if value.is_empty() => {
                let at = if tag.is_some() || anchor != 0 {
                    end
                } else {
                    self.empty(start)
                };
                ((at, at), at)
            }
            ScalarStyle::Plain => {
                if self.flow > 0 {
                    self.odd(start, check::plain_in_flow(self.text, start, end))?;
                }
                ((start, end), start)
            }
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                let end = check::closing_quote(self.text, start);
                if style == ScalarStyle::DoubleQuoted {
                    self.odd(start, check::escapes(self.slice(start, end)))?;
                }
                ((start, end), start + 1)
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let from = self.builder.end().saturating_sub(self.base) as usize;
                let header = check::block_header(self.text, from, start);
                let (content, odd) = check::block_content(self.text, header);
                if value.contains(|character| character != '\n') {
                    self.odd(header, odd)?;
                }
                if end >= self.text.len() {
                    match check::last_line(self.text) {
                        LastLine::Ended => {}
                        // The parser adds the line break that the file lacks.
                        LastLine::Content => value = value.strip_suffix('\n').unwrap_or(value),
                        LastLine::Spaces => return Err(self.refused(header, Odd::SpacesAtEnd)),
                    }
                }
                let written = self
                    .slice(header, end)
                    .trim_end_matches([' ', '\t', '\r', '\n']);
                ((header, header + written.len()), content)
            }
        };
        if is_key && self.flow > 0 {
            self.odd(span.0, check::key_in_flow(self.text, span.0, span.1))?;
        }
        if let Some(written) = self.written {
            self.odd(span.0, check::mended(written, self.text, span.0, span.1))?;
        }
        let place = Span::new(self.place(span.0), self.place(span.1));
        let at = self.place(at);
        let tag = tag.unwrap_or(if plain { Tag::Implicit } else { Tag::Str });
        if is_key && value == "<<" && matches!(tag, Tag::Implicit | Tag::Merge) {
            self.build(span.0, |builder| builder.merge(place))?;
            self.met_value();
            return Ok(());
        }
        let scalar = scalars::resolve(value, tag).map_err(|reason| self.refused(span.0, reason))?;
        if anchor != 0 {
            self.builder.anchor(anchor);
        }
        if is_key {
            if anchor != 0 && !matches!(scalar, Scalar::Raw | Scalar::Text(_)) {
                return Err(self.refused(span.0, Odd::AnchoredKey));
            }
            let key = hop::key(scalar).map_err(|reason| self.refused(span.0, reason))?;
            let key = key.as_deref().unwrap_or(value);
            self.build(span.0, |builder| builder.key(place, key, at))?;
        } else {
            self.value(scalar, value, place, at)?;
        }
        self.met_value();
        Ok(())
    }

    fn value(
        &mut self,
        scalar: Scalar<'_>,
        raw: &str,
        place: Span,
        at: u32,
    ) -> Result<(), Refused> {
        let start = place.start.saturating_sub(self.base) as usize;
        #[expect(
            clippy::cast_precision_loss,
            reason = "Kubernetes rounds such numbers the same way"
        )]
        let built = match scalar {
            Scalar::Raw => self.builder.text(place, raw, at),
            Scalar::Text(text) => self.builder.text(place, &text, at),
            Scalar::Null => self.builder.null(place),
            Scalar::Bool(value) => self.builder.bool(place, value),
            Scalar::Int(value) => self.builder.int(place, value),
            Scalar::Unsigned(value) => self.builder.float(place, value as f64),
            Scalar::Float(value) => {
                let number =
                    hop::through_json(value).map_err(|reason| self.refused(start, reason))?;
                match number {
                    JsonNumber::Int(value) => self.builder.int(place, value),
                    JsonNumber::Float(value) => self.builder.float(place, value),
                }
            }
        };
        built.map_err(|reason| self.refused(start, reason))
    }

    fn alias(&mut self, anchor: usize, start: usize, end: usize) -> Result<(), Refused> {
        let place = Span::new(self.place(start), self.place(end));
        if !self.is_key() {
            self.build(start, |builder| builder.alias(place, anchor))?;
            self.met_value();
            return Ok(());
        }
        let target = self
            .builder
            .named(anchor)
            .map_err(|reason| self.refused(start, reason))?;
        let scalar = match target.kind() {
            Kind::Null => Scalar::Null,
            Kind::Bool(value) => Scalar::Bool(value),
            Kind::Int(value) => Scalar::Int(value),
            Kind::Float(value) => Scalar::Float(value),
            Kind::Text(text) => Scalar::Text(text.to_owned().into()),
            Kind::List(_) | Kind::Map(_) => {
                return Err(self.refused(start, ScalarRefused::CollectionKey));
            }
        };
        let key = hop::key(scalar).map_err(|reason| self.refused(start, reason))?;
        let at = place.start;
        self.build(start, |builder| {
            builder.key(place, key.as_deref().unwrap_or_default(), at)
        })?;
        self.met_value();
        Ok(())
    }

    /// Takes the turn from key to value and back.
    fn met_value(&mut self) {
        if let Some(Open {
            key_next: Some(key_next),
            ..
        }) = self.open.last_mut()
        {
            *key_next = !*key_next;
        }
    }

    fn is_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Open {
                key_next: Some(true),
                ..
            })
        )
    }

    fn build(
        &mut self,
        start: usize,
        add: impl FnOnce(&mut Builder) -> Result<(), BuildRefused>,
    ) -> Result<(), Refused> {
        add(&mut self.builder).map_err(|reason| self.refused(start, reason))
    }

    /// Returns where a block list starts.
    ///
    /// The parser marks a list that is not indented behind its first dash, so that it is looked for
    /// from the key on.
    fn first_dash(&self, start: usize) -> usize {
        let is_value = matches!(
            self.open.last(),
            Some(Open {
                key_next: Some(false),
                ..
            })
        );
        let before = self.builder.end().saturating_sub(self.base) as usize;
        let dash = if is_value {
            check::next_dash(self.text, before)
        } else {
            None
        };
        dash.filter(|&dash| dash <= start).unwrap_or(start)
    }

    /// Returns where a value that is not written would stand: behind its key or its dash.
    fn empty(&self, start: usize) -> usize {
        let before = self.builder.end().saturating_sub(self.base) as usize;
        if let Some(Open {
            key_next: None,
            brackets: false,
        }) = self.open.last()
            && let Some(dash) = check::next_dash(self.text, before).filter(|&dash| dash < start)
        {
            return dash + 1;
        }
        match self.text.as_bytes().get(start) {
            Some(b':' | b'-' | b'?') if start >= before => start + 1,
            _ => before,
        }
    }

    /// Returns the byte behind the anchor and the tag of a node.
    fn behind_properties(&mut self, start: usize, any: bool) -> Result<usize, Refused> {
        if !any {
            return Ok(start);
        }
        let (end, odd) = check::properties(self.text, start);
        self.odd(start, odd)?;
        Ok(end)
    }

    fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    fn place(&self, byte: usize) -> u32 {
        // Documents are bounded far below 4 GiB.
        self.base + u32::try_from(byte.min(self.text.len())).unwrap_or(u32::MAX - self.base)
    }

    fn odd(&self, at: usize, odd: Option<Odd>) -> Result<(), Refused> {
        odd.map_or(Ok(()), |odd| Err(self.refused(at, odd)))
    }

    fn refused(&self, at: usize, reason: impl Into<Reason>) -> Refused {
        Refused {
            at: self.place(at),
            reason: reason.into(),
        }
    }

    fn refused_at_end(&self, reason: BuildRefused) -> Refused {
        Refused {
            at: self.builder.end(),
            reason: reason.into(),
        }
    }
}
