//! A control as a `ValidatingAdmissionPolicy`.
//!
//! Only CEL that every Kubernetes from 1.30 on accepts is used.

use std::collections::BTreeSet;

use knight_facts::{
    FieldPath,
    carriers::{Carrier, carrier, carriers},
};
use knight_model::object::Object;
use serde_json::{Map, Value, json};

use crate::{
    control::{Control, ObjectRule, On},
    engine::Pods,
    rule::{
        Scope,
        cel::{self, PodPlace},
        eval::{Params, Verdict},
    },
};

/// The name of the ConfigMap that policies read their parameters from.
pub const PARAMETERS: &str = "knight-parameters";

/// Makes the policy of a declarative rule, for one Kubernetes minor.
pub fn policy(control: &Control, rule: &ObjectRule, minor: u16) -> Value {
    let holds = rule.holds.at_minor(minor);
    let carriers = subjects(rule.on);
    let mut variables = Vec::new();
    let parameters = cel::parameters(&holds);
    let with_parameters = !parameters.is_empty();
    let mut conditions = parameters;
    if carriers.is_empty() {
        let holds = cel::of_object(&holds);
        conditions.push(if with_parameters {
            format!("({holds})")
        } else {
            holds
        });
    } else {
        let places: Vec<PodPlace<'_>> = carriers
            .iter()
            .flat_map(|carrier| carrier.pods.iter().map(move |pod| (carrier, pod)))
            .map(|(carrier, pod)| PodPlace {
                kind: &carrier.kind,
                spec: pod.spec.as_str(),
                metadata: pod.metadata.as_ref().map(FieldPath::as_str),
                inline: &pod.inline,
                supplied: &pod.supplied,
            })
            .collect();
        let pods = cel::Pods::of(&places, &holds);
        variables = pods
            .variables()
            .into_iter()
            .map(|(name, expression)| json!({"name": name, "expression": expression}))
            .collect();
        conditions.push("variables.readable".to_owned());
        conditions.push(format!(
            "variables.pods.all(pod, {})",
            cel::of_pod(&holds, &pods)
        ));
    }
    let mut spec = json!({
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": resource_rules(rule.on, &carriers)},
        "matchConditions": match_conditions(rule, &carriers),
        "variables": variables,
        "validations": [{
            "expression": conditions.join(" &&\n"),
            "message": format!("{} ({}): {}", control.title, control.id, control.help),
            "reason": "Forbidden",
        }],
    });
    if with_parameters {
        spec["paramKind"] = json!({"apiVersion": "v1", "kind": "ConfigMap"});
    }
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": format!("knight-{}", control.id)},
        "spec": spec,
    })
}

/// Makes the ConfigMap from which policies read these parameters.
///
/// A set of strings stands in one value, joined by commas.
pub fn parameters(namespace: &str, params: &Params) -> Value {
    let ints = params
        .ints
        .iter()
        .map(|(name, value)| (*name, value.to_string()));
    let texts = params
        .texts
        .iter()
        .map(|(name, values)| (*name, values.join(",")));
    let data: Map<String, Value> = ints
        .chain(texts)
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": PARAMETERS, "namespace": namespace},
        "data": data,
    })
}

/// Judges an object as the policy of the rule does: `Pass` exactly where the policy allows it.
///
/// The object is taken as it is given: it is the one that the API server hands to policies, with
/// defaults filled in and unknown fields dropped.
pub fn verdict(rule: &ObjectRule, minor: u16, object: &Object<'_>, params: &Params) -> Verdict {
    let holds = rule.holds.at_minor(minor);
    if !holds.params().into_iter().all(|name| params.has(name)) {
        return Verdict::Unknown;
    }
    let carrier = carrier(object.group(), object.kind());
    let pods = carrier
        .map(|carrier| Pods::of(object, carrier))
        .unwrap_or_default();
    pods.judge(rule.on, &holds, object, params, &mut Vec::new())
}

/// Returns the carriers whose pods a rule judges.
pub fn subjects(on: On) -> Vec<&'static Carrier> {
    match on {
        On::Pods => carriers().iter().collect(),
        On::PodsOf(kinds) => carriers()
            .iter()
            .filter(|carrier| {
                kinds
                    .iter()
                    .any(|(group, kind)| *group == carrier.group && *kind == carrier.kind)
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
            let plural = knight_facts::kinds::kind(group, kind).map_or_else(
                || format!("{}s", kind.to_lowercase()),
                |known| known.plural.clone(),
            );
            rule(group, json!(["*"]), vec![plural])
        }));
    }
    rules
}

/// What is being deleted, and updates that leave the judged fields as they were, must pass:
/// refusing them would block finalizers and controllers.
fn match_conditions(rule: &ObjectRule, carriers: &[&Carrier]) -> Value {
    let changed: Vec<String> = judged_fields(rule, carriers)
        .iter()
        .map(|field| {
            let (new, old) = (cel::at(field, "object"), cel::at(field, "oldObject"));
            format!("{new} != {old}")
        })
        .collect();
    let mut conditions = vec![
        json!({
            "name": "not-being-deleted",
            "expression": "!has(object.metadata.deletionTimestamp)",
        }),
        json!({
            "name": "judged-fields-change",
            "expression": format!("oldObject == null || {}", changed.join(" || ")),
        }),
    ];
    let tried_out: Vec<String> = trials(carriers)
        .into_iter()
        .map(|user| format!("request.userInfo.username == {}", cel::quoted(user)))
        .collect();
    if !tried_out.is_empty() {
        let users = tried_out.join(" || ");
        conditions.push(json!({
            "name": "not-tried-out",
            "expression": format!("!(has(request.dryRun) && request.dryRun && ({users}))"),
        }));
    }
    conditions.into()
}

/// Returns the webhooks that try out one of these kinds while they judge an object of another.
///
/// What they create is never stored, and the other object is judged by itself. Refusing it would
/// refuse every change of an object that was there before the policy, the loss of its finalizers
/// included: nobody could delete it.
fn trials(judged: &[&Carrier]) -> BTreeSet<&'static str> {
    let tried = carriers()
        .iter()
        .filter_map(|carrier| carrier.trial.as_ref());
    tried
        .filter(|trial| {
            let is_tried =
                |carrier: &&Carrier| carrier.group == trial.group && carrier.kind == trial.kind;
            judged.iter().any(is_tried)
        })
        .map(|trial| trial.user.as_str())
        .collect()
}

/// Returns the fields of the object that hold everything that a rule reads: outermost ones, and
/// those of the metadata one by one, as the API server itself changes some.
fn judged_fields(rule: &ObjectRule, carriers: &[&Carrier]) -> BTreeSet<Vec<String>> {
    let outermost = |keys: Vec<&str>| -> Vec<String> {
        let depth = if keys.first() == Some(&"metadata") {
            2
        } else {
            1
        };
        keys.into_iter().take(depth).map(str::to_owned).collect()
    };
    let places = || carriers.iter().flat_map(|carrier| &carrier.pods);
    let mut fields: BTreeSet<Vec<String>> = places()
        .map(|pod| outermost(pod.spec.segments().collect()))
        .collect();
    rule.holds.paths(&mut |path| {
        let keys = || path.keys.iter().map(AsRef::as_ref);
        match path.scope {
            Scope::Object => {
                fields.insert(outermost(keys().collect()));
            }
            Scope::PodMetadata => fields.extend(
                places()
                    .filter_map(|pod| pod.metadata.as_ref())
                    .map(|metadata| outermost(metadata.segments().chain(keys()).collect())),
            ),
            Scope::Pod | Scope::Container | Scope::Item | Scope::Key => {}
        }
    });
    fields
}
