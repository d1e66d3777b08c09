//! Phrases that several formats share.

use std::fmt::{self, Write as _};

use knight_controls::{
    control::Severity,
    finding::{Effect, Finding, FindingVerdict, NotJudgedReason, Report, SuppressedBy},
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

/// Returns what heads a finding: its severity, or that its verdict is unknown.
pub(crate) fn heading(finding: &Finding) -> &'static str {
    match finding.verdict {
        FindingVerdict::Fail => finding.severity.as_str(),
        FindingVerdict::Unknown => "unknown",
    }
}

/// Returns what must be known of an effect, unless it is what everyone expects.
pub(crate) const fn effect_note(effect: Effect) -> Option<&'static str> {
    match effect {
        Effect::Live => None,
        Effect::RefusedByWebhook => {
            Some("Knative's webhook refuses this object with these settings")
        }
        Effect::Unknown => {
            Some("whether Knative's webhook takes this object with these settings is unknown")
        }
    }
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
    let mut text = format!(
        "{} and {} in {}",
        counted(summary.documents, "document", "documents"),
        counted(summary.objects, "object", "objects"),
        counted(summary.files, "file", "files"),
    );
    if summary.ignored > 0 {
        let ignored = counted(summary.ignored, "file was", "files were");
        let _ = write!(text, "; {ignored} left out by ignore files");
    }
    text
}

/// Returns what was judged, as a sentence without its full stop; never a bare "clean".
pub(crate) fn judged(report: &Report) -> String {
    let summary = &report.summary;
    if summary.documents == 0 {
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
