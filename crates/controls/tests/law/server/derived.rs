//! The pods that controllers make: what the controls of Pod Security say of an owner holds for the
//! pods that come of it, and is what admission says of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    time::Duration,
};

use rayon::prelude::*;
use serde_json::{Value, json};

use knight_testbed_client::{Client, Namespaces, wait_until};

use crate::{
    pod_security::{controls, failing, stricter_for_windows},
    policies::publish,
    shrink::yaml,
};

use super::{
    minor,
    owners::{OWNER, Owner, Sort, owners},
    place::Place,
    testbed, threads,
};

/// How many owners of each sort there are.
const OWNERS: usize = 100;
/// How long controllers may take for all of them.
const PATIENCE: Duration = Duration::from_mins(2);
/// What became of an owner.
#[derive(Clone, Debug)]
enum Outcome {
    /// Its pod.
    Pod(Value),
    /// Pod Security refused its pod.
    Refused,
    /// Something else did.
    Other(String),
}

#[test]
fn pods_of_deployments_are_admitted_as_their_owner_is_judged() {
    hold("deployments", &[(Sort::Deployment, OWNERS)]);
}

#[test]
fn pods_of_knative_services_are_admitted_as_their_owner_is_judged() {
    let half = OWNERS / 2;
    hold(
        "services",
        &[(Sort::Service, half), (Sort::ExcludedService, half)],
    );
}

fn hold(stem: &str, sorts: &[(Sort, usize)]) {
    let testbed = testbed();
    let client = testbed.client();
    let namespaces = testbed.namespaces(stem);
    let controls = controls();
    let minor = minor(client);
    let mut failures = String::new();
    let mut table =
        "| owner | level | owners | admitted | refused | no pod at all | named differences |\n\
                     |---|---|---:|---:|---:|---:|---:|\n"
            .to_owned();
    for (sort, count) in sorts {
        let open = namespace(&namespaces, *sort, "open");
        let enforced: BTreeMap<_, _> = ["baseline", "restricted"]
            .map(|level| (level, namespace(&namespaces, *sort, level)))
            .into();
        let owners = owners(client, *sort, *count, &open);
        threads().install(|| {
            owners.par_iter().for_each(|owner| {
                owner.store(client, &open);
                owner.store(client, &enforced[owner.level]);
            });
        });
        let everywhere = outcomes(client, &open, owners.len());
        for (level, place) in &enforced {
            let of_level: Vec<_> = owners
                .iter()
                .filter(|owner| owner.level == *level)
                .collect();
            let here = outcomes(client, place, of_level.len());
            let (mut admitted, mut refused, mut none, mut named) = (0, 0, 0, 0);
            for owner in &of_level {
                let found = (everywhere.get(&owner.name), here.get(&owner.name));
                let (Some(Outcome::Pod(pod)), Some(here)) = found else {
                    none += 1;
                    if let (Some(Outcome::Other(why)), _) | (_, Some(Outcome::Other(why))) = found {
                        println!("{sort:?} without a pod: {why}");
                    }
                    continue;
                };
                let ours = failing(&controls, level, minor, pod);
                let said = match here {
                    Outcome::Pod(_) => {
                        admitted += 1;
                        true
                    }
                    Outcome::Refused => {
                        refused += 1;
                        false
                    }
                    Outcome::Other(why) => {
                        let _ = writeln!(failures, "{sort:?} at {level}: {why}");
                        continue;
                    }
                };
                if ours.is_empty() != said {
                    if said && *level == "restricted" && stricter_for_windows(&pod["spec"], &ours) {
                        named += 1;
                        continue;
                    }
                    let _ = writeln!(
                        failures,
                        "{sort:?} at {level}: of the pod {ours:?}, but admitted: {said}\n{}",
                        yaml(pod)
                    );
                }
                let of_owner = owner.failing(&controls, minor);
                let differs: BTreeSet<_> = of_owner.symmetric_difference(&ours).copied().collect();
                if explained(owner, pod, &differs, &of_owner) {
                    named += 1;
                } else if !differs.is_empty() {
                    let _ = writeln!(
                        failures,
                        "{sort:?} at {level}: of the owner {of_owner:?}, of its pod {ours:?}\n{}{}",
                        yaml(&owner.asked.seen["spec"]),
                        yaml(&pod["spec"])
                    );
                }
            }
            let _ = writeln!(
                table,
                "| {sort:?} | {level} | {} | {admitted} | {refused} | {none} | {named} |",
                of_level.len()
            );
            if admitted == 0 || refused == 0 || none * 4 > of_level.len() {
                let _ = writeln!(failures, "{sort:?} at {level}: too little is decided");
            }
        }
    }
    publish(&format!("derived-{stem}.md"), &table);
    failures.truncate(20_000);
    assert!(failures.is_empty(), "\n{failures}");
}

fn namespace(namespaces: &Namespaces<'_>, sort: Sort, level: &str) -> Place {
    let mut labels = json!({});
    if level != "open" {
        labels["pod-security.kubernetes.io/enforce"] = json!(level);
    }
    if sort == Sort::ExcludedService {
        labels["webhooks.knative.dev/exclude"] = json!("true");
    }
    let namespace = namespaces.create(&format!("{sort:?}-{level}").to_lowercase(), &labels);
    Place {
        namespace: namespace.unwrap_or_else(|error| panic!("{error}")),
        label: String::new(),
    }
}

/// Whether a difference between an owner and its pod is one that is known:
///
/// - The API server gives the ports of a pod on the host's network the same host ports, but not those
///   of a template. Its owner fails for the network itself.
///   <https://github.com/kubernetes/kubernetes/blob/release-1.36/pkg/apis/core/v1/defaults.go>
/// - A volume without a source is an `emptyDir` once it is in a pod; in a Service that Knative's
///   webhooks do not see it has no source that a control could allow.
fn explained(
    owner: &Owner,
    pod: &Value,
    differs: &BTreeSet<&str>,
    of_owner: &BTreeSet<&str>,
) -> bool {
    let one = |id: &str| differs.len() == 1 && differs.contains(id);
    let volumes = owner.asked.seen["spec"]["template"]["spec"]["volumes"].as_array();
    let without_source = || {
        let mut volumes = volumes.into_iter().flatten();
        volumes.any(|volume| volume.as_object().is_some_and(|volume| volume.len() == 1))
    };
    let host_ports = one("hostPorts")
        && pod["spec"]["hostNetwork"] == true
        && of_owner.contains("hostNamespaces");
    host_ports
        || (one("restrictedVolumes") && of_owner.contains("restrictedVolumes") && without_source())
}

/// Waits until so many owners have a pod, or a reason why they have none.
fn outcomes(client: &Client, place: &Place, count: usize) -> BTreeMap<String, Outcome> {
    let list = |group: &str, plural: &str| {
        let path = format!("{group}/namespaces/{}/{plural}", place.namespace);
        let listed = client
            .get(&path)
            .and_then(|answer| answer.granted("a list"))?;
        Ok::<_, knight_testbed_client::Error>(
            listed["items"].as_array().cloned().unwrap_or_default(),
        )
    };
    let owner = |object: &Value| {
        let label = object["metadata"]["labels"][OWNER].as_str();
        label.map(str::to_owned)
    };
    let mut found = BTreeMap::new();
    let waited = wait_until(PATIENCE, "a pod or a reason for each owner", || {
        found.clear();
        for set in list("/apis/apps/v1", "replicasets")? {
            let conditions = set["status"]["conditions"].as_array();
            let failed = conditions
                .into_iter()
                .flatten()
                .find(|condition| condition["type"] == "ReplicaFailure");
            if let (Some(failed), Some(owner)) = (failed, owner(&set)) {
                let message = failed["message"].as_str().unwrap_or_default();
                let outcome = if message.contains("violates PodSecurity") {
                    Outcome::Refused
                } else {
                    Outcome::Other(message.to_owned())
                };
                found.insert(owner, outcome);
            }
        }
        for mut pod in list("/api/v1", "pods")? {
            // Items of a list leave out what they are.
            pod["apiVersion"] = json!("v1");
            pod["kind"] = json!("Pod");
            if let Some(owner) = owner(&pod) {
                found.insert(owner, Outcome::Pod(pod));
            }
        }
        // A Deployment that the server refuses never gets as far.
        for revision in list("/apis/serving.knative.dev/v1", "revisions")? {
            let conditions = revision["status"]["conditions"].as_array();
            let failed = conditions.into_iter().flatten().find(|condition| {
                condition["status"] == "False"
                    && ["NotOwned", "InvalidDeployment", "FailedCreate"]
                        .iter()
                        .all(|reason| condition["reason"] != *reason)
                    && condition["type"] == "ResourcesAvailable"
            });
            if let (Some(failed), Some(owner)) = (failed, owner(&revision)) {
                found
                    .entry(owner)
                    .or_insert_with(|| Outcome::Other(failed.to_string()));
            }
        }
        Ok((found.len() >= count).then_some(()))
    });
    if let Err(error) = waited {
        println!("{error}: {} of {count}", found.len());
    }
    found
}
