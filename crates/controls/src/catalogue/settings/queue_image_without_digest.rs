//! `queue-image-without-digest`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "queue-image-without-digest",
    title: "The queue-proxy runs under a tag that may move",
    says: "is not pinned to a digest",
    help: "Name the image by its digest",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::Tampering, Threat::ElevationOfPrivilege],
    mappings: &["owasp/K02", "mitre/T1525"],
    yields_to: &[],
    page: include_str!("queue_image_without_digest.md"),
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
        "config-deployment",
        "queue-sidecar-image",
    );
    let seen = setting::seen(name, &cluster.settings);
    seen.iter()
        .filter(|seen| seen.is_written() && !is_pinned(seen.value()))
        .map(|seen| {
            let label = "this image runs in every pod of every tenant, and its tag may move";
            seen.offence(&CONTROL, label)
        })
        .collect()
}

/// Returns whether an image reference has a digest, or gets one when `ko` builds it.
fn is_pinned(image: &str) -> bool {
    let image = image.trim();
    let digest = image.split_once("@sha256:").map(|(_, digest)| digest);
    image.starts_with("ko://")
        || digest.is_some_and(|digest| {
            digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}
