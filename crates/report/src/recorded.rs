//! Reports in JSON, read back for a comparison.

use std::{collections::BTreeSet, sync::Arc};

use serde::Deserialize;
use thiserror::Error;

use knight_controls::{
    compare::{Recorded, Side, SideBasis, UnreadKind},
    control::Severity,
    finding::{Effect, FindingVerdict, NotJudgedReason, Owner},
};
use knight_model::{
    object::ObjectRef,
    place::Place,
    source::{Position, Span},
};

/// The newest version of the form that is read.
const VERSION: u64 = 1;

/// Why a report in JSON cannot be compared.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InvalidReport {
    /// It is not of the form that `schemas/report.schema.json` describes.
    #[error("not a report of `knight scan --format json`: {0}")]
    Form(#[from] serde_json::Error),
    /// It is of a version that this Knight does not know.
    #[error(
        "a report of version {0}, and this Knight reads version {VERSION}: compare with a newer one"
    )]
    Version(u64),
    /// It uses a word that this Knight does not know.
    #[error("`{word}` is no {what} that this Knight knows")]
    Word {
        /// What the word should be.
        what: &'static str,
        /// The word.
        word: String,
    },
    /// It is the report of a scan that read nothing.
    #[error("a report of a scan that read nothing")]
    Empty,
}

/// Returns whether a text looks like a report in JSON rather than a manifest.
pub fn is_report(text: &str) -> bool {
    let start = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    if !start.starts_with('{') {
        return false;
    }
    serde_json::from_str::<Mark>(start).is_ok_and(|mark| {
        mark.api_version.is_none() && mark.version.is_some() && mark.findings.is_some()
    })
}

/// Reads a report in JSON; `name` is what the user calls it.
pub fn read_report(name: &str, text: &str) -> Result<Side, InvalidReport> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A newer form may differ in all but its version.
    let Versioned { version } = serde_json::from_str(text)?;
    if version != VERSION {
        return Err(InvalidReport::Version(version));
    }
    let report: Report = serde_json::from_str(text)?;
    if report.summary.documents == 0 && report.summary.objects == 0 {
        return Err(InvalidReport::Empty);
    }
    let unknown = NotJudgedReason::UnknownVersion.as_str();
    Ok(Side {
        basis: report.basis.side(name)?,
        files: report.summary.files,
        folder: None,
        findings: all(report.findings.into_iter())?,
        covered: all(report.suppressed.into_iter().map(|it| it.finding))?,
        unread: report.unread.into_iter().map(Unread::kind).collect(),
        // Which problems hid a document is not in the report, so each of them may have.
        broken: report.problems.into_iter().map(|it| it.file).collect(),
        unknown_versions: report
            .not_judged
            .into_iter()
            .filter(|entry| entry.reason == unknown)
            .map(|entry| (entry.api_version, entry.kind))
            .collect(),
        objects: None,
    })
}

fn all(findings: impl Iterator<Item = Finding>) -> Result<Vec<Arc<Recorded>>, InvalidReport> {
    findings
        .map(|finding| finding.record().map(Arc::new))
        .collect()
}

#[derive(Debug, Deserialize)]
struct Mark {
    #[serde(rename = "apiVersion")]
    api_version: Option<serde::de::IgnoredAny>,
    version: Option<serde::de::IgnoredAny>,
    findings: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Versioned {
    version: u64,
}

// Names that are not read are passed over: within one version names are only added.

#[derive(Debug, Deserialize)]
struct Report {
    summary: Summary,
    basis: Basis,
    findings: Vec<Finding>,
    problems: Vec<Problem>,
    not_judged: Vec<NotJudged>,
    suppressed: Vec<Suppressed>,
    #[serde(default)]
    unread: Vec<Unread>,
}

#[derive(Debug, Deserialize)]
struct Summary {
    files: usize,
    documents: usize,
    objects: usize,
}

#[derive(Debug, Deserialize)]
struct Basis {
    profiles: Vec<String>,
    #[serde(default)]
    audience: Option<String>,
    knative: Version,
    kubernetes: Version,
    controls: BTreeSet<Box<str>>,
}

#[derive(Debug, Deserialize)]
struct Version {
    version: String,
}

#[derive(Debug, Deserialize)]
struct Finding {
    control: Box<str>,
    title: Box<str>,
    severity: String,
    audience: String,
    effect: String,
    verdict: String,
    message: Box<str>,
    label: Box<str>,
    object: Object,
    path: Box<str>,
    location: Location,
    fingerprint: Box<str>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    #[serde(default)]
    api_version: String,
    kind: Box<str>,
    namespace: Option<Box<str>>,
    name: Box<str>,
}

#[derive(Debug, Deserialize)]
struct Location {
    file: Box<str>,
    #[serde(default)]
    line: u32,
    #[serde(default)]
    column: u32,
    #[serde(default)]
    end_line: u32,
    #[serde(default)]
    end_column: u32,
}

#[derive(Debug, Deserialize)]
struct Problem {
    file: Box<str>,
}

#[derive(Debug, Deserialize)]
struct NotJudged {
    #[serde(rename = "apiVersion")]
    api_version: Box<str>,
    kind: Box<str>,
    reason: String,
}

#[derive(Debug, Deserialize)]
struct Suppressed {
    finding: Finding,
}

#[derive(Debug, Deserialize)]
struct Unread {
    #[serde(default)]
    group: Box<str>,
    kind: Box<str>,
    #[serde(default)]
    namespace: Option<Box<str>>,
    #[serde(default)]
    controls: BTreeSet<Box<str>>,
}

impl Basis {
    fn side(self, name: &str) -> Result<SideBasis, InvalidReport> {
        let audience = self.audience;
        let audience = audience.map(|audience| word("audience", audience, Owner::from_word));
        Ok(SideBasis {
            name: name.to_owned(),
            profiles: self.profiles,
            audience: audience.transpose()?,
            knative: self.knative.version,
            kubernetes: self.kubernetes.version,
            controls: self.controls,
        })
    }
}

impl Finding {
    fn record(self) -> Result<Recorded, InvalidReport> {
        Ok(Recorded {
            severity: word("severity", self.severity, Severity::from_word)?,
            audience: word("audience", self.audience, Owner::from_word)?,
            effect: word("effect", self.effect, Effect::from_word)?,
            verdict: word("verdict", self.verdict, FindingVerdict::from_word)?,
            control: self.control,
            title: self.title,
            message: self.message,
            label: self.label,
            object: Arc::new(self.object.reference()),
            path: self.path,
            place: self.location.place(),
            fingerprint: self.fingerprint,
        })
    }
}

impl Object {
    fn reference(self) -> ObjectRef {
        let (group, version) = match self.api_version.split_once('/') {
            Some((group, version)) => (group, version),
            None => ("", &*self.api_version),
        };
        ObjectRef {
            group: group.into(),
            kind: self.kind,
            namespace: self.namespace,
            name: self.name,
            version: version.into(),
        }
    }
}

impl Location {
    fn place(self) -> Place {
        Place {
            file: self.file.into(),
            span: Span::new(0, 0),
            start: Position {
                line: self.line,
                column: self.column,
            },
            end: Position {
                line: self.end_line,
                column: self.end_column,
            },
        }
    }
}

impl Unread {
    fn kind(self) -> UnreadKind {
        UnreadKind {
            group: self.group,
            kind: self.kind,
            namespace: self.namespace,
            controls: self.controls,
        }
    }
}

fn word<T>(
    what: &'static str,
    word: String,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, InvalidReport> {
    match read(&word) {
        Some(value) => Ok(value),
        None => Err(InvalidReport::Word { what, word }),
    }
}
