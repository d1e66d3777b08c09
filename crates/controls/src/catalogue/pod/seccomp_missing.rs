//! `seccomp-missing`: see the page beside this file.

use super::{privilege_escalation::unless_windows, seccomp_unconfined::known_profiles};
use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{all, container, containers, pod},
};

pub(super) const CONTROL: Control = Control {
    id: "seccomp-missing",
    title: "A container runs without a system-call filter",
    says: "sets no seccomp profile",
    help: "Set `seccompProfile: {type: RuntimeDefault}` on the pod or the container",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &[
        "pss/restricted",
        "cis/5.7.2",
        "nsa/pod-security",
        "owasp/K01",
    ],
    yields_to: &["seccomp-unconfined"],
    page: include_str!("seccomp_missing.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(unless_windows(all([
        known_profiles(),
        containers().every(
            container("securityContext.seccompProfile.type")
                .or(pod("securityContext.seccompProfile.type"))
                .present()
                .label("no seccomp profile is set, here or on the pod")
                .fix_set("RuntimeDefault"),
        ),
    ])))
}
