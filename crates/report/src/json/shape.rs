//! The names and the order of everything in the JSON.

use serde::{Serialize, Serializer};

use knight_controls::{
    control::{Control, Safety, Threat},
    finding,
};
use knight_model::{load::Problem, object::ObjectRef, place::Place};

use crate::words::covered_by;

/// The version of this shape; it grows when a name goes or changes its meaning.
const VERSION: u32 = 1;

#[derive(Debug, Serialize)]
pub(super) struct Report<'r> {
    version: u32,
    summary: Summary,
    basis: Basis<'r>,
    #[serde(serialize_with = "findings")]
    findings: &'r [finding::Finding],
    problems: Vec<Unread<'r>>,
    not_judged: Vec<NotJudged<'r>>,
    suppressed: Vec<Suppressed<'r>>,
    exceptions: Vec<Exception<'r>>,
    notes: &'r [String],
}

#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    files: usize,
    ignored: usize,
    documents: usize,
    objects: usize,
    judged: usize,
    not_judged: usize,
    findings: usize,
    unknown: usize,
    suppressed: usize,
    problems: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct Basis<'r> {
    profiles: Vec<&'static str>,
    knative: Version<'r>,
    kubernetes: Version<'r>,
    controls: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct Version<'r> {
    version: String,
    from: &'r str,
}

#[derive(Debug, Serialize)]
struct Finding<'r> {
    control: &'static str,
    title: &'static str,
    severity: &'static str,
    confidence: &'static str,
    audience: &'static str,
    effect: &'static str,
    verdict: &'static str,
    message: &'r str,
    label: &'r str,
    object: Object<'r>,
    path: String,
    location: Location<'r>,
    origin: Option<&'r str>,
    fix: Option<Fix>,
    fingerprint: String,
    mappings: &'static [&'static str],
    threats: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'r> {
    api_version: String,
    kind: &'r str,
    namespace: Option<&'r str>,
    name: &'r str,
}

#[derive(Debug, Serialize)]
struct Location<'r> {
    file: &'r str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Debug, Serialize)]
struct Fix {
    title: String,
    safety: &'static str,
}

#[derive(Debug, Serialize)]
struct Unread<'r> {
    file: &'r str,
    line: u32,
    column: u32,
    reason: &'r str,
}

#[derive(Debug, Serialize)]
struct NotJudged<'r> {
    #[serde(rename = "apiVersion")]
    api_version: &'r str,
    kind: &'r str,
    reason: &'static str,
    count: usize,
    first: Location<'r>,
}

#[derive(Debug, Serialize)]
struct Suppressed<'r> {
    finding: Finding<'r>,
    reason: &'r str,
    by: Cover<'r>,
}

#[derive(Debug, Serialize)]
struct Cover<'r> {
    kind: &'static str,
    location: Option<Location<'r>>,
}

#[derive(Debug, Serialize)]
struct Exception<'r> {
    location: Location<'r>,
    message: &'r str,
}

impl<'r> Report<'r> {
    pub(super) fn of(report: &'r finding::Report) -> Self {
        Self {
            version: VERSION,
            summary: Summary::of(&report.summary),
            basis: Basis::of(&report.basis),
            findings: &report.findings,
            problems: report.problems.iter().map(Unread::of).collect(),
            not_judged: report.not_judged.iter().map(NotJudged::of).collect(),
            suppressed: report.suppressed.iter().map(Suppressed::of).collect(),
            exceptions: report.exceptions.iter().map(Exception::of).collect(),
            notes: &report.notes,
        }
    }
}

impl Summary {
    pub(crate) const fn of(summary: &finding::Summary) -> Self {
        let finding::Summary {
            files,
            ignored,
            documents,
            objects,
            judged,
            not_judged,
            findings,
            unknown,
            suppressed,
            problems,
        } = *summary;
        Self {
            files,
            ignored,
            documents,
            objects,
            judged,
            not_judged,
            findings,
            unknown,
            suppressed,
            problems,
        }
    }
}

impl<'r> Basis<'r> {
    pub(crate) fn of(basis: &'r finding::Basis) -> Self {
        let from = |version: String, from| Version { version, from };
        Self {
            profiles: basis
                .profiles
                .iter()
                .map(|profile| profile.as_str())
                .collect(),
            knative: from(basis.knative.to_string(), &basis.knative_from),
            kubernetes: from(basis.kubernetes.to_string(), &basis.kubernetes_from),
            controls: basis.controls.iter().map(|control| control.id).collect(),
        }
    }
}

impl<'r> Finding<'r> {
    fn of(finding: &'r finding::Finding) -> Self {
        let control: &'static Control = finding.control;
        Self {
            control: control.id,
            title: control.title,
            severity: finding.severity.as_str(),
            confidence: finding.confidence().as_str(),
            audience: finding.audience.as_str(),
            effect: finding.effect.as_str(),
            verdict: finding.verdict.as_str(),
            message: &finding.message,
            label: &finding.label,
            object: Object::of(&finding.object),
            path: finding.path.to_string(),
            location: Location::of(&finding.place),
            origin: finding.origin.as_deref(),
            fix: finding.fix.as_ref().map(Fix::of),
            fingerprint: finding.fingerprint.to_string(),
            mappings: control.mappings,
            threats: control
                .threats
                .iter()
                .copied()
                .map(Threat::as_str)
                .collect(),
        }
    }
}

impl<'r> Object<'r> {
    fn of(object: &'r ObjectRef) -> Self {
        Self {
            api_version: object.api_version(),
            kind: &object.kind,
            namespace: object.namespace.as_deref(),
            name: &object.name,
        }
    }
}

impl<'r> Location<'r> {
    fn of(place: &'r Place) -> Self {
        Self {
            file: &place.file,
            line: place.start.line,
            column: place.start.column,
            end_line: place.end.line,
            end_column: place.end.column,
        }
    }
}

impl Fix {
    fn of(fix: &finding::Fix) -> Self {
        let safety = match fix.safety {
            Safety::Safe => "safe",
            Safety::Unsafe => "unsafe",
        };
        Self {
            title: fix.title(),
            safety,
        }
    }
}

impl<'r> Unread<'r> {
    fn of(problem: &'r Problem) -> Self {
        let Problem {
            file,
            line,
            column,
            reason,
            ..
        } = problem;
        Self {
            file,
            line: *line,
            column: *column,
            reason,
        }
    }
}

impl<'r> NotJudged<'r> {
    fn of(entry: &'r finding::NotJudged) -> Self {
        Self {
            api_version: &entry.api_version,
            kind: &entry.kind,
            reason: entry.reason.as_str(),
            count: entry.count,
            first: Location::of(&entry.first),
        }
    }
}

impl<'r> Suppressed<'r> {
    fn of(suppressed: &'r finding::Suppressed) -> Self {
        let (kind, place) = covered_by(&suppressed.by);
        Self {
            finding: Finding::of(&suppressed.finding),
            reason: &suppressed.reason,
            by: Cover {
                kind,
                location: place.map(Location::of),
            },
        }
    }
}

impl<'r> Exception<'r> {
    fn of(note: &'r finding::ExceptionNote) -> Self {
        Self {
            location: Location::of(&note.place),
            message: &note.message,
        }
    }
}

/// Makes each finding when it is written, so that thousands do not stand in memory twice.
fn findings<S: Serializer>(
    findings: &&[finding::Finding],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(Finding::of))
}
