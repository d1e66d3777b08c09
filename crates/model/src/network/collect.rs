//! Collects what objects say of the network.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    flaw::Flaw,
    other::{ClusterNode, Namespace, Service},
    pod::{Owner, Pod, PodsOf},
    policy::Policy,
    unjudged::Influence,
};
use crate::{
    object::{Name, Object, ObjectRef},
    place::Place,
    snapshot::List,
    workload::Workload,
};

/// What an input says of the network; everything is sorted, so its order does not matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NetworkObjects {
    /// The namespaces: those of the input, and those that only objects in them name.
    pub namespaces: Vec<Namespace>,
    /// The pods, by namespace and name.
    pub pods: Vec<Pod>,
    /// The network policies, by namespace and name.
    pub policies: Vec<Policy>,
    /// The services, by namespace and name.
    pub services: Vec<Service>,
    /// The nodes, by name.
    pub nodes: Vec<ClusterNode>,
    /// The objects that cannot be read.
    pub flawed: Vec<Flawed>,
    /// The objects that decide on connections and are not judged.
    pub not_judged: Vec<NotJudged>,
    /// The objects that make pods of which the input does not say what they look like.
    pub carriers: Vec<NotJudged>,
    /// What was asked of a running cluster and not given.
    pub unread: Vec<Unread>,
}

/// An object of which it is not known what it says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Flawed {
    /// Which object; its namespace is filled in.
    pub object: ObjectRef,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// An object that says something which is not judged.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct NotJudged {
    /// Which object; a namespace is filled in only where one is written.
    pub object: ObjectRef,
    /// Where it is.
    pub place: Place,
}

/// A list that a cluster did not give.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Unread {
    /// The API group; empty for the core group.
    pub group: Box<str>,
    /// The kind.
    pub kind: Box<str>,
    /// The namespace; absent for all of them.
    pub namespace: Option<Box<str>>,
}

/// Collects [`NetworkObjects`] object by object, in any order, from any number of threads.
#[derive(Clone, Debug, Default)]
pub struct NetworkBuilder {
    found: NetworkObjects,
    /// Who made the objects that make pods, by namespace and owner.
    owners: BTreeMap<(Box<str>, Owner), Owner>,
}

/// The namespace that objects without one are put into, as `kubectl` does by itself.
const DEFAULT_NAMESPACE: &str = "default";

/// How far owners of owners are followed.
const LONGEST_CHAIN: usize = 4;

impl NetworkBuilder {
    /// Adds what an object says.
    pub fn add(&mut self, object: &Object<'_>) {
        let name = match object.name() {
            Name::Written(name) | Name::Generated(name) => name,
            Name::Absent => "",
        };
        let namespace = object.namespace().unwrap_or(DEFAULT_NAMESPACE);
        let added = match (object.group(), object.kind()) {
            ("networking.k8s.io" | "extensions", "NetworkPolicy") => {
                let policy = Policy::read(object, namespace, name);
                policy.map(|policy| self.found.policies.push(policy))
            }
            ("", "Namespace") => {
                let namespace = Namespace::read(object, name);
                namespace.map(|namespace| self.found.namespaces.push(namespace))
            }
            ("", "Node") => {
                let node = ClusterNode::read(object, name);
                node.map(|node| self.found.nodes.push(node))
            }
            ("", "Service") => {
                let service = Service::read(object, namespace, name);
                service.map(|service| self.found.services.push(service))
            }
            _ => self.add_pods_of(object, namespace),
        };
        if let Err(flaw) = added {
            let mut object = object.reference();
            if !matches!(&*object.kind, "Namespace" | "Node") {
                object.namespace = Some(namespace.into());
            }
            self.found.flawed.push(Flawed { object, flaw });
        }
    }

    fn add_pods_of(&mut self, object: &Object<'_>, namespace: &str) -> Result<(), Flaw> {
        let not_judged = || NotJudged {
            object: object.reference(),
            place: object.place(),
        };
        if Influence::of(object.group(), object.kind()).is_some() {
            self.found.not_judged.push(not_judged());
        }
        let Some(workload) = Workload::of(*object) else {
            return Ok(());
        };
        if let Some(owner) = object.metadata().and_then(Owner::controller) {
            let own = (Box::from(namespace), Owner::of(object));
            self.owners.insert(own, owner);
        }
        match Pod::read(object, &workload, namespace)? {
            PodsOf::Pods(pods) => self.found.pods.extend(pods),
            PodsOf::None => {}
            PodsOf::Elsewhere => self.found.carriers.push(NotJudged {
                object: ObjectRef {
                    namespace: Some(namespace.into()),
                    ..object.reference()
                },
                place: object.place(),
            }),
        }
        Ok(())
    }

    /// Adds a pod that was made from an object otherwise, such as those behind a Knative Service.
    pub fn add_pod(&mut self, pod: Pod) {
        self.found.pods.push(pod);
    }

    /// Adds what was asked of a running cluster.
    pub fn add_lists<'l>(&mut self, lists: impl IntoIterator<Item = &'l List>) {
        let unread = lists.into_iter().filter(|list| list.is_unread());
        self.found.unread.extend(unread.map(|list| Unread {
            group: list.group.as_str().into(),
            kind: list.kind.as_str().into(),
            namespace: list.namespace.as_deref().map(Into::into),
        }));
    }

    /// Returns both together; neither grouping nor order of merges matters.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        let found = other.found;
        self.found.namespaces.extend(found.namespaces);
        self.found.pods.extend(found.pods);
        self.found.policies.extend(found.policies);
        self.found.services.extend(found.services);
        self.found.nodes.extend(found.nodes);
        self.found.flawed.extend(found.flawed);
        self.found.not_judged.extend(found.not_judged);
        self.found.carriers.extend(found.carriers);
        self.found.unread.extend(found.unread);
        self.owners.extend(other.owners);
        self
    }

    /// Returns what was found.
    ///
    /// Of several objects with one name, the first by place counts among the namespaces, as
    /// [`Cluster`](crate::cluster::Cluster) has it; of the others all count, because it is not known
    /// which of them is applied last.
    pub fn build(mut self) -> NetworkObjects {
        for pod in &mut self.found.pods {
            name_owner(pod, &self.owners);
        }
        let mut found = self.found;
        found.pods.sort_by(|a, b| {
            (&a.namespace, &a.name, &a.workload, &a.place).cmp(&(
                &b.namespace,
                &b.name,
                &b.workload,
                &b.place,
            ))
        });
        found.policies.sort_by(|a, b| {
            (&a.namespace, &a.name, &a.place).cmp(&(&b.namespace, &b.name, &b.place))
        });
        found.services.sort_by(|a, b| {
            (&a.namespace, &a.name, &a.place).cmp(&(&b.namespace, &b.name, &b.place))
        });
        found
            .nodes
            .sort_by(|a, b| (&a.name, &a.place).cmp(&(&b.name, &b.place)));
        found
            .flawed
            .sort_by(|a, b| (&a.object, a.flaw.place()).cmp(&(&b.object, b.flaw.place())));
        found.not_judged.sort_unstable();
        found.carriers.sort_unstable();
        found.unread.sort_unstable();
        found.unread.dedup();
        let mut names: BTreeSet<Box<str>> = BTreeSet::new();
        let mut last = "";
        let of_pods = found.pods.iter().map(|pod| &*pod.namespace);
        for name in of_pods.chain(found.policies.iter().map(|policy| &*policy.namespace)) {
            if name != last && !names.contains(name) {
                names.insert(name.into());
            }
            last = name;
        }
        for flawed in &found.flawed {
            match &flawed.object.namespace {
                Some(namespace) => names.insert(namespace.clone()),
                None if &*flawed.object.kind == "Namespace" => {
                    names.insert(flawed.object.name.clone())
                }
                None => continue,
            };
        }
        let in_carriers = found.carriers.iter();
        names.extend(in_carriers.filter_map(|carrier| carrier.object.namespace.clone()));
        found
            .namespaces
            .sort_by(|a, b| (&a.name, &a.place).cmp(&(&b.name, &b.place)));
        found.namespaces.dedup_by(|a, b| a.name == b.name);
        for namespace in &found.namespaces {
            names.remove(&namespace.name);
        }
        let unseen = names.iter().map(|name| Namespace::unseen(name));
        found.namespaces.extend(unseen);
        found.namespaces.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }
}

/// Puts in the place of a pod's owner the object that made the owner, as far as that is known.
fn name_owner(pod: &mut Pod, owners: &BTreeMap<(Box<str>, Owner), Owner>) {
    if &*pod.workload.kind == "ReplicaSet" && &*pod.workload.group == "apps" {
        let known = owners.contains_key(&(pod.namespace.clone(), pod.workload.clone()));
        let hash = match pod.labels.label("pod-template-hash") {
            super::Label::Value(hash) => Some(hash),
            super::Label::Absent | super::Label::Unknown => None,
        };
        // The name of a Deployment's ReplicaSet ends in the hash that its pods have as a label.
        let deployment = hash
            .and_then(|hash| pod.workload.name.strip_suffix(hash))
            .and_then(|name| name.strip_suffix('-'));
        if let (false, Some(deployment)) = (known, deployment) {
            pod.workload = Owner {
                group: "apps".into(),
                kind: "Deployment".into(),
                name: deployment.into(),
            };
            return;
        }
    }
    for _ in 0..LONGEST_CHAIN {
        let own = (pod.namespace.clone(), pod.workload.clone());
        let Some(owner) = owners.get(&own) else {
            return;
        };
        pod.workload = owner.clone();
    }
}

/// Returns strings of which at least one occurs in every text that can say anything of the network,
/// so that a reader finds those texts without parsing the others.
pub fn needles() -> impl Iterator<Item = &'static str> {
    let own = ["NetworkPolicy", "Namespace", "Node", "Service", "Pod"];
    let carriers = knight_facts::carriers::carriers();
    let carriers = carriers.iter().map(|carrier| carrier.kind.as_str());
    own.into_iter().chain(carriers).chain(Influence::needles())
}
