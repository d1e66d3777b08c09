//! `plain-http-served`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "plain-http-served",
    title: "A service with a certificate answers plain HTTP too",
    says: "serves plain HTTP beside HTTPS",
    help: "Set `http-protocol: Redirected`",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::InformationDisclosure, Threat::Spoofing],
    mappings: &["nsa/network", "owasp/K07", "mitre/T1557"],
    yields_to: &[],
    page: include_str!("plain_http_served.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&[Component::Serving]),
            judge,
        })
    },
};

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let settings = &cluster.settings;
    let of = |key| (Component::Serving, "config-network", key);
    setting::seen(of("http-protocol"), settings)
        .iter()
        .filter(|seen| {
            let tls = seen.beside("external-domain-tls", settings);
            seen.value() == "enabled" && tls.iter().any(|tls| &**tls == "enabled")
        })
        .map(|seen| {
            seen.offence(
                &CONTROL,
                "`external-domain-tls` is on, and nobody has to use it",
            )
        })
        .collect()
}
