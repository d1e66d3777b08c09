//! `host-pid`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::pod,
};

pub(super) const CONTROL: Control = Control {
    id: "host-pid",
    title: "A workload sees the node's processes",
    says: "shares the node's process namespace",
    help: "Remove `hostPID`",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege, Threat::InformationDisclosure],
    mappings: &[
        "pss/baseline",
        "cis/5.2.3",
        "nsa/pod-security",
        "owasp/K01",
        "mitre/T1611",
    ],
    yields_to: &[],
    page: include_str!("host_pid.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(
        pod("hostPID")
            .absent_or_equals(false)
            .label("the pod sees every process of the node, with its environment")
            .fix_remove(),
    )
}
