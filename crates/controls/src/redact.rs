//! What leaves a cluster: objects without what is secret in them, that are judged as before.
//!
//! [`redact`] is the only way from a cluster into a snapshot and into a scan, so that both say the
//! same and neither holds a value that could hurt. What is taken out, what takes its place and why
//! is said in [`REDACTIONS`]; the chapter on snapshots shows the same table.
//!
//! **The law:** every control finds in the redacted object what it finds in the original.

mod kinds;
mod rows;
mod stand_in;
mod uri;
mod walk;

use serde_json::{Map, Value};

pub use rows::{REDACTIONS, Redaction};

/// Takes out of an object, as the API server gives it, what is secret or of no use.
///
/// ```
/// use knight_controls::redact::redact;
/// use serde_json::json;
///
/// let variable = |value: &str| json!({"spec": {"env": [{"name": "PASSWORD", "value": value}]}});
/// assert_eq!(redact(variable("hunter2")), variable("redacted, 7 bytes"));
/// ```
pub fn redact(mut object: Value) -> Value {
    match &mut object {
        Value::Object(map) => of_map(map),
        other => stand_in::hide(other),
    }
    object
}

fn of_map(object: &mut Map<String, Value>) {
    let text = |key| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let kind = text("kind").to_owned();
    let group = match text("apiVersion").rsplit_once('/') {
        Some((group, _)) => group.to_owned(),
        None => String::new(),
    };
    // Each item of a list is an object of its own kind; what else stands in a list is no item.
    let items = if kind.ends_with("List") {
        object.shift_remove("items")
    } else {
        None
    };
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        for key in ["managedFields", "resourceVersion", "selfLink"] {
            metadata.shift_remove(key);
        }
    }
    kinds::status(&group, &kind, object);
    // A key that people chose says nothing of its value, whatever it is called.
    let chosen = kinds::chosen(&group, &kind, object);
    kinds::payloads(&group, &kind, object);
    for (key, value) in object.iter_mut() {
        walk::entry(key, value);
    }
    chosen.restore(object);
    if let Some(mut items) = items {
        match &mut items {
            Value::Array(items) => items
                .iter_mut()
                .for_each(|item| *item = redact(item.take())),
            other => stand_in::hide(other),
        }
        object.insert("items".to_owned(), items);
    }
}

#[cfg(test)]
mod tests;
