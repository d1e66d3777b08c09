//! `secure-defaults-off`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "secure-defaults-off",
    title: "Knative fills in no secure pod defaults",
    says: "leaves the pods of tenants as insecure as they are written",
    help: "Set `secure-pod-defaults: enabled`",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &["pss/restricted", "owasp/K01", "owasp/K09"],
    yields_to: &[],
    page: include_str!("secure_defaults_off.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&[Component::Serving]),
            judge,
        })
    },
};

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let seen = setting::seen(
        (Component::Serving, "config-features", "secure-pod-defaults"),
        &cluster.settings,
    );
    seen.iter()
        .filter(|seen| seen.value() == "disabled")
        .map(|seen| seen.offence(&CONTROL, "a container that says nothing runs as its image asks, with every default capability and without a seccomp profile"))
        .collect()
}
