//! `automatic-domain-claim`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "automatic-domain-claim",
    title: "Any tenant can claim any host name",
    says: "lets any tenant claim any host name",
    help: "Set `autocreate-cluster-domain-claims: false`, and create ClusterDomainClaims for tenants",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Shared]),
    threats: &[Threat::Spoofing, Threat::DenialOfService],
    mappings: &["owasp/K03", "owasp/K09"],
    yields_to: &[],
    page: include_str!("automatic_domain_claim.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&[Component::Serving]),
            judge,
        })
    },
};

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let name = (
        Component::Serving,
        "config-network",
        "autocreate-cluster-domain-claims",
    );
    setting::seen(name, &cluster.settings)
        .iter()
        .filter(|seen| seen.value() == "true")
        .map(|seen| {
            seen.offence(
                &CONTROL,
                "a DomainMapping makes its own claim, and who comes first has the name",
            )
        })
        .collect()
}
