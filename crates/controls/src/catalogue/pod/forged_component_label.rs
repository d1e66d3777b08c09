//! `forged-component-label`: see the page beside this file.

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

/// The values of `app` on the pods of Serving, its ingresses and Eventing.
const APPS: [&str; 23] = [
    "3scale-kourier-gateway",
    "activator",
    "autoscaler",
    "autoscaler-hpa",
    "controller",
    "eventing-controller",
    "eventing-webhook",
    "kafka-broker-dispatcher",
    "kafka-broker-receiver",
    "kafka-channel-dispatcher",
    "kafka-channel-receiver",
    "kafka-controller",
    "kafka-sink-receiver",
    "kafka-source-dispatcher",
    "kafka-webhook-eventing",
    "mt-broker-controller",
    "net-contour-controller",
    "net-gateway-api-controller",
    "net-gateway-api-webhook",
    "net-istio-controller",
    "net-istio-webhook",
    "net-kourier-controller",
    "webhook",
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
    let role = |key| not(label(key).present()).label("Knative's own pods are told by this label");
    Rule::pods_of(
        TENANT,
        all([
            not(label("app").one_of(these(&APPS))).label("a component of Knative has this value"),
            not(label("app.kubernetes.io/name")
                .one_of(these(&["knative-eventing", "knative-serving"])))
            .label("every component of Knative has this value"),
            role("eventing.knative.dev/brokerRole"),
            role("messaging.knative.dev/role"),
            role("sinks.knative.dev/sink"),
        ]),
    )
}
