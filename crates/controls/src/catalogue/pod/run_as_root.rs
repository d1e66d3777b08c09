//! `run-as-root`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Expr, all, container, containers, pod, unless},
};

pub(super) const CONTROL: Control = Control {
    id: "run-as-root",
    title: "A container may run as root",
    says: "may run as root",
    help: "Set `runAsNonRoot: true` on the pod or the container, and build the image with a user",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &[
        "pss/restricted",
        "cis/5.2.7",
        "nsa/pod-security",
        "owasp/K01",
    ],
    yields_to: &[],
    page: include_str!("run_as_root.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(Expr::Since {
        minor: 35,
        then: Box::new(unless(pod("hostUsers").equals(false), non_root())),
        before: Box::new(non_root()),
    })
}

fn non_root() -> Expr {
    const FIELD: &str = "securityContext.runAsNonRoot";
    all([
        pod(FIELD)
            .absent_or_equals(true)
            .label("lets containers run as root")
            .fix_set(true),
        containers().every(
            container(FIELD)
                .absent_or_equals(true)
                .label("lets the container run as root")
                .fix_set(true),
        ),
        containers().every(
            container(FIELD)
                .or(pod(FIELD))
                .present()
                .label("`runAsNonRoot` is not set, here or on the pod")
                .fix_set(true),
        ),
    ])
}
