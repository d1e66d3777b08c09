//! `privilege-escalation`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Expr, container, containers, pod, unless},
};

pub(super) const CONTROL: Control = Control {
    id: "privilege-escalation",
    title: "A container may gain privileges",
    says: "may gain more privileges than it starts with",
    help: "Set `allowPrivilegeEscalation: false` on the container",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &[
        "pss/restricted",
        "cis/5.2.6",
        "nsa/pod-security",
        "owasp/K01",
        "mitre/T1548",
    ],
    yields_to: &[],
    page: include_str!("privilege_escalation.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(unless_windows(
        containers().every(
            container("securityContext.allowPrivilegeEscalation")
                .equals(false)
                .label("setuid programs can raise privileges unless this is false")
                .fix_set(false),
        ),
    ))
}

/// Pods that say they are for Windows are asked nothing of Linux, from 1.25 on.
pub(super) fn unless_windows(then: Expr) -> Expr {
    let windows = pod("os.name").equals("windows");
    Expr::Since {
        minor: 25,
        then: Box::new(unless(windows, then.clone())),
        before: Box::new(then),
    }
}
