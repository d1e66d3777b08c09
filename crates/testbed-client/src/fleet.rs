//! A large cluster, the same every time: namespaces by the thousand with what teams put there.

use std::{
    iter,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::{Value, json};

use crate::{Client, Error};

/// How many requests are under way at once.
const THREADS: usize = 8;
/// How many objects there are of each kind, in parts of [`PARTS`].
const PARTS: usize = 40;

/// A cluster that is made up: which objects it has follows from these numbers alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fleet {
    /// How many objects there are, about; a number that 40 divides is exact.
    ///
    /// Of 20,000 there are 3,000 Namespaces with a `NetworkPolicy` each, 5,000 Knative Services of
    /// which 1,500 have their Configuration and Revision, 2,500 Deployments, 1,500 Triggers, 1,000
    /// service accounts, and 500 each of `ContainerSource` and `PingSource`.
    pub objects: usize,
    /// Another number gives other objects.
    pub seed: u64,
}

/// Objects of which each is made by the controller of the one before.
pub type Chain = Vec<Value>;

impl Fleet {
    /// Returns the namespaces, which must be there before all else.
    pub fn namespaces(self) -> impl Iterator<Item = Value> {
        (0..self.parts(6)).map(move |index| {
            let mut random = self.random(1, index);
            let guarded = random.below(3) > 0;
            let labels = if guarded {
                json!({"team": team(index), "pod-security.kubernetes.io/enforce": "restricted"})
            } else {
                json!({"team": team(index)})
            };
            json!({
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": {"name": team(index), "labels": labels},
            })
        })
    }

    /// Returns what is in the namespaces.
    pub fn chains(self) -> impl Iterator<Item = Chain> {
        let each = |kind: u64, parts: usize, make: fn(usize, &mut Random) -> Chain| {
            (0..self.parts(parts)).map(move |index| make(index, &mut self.random(kind, index)))
        };
        let place = move |mut chain: Chain, index: usize| {
            let namespace = team(index % self.parts(6).max(1));
            for object in &mut chain {
                object["metadata"]["namespace"] = Value::String(namespace.clone());
            }
            chain
        };
        let placed = move |(index, chain)| place(chain, index);
        each(2, 6, network_policy)
            .enumerate()
            .map(placed)
            .chain(each(3, 3, owned_service).enumerate().map(placed))
            .chain(each(4, 7, service).enumerate().map(placed))
            .chain(each(5, 5, deployment).enumerate().map(placed))
            .chain(each(6, 3, trigger).enumerate().map(placed))
            .chain(each(7, 2, account).enumerate().map(placed))
            .chain(each(8, 1, container_source).enumerate().map(placed))
            .chain(each(9, 1, ping_source).enumerate().map(placed))
    }

    /// Creates it all; returns how many objects that were.
    pub fn create(self, client: &Client) -> Result<usize, Error> {
        let namespaces = create(
            client,
            self.namespaces().map(|object| iter::once(object).collect()),
        )?;
        Ok(namespaces + create(client, self.chains())?)
    }

    fn parts(self, count: usize) -> usize {
        self.objects * count / PARTS
    }

    fn random(self, kind: u64, index: usize) -> Random {
        let mut random = Random(self.seed ^ (kind << 56) ^ (index as u64));
        random.next();
        random
    }
}

/// Creates chains, several at once, and each of them in its order.
fn create(client: &Client, chains: impl Iterator<Item = Chain> + Send) -> Result<usize, Error> {
    let chains = Mutex::new(chains);
    let created = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let work = || -> Result<(), Error> {
        while !failed.load(Ordering::Relaxed) {
            let chain = chains.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(chain) = chain else { break };
            let count = chain.len();
            create_chain(client, chain).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
            created.fetch_add(count, Ordering::Relaxed);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect::<Result<Vec<()>, Error>>()
    })?;
    Ok(created.into_inner())
}

fn create_chain(client: &Client, chain: Chain) -> Result<(), Error> {
    let mut owner: Option<Value> = None;
    for mut object in chain {
        if let Some(owner) = owner {
            object["metadata"]["ownerReferences"] = json!([{
                "apiVersion": owner["apiVersion"], "kind": owner["kind"],
                "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"],
                "controller": true, "blockOwnerDeletion": true,
            }]);
        }
        let path = client.collection_of(&object, None)?;
        let what = format!("making {} {}", object["kind"], object["metadata"]["name"]);
        owner = Some(client.create(&path, &object)?.granted(&what)?);
    }
    Ok(())
}

fn team(index: usize) -> String {
    format!("team-{index:04}")
}

/// Returns the pod spec of a team: most are careful, some careless, a few hostile.
fn pod_spec(random: &mut Random) -> Value {
    let tag = random.below(40);
    let mut container = json!({
        "name": "app",
        "image": format!("registry.example.com/apps/app-{}:{tag}", random.below(300)),
        "args": ["--listen=:8080", format!("--workers={}", 1 + random.below(8))],
        "env": (0..4 + random.below(8)).map(|count| json!({
            "name": format!("SETTING_{count}"), "value": format!("value-{tag}-{count}"),
        })).collect::<Vec<_>>(),
        "resources": {
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "limits": {"memory": "256Mi"},
        },
    });
    let careful = random.below(10);
    if careful < 7 {
        container["securityContext"] = json!({
            "allowPrivilegeEscalation": false,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": true,
            "runAsNonRoot": true,
            "seccompProfile": {"type": "RuntimeDefault"},
        });
    }
    let mut spec = json!({"automountServiceAccountToken": false});
    if careful == 9 {
        match random.below(6) {
            0 => container["securityContext"] = json!({"privileged": true}),
            1 => container["securityContext"] = json!({"runAsUser": 0}),
            2 => spec["hostNetwork"] = Value::Bool(true),
            3 => {
                spec["volumes"] = json!([{"name": "node", "hostPath": {"path": "/"}}]);
                container["volumeMounts"] = json!([{"name": "node", "mountPath": "/node"}]);
            }
            4 => container["resources"] = json!({}),
            _ => {
                container["env"] = json!([
                    {"name": "DATABASE_PASSWORD", "value": "correct-horse-battery-staple"},
                ]);
            }
        }
    }
    spec["containers"] = json!([container]);
    spec
}

/// Returns the template of a revision.
fn template(random: &mut Random) -> Value {
    let max = if random.below(20) == 0 {
        0
    } else {
        1 + random.below(30)
    };
    json!({
        "metadata": {"annotations": {"autoscaling.knative.dev/max-scale": max.to_string()}},
        "spec": pod_spec(random),
    })
}

fn knative(kind: &str, name: &str) -> Value {
    json!({"apiVersion": "serving.knative.dev/v1", "kind": kind, "metadata": {"name": name}})
}

fn service(index: usize, random: &mut Random) -> Chain {
    let mut service = knative("Service", &format!("web-{index}"));
    if random.below(4) == 0 {
        service["metadata"]["labels"] =
            json!({"networking.knative.dev/visibility": "cluster-local"});
    }
    service["spec"] = json!({"template": template(random)});
    vec![service]
}

/// Returns a service with what its controller makes of it, as long as that has no pods.
fn owned_service(index: usize, random: &mut Random) -> Chain {
    let name = format!("owner-{index}");
    let template = template(random);
    let mut service = knative("Service", &name);
    service["spec"] = json!({"template": template});
    let mut configuration = knative("Configuration", &name);
    configuration["spec"] = json!({"template": template});
    let mut revision = knative("Revision", &format!("{name}-00001"));
    revision["metadata"]["annotations"] = template["metadata"]["annotations"].clone();
    revision["metadata"]["labels"] = json!({
        "serving.knative.dev/configuration": name, "serving.knative.dev/service": name,
    });
    revision["spec"] = template["spec"].clone();
    vec![service, configuration, revision]
}

fn deployment(index: usize, random: &mut Random) -> Chain {
    let name = format!("batch-{index}");
    vec![json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "replicas": 1 + random.below(5),
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec(random)},
        },
    })]
}

fn network_policy(index: usize, random: &mut Random) -> Chain {
    let open = random.below(5) == 0;
    let from = if open {
        json!([{"namespaceSelector": {}}])
    } else {
        json!([{"podSelector": {}}])
    };
    vec![json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": format!("inside-{index}")},
        "spec": {
            "podSelector": {}, "policyTypes": ["Ingress"],
            "ingress": [{"from": from, "ports": [{"protocol": "TCP", "port": 8080}]}],
        },
    })]
}

fn trigger(index: usize, random: &mut Random) -> Chain {
    let subscriber = if random.below(20) == 0 {
        json!({"uri": "http://169.254.169.254/latest/meta-data"})
    } else {
        json!({"ref": {
            "apiVersion": "serving.knative.dev/v1", "kind": "Service",
            "name": format!("web-{}", random.below(1000)),
        }})
    };
    vec![json!({
        "apiVersion": "eventing.knative.dev/v1", "kind": "Trigger",
        "metadata": {"name": format!("on-{index}")},
        "spec": {
            "broker": "default",
            "filter": {"attributes": {"type": format!("order.{}", random.below(20))}},
            "subscriber": subscriber,
        },
    })]
}

fn account(index: usize, random: &mut Random) -> Chain {
    vec![json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": format!("runner-{index}")},
        "automountServiceAccountToken": random.below(2) == 0,
    })]
}

fn container_source(index: usize, random: &mut Random) -> Chain {
    vec![json!({
        "apiVersion": "sources.knative.dev/v1", "kind": "ContainerSource",
        "metadata": {"name": format!("feed-{index}")},
        "spec": {
            "template": {"spec": pod_spec(random)},
            "sink": {"ref": {
                "apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "default",
            }},
        },
    })]
}

fn ping_source(index: usize, random: &mut Random) -> Chain {
    let schedule = if random.below(10) == 0 {
        "* * * * * *"
    } else {
        "*/5 * * * *"
    };
    vec![json!({
        "apiVersion": "sources.knative.dev/v1", "kind": "PingSource",
        "metadata": {"name": format!("tick-{index}")},
        "spec": {
            "schedule": schedule, "contentType": "text/plain", "data": "tick",
            "sink": {"ref": {
                "apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "default",
            }},
        },
    })]
}

/// A small generator of numbers that are the same every time (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn all(fleet: Fleet) -> Vec<Value> {
        fleet.namespaces().chain(fleet.chains().flatten()).collect()
    }

    #[test]
    fn has_as_many_objects_of_each_kind_as_it_says() {
        let fleet = Fleet {
            objects: 20_000,
            seed: 1,
        };
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for object in all(fleet) {
            *kinds
                .entry(object["kind"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
        let expected = [
            ("Configuration", 1500),
            ("ContainerSource", 500),
            ("Deployment", 2500),
            ("Namespace", 3000),
            ("NetworkPolicy", 3000),
            ("PingSource", 500),
            ("Revision", 1500),
            ("Service", 5000),
            ("ServiceAccount", 1000),
            ("Trigger", 1500),
        ];
        assert_eq!(
            kinds,
            expected
                .map(|(kind, count)| (kind.to_owned(), count))
                .into()
        );
    }

    #[test]
    fn is_the_same_for_the_same_seed_and_another_for_another() {
        let of = |seed| all(Fleet { objects: 400, seed });
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn names_each_object_once_and_puts_it_into_a_namespace_that_is_there() {
        let fleet = Fleet {
            objects: 1000,
            seed: 3,
        };
        let namespaces: BTreeSet<String> = fleet
            .namespaces()
            .map(|object| object["metadata"]["name"].to_string())
            .collect();
        let mut names = BTreeSet::new();
        for object in fleet.chains().flatten() {
            let metadata = &object["metadata"];
            assert!(
                namespaces.contains(&metadata["namespace"].to_string()),
                "{object}"
            );
            let name = format!(
                "{} {} {}",
                object["kind"], metadata["namespace"], metadata["name"]
            );
            assert!(names.insert(name), "{object}");
        }
    }
}
