//! `open-profiling`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "open-profiling",
    title: "Profiles of processes are open to any pod",
    says: "opens the profiles of processes to any pod",
    help: "Set `runtime-profiling: disabled`",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::InformationDisclosure, Threat::DenialOfService],
    mappings: &["owasp/K09"],
    yields_to: &[],
    page: include_str!("open_profiling.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&[Component::Serving, Component::Eventing]),
            judge,
        })
    },
};

/// The switches, in the releases that know them, with the value that is on.
const SWITCHES: [(Component, &str, &str); 4] = [
    (Component::Serving, "runtime-profiling", "enabled"),
    (Component::Serving, "profiling.enable", "true"),
    (Component::Eventing, "runtime-profiling", "enabled"),
    (Component::Eventing, "profiling.enable", "true"),
];

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let mut found = Vec::new();
    for (component, key, on) in SWITCHES {
        let seen = setting::seen((component, "config-observability", key), &cluster.settings);
        let open = seen.iter().filter(|seen| seen.value() == on);
        found.extend(open.map(|seen| {
            let label = setting::clause(&seen.setting().why);
            seen.offence(&CONTROL, &label)
        }));
    }
    found
}
