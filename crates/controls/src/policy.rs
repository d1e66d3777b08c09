//! A control as a `ValidatingAdmissionPolicy`.
//!
//! Only CEL that every Kubernetes from 1.30 on accepts is used.

use knight_facts::carriers::{Carrier, carriers};
use serde_json::{Value, json};

use crate::{
    control::{Control, ObjectRule, On},
    rule::cel::{self, PodPlace},
};

/// The name of the ConfigMap that policies read their parameters from.
pub const PARAMETERS: &str = "knight-parameters";

/// Makes the policy of a declarative rule, for one Kubernetes minor.
pub fn policy(control: &Control, rule: &ObjectRule, minor: u16) -> Value {
    let holds = rule.holds.at_minor(minor);
    let params = holds.params();
    let carriers = subjects(rule.on);
    let mut variables = Vec::new();
    let mut expression = cel::render(&holds);
    if !carriers.is_empty() {
        let places: Vec<PodPlace<'_>> = carriers
            .iter()
            .flat_map(|carrier| carrier.pods.iter().map(move |pod| (carrier, pod)))
            .map(|(carrier, pod)| PodPlace {
                kind: &carrier.kind,
                spec: pod.spec.as_str(),
                metadata: pod.metadata.as_ref().map(|path| path.as_str()),
            })
            .collect();
        variables = cel::pod_variables(&places)
            .into_iter()
            .map(|(name, expression)| json!({"name": name, "expression": expression}))
            .collect();
        expression = format!("variables.readable && variables.pods.all(pod, {expression})");
    }
    let mut spec = json!({
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": resource_rules(rule.on, &carriers)},
        "matchConditions": match_conditions(rule),
        "variables": variables,
        "validations": [{
            "expression": expression,
            "message": format!("{} ({}): {}", control.title, control.id, control.help),
            "reason": "Forbidden",
        }],
    });
    if !params.is_empty() {
        spec["paramKind"] = json!({"apiVersion": "v1", "kind": "ConfigMap"});
    }
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": format!("knight-{}", control.id)},
        "spec": spec,
    })
}

/// Returns the carriers whose pods a rule judges.
pub fn subjects(on: On) -> Vec<&'static Carrier> {
    match on {
        On::Pods => carriers().iter().collect(),
        On::PodsOf(kinds) => carriers()
            .iter()
            .filter(|carrier| {
                kinds.iter().any(|(group, kind)| *group == carrier.group && *kind == carrier.kind)
            })
            .collect(),
        On::Objects(_) => Vec::new(),
    }
}

fn resource_rules(on: On, carriers: &[&Carrier]) -> Vec<Value> {
    let rule = |group: &str, versions: Value, resources: Vec<String>| {
        json!({
            "apiGroups": [group],
            "apiVersions": versions,
            "operations": ["CREATE", "UPDATE"],
            "resources": resources,
        })
    };
    let mut rules: Vec<Value> = carriers
        .iter()
        .map(|carrier| {
            let mut resources = vec![carrier.plural.clone()];
            if carrier.group.is_empty() && carrier.kind == "Pod" {
                resources.push("pods/ephemeralcontainers".to_owned());
            }
            rule(&carrier.group, json!(carrier.versions), resources)
        })
        .collect();
    if let On::Objects(kinds) = on {
        rules.extend(kinds.iter().map(|(group, kind)| {
            let plural = knight_facts::kinds::kind(group, kind)
                .map_or_else(|| format!("{}s", kind.to_lowercase()), |known| known.plural.clone());
            rule(group, json!(["*"]), vec![plural])
        }));
    }
    rules
}

/// What is being deleted, and updates that leave the judged fields as they were, must pass:
/// refusing them would block finalizers and controllers.
fn match_conditions(rule: &ObjectRule) -> Value {
    let mut judged = match rule.on {
        On::Pods | On::PodsOf(_) => vec!["spec", "template"],
        On::Objects(_) => vec!["spec"],
    };
    let metadata = match rule.on {
        On::Pods | On::PodsOf(_) => rule.reads_pod_metadata(),
        On::Objects(_) => true,
    };
    let mut changed: Vec<String> = judged
        .drain(..)
        .map(|field| format!("object.?{field}.orValue(null) != oldObject.?{field}.orValue(null)"))
        .collect();
    if metadata {
        for field in ["annotations", "labels"] {
            changed.push(format!(
                "object.metadata.?{field}.orValue(null) != oldObject.metadata.?{field}.orValue(null)"
            ));
        }
    }
    json!([
        {"name": "not-being-deleted", "expression": "!has(object.metadata.deletionTimestamp)"},
        {
            "name": "judged-fields-change",
            "expression": format!("oldObject == null || {}", changed.join(" || ")),
        },
    ])
}
