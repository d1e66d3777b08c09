//! `privileged-container`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{container, containers},
};

pub(super) const CONTROL: Control = Control {
    id: "privileged-container",
    title: "A container runs privileged",
    says: "runs privileged",
    help: "Remove `privileged`; add the one capability that is needed, if any",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &[
        "pss/baseline",
        "cis/5.2.2",
        "nsa/pod-security",
        "owasp/K01",
        "mitre/T1611",
    ],
    yields_to: &[],
    page: include_str!("privileged_container.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(
        containers().every(
            container("securityContext.privileged")
                .absent_or_equals(false)
                .label("a privileged container is root on the node")
                .fix_set(false),
        ),
    )
}
