//! `host-process`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{all, container, containers, pod},
};

pub(super) const CONTROL: Control = Control {
    id: "host-process",
    title: "A Windows container runs on the host",
    says: "runs as a process of the Windows host",
    help: "Remove `windowsOptions.hostProcess`",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &["pss/baseline", "cis/5.2.11", "owasp/K01", "mitre/T1611"],
    yields_to: &[],
    page: include_str!("host_process.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(all([
        pod("securityContext.windowsOptions.hostProcess")
            .absent_or_equals(false)
            .label("the process runs on the node itself")
            .fix_remove(),
        containers().every(
            container("securityContext.windowsOptions.hostProcess")
                .absent_or_equals(false)
                .label("the process runs on the node itself")
                .fix_remove(),
        ),
    ]))
}
