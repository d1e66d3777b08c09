//! `pod-security-off`: see the page beside this file.

use std::collections::BTreeMap;

use knight_facts::carriers::{Carrier, Masking, carrier};
use knight_model::{
    cluster::Cluster,
    object::{Object, ObjectRef},
    path::FieldPath,
};

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::eval::Verdict,
    words::plain,
};

pub(super) const CONTROL: Control = Control {
    id: "pod-security-off",
    title: "A namespace runs Knative workloads without Pod Security",
    says: "enforces no level of Pod Security on its Knative workloads",
    help: "Set the label `pod-security.kubernetes.io/enforce` to `restricted`, or to `baseline` at least",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &["pss/baseline", "cis/5.2.1", "nsa/pod-security", "owasp/K04"],
    yields_to: &[],
    page: include_str!("pod_security_off.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads,
            needs: Needs::Kinds(needs),
            judge,
        })
    },
};

/// The label by which Pod Security refuses pods.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

fn reads(object: &Object<'_>) -> bool {
    object.is("", "Namespace") || makes_pods(object.group(), object.kind(), object.version())
}

fn needs(group: &str, kind: &str) -> bool {
    (group, kind) == ("", "Namespace") || of_knative(group, kind).is_some()
}

/// Returns whether a kind of Knative's makes pods of what its author writes.
fn makes_pods(group: &str, kind: &str, version: &str) -> bool {
    of_knative(group, kind).is_some_and(|carrier| carrier.versions.iter().any(|of| of == version))
}

fn of_knative(group: &str, kind: &str) -> Option<&'static Carrier> {
    carrier(group, kind).filter(|carrier| match carrier.knative {
        Masking::Masked | Masking::Unmasked => true,
        Masking::None | Masking::Handed => false,
    })
}

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let mut first = BTreeMap::new();
    for listed in &cluster.inventory {
        let ObjectRef {
            group,
            kind,
            namespace,
            name,
            version,
        } = &listed.object;
        if !makes_pods(group, kind, version) {
            continue;
        }
        if let Some(namespace) = namespace.as_deref() {
            first.entry(namespace).or_insert((kind, name));
        }
    }
    let namespaces = cluster.inventory.iter().filter(|listed| {
        let object = &listed.object;
        object.group.is_empty() && &*object.kind == "Namespace"
    });
    let mut found = Vec::new();
    for listed in namespaces {
        let name = &*listed.object.name;
        let Some((kind, workload)) = first.get(name) else {
            continue;
        };
        let Some(namespace) = cluster.namespaces.get(name) else {
            continue;
        };
        let level = namespace.labels.get(ENFORCE).map(|level| &**level);
        let label = match level {
            Some("baseline" | "restricted") => continue,
            Some(level) => format!("`{ENFORCE}` is `{}`", plain(level)),
            None => format!("`{ENFORCE}` is not set"),
        };
        let skips = if namespace.skips_webhooks() {
            ", and Knative's webhooks skip it too"
        } else {
            ""
        };
        let workload = plain(workload);
        found.push(ClusterOffence {
            verdict: Verdict::Fail,
            message: format!("Namespace `{}` {}", plain(name), CONTROL.says),
            object: listed.object.clone(),
            path: FieldPath::from_dotted("metadata.name"),
            place: listed.place.clone(),
            label: format!("{label}{skips}; {kind} `{workload}` runs in it").into(),
        });
    }
    found
}
