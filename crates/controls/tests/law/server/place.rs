//! Where objects are sent: a namespace for each control, and a twin.

use serde_json::{Value, json};

use knight_testbed_client::Resource;

/// The label that tells which policy acts: on namespaces, and on objects that cannot live there.
pub(crate) const LABEL: &str = "knight.dev/law";

/// A namespace, and the label by which a policy finds it and the objects that live in none.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The namespace.
    pub(crate) namespace: String,
    /// The value of [`LABEL`].
    pub(crate) label: String,
}

impl Place {
    /// Returns the labels of the namespace.
    pub(crate) fn labels(&self, excluded: bool) -> Value {
        let mut labels = json!({ LABEL: self.label });
        if excluded {
            labels["webhooks.knative.dev/exclude"] = json!("true");
        }
        labels
    }

    /// Returns a copy of an object that belongs here.
    pub(crate) fn put(&self, object: &Value, resource: &Resource) -> Value {
        if !resource.namespaced {
            return self.label(object);
        }
        let mut object = object.clone();
        object["metadata"]["namespace"] = json!(self.namespace);
        object
    }

    /// Returns a copy of an object that the policy knows by its label.
    pub(crate) fn label(&self, object: &Value) -> Value {
        let mut object = object.clone();
        let labels = &mut object["metadata"]["labels"];
        // What is no map stays, for the schema to refuse.
        if labels.is_null() || labels.is_object() {
            labels[LABEL] = json!(self.label);
        }
        object
    }

    /// Returns what an object of another place is here: wherever that one's names stand, those of
    /// this one do.
    pub(crate) fn from(&self, other: &Self, object: &Value) -> Value {
        let mut object = object.clone();
        self.rename(other, &mut object);
        object
    }

    fn rename(&self, other: &Self, value: &mut Value) {
        match value {
            Value::String(text) if *text == other.namespace => text.clone_from(&self.namespace),
            Value::String(text) if *text == other.label => text.clone_from(&self.label),
            Value::Array(items) => items.iter_mut().for_each(|item| self.rename(other, item)),
            Value::Object(map) => map.values_mut().for_each(|entry| self.rename(other, entry)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
