//! `host-network`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::pod,
};

pub(super) const CONTROL: Control = Control {
    id: "host-network",
    title: "A workload shares the node's network",
    says: "shares the node's network",
    help: "Remove `hostNetwork`: the pod then has an address of its own, and NetworkPolicies apply to it",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[
        Threat::ElevationOfPrivilege,
        Threat::InformationDisclosure,
        Threat::Spoofing,
    ],
    mappings: &[
        "pss/baseline",
        "cis/5.2.5",
        "nsa/pod-security",
        "owasp/K01",
        "mitre/T1611",
    ],
    yields_to: &[],
    page: include_str!("host_network.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(
        pod("hostNetwork")
            .absent_or_equals(false)
            .label("the pod sees and binds the node's interfaces")
            .fix_remove(),
    )
}
