//! `setting-contradiction`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::{
    cluster::Cluster,
    settings::{Settings, quantity},
};

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "setting-contradiction",
    title: "Two settings contradict each other",
    says: "contradicts another setting",
    help: "Decide for one of the two",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::DenialOfService, Threat::Tampering],
    mappings: &["owasp/K09"],
    yields_to: &[],
    page: include_str!("setting_contradiction.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&Component::ALL),
            judge,
        })
    },
};

/// Quantities that the API server wants to be at most others: a limit and its request.
const LIMITS: [(&str, &str, &str); 6] = [
    (
        "config-defaults",
        "revision-cpu-limit",
        "revision-cpu-request",
    ),
    (
        "config-defaults",
        "revision-memory-limit",
        "revision-memory-request",
    ),
    (
        "config-defaults",
        "revision-ephemeral-storage-limit",
        "revision-ephemeral-storage-request",
    ),
    (
        "config-deployment",
        "queue-sidecar-cpu-limit",
        "queue-sidecar-cpu-request",
    ),
    (
        "config-deployment",
        "queue-sidecar-memory-limit",
        "queue-sidecar-memory-request",
    ),
    (
        "config-deployment",
        "queue-sidecar-ephemeral-storage-limit",
        "queue-sidecar-ephemeral-storage-request",
    ),
];

/// A value of one setting that does not go with some values of another.
struct Pair {
    map: &'static str,
    key: &'static str,
    value: &'static str,
    other: &'static str,
    clashes: fn(&str) -> bool,
    because: &'static str,
}

const PAIRS: [Pair; 3] = [
    Pair {
        map: "config-defaults",
        key: "allow-container-concurrency-zero",
        value: "false",
        other: "container-concurrency",
        clashes: |other| other == "0",
        because: "Services that set no concurrency get 0, and are refused for it",
    },
    Pair {
        map: "config-network",
        key: "http-protocol",
        value: "redirected",
        other: "external-domain-tls",
        clashes: |other| other != "enabled",
        because: "there is no HTTPS to redirect to",
    },
    Pair {
        map: "config-network",
        key: "system-internal-tls",
        value: "disabled",
        other: "internal-encryption",
        clashes: |other| other == "true",
        because: "the encryption is on all the same",
    },
];

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let settings = &cluster.settings;
    let mut found = Vec::new();
    for (map, limit, request) in LIMITS {
        found.extend(more_than(
            settings,
            map,
            (request, limit),
            quantity,
            |limit| {
                format!(
                    "it is more than `{limit}`: the API server refuses such a pod, so none starts"
                )
            },
        ));
    }
    found.extend(more_than(
        settings,
        "config-autoscaler",
        ("initial-scale", "max-scale"),
        |scale| quantity(scale).filter(|scale| *scale > 0.0),
        |most| format!("it is more than `{most}`: every new revision starts above its bound"),
    ));
    for pair in PAIRS {
        for one in setting::seen((Component::Serving, pair.map, pair.key), settings) {
            if !one.is_written() || one.value() != pair.value {
                continue;
            }
            let others = one.beside(pair.other, settings);
            if let Some(other) = others.iter().find(|other| (pair.clashes)(other)) {
                let label = format!("`{}` is `{other}`: {}", pair.other, pair.because);
                found.push(one.offence(&CONTROL, &label));
            }
        }
    }
    found
}

/// Finds values that are more than those of another setting of the same `ConfigMap`; what `read`
/// does not read bounds nothing.
fn more_than(
    settings: &Settings,
    map: &'static str,
    (less, more): (&'static str, &'static str),
    read: fn(&str) -> Option<f64>,
    label: impl Fn(&str) -> String,
) -> Vec<ClusterOffence> {
    let mut found = Vec::new();
    for one in setting::seen((Component::Serving, map, less), settings) {
        let bounds = one.beside(more, settings);
        let over = bounds.iter().find(|bound| {
            let pair = read(one.value()).zip(read(bound));
            pair.is_some_and(|(value, bound)| value > bound)
        });
        if let Some(bound) = over {
            found.push(one.offence(&CONTROL, &label(&format!("{more}: {bound}"))));
        }
    }
    found
}
