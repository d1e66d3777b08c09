//! Texts into documents, and the problems that were met on the way.

mod decode;
mod split;

use std::{fmt, sync::Arc};

use crate::{
    json,
    source::{Source, Span},
    tree::{BuildRefused, Document, Duplicate, LimitExceeded, Limits},
    yaml,
};

pub use decode::{decode, decode_owned};
pub use split::{Part, split};

/// What a text held.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The documents that could be read, in the order of the text.
    pub documents: Vec<Document>,
    /// What could not be read, or not without doubt, in the order of the text.
    pub problems: Vec<Problem>,
    /// How many documents held nothing: blank, only comments, or `null`.
    pub empty: usize,
}

/// Something that is wrong with a text, not with what it says.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Problem {
    /// The name of the source.
    pub file: Box<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// Which sort it is.
    pub kind: ProblemKind,
    /// What is wrong, as a sentence that quotes no value.
    pub reason: String,
}

/// The sorts of [`Problem`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ProblemKind {
    /// There are no bytes to be had: whoever reads says why.
    Unreadable,
    /// The bytes are no text that can be read.
    Encoding,
    /// The text is neither YAML nor JSON as Kubernetes reads it.
    Syntax,
    /// The text is a template that nobody filled in.
    Template,
    /// A key stands twice in a map; the document is read with the later one.
    DuplicateKey,
    /// The document costs more than a bound allows.
    Limit,
    /// The text is read, but Kubernetes would not see it.
    Unseen,
    /// The document is read, and it is no Kubernetes object.
    NotAnObject,
}

impl Problem {
    /// Makes a problem at a byte of a source.
    pub fn at(source: &Source, offset: u32, kind: ProblemKind, reason: impl Into<String>) -> Self {
        let position = source.position(offset);
        Self {
            file: source.name().into(),
            line: position.line,
            column: position.column,
            kind,
            reason: reason.into(),
        }
    }

    /// Returns whether the document is missing because of this.
    pub fn hides_document(&self) -> bool {
        match self.kind {
            ProblemKind::Unreadable
            | ProblemKind::Encoding
            | ProblemKind::Syntax
            | ProblemKind::Template
            | ProblemKind::Limit
            | ProblemKind::Unseen => true,
            ProblemKind::DuplicateKey | ProblemKind::NotAnObject => false,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            reason,
            ..
        } = self;
        // Objects of a cluster have no lines.
        if *line == 0 {
            write!(f, "{file}: {reason}")
        } else {
            write!(f, "{file}:{line}:{column}: {reason}")
        }
    }
}

/// Reads every document of a text; one that is broken hides no other.
///
/// ```
/// use std::sync::Arc;
///
/// use knight_model::{Limits, load, source::Source};
///
/// let source = Arc::new(Source::new("a.yaml", "mode: 0644\n---\nbroken: [\n"));
/// let loaded = load(&source, &Limits::default());
/// let mode = loaded.documents[0].root().get("mode").unwrap();
/// assert_eq!(mode.as_int(), Some(420));
/// assert_eq!(source.slice(mode.span()), "0644");
/// assert_eq!(loaded.problems[0].line, 4);
/// ```
pub fn load(source: &Arc<Source>, limits: &Limits) -> Loaded {
    let mut loaded = Loaded::default();
    if json::looks_like_json(source.text()) {
        match json::read_all(source, limits) {
            Ok(documents) => {
                for (document, duplicates) in documents {
                    loaded.add(document, &duplicates);
                }
                return loaded;
            }
            Err(json::Refused {
                at,
                reason: json::Reason::Build(BuildRefused::Limit(limit)),
            }) => {
                loaded.problems.push(limit_problem(source, at, limit));
                return loaded;
            }
            // Braces are YAML too, with comments and without quotes.
            Err(_) => {}
        }
    }
    for part in split(source.text()) {
        match part {
            Part::Document(span) => {
                let (document, problems) = read_document(source, span, limits);
                loaded.problems.extend(problems);
                match document {
                    Some(document) if document.is_empty() => loaded.empty += 1,
                    Some(document) => loaded.documents.push(document),
                    None => {}
                }
            }
            Part::Empty => loaded.empty += 1,
            Part::Unseen(span) => loaded.problems.push(Problem::at(
                source,
                span.start,
                ProblemKind::Unseen,
                "Kubernetes reads nothing behind `...`: start the next document with `---`",
            )),
        }
    }
    loaded
}

/// Reads the one YAML document that a span of the source holds.
pub fn read_document(
    source: &Arc<Source>,
    span: Span,
    limits: &Limits,
) -> (Option<Document>, Vec<Problem>) {
    let text = source.slice(span);
    if text.len() > limits.document_bytes {
        let limit = LimitExceeded::Bytes(limits.document_bytes);
        return (None, vec![limit_problem(source, span.start, limit)]);
    }
    match yaml::read(source, span, limits) {
        Ok((document, duplicates)) => {
            let problems = duplicate_problems(source, &duplicates);
            (Some(document), problems)
        }
        Err(refused) => (None, vec![refused_problem(source, text, span, &refused)]),
    }
}

impl Loaded {
    fn add(&mut self, document: Document, duplicates: &[Duplicate]) {
        self.problems
            .extend(duplicate_problems(document.source(), duplicates));
        if document.is_empty() {
            self.empty += 1;
        } else {
            self.documents.push(document);
        }
    }
}

fn refused_problem(source: &Source, text: &str, span: Span, refused: &yaml::Refused) -> Problem {
    if let yaml::Reason::Build(BuildRefused::Limit(limit)) = refused.reason {
        return limit_problem(source, refused.at, limit);
    }
    if let Some(at) = text.find("{{") {
        let at = span.start + u32::try_from(at).unwrap_or(0);
        let reason = "this looks like a template (`{{ }}`): render it, then scan the result";
        return Problem::at(source, at, ProblemKind::Template, reason);
    }
    Problem::at(
        source,
        refused.at,
        ProblemKind::Syntax,
        refused.reason.to_string(),
    )
}

fn limit_problem(source: &Source, at: u32, limit: LimitExceeded) -> Problem {
    Problem::at(source, at, ProblemKind::Limit, limit.to_string())
}

fn duplicate_problems(source: &Source, duplicates: &[Duplicate]) -> Vec<Problem> {
    let mut problems: Vec<_> = duplicates
        .iter()
        .map(|duplicate| {
            let first = source.position(duplicate.first.start);
            let reason = format!(
                "this key is already set at line {}, column {}: only the later value counts",
                first.line, first.column
            );
            Problem::at(
                source,
                duplicate.second.start,
                ProblemKind::DuplicateKey,
                reason,
            )
        })
        .collect();
    problems.sort();
    problems
}
