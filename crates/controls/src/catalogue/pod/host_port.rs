//! `host-port`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{container, containers, item},
};

pub(super) const CONTROL: Control = Control {
    id: "host-port",
    title: "A container binds a port of the node",
    says: "binds a port of the node",
    help: "Remove `hostPort`; reach the pod through a Service",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::Spoofing, Threat::DenialOfService],
    mappings: &["pss/baseline", "cis/5.2.13", "owasp/K01"],
    yields_to: &[],
    page: include_str!("host_port.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(
        containers().every(
            container("ports").items().every(
                item("hostPort")
                    .absent_or_equals(0)
                    .label("the node's own address answers on this port")
                    .fix_remove(),
            ),
        ),
    )
}
