//! `selinux-override`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Expr, Operand, all, container, containers, pod, these},
};

const TYPES: [&str; 5] = [
    "",
    "container_t",
    "container_init_t",
    "container_kvm_t",
    "container_engine_t",
];

pub(super) const CONTROL: Control = Control {
    id: "selinux-override",
    title: "A workload chooses its SELinux context",
    says: "sets SELinux options that weaken confinement",
    help: "Remove `seLinuxOptions`, or keep to the container types",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &["pss/baseline", "owasp/K01", "mitre/T1562"],
    yields_to: &[],
    page: include_str!("selinux_override.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(Expr::Since {
        minor: 31,
        then: Box::new(options(&TYPES)),
        before: Box::new(options(&TYPES[..4])),
    })
}

fn options(types: &[&'static str]) -> Expr {
    let of = |scope: fn(&'static str) -> Operand| {
        all([
            scope("securityContext.seLinuxOptions.type")
                .absent_or_one_of(these(types))
                .label("is not one of the types of containers"),
            scope("securityContext.seLinuxOptions.user")
                .absent_or_equals("")
                .label("the user is not a workload's to choose")
                .fix_remove(),
            scope("securityContext.seLinuxOptions.role")
                .absent_or_equals("")
                .label("the role is not a workload's to choose")
                .fix_remove(),
        ])
    };
    all([of(pod), containers().every(of(container))])
}
