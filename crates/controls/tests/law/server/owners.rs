//! Owners of pods that the server takes, each with a template of its own.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde_json::{Value, json};

use knight_controls::control::{Control, ObjectRule};
use knight_testbed_client::Client;

use crate::{dice::Dice, pod_security::failing, typed};

use super::{
    asked::{Asked, Request, Way},
    fit::{IMAGE, fit},
    granted,
    place::Place,
    threads,
};

/// The label by which the pods of an owner are found.
pub(crate) const OWNER: &str = "knight.dev/owner";

/// A sort of owner.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sort {
    Deployment,
    Service,
    /// A Service where Knative's webhooks do not look.
    ExcludedService,
}

/// An owner that the server stored, with its level.
pub(crate) struct Owner {
    pub(crate) name: String,
    pub(crate) level: &'static str,
    pub(crate) asked: Asked,
}

impl Owner {
    /// Creates it in a namespace.
    pub(crate) fn store(&self, client: &Client, place: &Place) {
        let Request {
            object, resource, ..
        } = &self.asked.request;
        let object = place.put(object, resource);
        let path = resource.path(Some(&place.namespace), None);
        granted(client.create(&path, &object), "an owner");
    }

    /// Returns the checks of its level that it fails.
    pub(crate) fn failing(
        &self,
        controls: &[(&Control, ObjectRule)],
        minor: u16,
    ) -> BTreeSet<&'static str> {
        failing(controls, self.level, minor, &self.asked.seen)
    }
}

/// Makes owners that the server takes, each with a pod template of its own.
pub(crate) fn owners(client: &Client, sort: Sort, count: usize, open: &Place) -> Vec<Owner> {
    let made: Vec<Option<Owner>> = threads().install(|| {
        (0..count)
            .into_par_iter()
            .map(|at| {
                let mut dice = Dice::of(&format!("{sort:?} {at}"));
                let level = ["baseline", "restricted"][at % 2];
                // The server may refuse some of what is made for good.
                (0..10).find_map(|_| {
                    let name = format!("owner-{at}");
                    let asked = ask_owner(client, sort, &name, level, open, &mut dice)?;
                    Some(Owner { name, level, asked })
                })
            })
            .collect()
    });
    made.into_iter()
        .map(|owner| owner.expect("the server takes one of several"))
        .collect()
}

/// Asks for an owner whose template makes a pod that a Deployment can have: the controllers of
/// Knative say only in an event when the Deployment that they make is refused.
fn ask_owner(
    client: &Client,
    sort: Sort,
    name: &str,
    level: &str,
    open: &Place,
    dice: &mut Dice,
) -> Option<Asked> {
    let hardened = level == "restricted" || dice.chance(25);
    let (mut metadata, mut spec) = typed::pod(dice, hardened);
    metadata["labels"] = json!({ OWNER: name });
    if sort != Sort::Deployment {
        as_of_a_service(&mut spec);
    }
    let template = json!({"metadata": metadata, "spec": spec});
    let selector = json!({"matchLabels": {OWNER: name}});
    let spec = json!({"selector": selector, "template": template});
    let deployment = request(client, "apps/v1", "Deployment", name, &spec);
    let asked = deployment.ask_until_granted(client, open)?;
    if sort == Sort::Deployment {
        return Some(asked);
    }
    let spec = json!({"template": asked.request.object["spec"]["template"]});
    let service = request(client, "serving.knative.dev/v1", "Service", name, &spec);
    service.ask_until_granted(client, open)
}

fn request(client: &Client, api_version: &str, kind: &str, name: &str, spec: &Value) -> Request {
    let metadata = json!({"name": name});
    let mut request = Request {
        object: json!({
            "apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec,
        }),
        resource: client.resource(api_version, kind).expect("it is served"),
        way: Way::Created,
    };
    fit(&mut request);
    request
}

/// Takes from a pod spec what no Service can have: it has one container with one port at most, whose
/// image can be resolved, and mounts all its volumes.
fn as_of_a_service(spec: &mut Value) {
    let volumes = spec["volumes"].as_array().cloned().unwrap_or_default();
    let mounts = volumes.iter().map(|volume| {
        let path = volume["name"].as_str().map(|name| format!("/{name}"));
        json!({"name": volume["name"], "mountPath": path, "readOnly": true})
    });
    if let Some(containers) = spec["containers"].as_array_mut() {
        containers.truncate(1);
        for container in containers {
            container["image"] = json!(IMAGE);
            container["volumeMounts"] = mounts.clone().collect();
            if let Some(ports) = container["ports"].as_array_mut() {
                ports.truncate(1);
            }
        }
    }
    if let Some(spec) = spec.as_object_mut() {
        spec.shift_remove("ephemeralContainers");
        spec.shift_remove("initContainers");
    }
}
