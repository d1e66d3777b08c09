//! Two scans side by side, in every format that shows changes.

mod github;
mod json;
mod markdown;
mod text;
mod words;

use std::{collections::BTreeMap, io};

use thiserror::Error;

use knight_controls::{
    compare::{Comparison, Recorded},
    finding::{Effect, FindingVerdict},
};

use crate::{Format, Options};

/// A form that a comparison can be written in.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ComparisonFormat {
    /// For people at a terminal.
    Text,
    /// For programs: versioned, with the schema `schemas/comparison.schema.json`.
    Json,
    /// Workflow commands of GitHub Actions.
    Github,
    /// For comments of pull requests and step summaries.
    Markdown,
}

/// A form of reports that comparisons do not have.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a comparison cannot be written as `{0}`: use `text`, `json`, `github` or `markdown`")]
pub struct NoComparison(Format);

impl TryFrom<Format> for ComparisonFormat {
    type Error = NoComparison;

    fn try_from(format: Format) -> Result<Self, Self::Error> {
        match format {
            Format::Text => Ok(Self::Text),
            Format::Json => Ok(Self::Json),
            Format::Github => Ok(Self::Github),
            Format::Markdown => Ok(Self::Markdown),
            Format::Sarif => Err(NoComparison(format)),
        }
    }
}

/// Writes a comparison in a format.
pub fn write_comparison(
    format: ComparisonFormat,
    comparison: &Comparison,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        ComparisonFormat::Text => text::write(comparison, options, out),
        ComparisonFormat::Json => json::write(comparison, out),
        ComparisonFormat::Github => github::write(comparison, out),
        ComparisonFormat::Markdown => markdown::write(comparison, options, out),
    }
}

/// Whether a section says what to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Advice {
    /// Something is to be done.
    Given,
    /// Nothing is.
    Idle,
}

/// Entries with one cause: the same control, verdict and effect. There is at least one.
struct Group<'c, T> {
    first: &'c Recorded,
    entries: Vec<&'c T>,
}

/// Groups entries by cause, in the order in which causes come.
fn groups<'c, T>(
    entries: impl IntoIterator<Item = &'c T>,
    finding: impl Fn(&'c T) -> &'c Recorded,
) -> Vec<Group<'c, T>> {
    let mut at = BTreeMap::<(&str, FindingVerdict, Effect), usize>::new();
    let mut groups: Vec<Group<'c, T>> = Vec::new();
    for entry in entries {
        let first = finding(entry);
        let index = *at
            .entry((&first.control, first.verdict, first.effect))
            .or_insert_with(|| {
                groups.push(Group {
                    first,
                    entries: Vec::new(),
                });
                groups.len() - 1
            });
        groups[index].entries.push(entry);
    }
    groups
}
