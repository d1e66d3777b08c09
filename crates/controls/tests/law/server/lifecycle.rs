//! Objects that were there before the policy: they can be labelled, lose their finalizers and go.

use std::fmt::Write as _;

use serde_json::{Value, json};

use knight_controls::{
    control::{Control, ObjectRule},
    rule::Scope,
};
use knight_testbed_client::{Client, Patch, Resource};

use super::{
    answered,
    asked::Asked,
    bound::{Bound, Decision},
    generate::namespaces_of,
    place::Place,
};

/// How many objects are stored for a control, each of another kind.
const STORED: usize = 3;
const FINALIZER: &str = "knight.dev/law";

/// An object that the policy would refuse, stored before it acts.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    resource: Resource,
    object: Value,
}

/// Stores objects that a policy must refuse, before it acts; the first of each kind.
///
/// Controllers see them too, and Knative's trust its webhooks: those of Eventing end with a nil
/// pointer on a `Parallel` or `Sequence` without the channel template that a webhook fills in. So the
/// namespace is one where webhooks look, and of Knative's kinds only what people wrote is stored.
pub(crate) fn store<'a>(
    client: &Client,
    place: &Place,
    refused: impl Iterator<Item = &'a Asked>,
) -> Vec<Stored> {
    let mut stored: Vec<Stored> = Vec::new();
    for asked in refused {
        let resource = &asked.request.resource;
        if stored.len() == STORED {
            break;
        }
        if stored
            .iter()
            .any(|stored| stored.resource.kind == resource.kind)
        {
            continue;
        }
        let mut object = place.put(&asked.request.object, resource);
        object["metadata"]["name"] = json!(format!("{}-stored", place.namespace));
        object["metadata"]["finalizers"] = json!([FINALIZER]);
        let path = resource.path(Some(&place.namespace), None);
        let answer = answered(client.create(&path, &object));
        // A name may be one of those that a kind reserves, or too long for it.
        if answer.is_success() {
            stored.push(Stored {
                resource: resource.clone(),
                object,
            });
        }
    }
    stored
}

/// Holds that a policy lets stored objects be changed where it does not look, and deleted.
pub(crate) fn hold(
    client: &Client,
    control: &Control,
    rule: &ObjectRule,
    bound: &Bound<'_>,
    place: &Place,
    stored: &[Stored],
) -> String {
    let mut failures = String::new();
    // What Knative runs by is not made worse even for a test.
    if stored.is_empty() && namespaces_of(rule).is_empty() {
        let _ = writeln!(
            failures,
            "{}: nothing that it refuses could be stored",
            control.id
        );
    }
    for Stored { resource, object } in stored {
        let name = object["metadata"]["name"].as_str();
        let path = resource.path(Some(&place.namespace), name);
        let mut steps: Vec<(&str, Option<Value>)> = Vec::new();
        if !judges(rule, "labels") {
            steps.push((
                "a new label",
                Some(json!({"metadata": {"labels": {"example.com/a": "b"}}})),
            ));
        }
        if !judges(rule, "annotations") {
            let annotation = json!({"metadata": {"annotations": {"example.com/a": "b"}}});
            steps.push(("a new annotation", Some(annotation)));
        }
        steps.extend([
            (
                "one more finalizer",
                Some(json!({"metadata": {"finalizers": [FINALIZER, "knight.dev/more"]}})),
            ),
            ("deletion", None),
            (
                "the loss of its finalizers",
                Some(json!({"metadata": {"finalizers": null}})),
            ),
        ]);
        for (what, patch) in steps {
            let answer = match &patch {
                Some(patch) => client.patch(&path, Patch::Merge, patch),
                None => client.delete(&path),
            };
            let answer = answered(answer);
            let decision = bound.decision(&answer);
            if decision != Decision::Allowed {
                let _ = writeln!(
                    failures,
                    "{}: {what} of a stored {}: {decision:?}",
                    control.id, resource.kind
                );
            }
        }
        let left = answered(client.get(&path));
        if left.is_success() && resource.kind != "Namespace" {
            let _ = writeln!(
                failures,
                "{}: a {} is still there: {:#}",
                control.id, resource.kind, left.body["metadata"]
            );
        }
    }
    failures
}

/// Whether a rule reads this part of the metadata of objects.
fn judges(rule: &ObjectRule, part: &str) -> bool {
    let mut judges = false;
    rule.holds.paths(&mut |path| {
        let mut keys = path.keys.iter().map(AsRef::as_ref);
        judges |= match path.scope {
            Scope::Object => keys.next() == Some("metadata") && keys.next() == Some(part),
            // Some kinds give their own metadata to their pods.
            Scope::PodMetadata => keys.next() == Some(part),
            Scope::Pod | Scope::Container | Scope::Item | Scope::Key => false,
        };
    });
    judges
}
