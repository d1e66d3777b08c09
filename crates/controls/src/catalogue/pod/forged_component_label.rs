//! `forged-component-label`: see the page beside this file.

use std::collections::BTreeSet;

use knight_facts::components;

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{all, not, pod_metadata, these},
};

/// The kinds that tenants write and none of Knative's own components is made of.
const TENANT: &[(&str, &str)] = &[
    ("serving.knative.dev", "Configuration"),
    ("serving.knative.dev", "Revision"),
    ("serving.knative.dev", "Service"),
    ("sinks.knative.dev", "JobSink"),
    ("sources.knative.dev", "ContainerSource"),
    ("sources.knative.dev", "IntegrationSource"),
];

pub(super) const CONTROL: Control = Control {
    id: "forged-component-label",
    title: "A tenant's pods carry the labels of Knative's own",
    says: "gives its pods the labels of a component of Knative",
    help: "Choose another value for the label; in NetworkPolicies, name the namespace beside the pods",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::Spoofing],
    mappings: &["nsa/network-separation", "owasp/K07", "mitre/T1036"],
    yields_to: &[],
    page: include_str!("forged_component_label.md"),
    rule,
};

fn rule() -> Rule {
    let label = |key| pod_metadata("labels").key(key);
    let value = |key| label(key).one_of(these(&values(key)));
    let mut holds = vec![
        not(value("app")).label("a component of Knative has this value"),
        not(value("app.kubernetes.io/name")).label("every component of Knative has this value"),
    ];
    holds.extend(
        keys().into_iter().map(|key| {
            not(label(key).present()).label("Knative's own pods are told by this label")
        }),
    );
    Rule::pods_of(TENANT, all(holds))
}

/// Returns the values of a label on the pods of Knative's components, sorted.
fn values(key: &str) -> Vec<&'static str> {
    let values = components::own_components().filter_map(|row| row.labels.get(key));
    let values: BTreeSet<&str> = values.map(String::as_str).collect();
    values.into_iter().collect()
}

/// Returns the keys of the labels on the pods of Knative's components that are Knative's, sorted.
fn keys() -> BTreeSet<&'static str> {
    let keys = components::own_components().flat_map(|row| row.labels.keys());
    keys.map(String::as_str)
        .filter(|key| {
            let domain = key.split_once('/').map(|(domain, _)| domain);
            domain.is_some_and(|domain| domain.ends_with(".knative.dev"))
        })
        .collect()
}
