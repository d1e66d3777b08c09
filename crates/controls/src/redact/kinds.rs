//! What is taken out of certain kinds.

use knight_facts::settings::{Component, ValueType, readers_of, settings_of};
use serde_json::{Map, Value};

use super::{
    stand_in::{self, empty, hide},
    walk::scrub,
};

type Fields = Map<String, Value>;

/// The key of a `ConfigMap` that documents the others, and that nothing reads.
const EXAMPLE: &str = "_example";

/// The parts of `status` that say who reaches whom.
const STATUS: &[(&str, &str, &[&str])] = &[
    ("", "Node", &["addresses"]),
    (
        "",
        "Pod",
        &["hostIP", "hostIPs", "phase", "podIP", "podIPs"],
    ),
    ("", "Service", &["loadBalancer"]),
];

/// Payloads and programs of kinds of Knative, as paths.
const PAYLOADS: &[(&str, &str, &[&[&str]])] = &[
    (
        "eventing.knative.dev",
        "EventTransform",
        &[
            &["spec", "jsonata", "expression"],
            &["spec", "reply", "jsonata", "expression"],
        ],
    ),
    ("sources.knative.dev", "CronJobSource", &[&["spec", "data"]]),
    (
        "sources.knative.dev",
        "IntegrationSource",
        &[&["spec", "timer", "message"]],
    ),
    (
        "sources.knative.dev",
        "PingSource",
        &[
            &["spec", "data"],
            &["spec", "dataBase64"],
            &["spec", "jsonData"],
        ],
    ),
];

/// Leaves of `status` what network analysis reads, and drops what a Node or CRD says of itself.
pub(super) fn status(group: &str, kind: &str, object: &mut Fields) {
    let parts = STATUS
        .iter()
        .find(|(of, name, _)| (*of, *name) == (group, kind))
        .map_or(&[][..], |(_, _, parts)| parts);
    match object.get_mut("status") {
        Some(Value::Object(status)) if !parts.is_empty() => {
            status.retain(|key, _| parts.contains(&&**key));
        }
        _ => {
            object.shift_remove("status");
        }
    }
    if (group, kind) == ("", "Node")
        && let Some(Value::Object(spec)) = object.get_mut("spec")
    {
        spec.shift_remove("providerID");
    }
    if (group, kind) == ("apiextensions.k8s.io", "CustomResourceDefinition")
        && let Some(spec) = object.get_mut("spec")
    {
        if let Some(spec) = spec.as_object_mut() {
            spec.shift_remove("validation");
        }
        let versions = spec.get_mut("versions").and_then(Value::as_array_mut);
        for version in versions.into_iter().flatten() {
            if let Some(version) = version.as_object_mut() {
                version.shift_remove("schema");
            }
        }
    }
}

/// What people named the keys of, redacted: it goes back into the object at last.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    data: Fields,
    config: Option<Value>,
}

impl Chosen {
    /// Puts everything back where it was.
    pub(super) fn restore(self, object: &mut Fields) {
        object.extend(self.data);
        if let (Some(config), Some(Value::Object(spec))) = (self.config, object.get_mut("spec")) {
            spec.insert("config".to_owned(), config);
        }
    }
}

/// Takes the data of `ConfigMap`s and Secrets and the settings of operators out.
pub(super) fn chosen(group: &str, kind: &str, object: &mut Fields) -> Chosen {
    let mut taken = Fields::new();
    let mut config = None;
    match (group, kind) {
        ("", "ConfigMap") => {
            let name = metadata(object, "name");
            let namespace = metadata(object, "namespace");
            let readers: Vec<Component> = readers_of(&name)
                .filter(|(_, of)| namespace.is_empty() || namespace == *of)
                .map(|(component, _)| component)
                .collect();
            if let Some(mut data) = object.shift_remove("data") {
                of_map(&readers, &name, &mut data);
                taken.insert("data".to_owned(), data);
            }
            if let Some(mut data) = object.shift_remove("binaryData") {
                hide(&mut data);
                taken.insert("binaryData".to_owned(), data);
            }
        }
        ("", "Secret") => {
            for key in ["data", "stringData"] {
                if let Some(mut data) = object.shift_remove(key) {
                    empty(&mut data);
                    taken.insert(key.to_owned(), data);
                }
            }
        }
        ("operator.knative.dev", "KnativeServing") => {
            config = operator(&[Component::Serving, Component::Kourier], object);
        }
        ("operator.knative.dev", "KnativeEventing") => {
            config = operator(&[Component::Eventing, Component::Kafka], object);
        }
        _ => {}
    }
    Chosen {
        data: taken,
        config,
    }
}

/// Hides what events are made of.
pub(super) fn payloads(group: &str, kind: &str, object: &mut Fields) {
    let found = PAYLOADS
        .iter()
        .find(|(of, name, _)| (*of, *name) == (group, kind));
    for path in found.into_iter().flat_map(|(_, _, paths)| *paths) {
        let [first, rest @ ..] = *path else { continue };
        let mut at = object.get_mut(*first);
        for key in rest {
            at = at.and_then(|value| value.get_mut(key));
        }
        if let Some(value) = at {
            hide(value);
        }
    }
}

/// Takes out the settings that an operator writes into `ConfigMap`s.
fn operator(components: &[Component], object: &mut Fields) -> Option<Value> {
    let spec = object.get_mut("spec")?.as_object_mut()?;
    let mut config = spec.shift_remove("config")?;
    let Value::Object(maps) = &mut config else {
        hide(&mut config);
        return Some(config);
    };
    for (name, data) in maps.iter_mut() {
        // The operator takes both spellings.
        let prefixed = format!("config-{name}");
        let known = [&**name, &*prefixed].into_iter().find_map(|name| {
            let mut readers = readers_of(name).map(|(component, _)| component);
            let reader = readers.find(|component| components.contains(component))?;
            Some((name, reader))
        });
        match known {
            Some((name, reader)) => of_map(&[reader], name, data),
            None => hide(data),
        }
    }
    Some(config)
}

/// Redacts the data of a `ConfigMap`: settings that are known stay.
fn of_map(readers: &[Component], name: &str, data: &mut Value) {
    let Value::Object(entries) = data else {
        return hide(data);
    };
    if !readers.is_empty() {
        entries.shift_remove(EXAMPLE);
    }
    for (key, value) in entries.iter_mut() {
        let known = readers.iter().find_map(|component| {
            let facts = settings_of(*component, name)?;
            facts.setting(key).or_else(|| facts.alias(key))
        });
        match (known.map(|known| known.value_type), value) {
            (Some(ValueType::Properties), Value::String(text)) => {
                stand_in::properties(text);
                scrub(text);
            }
            (Some(_), Value::String(text)) => scrub(text),
            (_, value) => hide(value),
        }
    }
}

fn metadata(object: &Fields, key: &str) -> String {
    let value = object
        .get("metadata")
        .and_then(|metadata| metadata.get(key));
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}
