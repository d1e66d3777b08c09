//! `surface-flag`: see the page beside this file.

use knight_facts::settings::{Component, Recommendation};
use knight_model::cluster::Cluster;

use crate::{
    catalogue::settings::opened::opened,
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "surface-flag",
    title: "A feature flag lets tenants use more of the pod spec",
    says: "lets tenants use more of the pod spec than the profile recommends",
    help: "Set the flag to `disabled`, or refuse the field by a policy where it is not needed",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege, Threat::DenialOfService],
    mappings: &["owasp/K01", "owasp/K09"],
    yields_to: &[],
    page: include_str!("surface_flag.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&[Component::Serving]),
            judge,
        })
    },
};

fn judge(cluster: &Cluster, profiles: Profiles) -> Vec<ClusterOffence> {
    let mut found = Vec::new();
    for opened in opened(&cluster.settings) {
        if opened.reaches_node() {
            continue;
        }
        let setting = opened.flag.setting();
        let against: Vec<String> = profiles
            .iter()
            .filter(|profile| !opens(setting.recommended(*profile)))
            .map(|profile| format!("`{profile}`"))
            .collect();
        let (profiles, do_without) = match against.len() {
            0 => continue,
            1 => ("profile", "does without"),
            _ => ("profiles", "do without"),
        };
        let more = format!(", which {profiles} {} {do_without}", against.join(", "));
        found.push(opened.offence(&CONTROL, &more));
    }
    found
}

/// Returns whether a profile recommends a value that is not the default, or takes one.
fn opens(recommended: &Recommendation) -> bool {
    match recommended {
        Recommendation::Keep => false,
        Recommendation::Value(value) => value != DISABLED,
        Recommendation::May(values) => values.iter().any(|value| value != DISABLED),
        Recommendation::Own(_) => true,
    }
}

const DISABLED: &str = "disabled";
