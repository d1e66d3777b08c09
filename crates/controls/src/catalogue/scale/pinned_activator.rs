//! `pinned-activator`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::pod_metadata,
};

/// A number of no more than three digits before the point.
const MODEST: &str = "^[+]?0*[0-9]{1,3}([.][0-9]*)?$";

pub(super) const CONTROL: Control = Control {
    id: "pinned-activator",
    title: "A service sends all of its traffic through the activator",
    says: "keeps the shared activator in the path of all of its traffic",
    help: "Remove `autoscaling.knative.dev/target-burst-capacity`, or set a number from 0 to 999",
    severity: Severity::Low,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted]),
    threats: &[Threat::DenialOfService],
    mappings: &["owasp/K01", "mitre/T1499"],
    yields_to: &[],
    page: include_str!("pinned_activator.md"),
    rule,
};

fn rule() -> Rule {
    let annotation = |key| pod_metadata("annotations").key(key);
    Rule::pods_of(
        super::SCALED,
        annotation("autoscaling.knative.dev/target-burst-capacity")
            .or(annotation("autoscaling.knative.dev/targetBurstCapacity"))
            .absent_or_matches(MODEST)
            .label("is not a number from 0 to 999, written in digits"),
    )
}
