//! `authorization-fails-open`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "authorization-fails-open",
    title: "Requests pass while the authorization service is down",
    says: "lets requests pass while the authorization service is down",
    help: "Set `extauthz-failure-mode-allow: false`",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::Spoofing, Threat::ElevationOfPrivilege],
    mappings: &["owasp/K06"],
    yields_to: &[],
    page: include_str!("authorization_fails_open.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&[Component::Kourier]),
            judge,
        })
    },
};

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let name = (
        Component::Kourier,
        "config-kourier",
        "extauthz-failure-mode-allow",
    );
    setting::seen(name, &cluster.settings)
        .iter()
        .filter(|seen| seen.value() == "true")
        .map(|seen| seen.offence(&CONTROL, "who makes the service fail, by load or by a request that it cannot take, passes everywhere"))
        .collect()
}
