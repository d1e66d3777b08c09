//! Every output format of `knight scan`.
//!
//! ```text
//! Report ──┬─▶ text      for people, in the manner of rustc
//!          ├─▶ json      for programs; versioned, `schemas/report.schema.json`
//!          ├─▶ sarif     for code scanning
//!          ├─▶ github    workflow commands, shown as annotations
//!          └─▶ markdown  for comments and step summaries
//! ```
//!
//! ```
//! use knight_report::{Format, NoSources, Options, write};
//! # use knight_controls::finding::{Basis, Report, Summary};
//! # use knight_facts::{KnativeVersion, KubernetesMinor};
//! # let report = Report {
//! #     basis: Basis {
//! #         profiles: vec![],
//! #         audience: None,
//! #         knative: KnativeVersion::new(1, 23),
//! #         knative_from: "the newest known".into(),
//! #         kubernetes: KubernetesMinor(36),
//! #         kubernetes_from: "the newest known".into(),
//! #         controls: vec![],
//! #     },
//! #     summary: Summary::default(),
//! #     findings: vec![],
//! #     upgrade: None,
//! #     problems: vec![],
//! #     unread: vec![],
//! #     not_judged: vec![],
//! #     suppressed: vec![],
//! #     exceptions: vec![],
//! #     claims: vec![],
//! #     notes: vec![],
//! # };
//! let mut out = Vec::new();
//! write(Format::Text, &report, &NoSources, &Options::default(), &mut out)?;
//! assert!(String::from_utf8_lossy(&out).starts_with("Nothing was read"));
//! # Ok::<_, std::io::Error>(())
//! ```
//!
//! Names, messages and source lines come from whoever wrote the manifests, and are taken to be
//! hostile: no format lets them steer a terminal, a workflow, a page or a viewer.
//!
//! The crate reads nothing: source lines come from a [`Sources`], masked by whoever implements it.
//! It never decides what counts, and writes the same bytes for the same report.
#![deny(clippy::disallowed_methods)]

mod clean;
mod comparison;
mod first;
mod github;
mod json;
mod markdown;
mod page;
pub mod reach;
mod recorded;
mod sarif;
mod sources;
mod text;
mod upgrade;
mod words;

use std::{fmt, io, str::FromStr};

use thiserror::Error;

use knight_controls::finding::Report;

pub use comparison::{ComparisonFormat, NoComparison, write_comparison};
pub use recorded::{InvalidReport, is_report, read_report};
pub use sources::{MaskedFiles, NoSources, Replacement, Sources};

/// A form that a report can be written in.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Format {
    /// For people at a terminal.
    Text,
    /// For programs: everything there is, versioned, with a schema.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions, shown as annotations.
    Github,
    /// For comments of pull requests and step summaries.
    Markdown,
}

/// A word that names no [`Format`].
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("`{0}` is no output format: use `text`, `json`, `sarif`, `github` or `markdown`")]
pub struct UnknownFormat(String);

/// Whether text carries colours.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Colour {
    /// No escape sequence at all.
    #[default]
    Plain,
    /// ANSI escape sequences.
    Styled,
}

/// How much text says.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Detail {
    /// Everything.
    #[default]
    Full,
    /// The findings and one closing line.
    Quiet,
}

/// What a caller can choose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Options {
    /// Whether text carries colours.
    pub colour: Colour,
    /// How much text says.
    pub detail: Detail,
    /// How many items a list of text or Markdown shows before it says how many more there are.
    pub places: usize,
    /// The columns that source lines of text are cut to, when they are known.
    pub width: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            colour: Colour::default(),
            detail: Detail::default(),
            places: 5,
            width: None,
        }
    }
}

/// Writes a report in a format.
pub fn write(
    format: Format,
    report: &Report,
    sources: &dyn Sources,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, sources, options, out),
        Format::Json => json::write(report, out),
        Format::Sarif => sarif::write(report, sources, out),
        Format::Github => github::write(report, out),
        Format::Markdown => markdown::write(report, options, out),
    }
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [
        Self::Text,
        Self::Json,
        Self::Sarif,
        Self::Github,
        Self::Markdown,
    ];

    /// Returns the word that options use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Markdown => "markdown",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == word)
            .ok_or_else(|| UnknownFormat(word.to_owned()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
