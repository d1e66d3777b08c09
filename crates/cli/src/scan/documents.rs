//! The documents of a text, one by one, so that they need not be in memory together.

use std::sync::Arc;

use knight_model::{
    Limits, Loaded, Problem, ProblemKind,
    load::{self, Part},
    source::{Source, Span},
    tree::Document,
};
use rayon::prelude::*;

/// From how many bytes on the documents of one text are worth several cores.
const BIG: usize = 1 << 16;

/// A text, cut into documents.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) source: Arc<Source>,
    cut: Cut,
}

#[derive(Clone, Debug)]
enum Cut {
    /// It may be JSON, which is read in one go.
    Whole,
    /// The documents with something in them, and problems of what lies between.
    Spans(Vec<Span>, Vec<Problem>),
}

/// A document that was read, or not; its place counts the documents with text of their file.
#[derive(Debug)]
pub(super) struct ReadDocument {
    pub(super) index: usize,
    pub(super) document: Option<Document>,
    pub(super) problems: Vec<Problem>,
}

impl Text {
    pub(super) fn new(source: Arc<Source>) -> Self {
        let text = source.text();
        let start = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
        if start.starts_with('{') {
            return Self {
                source,
                cut: Cut::Whole,
            };
        }
        let mut spans = Vec::new();
        let mut problems = Vec::new();
        for part in load::split(text) {
            match part {
                Part::Document(span) => spans.push(span),
                Part::Empty => {}
                Part::Unseen(span) => problems.push(Problem::at(
                    &source,
                    span.start,
                    ProblemKind::Unseen,
                    "Kubernetes reads nothing behind `...`: start the next document with `---`",
                )),
            }
        }
        Self {
            source,
            cut: Cut::Spans(spans, problems),
        }
    }

    /// Reads the documents whose text `wanted` picks; the other problems of the text are `None`'s.
    pub(super) fn read_some(
        &self,
        limits: &Limits,
        wanted: impl Fn(&str) -> bool + Sync,
    ) -> Vec<ReadDocument> {
        let mut found = Vec::new();
        self.each(limits, Vec::new(), wanted, |read| read)
            .into_iter()
            .for_each(|read| found.push(read));
        found
    }

    /// Returns the problems of what lies between the documents.
    pub(super) fn problems(&self) -> &[Problem] {
        match &self.cut {
            Cut::Whole => &[],
            Cut::Spans(_, problems) => problems,
        }
    }

    /// Reads every document, but for those that are at hand in `known`, and maps it.
    ///
    /// `known` is sorted by place. Of a text that is read in one go, it holds all or nothing.
    pub(super) fn each<T: Send>(
        &self,
        limits: &Limits,
        known: Vec<ReadDocument>,
        wanted: impl Fn(&str) -> bool + Sync,
        map: impl Fn(ReadDocument) -> T + Sync + Send,
    ) -> Vec<T> {
        let spans = match &self.cut {
            Cut::Whole if !known.is_empty() => return spread(&self.source, known, map),
            Cut::Whole => return spread(&self.source, whole(&self.source, limits), map),
            Cut::Spans(spans, _) => spans,
        };
        let mut known = known.into_iter().peekable();
        let parts: Vec<Todo> = spans
            .iter()
            .enumerate()
            .filter_map(
                |(index, span)| match known.next_if(|known| known.index == index) {
                    Some(read) => Some(Todo::Done(read)),
                    None => wanted(self.source.slice(*span)).then_some(Todo::Read(index, *span)),
                },
            )
            .collect();
        spread(&self.source, parts, |todo| {
            map(match todo {
                Todo::Done(read) => read,
                Todo::Read(index, span) => {
                    let (document, problems) = load::read_document(&self.source, span, limits);
                    ReadDocument {
                        index,
                        document,
                        problems,
                    }
                }
            })
        })
    }
}

enum Todo {
    Done(ReadDocument),
    Read(usize, Span),
}

fn whole(source: &Arc<Source>, limits: &Limits) -> Vec<ReadDocument> {
    let Loaded {
        documents,
        problems,
        ..
    } = load::load(source, limits);
    let mut read: Vec<_> = documents
        .into_iter()
        .enumerate()
        .map(|(index, document)| ReadDocument {
            index,
            document: Some(document),
            problems: Vec::new(),
        })
        .collect();
    if !problems.is_empty() {
        read.push(ReadDocument {
            index: read.len(),
            document: None,
            problems,
        });
    }
    read
}

/// Maps on several cores where there is enough to do.
fn spread<I: Send, T: Send>(
    source: &Source,
    items: Vec<I>,
    map: impl Fn(I) -> T + Sync + Send,
) -> Vec<T> {
    if items.len() > 1 && source.text().len() > BIG {
        items.into_par_iter().map(map).collect()
    } else {
        items.into_iter().map(map).collect()
    }
}
