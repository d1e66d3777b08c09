//! `node-flag`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    catalogue::settings::opened::{Opened, opened},
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "node-flag",
    title: "A feature flag opens the node to tenants",
    says: "lets tenants ask for parts of the node",
    help: "Set the flag to `disabled`, or keep it and refuse the field by Pod Security",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege, Threat::InformationDisclosure],
    mappings: &[
        "pss/baseline",
        "nsa/pod-security",
        "owasp/K01",
        "mitre/T1611",
    ],
    yields_to: &[],
    page: include_str!("node_flag.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&[Component::Serving]),
            judge,
        })
    },
};

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let opened = opened(&cluster.settings).into_iter();
    opened
        .filter(Opened::reaches_node)
        .map(|opened| opened.offence(&CONTROL, ""))
        .collect()
}
