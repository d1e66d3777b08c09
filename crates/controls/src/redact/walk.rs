//! What is taken out wherever it stands, in kinds that nobody knows too.

use serde_json::{Map, Value};

use super::{
    rows::keeps_annotation,
    stand_in::{self, hide},
    uri,
};

/// Where `kubectl apply` keeps a copy of the whole object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Redacts the value of a key.
pub(super) fn entry(key: &str, value: &mut Value) {
    let small = key.to_ascii_lowercase();
    match (&*small, value) {
        ("annotations", Value::Object(map)) => annotations(map),
        (
            "annotations" | "extensions" | "managedfields" | "selflink" | "stringdata"
            | "volumeattributes",
            value,
        ) => hide(value),
        ("env" | "envvars", value) => variables(value),
        ("command" | "args", value) => arguments(value),
        // What they hold is compared with what other objects hold.
        (
            "labels" | "matchlabels" | "name" | "namespace",
            value @ (Value::Object(_) | Value::String(_)),
        ) => {
            kept(value);
        }
        ("flexvolume", Value::Object(map)) => part(map, "options"),
        ("storage", Value::Object(map)) => part(map, "parameters"),
        ("httpget", Value::Object(map)) => {
            if let Some(Value::String(path)) = map.get_mut("path") {
                uri::address(path);
            }
            all(map);
        }
        (small, value) if small.contains("header") => headers(value),
        (small, Value::String(text)) if small.ends_with("uri") || small.ends_with("url") => {
            uri::address(text);
            stand_in::shapes(text);
        }
        (_, value @ Value::String(_)) if stand_in::is_secret_field(key) => hide(value),
        (_, value) => walk(value),
    }
}

/// Redacts a value under a key that says nothing of it.
pub(super) fn walk(value: &mut Value) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => scrub(text),
        Value::Array(items) => items.iter_mut().for_each(walk),
        Value::Object(map) => all(map),
    }
}

/// Takes out of a text what is secret wherever it stands.
pub(super) fn scrub(text: &mut String) {
    uri::addresses(text);
    stand_in::shapes(text);
}

fn all(map: &mut Map<String, Value>) {
    for (key, value) in map.iter_mut() {
        entry(key, value);
    }
}

/// Hides one part of a map and redacts the rest as ever.
fn part(map: &mut Map<String, Value>, hidden: &str) {
    for (key, value) in map.iter_mut() {
        if key == hidden {
            hide(value);
        } else {
            entry(key, value);
        }
    }
}

/// Keeps names and labels; what else stands in their place is redacted as ever.
fn kept(value: &mut Value) {
    if let Value::Object(map) = value {
        for (key, value) in map.iter_mut().filter(|(_, value)| !value.is_string()) {
            entry(key, value);
        }
    }
}

fn annotations(map: &mut Map<String, Value>) {
    map.shift_remove(LAST_APPLIED);
    for (key, value) in map.iter_mut() {
        match value {
            Value::String(text) if keeps_annotation(key) => scrub(text),
            value => hide(value),
        }
    }
}

fn variables(env: &mut Value) {
    let Value::Array(items) = env else {
        return hide(env);
    };
    for item in items {
        let Value::Object(map) = item else {
            hide(item);
            continue;
        };
        for (key, value) in map.iter_mut() {
            if key.eq_ignore_ascii_case("value") {
                stand_in::variable(value);
            } else {
                entry(key, value);
            }
        }
    }
}

fn arguments(words: &mut Value) {
    match words {
        Value::Array(items) => items.iter_mut().for_each(stand_in::argument),
        other => hide(other),
    }
}

/// Hides what headers say; their names stay.
fn headers(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                if !matches!(&**key, "name" | "type") {
                    headers(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(headers),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => hide(value),
    }
}
