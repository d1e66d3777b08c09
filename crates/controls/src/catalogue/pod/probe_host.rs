//! `probe-host`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Expr, all, container, containers, since},
};

pub(super) const CONTROL: Control = Control {
    id: "probe-host",
    title: "A probe or hook calls another host",
    says: "sends a probe or hook to another host",
    help: "Remove `host`: the kubelet then calls the pod itself",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::InformationDisclosure, Threat::Spoofing],
    mappings: &["pss/baseline", "owasp/K01"],
    yields_to: &[],
    page: include_str!("probe_host.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(since(34, containers().every(all(handlers()))))
}

/// One statement for each handler of a probe or a lifecycle hook.
fn handlers() -> Vec<Expr> {
    HOSTS
        .iter()
        .map(|host| {
            container(host)
                .absent_or_equals("")
                .label("the kubelet calls this host from the node's network")
                .fix_remove()
        })
        .collect()
}

const HOSTS: [&str; 10] = [
    "livenessProbe.httpGet.host",
    "livenessProbe.tcpSocket.host",
    "readinessProbe.httpGet.host",
    "readinessProbe.tcpSocket.host",
    "startupProbe.httpGet.host",
    "startupProbe.tcpSocket.host",
    "lifecycle.postStart.httpGet.host",
    "lifecycle.postStart.tcpSocket.host",
    "lifecycle.preStop.httpGet.host",
    "lifecycle.preStop.tcpSocket.host",
];
