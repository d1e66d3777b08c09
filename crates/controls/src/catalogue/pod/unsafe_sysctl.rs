//! `unsafe-sysctl`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Expr, item, pod, these},
};

pub(super) const CONTROL: Control = Control {
    id: "unsafe-sysctl",
    title: "A workload changes a kernel parameter",
    says: "sets a kernel parameter that is not namespaced safely",
    help: "Remove the sysctl, or set it on nodes of a pool of its own",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege, Threat::DenialOfService],
    mappings: &["pss/baseline", "owasp/K01"],
    yields_to: &[],
    page: include_str!("unsafe_sysctl.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(versions())
}

/// The parameters that are safe, in the order in which Kubernetes came to allow them.
const SAFE: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
];

/// How many of them are allowed from which Kubernetes minor on.
const GREW: [(u16, usize); 3] = [(27, 6), (29, 10), (32, 12)];

fn versions() -> Expr {
    let allowed = |count: usize| {
        let safe = SAFE.get(..count).unwrap_or(&SAFE);
        pod("securityContext.sysctls").items().every(
            item("name")
                .one_of(these(safe))
                .label("is not one of the parameters that are safe"),
        )
    };
    GREW.iter()
        .fold(allowed(5), |before, &(minor, count)| Expr::Since {
            minor,
            then: Box::new(allowed(count)),
            before: Box::new(before),
        })
}
