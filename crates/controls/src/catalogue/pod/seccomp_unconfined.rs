//! `seccomp-unconfined`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Expr, all, container, containers, pod, these, unless},
};

const TYPES: [&str; 2] = ["RuntimeDefault", "Localhost"];

pub(super) const CONTROL: Control = Control {
    id: "seccomp-unconfined",
    title: "A workload turns seccomp off",
    says: "turns the system-call filter off",
    help: "Name `RuntimeDefault` or a `Localhost` profile",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &[
        "pss/baseline",
        "cis/5.7.2",
        "nsa/pod-security",
        "owasp/K01",
        "mitre/T1562",
    ],
    yields_to: &[],
    page: include_str!("seccomp_unconfined.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(known_profiles())
}

/// Every profile that is set, on the pod or a container, is one that filters.
pub(super) fn known_profiles() -> Expr {
    all([
        unless(
            pod("securityContext.seccompProfile").absent(),
            pod("securityContext.seccompProfile.type")
                .one_of(these(&TYPES))
                .label("must be `RuntimeDefault` or `Localhost`")
                .fix_set("RuntimeDefault"),
        ),
        containers().every(unless(
            container("securityContext.seccompProfile").absent(),
            container("securityContext.seccompProfile.type")
                .one_of(these(&TYPES))
                .label("must be `RuntimeDefault` or `Localhost`")
                .fix_set("RuntimeDefault"),
        )),
    ])
}
