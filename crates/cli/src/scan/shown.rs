//! Texts for reports and diffs, with secret values masked.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use knight_controls::finding::Finding;
use knight_model::{
    Limits,
    mask::{masked, masked_line, secret_spans, touches},
    patch::patch,
    place::Place,
    source::{Source, Span},
    tree::Document,
};
use knight_report::{Replacement, Sources};

use super::{documents::Text, setup::Setup};
use crate::source::{Input, Reader};

/// How many bytes of text are kept at hand.
const KEPT: usize = 8 << 20;

/// The files of a scan, read anew as far as a report shows them.
#[derive(Debug)]
pub(super) struct Shown<'s> {
    reader: &'s Reader,
    inputs: BTreeMap<&'s str, &'s Input>,
    files: Mutex<BTreeMap<String, Option<Arc<MaskedFile>>>>,
}

/// A text with what must not be shown of it.
#[derive(Debug)]
pub(super) struct MaskedFile {
    source: Arc<Source>,
    documents: Vec<MaskedDocument>,
}

/// A document that could be read: of others, what is secret is unknown.
#[derive(Debug)]
struct MaskedDocument {
    /// Its place among the documents with text.
    index: usize,
    document: Document,
    secrets: Vec<Span>,
}

impl<'s> Shown<'s> {
    pub(super) fn new(setup: &'s Setup) -> Self {
        let files = Mutex::default();
        Self {
            reader: &setup.reader,
            inputs: setup.inputs(),
            files,
        }
    }

    fn file(&self, name: &str) -> Option<Arc<MaskedFile>> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = files.get(name) {
            return file.clone();
        }
        let file = self
            .inputs
            .get(name)
            .and_then(|input| self.reader.read(input).ok())
            .map(|source| Arc::new(MaskedFile::new(source)));
        let kept: usize = files
            .values()
            .flatten()
            .map(|file| file.source.text().len())
            .sum();
        if kept > KEPT {
            files.clear();
        }
        files.insert(name.to_owned(), file.clone());
        file
    }
}

impl Sources for Shown<'_> {
    fn line(&self, file: &str, line: u32) -> Option<Cow<'_, str>> {
        self.file(file)?.line(line).map(Cow::Owned)
    }

    fn replacements(&self, finding: &Finding) -> Option<Vec<Replacement>> {
        let fix = finding
            .fix
            .as_ref()
            .filter(|_| finding.place.is_written())?;
        let file = self.file(&finding.place.file)?;
        let of = file
            .documents
            .iter()
            .find(|document| document.index == fix.document)?;
        let patched = patch(&of.document, &[fix.edit()]).ok()?;
        let replacements = patched.replacements.into_iter().map(|replacement| {
            let span = replacement.span;
            // What is put in could hold what is taken out.
            let place = Place::of_span(&of.document, span);
            (!touches(span, &of.secrets)).then_some(Replacement {
                place,
                text: replacement.text,
            })
        });
        replacements.collect()
    }
}

impl MaskedFile {
    fn new(source: Arc<Source>) -> Self {
        let read = Text::new(Arc::clone(&source)).read_some(&Limits::default(), |_| true);
        let mut documents: Vec<MaskedDocument> = read
            .into_iter()
            .filter_map(|read| {
                let document = read.document?;
                let secrets = secret_spans(&document);
                Some(MaskedDocument {
                    index: read.index,
                    document,
                    secrets,
                })
            })
            .collect();
        documents.sort_by_key(|document| document.document.span());
        Self { source, documents }
    }

    /// Makes the file of a text that is at hand.
    pub(super) fn of_text(name: &str, text: &str) -> Self {
        Self::new(Arc::new(Source::new(name, text)))
    }

    /// Returns a line, unless it belongs to a document that cannot be read.
    fn line(&self, line: u32) -> Option<String> {
        let start = self.source.line(line)?.start;
        let of = self.documents.iter().find(|document| {
            let span = document.document.span();
            span.start <= start && start < span.end
        })?;
        masked_line(&self.source, line, &of.secrets).map(Cow::into_owned)
    }

    /// Returns the whole text, with `*` for all of a document that cannot be read.
    pub(super) fn masked(&self) -> String {
        let mut text = String::with_capacity(self.source.text().len());
        let mut at = 0;
        for MaskedDocument {
            document, secrets, ..
        } in &self.documents
        {
            let span = document.span();
            self.hide(Span::new(at, span.start.max(at)), &mut text);
            text.push_str(&masked(&self.source, span, secrets));
            at = span.end;
        }
        let end = u32::try_from(self.source.text().len()).unwrap_or(u32::MAX);
        self.hide(Span::new(at, end), &mut text);
        text
    }

    /// Adds a stretch with only its line breaks, markers and blanks.
    fn hide(&self, span: Span, text: &mut String) {
        let shown = |char: char| {
            if char.is_whitespace() || char == '-' {
                char
            } else {
                '*'
            }
        };
        text.extend(self.source.slice(span).chars().map(shown));
    }
}
