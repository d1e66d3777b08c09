//! `host-ipc`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::pod,
};

pub(super) const CONTROL: Control = Control {
    id: "host-ipc",
    title: "A workload shares the node's shared memory",
    says: "shares the node's IPC namespace",
    help: "Remove `hostIPC`",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege, Threat::InformationDisclosure],
    mappings: &[
        "pss/baseline",
        "cis/5.2.4",
        "nsa/pod-security",
        "owasp/K01",
        "mitre/T1611",
    ],
    yields_to: &[],
    page: include_str!("host_ipc.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(
        pod("hostIPC")
            .absent_or_equals(false)
            .label("the pod reads and writes shared memory of the node")
            .fix_remove(),
    )
}
