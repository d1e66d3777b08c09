//! `scale-limit-unset`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "scale-limit-unset",
    title: "Nothing limits how far a service may scale",
    says: "lets a tenant ask for any number of pods",
    help: "Set `max-scale-limit`, and `max-scale` to a default within it",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Shared]),
    threats: &[Threat::DenialOfService],
    mappings: &["owasp/K01", "mitre/T1496"],
    yields_to: &[],
    page: include_str!("scale_limit_unset.md"),
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
        (Component::Serving, "config-autoscaler", "max-scale-limit"),
        &cluster.settings,
    );
    seen.iter()
        .filter(|seen| seen.value() == "0")
        .map(|seen| {
            seen.offence(
                &CONTROL,
                "0 sets no limit to the annotation `autoscaling.knative.dev/max-scale`",
            )
        })
        .collect()
}
