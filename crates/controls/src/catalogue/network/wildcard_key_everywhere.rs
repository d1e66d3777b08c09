//! `wildcard-key-everywhere`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    setting,
    words::{did_you_mean, plain},
};

pub(super) const CONTROL: Control = Control {
    id: "wildcard-key-everywhere",
    title: "Every namespace gets the key of a wildcard certificate",
    says: "puts the key of a wildcard certificate into every namespace",
    help: "Select the namespaces that need one by a label",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Shared]),
    threats: &[Threat::InformationDisclosure, Threat::Spoofing],
    mappings: &["owasp/K08"],
    yields_to: &[],
    page: include_str!("wildcard_key_everywhere.md"),
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
        "namespace-wildcard-cert-selector",
    );
    let mut found = Vec::new();
    for seen in setting::seen(name, &cluster.settings) {
        let Some(document) = setting::yaml(seen.value()) else {
            continue;
        };
        // What is no map is refused by the webhook.
        let Some(selector) = document.root().as_map() else {
            continue;
        };
        let asks = ["matchLabels", "matchExpressions"].iter().any(|key| {
            let node = document.root().get(key);
            node.is_some_and(|node| match (node.as_map(), node.as_list()) {
                (Some(map), _) => map.entries().next().is_some(),
                (None, Some(list)) => list.items().next().is_some(),
                (None, None) => false,
            })
        });
        if !asks {
            let label = match selector.entries().next() {
                Some(entry) => format!(
                    "`{}` is no part of a selector, and what is left selects everything{}",
                    plain(entry.key),
                    did_you_mean(entry.key, ["matchLabels", "matchExpressions"])
                ),
                None => "an empty selector selects everything".to_owned(),
            };
            found.push(seen.offence(&CONTROL, &label));
        }
    }
    found
}
