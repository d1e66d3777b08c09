//! `root-user`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Expr, Operand, all, container, containers, not, pod, since, unless},
};

pub(super) const CONTROL: Control = Control {
    id: "root-user",
    title: "A container runs as user 0",
    says: "runs as user 0",
    help: "Set `runAsUser` to the number of a user other than 0, or remove it",
    severity: Severity::High,
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
    page: include_str!("root_user.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(since(
        23,
        Expr::Since {
            minor: 35,
            then: Box::new(unless(pod("hostUsers").equals(false), not_zero())),
            before: Box::new(not_zero()),
        },
    ))
}

fn not_zero() -> Expr {
    let of = |scope: fn(&'static str) -> Operand| {
        let user = || scope("securityContext.runAsUser");
        unless(
            user().absent(),
            not(user().equals(0)).label("user 0 is root"),
        )
    };
    all([of(pod), containers().every(of(container))])
}
