//! `sandbox-opt-out`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::{
    cluster::Cluster,
    tree::{Map, Node},
};

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    setting,
    words::plain,
};

pub(super) const CONTROL: Control = Control {
    id: "sandbox-opt-out",
    title: "Labels of a tenant choose the sandbox of its pods",
    says: "lets the labels of a revision choose the runtime class of its pods",
    help: "Name one class and give it no selector",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Shared]),
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &["owasp/K01", "mitre/T1611"],
    yields_to: &[],
    page: include_str!("sandbox_opt_out.md"),
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
        "runtime-class-name",
    );
    let mut found = Vec::new();
    for seen in setting::seen(name, &cluster.settings) {
        let Some(document) = setting::yaml(seen.value()) else {
            continue;
        };
        if let Some(label) = document.root().as_map().and_then(opt_out) {
            found.push(seen.offence(&CONTROL, &label));
        }
    }
    found
}

/// Returns how a revision comes to run in another class than its neighbours.
fn opt_out(classes: Map<'_>) -> Option<String> {
    let (mut always, mut chosen) = (Vec::new(), Vec::new());
    for class in classes.entries() {
        let selector = class.value.get("selector").and_then(Node::as_map);
        let selects = selector.is_some_and(|selector| selector.entries().next().is_some());
        let list = if selects { &mut chosen } else { &mut always };
        list.push(format!("`{}`", plain(class.key)));
    }
    match (always.as_slice(), chosen.as_slice()) {
        (_, []) => None,
        ([], chosen) => Some(format!(
            "a revision without the labels of {} runs in no sandbox",
            chosen.join(" and ")
        )),
        ([always, ..], chosen) => Some(format!(
            "a revision with the labels of {} leaves {always}",
            chosen.join(" or ")
        )),
    }
}
