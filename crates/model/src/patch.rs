//! Edits as the smallest changes of the text, which keep comments and layout.
//!
//! ```text
//! Document ──edit──▶ text with one change ──read again──▶ must equal the intended tree
//! ```
//!
//! Every edit is checked: the new text is read again and must mean what [`Document::edited`] says.
//! What cannot be done in the text, or would mean something else, is refused with a reason.

mod change;
mod emit;
mod layout;
mod place;
mod removal;

use std::sync::Arc;

use thiserror::Error;

use crate::{
    edit::Edit,
    json,
    load::{Problem, read_document},
    source::{Source, Span},
    tree::{Document, Limits, Syntax},
};

/// A stretch of a source and the text that takes its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Replacement {
    /// What is replaced; an empty span is an insertion.
    pub span: Span,
    /// What stands there instead.
    pub text: String,
}

/// A document's text with edits made.
#[derive(Clone, Debug)]
pub struct Patched {
    /// What changes in the source that the document was read from, in order, without overlap.
    pub replacements: Vec<Replacement>,
    /// The document read from the whole new text; its source has that text.
    pub document: Document,
}

/// Why an edit is not made.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("edit {} of `{path}` is not made: {reason}", index + 1)]
pub struct PatchRefused {
    /// Which of the edits, from 0.
    pub index: usize,
    /// Its path.
    pub path: String,
    /// Why.
    pub reason: RefusedReason,
}

/// What stands in the way of an edit.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum RefusedReason {
    /// The place is written once and used in several places.
    #[error("an alias or a merge stands in the way")]
    Alias,
    /// The path leads through a string, or to an item that is not there.
    #[error("there is no such place in the document")]
    NoPlace,
    /// The edit changes nothing.
    #[error("the document already says so")]
    NothingToDo,
    /// The layout is one that is not changed.
    #[error("the text is laid out in a way that cannot be edited here")]
    Layout,
    /// The new text cannot be read.
    #[error("the changed text could not be read again: {0}")]
    Unreadable(String),
    /// The new text means something else.
    #[error("the changed text would mean something else than intended")]
    Meaning,
}

/// Makes edits in the text of a document, one after the other; all of them or none.
///
/// A byte order mark, the line breaks and a missing line break at the end stay as they are.
pub fn patch(document: &Document, edits: &[Edit]) -> Result<Patched, PatchRefused> {
    let mut patched = Patched {
        replacements: Vec::new(),
        document: document.clone(),
    };
    for (index, edit) in edits.iter().enumerate() {
        let refused = |reason| PatchRefused {
            index,
            path: edit.path.to_string(),
            reason,
        };
        let before = &patched.document;
        let intended = before.edited(std::slice::from_ref(edit));
        if intended.root() == before.root() {
            // Defaults that are there already are no mistake; anything else hints at one.
            if matches!(edit.change, crate::edit::Change::Default(..)) {
                continue;
            }
            return Err(refused(RefusedReason::NothingToDo));
        }
        let replacement = change::change(before, edit).map_err(refused)?;
        let (source, span) = apply(before, &replacement);
        let document = read_again(&source, span, before.syntax())
            .map_err(|reason| refused(RefusedReason::Unreadable(reason)))?;
        if document.root() != intended.root() || becomes_json(&document, &intended) {
            return Err(refused(RefusedReason::Meaning));
        }
        merge(
            &mut patched.replacements,
            before.source().text(),
            &replacement,
        );
        patched.document = document;
    }
    Ok(patched)
}

/// Returns the source with one change, and where the document lies in it.
fn apply(document: &Document, replacement: &Replacement) -> (Arc<Source>, Span) {
    let source = document.source();
    let (before, after) = (
        source.slice(Span::new(0, replacement.span.start)),
        source
            .text()
            .get(replacement.span.range().end..)
            .unwrap_or_default(),
    );
    let text = [before, &replacement.text, after].concat();
    let span = document.span();
    let grown = u32::try_from(replacement.text.len()).unwrap_or(u32::MAX);
    let end = (span.end + grown).saturating_sub(replacement.span.end - replacement.span.start);
    (
        Arc::new(Source::new(source.name(), text)),
        Span::new(span.start, end),
    )
}

fn read_again(source: &Arc<Source>, span: Span, syntax: Syntax) -> Result<Document, String> {
    // What was read once was within its bounds, and an edit is small.
    let limits = Limits {
        document_bytes: usize::MAX,
        ..Limits::default()
    };
    if syntax == Syntax::Json {
        return json::read_one(source, span, &limits).map_err(|refused| refused.reason.to_string());
    }
    let (document, problems) = read_document(source, span, &limits);
    let reason = |problem: &Problem| problem.reason.clone();
    document.ok_or_else(|| problems.first().map(reason).unwrap_or_default())
}

/// Whether a YAML text has become one that is read as JSON, and means something else as such:
/// `-0.0` is a whole number in YAML and none in JSON.
fn becomes_json(document: &Document, intended: &Document) -> bool {
    let text = document.source().slice(document.span());
    document.syntax() == Syntax::Yaml
        && text.trim_start().starts_with('{')
        && json::read_one(document.source(), document.span(), &Limits::default())
            .is_ok_and(|read| read.root() != intended.root())
}

/// Adds a change of the current text to those made so far, which speak of the original.
fn merge(made: &mut Vec<Replacement>, current: &str, new: &Replacement) {
    let (start, end) = (i64::from(new.span.start), i64::from(new.span.end));
    // What is touched, in the current text and in the original.
    let (mut from, mut to) = (start, end);
    let (mut shift, mut first, mut count) = (0_i64, made.len(), 0);
    let mut shift_after = 0_i64;
    for (index, old) in made.iter().enumerate() {
        let len = i64::try_from(old.text.len()).unwrap_or(i64::MAX);
        let old_start = i64::from(old.span.start) + shift_after;
        let old_end = old_start + len;
        if old_start > end {
            first = first.min(index);
            break;
        }
        let grown = len - (i64::from(old.span.end) - i64::from(old.span.start));
        if old_end >= start {
            if count == 0 {
                first = index;
            }
            count += 1;
            from = from.min(old_start);
            to = to.max(old_end);
        } else {
            shift += grown;
        }
        shift_after += grown;
    }
    let slice = |from: i64, to: i64| {
        let range = usize::try_from(from).unwrap_or(0)..usize::try_from(to).unwrap_or(0);
        current.get(range).unwrap_or_default()
    };
    let place = |at: i64| u32::try_from(at).unwrap_or(0);
    let text = [slice(from, start), &new.text, slice(end, to)].concat();
    let span = Span::new(place(from - shift), place(to - shift_after));
    made.splice(first..first + count, [Replacement { span, text }]);
}
