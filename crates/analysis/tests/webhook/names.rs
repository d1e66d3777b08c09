//! How the webhook names fields, and how it writes objects.
//!
//! It calls init containers `containers`, has no number for a port, names a part of a nested field by
//! the whole, and says of some fields only what they are for. Both sides are brought to one form.

use std::collections::BTreeSet;

use knight_facts::pod_spec::Level;
use knight_model::path::{FieldPath, Step};
use serde_json::Value;

/// Returns the path of the pod spec.
pub(crate) fn spec_path(object: &Value) -> &'static str {
    if object["kind"] == "Revision" {
        "spec"
    } else {
        "spec.template.spec"
    }
}

/// Returns the name of a field of a pod spec.
pub(crate) fn of_path(spec: &str, path: &FieldPath) -> String {
    let mut name = spec.to_owned();
    for step in path.steps() {
        match step {
            Step::Key(key) => name.extend([".", key]),
            Step::Item { index, .. } => name.extend(["[", &index.to_string(), "]"]),
        }
    }
    plain_name(&name)
}

/// Returns the name of a field of the facts, as [`without_places`] writes it.
pub(crate) fn of_fact(level: Level, field: &str) -> String {
    let part = match level {
        Level::Container => "containers[].",
        Level::ContainerSecurityContext => "containers[].securityContext.",
        Level::Env => "containers[].env[].",
        Level::Pod => "",
        Level::PodSecurityContext => "securityContext.",
        Level::Port => "containers[].ports[0].",
        Level::Probe => "containers[].livenessProbe.",
        Level::Projection => "volumes[].projected.sources[].",
        Level::Volume => "volumes[].",
        Level::VolumeMount => "containers[].volumeMounts[].",
    };
    without_places(&plain_name(&format!("spec.{part}{field}")))
}

/// Returns the fields that a refusal names.
pub(crate) fn in_message(message: &str, object: &Value) -> BTreeSet<String> {
    let spec = spec_path(object);
    let is_end = |char: char| char == ',' || char.is_whitespace();
    let mut names: BTreeSet<String> = message
        .split(is_end)
        .filter(|word| word.starts_with("spec."))
        .map(plain_name)
        .collect();
    names.extend(without_path(message, spec, object));
    names
}

/// Returns the fields of complaints that name none.
fn without_path(message: &str, spec: &str, object: &Value) -> Vec<String> {
    let pointer = format!("/{}/volumes", spec.replace('.', "/"));
    let volumes = object.pointer(&pointer).and_then(Value::as_array);
    let volumes = || volumes.into_iter().flatten().enumerate();
    let mut names = Vec::new();
    for line in message.lines() {
        let says = |words: &str| line.contains(words);
        if says("pod spec support for init-containers is off") {
            names.push(format!("{spec}.initContainers"));
        }
        if says("multi-container is off") {
            names.push(format!("{spec}.containers"));
        }
        for (at, volume) in volumes() {
            let name = volume["name"].as_str().unwrap();
            let is_about = |kind: &str, source: &str| {
                says(&format!("{kind} volume support is disabled"))
                    && line.split([' ', ':']).any(|word| word == name)
                    && !volume[source].is_null()
            };
            for (kind, source) in [
                ("Image", "image"),
                ("EmptyDir", "emptyDir"),
                ("HostPath", "hostPath"),
                ("CSI", "csi"),
                ("Ephemeral", "ephemeral"),
            ] {
                if is_about(kind, source) {
                    names.push(format!("{spec}.volumes[{at}].{source}"));
                }
            }
            // Claims are named by what they claim, which is the same here for all of them.
            let claim = &volume["persistentVolumeClaim"];
            if says("Persistent volume claim support is disabled") && !claim.is_null() {
                names.push(format!("{spec}.volumes[{at}].persistentVolumeClaim"));
            }
            let writes = !claim.is_null() && claim["readOnly"] != true;
            if says("Persistent volume write support is disabled") && writes {
                names.push(format!(
                    "{spec}.volumes[{at}].persistentVolumeClaim.readOnly"
                ));
            }
            if says(&format!("found volume mount {name} with mount propagation")) {
                names.push(format!("mountPropagation of volume {at}"));
            }
        }
    }
    names
}

/// Brings a name to the form that both sides can have.
fn plain_name(name: &str) -> String {
    let name = name.trim_end_matches([':', '.']);
    let mount = name.strip_suffix("].mountPropagation");
    if let Some((_, at)) = mount.and_then(|mount| mount.rsplit_once("volumeMounts[")) {
        // Every container mounts the volumes in their order.
        return format!("mountPropagation of volume {at}");
    }
    let mut name = name.replace("initContainers[", "containers[");
    for number in ["[0]", "[1]"] {
        name = name.replace(&format!(".ports{number}"), ".ports");
    }
    for whole in [
        ".livenessProbe",
        ".readinessProbe",
        ".startupProbe",
        "spec.securityContext.seccompProfile",
    ] {
        if let Some(at) = name.find(whole) {
            name.truncate(at + whole.len());
        }
    }
    // A port's name is a complaint about the port.
    if name.ends_with(".ports.name") {
        name.truncate(name.len() - ".name".len());
    }
    name
}

/// Returns the name of a field whatever its place, to count it by.
pub(crate) fn without_places(name: &str) -> String {
    let name = name
        .trim_start_matches("spec.template.")
        .trim_start_matches("spec.");
    let is_digit = |char: char| char.is_ascii_digit();
    name.replace(is_digit, "")
}

/// Returns the spec of an object without what Go writes for nothing.
pub(crate) fn plain(object: &Value) -> Value {
    let mut spec = object["spec"].clone();
    if let Some(spec) = spec.as_object_mut() {
        // Knight has no view of routes.
        spec.remove("traffic");
    }
    strip(&mut spec);
    spec
}

fn strip(value: &mut Value) {
    /// Fields that Go leaves out where they hold nothing.
    const LEFT_OUT: [&str; 11] = [
        "dnsPolicy",
        "hostIPC",
        "hostNetwork",
        "hostPID",
        "name",
        "priorityClassName",
        "readOnly",
        "schedulerName",
        "stdin",
        "tty",
        "hostPort",
    ];
    let is_nothing = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    match value {
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Object(entries) => {
            entries.values_mut().for_each(strip);
            entries.retain(|key, value| {
                // Of a divisor that is not there, Go writes a quantity of nothing.
                if key == "divisor" && *value == "0" {
                    return false;
                }
                let zero = *value == Value::Bool(false) || *value == "" || *value == 0;
                !(is_nothing(value) || zero && LEFT_OUT.contains(&key.as_str()))
            });
            entries.sort_keys();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns what differs between two values, a line each.
pub(crate) fn differences(theirs: &Value, ours: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", theirs, ours, &mut found);
    found
}

fn compare(path: &str, theirs: &Value, ours: &Value, found: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                compare(&format!("{path}.{key}"), &theirs[key], &ours[key], found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (theirs, ours)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}[{at}]"), theirs, ours, found);
            }
        }
        _ if theirs == ours => {}
        _ => found.push(format!("{path}: stored {theirs}, by Knight {ours}")),
    }
}
