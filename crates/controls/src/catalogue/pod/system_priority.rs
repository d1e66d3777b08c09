//! `system-priority`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{not, pod, these},
};

pub(super) const CONTROL: Control = Control {
    id: "system-priority",
    title: "A pod takes the place of others as a system pod",
    says: "has the priority of the cluster's own components",
    help: "Use a PriorityClass of your own, or none; those of the system are for what the cluster cannot do without",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::DenialOfService],
    mappings: &["owasp/K01", "mitre/T1496"],
    yields_to: &[],
    page: include_str!("system_priority.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(
        not(pod("priorityClassName")
            .one_of(these(&["system-cluster-critical", "system-node-critical"])))
        .label("the scheduler evicts any other pod to make room for it"),
    )
}
