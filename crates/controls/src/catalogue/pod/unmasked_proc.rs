//! `unmasked-proc`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Expr, container, containers, pod, unless},
};

pub(super) const CONTROL: Control = Control {
    id: "unmasked-proc",
    title: "A container sees the whole of /proc",
    says: "unmasks /proc",
    help: "Remove `procMount`",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &["pss/baseline", "owasp/K01", "mitre/T1611"],
    yields_to: &[],
    page: include_str!("unmasked_proc.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(Expr::Since {
        minor: 35,
        then: Box::new(unless(pod("hostUsers").equals(false), masked())),
        before: Box::new(masked()),
    })
}

/// No container asks for another `/proc` than the runtime's.
pub(super) fn masked() -> Expr {
    containers().every(
        container("securityContext.procMount")
            .absent_or_equals("Default")
            .label("paths of the kernel that runtimes hide become visible")
            .fix_remove(),
    )
}
