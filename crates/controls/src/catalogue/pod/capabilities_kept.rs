//! `capabilities-kept`: see the page beside this file.

use super::privilege_escalation::unless_windows;
use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{container, containers, item, since},
};

pub(super) const CONTROL: Control = Control {
    id: "capabilities-kept",
    title: "A container keeps the default capabilities",
    says: "does not drop all capabilities",
    help: "Set `capabilities: {drop: [ALL]}` and add `NET_BIND_SERVICE` if a port below 1024 is served",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &[
        "pss/restricted",
        "cis/5.2.10",
        "nsa/pod-security",
        "owasp/K01",
    ],
    yields_to: &[],
    page: include_str!("capabilities_kept.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(since(
        22,
        unless_windows(
            containers().every(
                container("securityContext.capabilities.drop")
                    .items()
                    .some(item("").equals("ALL"), "must hold `ALL`")
                    .fix_set_list(&["ALL"]),
            ),
        ),
    ))
}
