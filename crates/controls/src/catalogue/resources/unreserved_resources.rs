//! `unreserved-resources`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{all, container},
};

pub(super) const CONTROL: Control = Control {
    id: "unreserved-resources",
    title: "A container reserves no CPU or memory",
    says: "reserves no share of CPU or memory",
    help: "Set `resources.requests.cpu` and `resources.requests.memory` to what the program usually needs",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted]),
    threats: &[Threat::DenialOfService],
    mappings: &["nsa/network-separation", "owasp/K01"],
    yields_to: &[],
    page: include_str!("unreserved_resources.md"),
    rule,
};

fn rule() -> Rule {
    // Kubernetes takes a limit for the request where none is written.
    let cpu = container("resources.requests.cpu").or(container("resources.limits.cpu"));
    let memory = container("resources.requests.memory").or(container("resources.limits.memory"));
    Rule::pods(super::SIZED.every(all([
        cpu.above_zero().label("asks for no CPU"),
        memory.above_zero().label("asks for no memory"),
    ])))
}
