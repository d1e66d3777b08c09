//! Phrases that the formats of comparisons share.

use knight_controls::{
    catalogue,
    compare::{Comparison, NotComparable, Presence, Recorded, Which},
    finding::FindingVerdict,
};

use crate::words::{Count, counted, joined};

/// Returns what heads a finding: its severity, or that its verdict is unknown.
pub(super) fn heading(finding: &Recorded) -> &'static str {
    match finding.verdict {
        FindingVerdict::Fail => finding.severity.as_str(),
        FindingVerdict::Unknown => "unknown",
    }
}

/// Returns who does what, and how it shows at the place.
pub(super) fn told(finding: &Recorded) -> String {
    let Recorded { message, label, .. } = finding;
    if label.is_empty() {
        message.to_string()
    } else {
        format!("{message}: {label}")
    }
}

/// Returns what to do, when the control is of this version's catalogue.
pub(super) fn help(finding: &Recorded) -> Option<&'static str> {
    catalogue::control(&finding.control).map(|control| control.help)
}

/// Returns where a finding is: the place, and the field where the place has no line.
pub(super) fn place(finding: &Recorded) -> String {
    if finding.place.is_written() {
        finding.place.to_string()
    } else {
        format!("{}: {}", finding.place, finding.path)
    }
}

/// Returns what must be known of an object whose finding is gone.
pub(super) const fn became(object: Presence) -> &'static str {
    match object {
        Presence::There | Presence::Unknown => "",
        Presence::Gone => " (object gone)",
    }
}

/// Returns why a finding cannot be compared, as a clause.
pub(super) fn why(entry: &NotComparable) -> String {
    let other = match entry.of {
        Which::Old => Which::New,
        Which::New => Which::Old,
    };
    format!(
        "only in the {} scan; in the {other} one {}",
        entry.of,
        entry.why.reason()
    )
}

/// Returns what it all comes to: `2 new, 1 worse, 3 fixed, 12 unchanged`.
pub(super) fn counts(comparison: &Comparison) -> String {
    let worse = comparison.worse().count();
    let all = [
        (comparison.appeared.len(), "new", true),
        (worse, "worse", false),
        (comparison.not_comparable.len(), "not comparable", false),
        (comparison.fixed.len(), "fixed", true),
        (comparison.covered.len(), "covered by exceptions", false),
        (comparison.changed.len() - worse, "milder", false),
        (comparison.unchanged.len(), "unchanged", true),
    ];
    let parts: Vec<_> = all
        .into_iter()
        .filter(|(count, _, always)| *always || *count > 0)
        .map(|(count, what, _)| format!("{} {what}", Count(count)))
        .collect();
    joined(&parts)
}

/// Returns the headline: what got worse, else that nothing did.
pub(super) fn headline(comparison: &Comparison) -> String {
    match comparison.appeared.len() {
        0 => "no new finding".to_owned(),
        count => counted(count, "new finding", "new findings"),
    }
}

/// Returns what was compared, as a clause.
pub(super) fn compared(comparison: &Comparison) -> String {
    let Comparison { old, new, .. } = comparison;
    format!(
        "`{}` with `{}`; profiles {}; Knative {}; Kubernetes {}; {}",
        old.name,
        new.name,
        new.profiles.join(", "),
        new.knative,
        new.kubernetes,
        counted(new.controls.len(), "control", "controls"),
    )
}
