//! Policies, each acting on a place of its own.

use std::time::Duration;

use serde_json::{Value, json};

use knight_controls::{control::Control, policy};
use knight_testbed_client::{Answer, Client, Error, wait_until};

use super::{
    asked::Asked,
    granted,
    place::{LABEL, Place},
};

/// How long a policy may take to act.
const PATIENCE: Duration = Duration::from_mins(2);

/// A policy that acts on a place.
#[derive(Debug)]
pub(crate) struct Bound<'c> {
    client: &'c Client,
    /// The name of the policy and of its bindings.
    name: String,
    /// Where it acts.
    pub(crate) place: Place,
}

/// What the server did with a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Decision {
    /// It was granted.
    Allowed,
    /// The policy refused it.
    Denied,
    /// Something else happened.
    Other(String),
}

impl<'c> Bound<'c> {
    /// Applies a policy to a place, with the parameters that stand in a namespace.
    pub(crate) fn apply(
        client: &'c Client,
        control: &Control,
        policy: Value,
        place: Place,
        parameters: &str,
    ) -> Self {
        Self::act(client, control, policy, place, parameters, "Deny")
    }

    /// Applies a policy that only warns.
    pub(crate) fn warn(
        client: &'c Client,
        control: &Control,
        policy: Value,
        place: Place,
        parameters: &str,
    ) -> Self {
        Self::act(client, control, policy, place, parameters, "Warn")
    }

    fn act(
        client: &'c Client,
        control: &Control,
        mut policy: Value,
        place: Place,
        parameters: &str,
        action: &str,
    ) -> Self {
        let name = format!("{}.{}", place.namespace, control.id);
        policy["metadata"]["name"] = json!(name);
        let with_parameters = !policy["spec"]["paramKind"].is_null();
        let apply = |object: &Value| {
            granted(client.apply(object), control.id);
        };
        apply(&policy);
        // A namespace selector holds for whatever lives in no namespace, so it is for the others.
        for (by, scope, selector) in [
            ("namespace", "Namespaced", "namespaceSelector"),
            ("object", "*", "objectSelector"),
        ] {
            let mut binding = json!({
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "ValidatingAdmissionPolicyBinding",
                "metadata": {"name": format!("{name}.{by}")},
                "spec": {
                    "policyName": name,
                    "validationActions": [action],
                    "matchResources": {
                        selector: {"matchLabels": {LABEL: place.label}},
                        "resourceRules": [{
                            "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"],
                            "operations": ["*"], "scope": scope,
                        }],
                    },
                },
            });
            if with_parameters {
                binding["spec"]["paramRef"] = json!({
                    "name": policy::PARAMETERS, "namespace": parameters,
                    "parameterNotFoundAction": "Deny",
                });
            }
            apply(&binding);
        }
        Self {
            client,
            name,
            place,
        }
    }

    /// Waits until the policy refuses something that it must refuse.
    pub(crate) fn wait(&self, refused: &Asked) -> Result<(), Error> {
        let mut last = String::new();
        let waited = wait_until(PATIENCE, &format!("the policy {}", self.name), || {
            let answer = refused.request.send(self.client, &self.place);
            answer.message().clone_into(&mut last);
            Ok((self.decision(&answer) == Decision::Denied).then_some(()))
        });
        waited.inspect_err(|_| println!("the last answer was: {last}"))
    }

    /// Returns the name of the policy.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Reads an answer.
    pub(crate) fn decision(&self, answer: &Answer) -> Decision {
        let ours = format!("ValidatingAdmissionPolicy '{}' with binding", self.name);
        let message = answer.message();
        let failed = ["resulted in error", "failed to configure"];
        // What Knative's webhook tried out of itself was refused then, not the object.
        let by_pod = message.contains("admission webhook");
        if answer.is_success() {
            Decision::Allowed
        } else if answer.status == 403
            && message.contains(&ours)
            && !by_pod
            && !failed.iter().any(|failed| message.contains(failed))
        {
            Decision::Denied
        } else {
            Decision::Other(format!("{}: {message}", answer.status))
        }
    }
}

impl Drop for Bound<'_> {
    /// Takes the policy away: a test bed that runs on would judge by it for ever.
    fn drop(&mut self) {
        let group = "/apis/admissionregistration.k8s.io/v1";
        let paths = [
            format!("{group}/validatingadmissionpolicies/{}", self.name),
            format!(
                "{group}/validatingadmissionpolicybindings/{}.namespace",
                self.name
            ),
            format!(
                "{group}/validatingadmissionpolicybindings/{}.object",
                self.name
            ),
        ];
        for path in paths {
            // The test is over; what is left behind changes nothing that it found.
            let _ = self.client.delete(&path);
        }
    }
}
