//! `external-traffic-in-clear`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "external-traffic-in-clear",
    title: "Requests from outside travel in the clear",
    says: "serves requests from outside in the clear",
    help: "Set `external-domain-tls: Enabled` and `http-protocol: Redirected`",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Platform,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Single, Profile::Airgap]),
    threats: &[Threat::InformationDisclosure, Threat::Spoofing],
    mappings: &["nsa/network", "owasp/K07", "mitre/T1040"],
    yields_to: &[],
    page: include_str!("external_traffic_in_clear.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&[Component::Serving]),
            judge,
        })
    },
};

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let name = (Component::Serving, "config-network", "external-domain-tls");
    setting::seen(name, &cluster.settings)
        .iter()
        .filter(|seen| seen.value() == "disabled")
        .map(|seen| seen.offence(&CONTROL, "the ingress gets no certificates from Knative"))
        .collect()
}
