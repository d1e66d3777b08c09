//! What a report needs of the scanned texts.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use knight_controls::finding::Finding;
use knight_model::{
    place::Place,
    source::{Source, Span},
};

/// The scanned texts, as far as a report may show them.
///
/// Asked only for what is shown: one line for each group of findings, so that a caller can read
/// files anew instead of keeping them.
pub trait Sources: fmt::Debug {
    /// Returns a line of a file, counted from 1 and without its line break, or nothing when it is
    /// not at hand.
    ///
    /// The implementor replaces each character of values that no output may show (of environment
    /// variables, of Secrets) by `*`. Columns must stay as they are: places are found by them.
    fn line(&self, file: &str, line: u32) -> Option<Cow<'_, str>>;

    /// Returns the changes of text that a finding's fix comes down to, or nothing when it has none
    /// or the texts cannot show it.
    ///
    /// What is inserted is written as it is, so it must hold no value that no output may show.
    fn replacements(&self, finding: &Finding) -> Option<Vec<Replacement>> {
        let _ = finding;
        None
    }
}

/// A change of text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Replacement {
    /// What is taken out; empty for a mere insertion.
    pub place: Place,
    /// What is put in.
    pub text: String,
}

/// No texts at all: places are named, not shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSources;

/// Texts in memory, already masked.
#[derive(Debug, Default)]
pub struct MaskedFiles {
    files: BTreeMap<Box<str>, Source>,
}

impl MaskedFiles {
    /// Adds a text whose secret values are masked, by the name that places give its file.
    pub fn insert(&mut self, file: &str, masked: impl Into<Box<str>>) {
        self.files.insert(file.into(), Source::new(file, masked));
    }
}

impl Sources for NoSources {
    fn line(&self, _: &str, _: u32) -> Option<Cow<'_, str>> {
        None
    }
}

impl Sources for MaskedFiles {
    fn line(&self, file: &str, line: u32) -> Option<Cow<'_, str>> {
        let source = self.files.get(file)?;
        let span: Span = source.line(line)?;
        Some(Cow::Borrowed(source.slice(span)))
    }
}
