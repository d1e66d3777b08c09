//! Requests, and what the twin made of them.

use serde_json::{Value, json};

use knight_testbed_client::{Answer, Client, FieldValidation, Resource};

use crate::objects::Kind;

use super::{answered, fit::fit, mend::mend, place::Place};

/// How often an object is mended before it is given up.
const ROUNDS: usize = 12;

/// How an object comes to the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    /// As a new one.
    Created,
    /// As the ephemeral containers of the stored pod of this name.
    Ephemeral(String),
    /// In place of an object that is stored in this namespace; a label tells which policy acts.
    Replaced(String),
}

/// A request that may be sent to any place.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The object, which belongs nowhere yet.
    pub(crate) object: Value,
    /// Its resource.
    pub(crate) resource: Resource,
    /// How it comes.
    pub(crate) way: Way,
}

/// A request that was granted where no policy acts.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The request.
    pub(crate) request: Request,
    /// The object as policies see it, in the twin.
    pub(crate) seen: Value,
}

impl Request {
    /// Sends the request to a place, as a dry run.
    pub(crate) fn send(&self, client: &Client, place: &Place) -> Answer {
        let object = place.put(&self.object, &self.resource);
        let namespace = Some(place.namespace.as_str());
        let sent = match &self.way {
            Way::Created => {
                let path = self.resource.path(namespace, None);
                client.dry_run_create(&path, &object, FieldValidation::Strict)
            }
            Way::Ephemeral(pod) => {
                let pod = self.resource.path(namespace, Some(pod));
                let path = format!("{pod}/ephemeralcontainers");
                client.dry_run_replace(&path, &object, FieldValidation::Strict)
            }
            Way::Replaced(namespace) => {
                let mut object = place.label(&self.object);
                object["metadata"]["namespace"] = json!(namespace);
                let name = object["metadata"]["name"].as_str();
                let path = self.resource.path(Some(namespace), name);
                client.dry_run_replace(&path, &object, FieldValidation::Strict)
            }
        };
        answered(sent)
    }

    /// Asks the twin; what refuses the request there is no policy.
    pub(crate) fn ask(self, client: &Client, twin: &Place) -> Result<Asked, Box<(Self, Answer)>> {
        let answer = self.send(client, twin);
        if answer.is_success() {
            let mut seen = answer.body;
            restore_floats(&self.object, &mut seen);
            return Ok(Asked {
                request: self,
                seen,
            });
        }
        assert!(
            answer.status < 500 || answer.message().contains("decod"),
            "the server failed: {answer:?}\n{:#}",
            self.object
        );
        Err(Box::new((self, answer)))
    }

    /// Asks the twin, and mends the object by what it says against it, as long as that helps.
    pub(crate) fn ask_until_granted(mut self, client: &Client, twin: &Place) -> Option<Asked> {
        for _ in 0..ROUNDS {
            match self.ask(client, twin) {
                Ok(asked) => return Some(asked),
                Err(refusal) => {
                    let answer;
                    (self, answer) = *refusal;
                    if !mend(&mut self.object, &answer) {
                        return None;
                    }
                    fit(&mut self);
                }
            }
        }
        None
    }

    /// Returns whether the object is of a kind, in whatever version.
    pub(crate) fn is_of(&self, kind: &Kind) -> bool {
        let group = self.resource.api_version.rsplit_once('/');
        group.map_or("", |(group, _)| group) == kind.group && self.resource.kind == kind.name
    }

    /// Returns the same request with another object, or the object's parts that still make one.
    pub(crate) fn with(&self, object: Value) -> Self {
        Self {
            object,
            resource: self.resource.clone(),
            way: self.way.clone(),
        }
    }

    /// Makes the request that gives a stored pod ephemeral containers.
    pub(crate) fn ephemeral(resource: &Resource, pod: &str, containers: &Value) -> Self {
        Self {
            object: json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod},
                "spec": {"ephemeralContainers": containers},
            }),
            resource: resource.clone(),
            way: Way::Ephemeral(pod.to_owned()),
        }
    }
}

/// Puts floats that are whole where the server shows whole numbers.
///
/// A custom resource with `1.0` reaches policies as a double, and is no whole number to them; the
/// answer shows it as `1`, and so does the object that is stored.
/// <https://github.com/kubernetes-sigs/json/blob/main/json.go>
fn restore_floats(sent: &Value, seen: &mut Value) {
    match (sent, seen) {
        (Value::Number(sent), seen @ Value::Number(_))
            if sent.is_f64() && sent.as_f64() == seen.as_f64() =>
        {
            *seen = Value::Number(sent.clone());
        }
        (Value::Array(sent), Value::Array(seen)) => {
            for (sent, seen) in sent.iter().zip(seen) {
                restore_floats(sent, seen);
            }
        }
        (Value::Object(sent), Value::Object(seen)) => {
            for (key, sent) in sent {
                if let Some(seen) = seen.get_mut(key) {
                    restore_floats(sent, seen);
                }
            }
        }
        _ => {}
    }
}
