//! What to do first.

use std::{cmp::Reverse, collections::BTreeSet};

use knight_controls::{
    control::{Control, Severity},
    finding::{FindingVerdict, Group, Owner, Report},
};
use knight_model::object::ObjectRef;

use crate::words::{self, Count, counted};

/// How many steps are named: more would be the list of findings again.
const STEPS: usize = 3;

/// One of the first things to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<'r> {
    /// The control whose findings this mends.
    pub(crate) control: &'static Control,
    /// How bad they are.
    pub(crate) severity: Severity,
    /// How many there are.
    pub(crate) findings: usize,
    /// In how many objects.
    pub(crate) objects: usize,
    /// The first object.
    pub(crate) object: &'r ObjectRef,
    /// Whether it is in a cluster already.
    pub(crate) runs: bool,
    /// Whether it is a setting of the platform, which decides for the objects of everyone.
    pub(crate) decides_for_others: bool,
}

/// Returns the first things to do, in order.
///
/// A serious finding on a setting of the platform comes first: mended in one place, it decides what
/// the cluster takes from everyone. Then the worst, and of equally bad ones what most objects have.
/// In a cluster what is critical comes before all, as it is there already, and what its vendors run
/// is left out. What no cluster would take is left for later, and so is hygiene while there is worse.
pub(crate) fn steps(report: &Report) -> Vec<Step<'_>> {
    let mut steps: Vec<_> = report
        .groups()
        .iter()
        .filter(|group| {
            group.findings.iter().all(|finding| {
                finding.verdict == FindingVerdict::Fail
                    && !words::is_refused(finding)
                    && (report.basis.audience.is_some() || !finding.is_of_the_system())
            })
        })
        .filter_map(Step::of)
        .collect();
    steps.sort_by_key(|step| {
        let switch = step.decides_for_others && step.severity >= Severity::High;
        let runs = step.runs && step.severity == Severity::Critical;
        (
            Reverse(runs),
            Reverse(switch),
            Reverse(step.severity),
            Reverse(step.objects),
            step.control.id,
        )
    });
    let serious = steps
        .iter()
        .filter(|step| step.severity >= Severity::Medium)
        .count();
    steps.truncate(serious.clamp(1, STEPS));
    steps
}

impl<'r> Step<'r> {
    fn of(group: &Group<'r>) -> Option<Self> {
        let first = *group.findings.first()?;
        let objects: BTreeSet<_> = group
            .findings
            .iter()
            .map(|finding| &finding.object)
            .collect();
        let decides_for_others = group
            .findings
            .iter()
            .all(|finding| finding.audience == Owner::Platform && holds_settings(&finding.object));
        Some(Self {
            control: first.control,
            severity: first.severity,
            findings: group.findings.len(),
            objects: objects.len(),
            runs: !first.place.is_written(),
            object: &first.object,
            decides_for_others,
        })
    }

    /// Returns what is wrong: `2 critical privileged-container`.
    pub(crate) fn what(&self) -> String {
        format!(
            "{} {} {}",
            Count(self.findings),
            self.severity,
            self.control.id
        )
    }

    /// Returns how many objects there are besides the first: ` and 3 other objects`.
    pub(crate) fn others(&self) -> String {
        match self.objects.saturating_sub(1) {
            0 => String::new(),
            more => format!(" and {}", counted(more, "other object", "other objects")),
        }
    }
}

/// Returns whether Knative reads its settings from the object.
fn holds_settings(object: &ObjectRef) -> bool {
    matches!(
        (&*object.group, &*object.kind),
        ("", "ConfigMap") | ("operator.knative.dev", "KnativeServing" | "KnativeEventing")
    )
}
