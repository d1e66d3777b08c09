//! `unlimited-memory`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::container,
};

pub(super) const CONTROL: Control = Control {
    id: "unlimited-memory",
    title: "A container may take all memory of its node",
    says: "may take all memory of its node",
    help: "Set `resources.limits.memory` to what the program needs at most",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted]),
    threats: &[Threat::DenialOfService],
    mappings: &["nsa/network-separation", "owasp/K01", "mitre/T1499"],
    yields_to: &[],
    page: include_str!("unlimited_memory.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(
        super::SIZED.every(
            container("resources.limits.memory")
                .above_zero()
                .label("has no limit of memory"),
        ),
    )
}
