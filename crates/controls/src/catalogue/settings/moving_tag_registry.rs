//! `moving-tag-registry`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    setting,
    words::plain,
};

pub(super) const CONTROL: Control = Control {
    id: "moving-tag-registry",
    title: "Images of a registry run under tags that may move",
    says: "names registries whose tags are not resolved to digests",
    help: "Take the registry out of `registries-skipping-tag-resolving`, or ask for images by digest",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Shared, Profile::Single]),
    threats: &[Threat::Tampering],
    mappings: &["owasp/K02", "mitre/T1525"],
    yields_to: &[],
    page: include_str!("moving_tag_registry.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&[Component::Serving]),
            judge,
        })
    },
};

/// Hosts that only tools for development use: no registry can have such a name.
const LOCAL: [&str; 3] = ["dev.local", "kind.local", "ko.local"];

/// What no image is compared as: there are no patterns, and Docker Hub goes by its longer name.
const NEVER_MET: [&str; 2] = ["*", "docker.io"];

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let name = (
        Component::Serving,
        "config-deployment",
        "registries-skipping-tag-resolving",
    );
    let mut found = Vec::new();
    for seen in setting::seen(name, &cluster.settings) {
        let hosts = seen.value().split(',').map(str::trim);
        let hosts: Vec<String> = hosts
            .filter(|host| !host.is_empty() && !LOCAL.contains(host) && !NEVER_MET.contains(host))
            .map(|host| format!("`{}`", plain(host)))
            .collect();
        if !hosts.is_empty() {
            let label = format!("images of {} run as their tag says", hosts.join(", "));
            found.push(seen.offence(&CONTROL, &label));
        }
    }
    found
}
