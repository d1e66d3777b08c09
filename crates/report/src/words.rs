//! Phrases that several formats share.

use std::fmt::{self, Write as _};

use knight_controls::{
    control::Severity,
    finding::{
        Claim, Effect, Finding, FindingVerdict, Folded, NotJudgedReason, Report, SuppressedBy,
        Unread, WhyUnread,
    },
};
use knight_model::{load::Problem, place::Place};

/// A number with separators between thousands.
///
/// Prints as `2,997`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count(pub(crate) usize);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// Returns a number with its noun: `1 object`, `2,997 objects`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", Count(count), if count == 1 { one } else { many })
}

/// Joins words as prose does: `a, b and c`.
pub(crate) fn joined(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Returns a clause as a sentence of its own: with a capital and a full stop.
pub(crate) fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let stop = if clause.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{}{}{stop}", first.to_ascii_uppercase(), letters.as_str())
}

/// Returns who does what, and how it shows at the place.
pub(crate) fn told(finding: &Finding) -> String {
    let Finding { message, label, .. } = finding;
    if label.is_empty() {
        message.clone()
    } else {
        format!("{message}: {label}")
    }
}

/// Returns where a finding is: the file and line, or the object of a cluster and the field.
pub(crate) fn place(finding: &Finding) -> String {
    if finding.place.is_written() || finding.path.is_empty() {
        finding.place.to_string()
    } else {
        format!("{}: {}", finding.place.file, finding.path)
    }
}

/// Returns what heads a finding: its severity, or that its verdict is unknown.
pub(crate) fn heading(finding: &Finding) -> &'static str {
    match finding.verdict {
        FindingVerdict::Fail => finding.severity.as_str(),
        FindingVerdict::Unknown => "unknown",
    }
}

/// Returns what must be known of an effect, unless it is what everyone expects.
///
/// An object of a cluster is there, whatever the webhook would say if it came today.
pub(crate) fn effect_note(finding: &Finding) -> Option<&'static str> {
    match (finding.effect, finding.place.is_written()) {
        (Effect::Live, _) => None,
        (Effect::RefusedByWebhook, true) => {
            Some("Knative's webhook refuses this object with these settings")
        }
        (Effect::RefusedByWebhook, false) => Some(
            "this object is there, though with these settings Knative's webhook would refuse it",
        ),
        (Effect::Unknown, true) => {
            Some("whether Knative's webhook takes this object with these settings is unknown")
        }
        (Effect::Unknown, false) => Some(
            "this object is there; whether Knative's webhook would take it with these settings is \
             unknown",
        ),
    }
}

/// Returns whether nothing of the finding can come to run: no cluster takes the object. One that a
/// cluster has was taken, whatever would be said of it today.
pub(crate) fn is_refused(finding: &Finding) -> bool {
    finding.effect == Effect::RefusedByWebhook && finding.place.is_written()
}

/// Returns for how many findings on owned objects one stands, when it does.
pub(crate) fn folded_note(folded: Folded) -> Option<String> {
    (folded.findings > 0).then(|| {
        format!(
            "also in {} that it owns",
            counted(folded.objects, "object", "objects")
        )
    })
}

/// Returns where a change lasts, when another object writes the one of the finding back.
pub(crate) fn written_by_note(finding: &Finding) -> Option<String> {
    let writer = finding.written_by.as_deref()?;
    Some(format!(
        "Knative's operator writes this object back: change `spec.config` of {writer} instead"
    ))
}

/// Returns what of a cluster could not be read, as a clause.
pub(crate) fn unread(unread: &Unread) -> String {
    let dot = if unread.group.is_empty() { "" } else { "." };
    let namespace = match &unread.namespace {
        Some(namespace) => format!(" in namespace {namespace}"),
        None => String::new(),
    };
    let why = match unread.why {
        WhyUnread::Refused => "the cluster refuses to list",
        WhyUnread::Failed => "reading failed of",
    };
    format!(
        "{why} {}{dot}{}{namespace}: {}",
        unread.resource, unread.group, unread.reason
    )
}

/// Returns what a list that could not be read leaves open, as a clause.
pub(crate) fn left_open(unread: &Unread) -> String {
    let ids: Vec<_> = unread
        .controls
        .iter()
        .map(|control| format!("`{}`", control.id))
        .collect();
    let (shown, more) = ids.split_at(ids.len().min(SHOWN));
    let mut shown = shown.to_vec();
    match more {
        [] => {}
        [last] => shown.push(last.clone()),
        more => shown.push(format!("{} more", Count(more.len()))),
    }
    match ids.len() {
        0 => "no selected control reads it".to_owned(),
        1 => format!(
            "whether the control {} holds there is unknown",
            joined(&shown)
        ),
        count => format!(
            "whether {} controls hold there is unknown: {}",
            Count(count),
            joined(&shown)
        ),
    }
}

/// How many controls of a list that could not be read are named.
const SHOWN: usize = 4;

/// Returns what an object claims for itself, as a clause.
pub(crate) fn claim(claim: &Claim) -> String {
    let Claim {
        control,
        object,
        reason,
        ..
    } = claim;
    let reason = if reason.is_empty() {
        "no reason"
    } else {
        reason
    };
    format!("{object} claims an exception for `{control}`, which does not count: {reason}")
}

/// Returns why objects were not judged, as a clause.
pub(crate) const fn why_not_judged(reason: NotJudgedReason) -> &'static str {
    match reason {
        NotJudgedReason::NoControl => "no control judges this kind yet",
        NotJudgedReason::UnknownKind => "Knight does not know this kind",
        NotJudgedReason::UnknownVersion => "Knight does not know this version of the kind",
        NotJudgedReason::NotSelected => "the controls for this kind were not selected",
    }
}

/// Returns the sort of what covers a finding, and where it stands.
pub(crate) const fn covered_by(by: &SuppressedBy) -> (&'static str, Option<&Place>) {
    match by {
        SuppressedBy::Annotation(place) => ("annotation", Some(place)),
        SuppressedBy::Comment(place) => ("comment", Some(place)),
        SuppressedBy::Configuration(place) => ("configuration", Some(place)),
        SuppressedBy::Baseline => ("baseline", None),
    }
}

/// Returns what covers a finding, as prose says it.
pub(crate) const fn cover(by: &SuppressedBy) -> &'static str {
    match by {
        SuppressedBy::Annotation(_) => "an annotation",
        SuppressedBy::Comment(_) => "a comment",
        SuppressedBy::Configuration(_) => "the configuration",
        SuppressedBy::Baseline => "the baseline",
    }
}

/// Returns whether a problem hid a document: then it is an error, else a warning.
pub(crate) fn problem_level(problem: &Problem) -> &'static str {
    if problem.hides_document() {
        "error"
    } else {
        "warning"
    }
}

/// Returns the number of failures of each severity that has some, the worst first.
pub(crate) fn failures_by_severity(report: &Report) -> Vec<(Severity, usize)> {
    let fails = |severity| {
        report
            .findings
            .iter()
            .filter(|finding| {
                finding.verdict == FindingVerdict::Fail && finding.severity == severity
            })
            .count()
    };
    Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| (severity, fails(severity)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// Returns what was found, in a few words: `3 findings (1 critical, 2 high)`.
pub(crate) fn found(report: &Report) -> String {
    let by_severity: Vec<_> = failures_by_severity(report)
        .into_iter()
        .map(|(severity, count)| format!("{} {severity}", Count(count)))
        .collect();
    let total = counted(report.summary.findings, "finding", "findings");
    if by_severity.is_empty() {
        total
    } else {
        format!("{total} ({})", by_severity.join(", "))
    }
}

/// Returns what was read, as a sentence without its full stop.
pub(crate) fn read(report: &Report) -> String {
    let summary = &report.summary;
    let in_files = summary.objects.saturating_sub(summary.from_cluster);
    let cluster = format!(
        "{} of {} from the cluster",
        counted(summary.from_cluster, "object", "objects"),
        counted(summary.kinds, "kind", "kinds"),
    );
    let files = format!(
        "{} and {} in {}",
        counted(
            summary.documents.saturating_sub(summary.from_cluster),
            "document",
            "documents"
        ),
        counted(in_files, "object", "objects"),
        counted(summary.files, "file", "files"),
    );
    let mut text = match (summary.from_cluster, in_files) {
        (0, _) => files,
        (_, 0) => cluster,
        _ => format!("{files}, and {cluster}"),
    };
    if summary.ignored > 0 {
        let ignored = counted(summary.ignored, "file was", "files were");
        let _ = write!(text, "; {ignored} left out by ignore files");
    }
    text
}

/// Returns what was judged, as a sentence without its full stop; never a bare "clean".
pub(crate) fn judged(report: &Report) -> String {
    let summary = &report.summary;
    if summary.documents == 0 && summary.objects == 0 {
        let why = if summary.problems == 0 {
            "there is no document"
        } else {
            "see the problems"
        };
        return format!("Nothing was read: {why}");
    }
    if summary.judged == 0 {
        return "Nothing was judged: no object that was read has a selected control".to_owned();
    }
    let by = counted(report.basis.controls.len(), "control", "controls");
    let of = counted(summary.judged, "object was", "objects were");
    format!("{of} judged by {by}")
}

/// Returns the profiles and versions that the verdicts rest on.
pub(crate) fn basis(report: &Report) -> String {
    let basis = &report.basis;
    let profiles: Vec<_> = basis.profiles.iter().map(ToString::to_string).collect();
    let profiles = match profiles.as_slice() {
        [] => "no profile".to_owned(),
        [one] => format!("profile {one}"),
        many => format!("profiles {}", joined(many)),
    };
    format!(
        "{profiles}; Knative {} ({}); Kubernetes {} ({})",
        basis.knative, basis.knative_from, basis.kubernetes, basis.kubernetes_from
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_part_thousands() {
        let texts = [0, 12, 999, 1_000, 2_997, 1_234_567].map(|count| Count(count).to_string());
        assert_eq!(texts, ["0", "12", "999", "1,000", "2,997", "1,234,567"]);
    }

    #[test]
    fn clauses_become_sentences() {
        assert_eq!(sentence("a pod runs as root"), "A pod runs as root.");
        assert_eq!(sentence("`x` is set."), "`x` is set.");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn words_join_as_prose() {
        let words = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(joined(&[]), "");
        assert_eq!(joined(&words[..1]), "a");
        assert_eq!(joined(&words), "a, b and c");
    }
}
