//! The names and the order of everything in the JSON.

use serde::{Serialize, Serializer};

use knight_controls::{
    control::{Control, Safety, Threat},
    finding,
};
use knight_model::{load, object::ObjectRef, place::Place};

use super::upgrade::Upgrade;
use crate::words::covered_by;

/// The version of this shape; it grows when a name goes or changes its meaning.
const VERSION: u32 = 1;

/// A report, except for its findings.
#[derive(Debug, Serialize)]
pub(super) struct Report<'r> {
    version: u32,
    summary: Summary,
    basis: Basis<'r>,
    findings: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    upgrade: Option<Upgrade<'r>>,
    problems: Vec<Problem<'r>>,
    unread: Vec<Unread<'r>>,
    not_judged: Vec<NotJudged<'r>>,
    suppressed: Vec<Suppressed<'r>>,
    exceptions: Vec<Exception<'r>>,
    claims: Vec<Claim<'r>>,
    notes: &'r [String],
}

/// Some of the findings, under the name that all of them have in the report.
#[derive(Debug, Serialize)]
pub(super) struct Findings<'r> {
    #[serde(serialize_with = "each")]
    pub(super) findings: &'r [finding::Finding],
}

#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    files: usize,
    ignored: usize,
    documents: usize,
    objects: usize,
    from_cluster: usize,
    kinds: usize,
    judged: usize,
    not_judged: usize,
    findings: usize,
    unknown: usize,
    suppressed: usize,
    folded: usize,
    problems: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct Basis<'r> {
    profiles: Vec<&'static str>,
    audience: Option<&'static str>,
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
pub(super) struct Finding<'r> {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    written_by: Option<Object<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folded: Option<Folded>,
    fingerprint: String,
    mappings: &'static [&'static str],
    threats: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    api_version: Option<String>,
    kind: &'r str,
    namespace: Option<&'r str>,
    name: &'r str,
}

#[derive(Debug, Serialize)]
pub(super) struct Location<'r> {
    file: &'r str,
    #[serde(flatten)]
    text: Option<InText>,
}

/// What only a place in a text has, not one in an object of a cluster.
#[derive(Debug, Serialize)]
struct InText {
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Debug, Serialize)]
struct Folded {
    findings: usize,
    objects: usize,
}

#[derive(Debug, Serialize)]
struct Fix {
    title: String,
    safety: &'static str,
}

#[derive(Debug, Serialize)]
struct Problem<'r> {
    file: &'r str,
    #[serde(flatten)]
    at: Option<At>,
    reason: &'r str,
}

#[derive(Debug, Serialize)]
struct At {
    line: u32,
    column: u32,
}

#[derive(Debug, Serialize)]
struct Unread<'r> {
    group: &'r str,
    resource: &'r str,
    kind: &'r str,
    namespace: Option<&'r str>,
    why: &'static str,
    reason: &'r str,
    controls: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct Claim<'r> {
    control: &'r str,
    object: Object<'r>,
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
            findings: [],
            upgrade: report.upgrade.as_deref().map(Upgrade::of),
            problems: report.problems.iter().map(Problem::of).collect(),
            unread: report.unread.iter().map(Unread::of).collect(),
            not_judged: report.not_judged.iter().map(NotJudged::of).collect(),
            suppressed: report.suppressed.iter().map(Suppressed::of).collect(),
            exceptions: report.exceptions.iter().map(Exception::of).collect(),
            claims: report.claims.iter().map(Claim::of).collect(),
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
            from_cluster,
            kinds,
            judged,
            not_judged,
            findings,
            unknown,
            suppressed,
            folded,
            problems,
        } = *summary;
        Self {
            files,
            ignored,
            documents,
            objects,
            from_cluster,
            kinds,
            judged,
            not_judged,
            findings,
            unknown,
            suppressed,
            folded,
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
            audience: basis.audience.map(finding::Owner::as_str),
            knative: from(basis.knative.to_string(), &basis.knative_from),
            kubernetes: from(basis.kubernetes.to_string(), &basis.kubernetes_from),
            controls: basis.controls.iter().map(|control| control.id).collect(),
        }
    }
}

impl<'r> Finding<'r> {
    pub(super) fn of(finding: &'r finding::Finding) -> Self {
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
            written_by: finding.written_by.as_deref().map(Object::of),
            folded: (finding.folded.findings > 0).then_some(Folded {
                findings: finding.folded.findings,
                objects: finding.folded.objects,
            }),
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
            // Of an object that only another one names, no version is known.
            api_version: (!object.version.is_empty()).then(|| object.api_version()),
            kind: &object.kind,
            namespace: object.namespace.as_deref(),
            name: &object.name,
        }
    }
}

impl<'r> Location<'r> {
    pub(super) fn of(place: &'r Place) -> Self {
        Self {
            file: &place.file,
            text: place.is_written().then_some(InText {
                line: place.start.line,
                column: place.start.column,
                end_line: place.end.line,
                end_column: place.end.column,
            }),
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

impl<'r> Problem<'r> {
    fn of(problem: &'r load::Problem) -> Self {
        let load::Problem {
            file,
            line,
            column,
            reason,
            ..
        } = problem;
        let (line, column) = (*line, *column);
        Self {
            file,
            at: (line > 0).then_some(At { line, column }),
            reason,
        }
    }
}

impl<'r> Unread<'r> {
    fn of(unread: &'r finding::Unread) -> Self {
        Self {
            group: &unread.group,
            resource: &unread.resource,
            kind: &unread.kind,
            namespace: unread.namespace.as_deref(),
            why: unread.why.as_str(),
            reason: &unread.reason,
            controls: unread.controls.iter().map(|control| control.id).collect(),
        }
    }
}

impl<'r> Claim<'r> {
    fn of(claim: &'r finding::Claim) -> Self {
        Self {
            control: &claim.control,
            object: Object::of(&claim.object),
            reason: &claim.reason,
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
fn each<S: Serializer>(findings: &&[finding::Finding], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(Finding::of))
}
