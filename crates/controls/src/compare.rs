//! Two scans side by side: what is new, what is fixed, and what cannot be compared.
//!
//! ```text
//! Report ──────┐
//!              ├─▶ Side ─┐
//! JSON report ─┘         ├─ compare ─▶ Comparison
//!                  Side ─┘
//! ```
//!
//! A finding that is in one scan only says something of the objects when the other scan looked for
//! it: a control that did not run, a list that was refused and a file that could not be read make
//! a finding *not comparable*, and never fixed.

mod pairs;
mod side;

use std::{
    cmp::{Ordering, Reverse},
    collections::BTreeSet,
    fmt,
    sync::Arc,
};

use knight_model::{object::ObjectRef, place::Place};

pub use self::side::{Objects, Side, SideBasis, UnreadKind};
use crate::{
    control::{Severity, words},
    finding::{Effect, FindingVerdict, Owner},
};

/// A finding as a report records it; its control may be of another version's catalogue.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recorded {
    /// The id of the control.
    pub control: Box<str>,
    /// The title of the control.
    pub title: Box<str>,
    /// How bad it is.
    pub severity: Severity,
    /// Who can mend it.
    pub audience: Owner,
    /// What becomes of the object in a cluster with these settings.
    pub effect: Effect,
    /// Whether the control fails here or cannot be told to hold.
    pub verdict: FindingVerdict,
    /// One sentence: who does what.
    pub message: Box<str>,
    /// The words at the place.
    pub label: Box<str>,
    /// The object.
    pub object: Arc<ObjectRef>,
    /// The field, from the object.
    pub path: Box<str>,
    /// Where it is written.
    pub place: Place,
    /// What identifies it.
    pub fingerprint: Box<str>,
}

/// What two scans come to, side by side. Each list has the worst first.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// What the old scan rests on.
    pub old: SideBasis,
    /// What the new scan rests on.
    pub new: SideBasis,
    /// Findings of the new scan that the old one looked for and did not have.
    pub appeared: Vec<Appeared>,
    /// Findings of both that are not alike.
    pub changed: Vec<Changed>,
    /// Findings of the old scan that the new one looked for and does not have.
    pub fixed: Vec<Fixed>,
    /// Findings of the old scan that an exception or the baseline covers in the new one.
    pub covered: Vec<Arc<Recorded>>,
    /// Findings of one scan that the other could not have had.
    pub not_comparable: Vec<NotComparable>,
    /// Findings of both, as the new scan has them.
    pub unchanged: Vec<Arc<Recorded>>,
    /// What the new scan could not see and the old one could or was not asked to, as whole
    /// sentences.
    pub unseen: Vec<String>,
}

/// A finding that was not there before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Appeared {
    /// The finding.
    pub finding: Arc<Recorded>,
    /// Whether the old scan had it, covered by an exception or the baseline.
    pub was_covered: bool,
}

/// A finding that is there still, and not as it was.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Changed {
    /// As the old scan has it.
    pub old: Arc<Recorded>,
    /// As the new scan has it.
    pub new: Arc<Recorded>,
}

/// A finding that is there no longer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fixed {
    /// The finding, as the old scan has it.
    pub finding: Arc<Recorded>,
    /// What became of the object.
    pub object: Presence,
}

/// A finding of one scan that the other could not have had.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotComparable {
    /// The finding.
    pub finding: Arc<Recorded>,
    /// Which scan has it.
    pub of: Which,
    /// Why the other could not have it.
    pub why: Obstacle,
}

/// One of two scans.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Which {
    /// The one before.
    Old,
    /// The one after.
    New,
}

/// Whether a scan has an object.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Presence {
    /// It has it.
    There,
    /// It does not have it.
    Gone,
    /// A report alone does not tell: it names no object that passes.
    Unknown,
}

/// Why a scan could not have a finding.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Obstacle {
    /// The control did not judge.
    ControlDidNotJudge,
    /// Findings of this audience were not asked for.
    AudienceLeftOut,
    /// The cluster's objects of the kind could not be listed.
    KindUnread,
    /// The version of the object is none that Knight knows.
    VersionUnknown,
    /// The file has a problem, which may hide the object.
    FileUnread,
}

words!(Which { Old = "old", New = "new" });
words!(Presence { There = "there", Gone = "gone", Unknown = "unknown" });
words!(Obstacle {
    ControlDidNotJudge = "control-did-not-judge",
    AudienceLeftOut = "audience-left-out",
    KindUnread = "kind-unread",
    VersionUnknown = "version-unknown",
    FileUnread = "file-unread",
});

/// Compares two scans.
pub fn compare(old: &Side, new: &Side) -> Comparison {
    let mut comparison = pairs::pair(old, new);
    comparison.old = old.basis.clone();
    comparison.new = new.basis.clone();
    comparison.unseen = new.unseen_besides(old);
    comparison
        .appeared
        .sort_by(|a, b| order(&a.finding, &b.finding));
    comparison.changed.sort_by(|a, b| order(&a.new, &b.new));
    comparison
        .fixed
        .sort_by(|a, b| order(&a.finding, &b.finding));
    comparison.covered.sort_by(|a, b| order(a, b));
    comparison.unchanged.sort_by(|a, b| order(a, b));
    comparison.not_comparable.sort_by(|a, b| {
        (a.of)
            .cmp(&b.of)
            .then_with(|| order(&a.finding, &b.finding))
    });
    comparison
}

impl Comparison {
    /// Returns whether a change for the worse, or what cannot be compared, reaches a severity.
    pub fn is_worse(&self, least: Severity) -> bool {
        let reaches = |finding: &Recorded| finding.severity >= least;
        self.appeared.iter().any(|it| reaches(&it.finding))
            || self.worse().any(|it| reaches(&it.new))
            || self.not_comparable.iter().any(|it| reaches(&it.finding))
            || !self.unseen.is_empty()
    }

    /// Returns the findings that got worse.
    pub fn worse(&self) -> impl Iterator<Item = &Changed> {
        self.changed.iter().filter(|changed| changed.is_worse())
    }

    /// Returns the findings that changed, and not for the worse.
    pub fn milder(&self) -> impl Iterator<Item = &Changed> {
        self.changed.iter().filter(|changed| !changed.is_worse())
    }

    /// Returns in what the scans themselves differ, as whole sentences.
    pub fn differences(&self) -> Vec<String> {
        let Self { old, new, .. } = self;
        let mut differences = Vec::new();
        let audience = |of: &SideBasis| of.audience.map_or("everyone", Owner::as_str).to_owned();
        for (what, before, after) in [
            (
                "the profiles",
                old.profiles.join(", "),
                new.profiles.join(", "),
            ),
            ("the audience", audience(old), audience(new)),
            (
                "the version of Knative",
                old.knative.clone(),
                new.knative.clone(),
            ),
            (
                "the version of Kubernetes",
                old.kubernetes.clone(),
                new.kubernetes.clone(),
            ),
        ] {
            if before != after {
                differences.push(format!("{what} changed from {before} to {after}"));
            }
        }
        for (which, only) in [
            ("old", only_in(&old.controls, &new.controls)),
            ("new", only_in(&new.controls, &old.controls)),
        ] {
            differences.extend(one_sided(which, &only));
        }
        differences
    }
}

impl Changed {
    /// Returns whether it got worse in any respect: its severity, its verdict (a failure is worse
    /// than what cannot be told) or its effect (what the cluster takes is worse than what it
    /// refuses).
    pub fn is_worse(&self) -> bool {
        let (old, new) = (&self.old, &self.new);
        new.severity > old.severity
            || harm_of_verdict(new.verdict) > harm_of_verdict(old.verdict)
            || harm_of_effect(new.effect) > harm_of_effect(old.effect)
    }

    /// Returns what changed, as phrases such as `severity from low to high`.
    pub fn changes(&self) -> Vec<String> {
        let (old, new) = (&self.old, &self.new);
        [
            ("severity", old.severity.as_str(), new.severity.as_str()),
            ("verdict", old.verdict.as_str(), new.verdict.as_str()),
            ("effect", old.effect.as_str(), new.effect.as_str()),
        ]
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(what, before, after)| format!("{what} from {before} to {after}"))
        .collect()
    }
}

impl Obstacle {
    /// Returns why the scan that lacks the finding could not have it, as a clause.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ControlDidNotJudge => "the control did not judge",
            Self::AudienceLeftOut => "findings of this audience were not asked for",
            Self::KindUnread => "the objects of this kind could not be listed",
            Self::VersionUnknown => "Knight does not know the version of the object",
            Self::FileUnread => "the file could not be read whole",
        }
    }
}

/// Says which controls judged in one scan only, the first by name: each side lists its own.
fn one_sided(which: &str, only: &[&str]) -> Option<String> {
    const NAMED: usize = 5;
    let named = only.get(..NAMED).unwrap_or(only).join(", ");
    let more = match only.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let these = match only.len() {
        0 => return None,
        1 => "this control",
        _ => "these controls",
    };
    Some(format!(
        "{these} judged in the {which} scan only: {named}{more}"
    ))
}

fn only_in<'a>(these: &'a BTreeSet<Box<str>>, those: &'a BTreeSet<Box<str>>) -> Vec<&'a str> {
    these.difference(those).map(|id| &**id).collect()
}

const fn harm_of_verdict(verdict: FindingVerdict) -> u8 {
    match verdict {
        FindingVerdict::Fail => 1,
        FindingVerdict::Unknown => 0,
    }
}

const fn harm_of_effect(effect: Effect) -> u8 {
    match effect {
        Effect::Live => 2,
        Effect::Unknown => 1,
        Effect::RefusedByWebhook => 0,
    }
}

/// Findings as a reader wants them: the worst first, each control together, by place.
fn order(a: &Recorded, b: &Recorded) -> Ordering {
    let key = |it: &Recorded| (Reverse(it.severity), it.verdict, it.effect);
    key(a)
        .cmp(&key(b))
        .then_with(|| a.control.cmp(&b.control))
        .then_with(|| a.place.cmp(&b.place))
        .then_with(|| a.object.cmp(&b.object))
        .then_with(|| a.path.cmp(&b.path))
        .then_with(|| a.fingerprint.cmp(&b.fingerprint))
}

#[cfg(test)]
mod tests;
