//! Pods, and the pods that a template stands for.

use std::{fmt, net::IpAddr};

use super::{
    flaw::{Flaw, InField as _, Reason, list, map, text},
    labels::{Labels, UnknownKeys},
    policy::{Protocol, number},
};
use crate::{
    object::Object,
    place::Place,
    tree::{List, Map, Node},
    workload::{self, Sort, Workload},
};

/// A pod, or all pods that one template makes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pod {
    /// Its namespace.
    pub namespace: Box<str>,
    /// Its name; of a template, the name of the object that has the template.
    pub name: Box<str>,
    /// What people call it: the object that made it, or the pod itself.
    pub workload: Owner,
    /// Its labels.
    pub labels: Labels,
    /// The ports that it gives a name, sorted.
    pub ports: Box<[NamedPort]>,
    /// Whether it has the network of its node.
    pub host_network: bool,
    /// The node that it runs on, where that is known.
    pub node: Option<Box<str>>,
    /// Its addresses, where they are known; sorted.
    pub addresses: Box<[IpAddr]>,
    /// The service account that it runs as; empty for the default one.
    pub service_account: Box<str>,
    /// Where it is.
    pub place: Place,
}

/// A port that a container gives a name.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NamedPort {
    /// The name.
    pub name: Box<str>,
    /// The protocol.
    pub protocol: Protocol,
    /// The number.
    pub number: u16,
}

/// An object that makes pods, or other objects that do.
///
/// Prints as `Deployment/web`, and `Service.serving.knative.dev/web` where the kind alone does not
/// say which one.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Owner {
    /// The API group; empty for the core group.
    pub group: Box<str>,
    /// The kind.
    pub kind: Box<str>,
    /// The name.
    pub name: Box<str>,
}

/// Labels that the API server or a controller adds to the pods that a kind makes.
///
/// See `kubernetes/api@release-1.36 apps/v1/types.go`, `batch/v1/types.go` and
/// `kubernetes/kubernetes@release-1.36 pkg/controller`.
const ADDED_LABELS: &[(&str, &[&str])] = &[
    ("Deployment", &["pod-template-hash"]),
    (
        "DaemonSet",
        &["controller-revision-hash", "pod-template-generation"],
    ),
    (
        "StatefulSet",
        &[
            "apps.kubernetes.io/pod-index",
            "controller-revision-hash",
            "statefulset.kubernetes.io/pod-name",
        ],
    ),
    ("Job", JOB_LABELS),
    ("CronJob", JOB_LABELS),
];

const JOB_LABELS: &[&str] = &[
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "controller-uid",
    "job-name",
];

/// What an object says of pods.
#[derive(Clone, Debug)]
pub(super) enum PodsOf {
    /// These pods.
    Pods(Vec<Pod>),
    /// None: they have ended, or something else makes them.
    None,
    /// Some, but what they look like is decided elsewhere.
    Elsewhere,
}

impl Owner {
    /// Makes the owner that an object is.
    pub fn of(object: &Object<'_>) -> Self {
        Self {
            group: object.group().into(),
            kind: object.kind().into(),
            name: object.name().to_string().into(),
        }
    }

    /// Returns the kind as people see it: with its group, where Kubernetes itself has none of it.
    pub fn shown_kind(&self) -> String {
        match &*self.group {
            "" | "apps" | "batch" => self.kind.to_string(),
            group => format!("{}.{group}", self.kind),
        }
    }

    /// Reads the controller among the owners of an object.
    pub(super) fn controller(metadata: Map<'_>) -> Option<Self> {
        let owners = metadata.get("ownerReferences")?.as_list()?;
        let is_controller =
            |owner: &Node<'_>| owner.get("controller").and_then(Node::as_bool) == Some(true);
        let owner = owners.items().find(is_controller)?;
        let api_version = owner.get("apiVersion")?.as_str()?;
        let (group, _) = api_version.split_once('/').unwrap_or(("", api_version));
        Some(Self {
            group: group.into(),
            kind: owner.get("kind")?.as_str()?.into(),
            name: owner.get("name")?.as_str()?.into(),
        })
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.shown_kind(), self.name)
    }
}

impl Pod {
    /// Reads the pods that an object is or makes.
    pub(super) fn read(
        object: &Object<'_>,
        workload: &Workload<'_>,
        namespace: &str,
    ) -> Result<PodsOf, Flaw> {
        let pods = match (object.group(), object.kind()) {
            // Nothing makes pods of it by itself.
            ("", "PodTemplate") => return Ok(PodsOf::None),
            ("", "Pod" | "ReplicationController") | ("apps" | "batch", _) => &workload.pods,
            _ => return Ok(PodsOf::Elsewhere),
        };
        let owner = object.metadata().and_then(Owner::controller);
        let is_pod = object.is("", "Pod");
        if !is_pod && owner.as_ref().is_some_and(makes_template_pods) {
            return Ok(PodsOf::None);
        }
        let status = match object.node().get("status").filter(|_| is_pod) {
            Some(status) => Status::read(status).in_key("status")?,
            None => Status::default(),
        };
        if status.ended {
            return Ok(PodsOf::None);
        }
        let mut found = Vec::with_capacity(pods.len());
        for pod in pods {
            found.push(Self {
                namespace: namespace.into(),
                name: object.name().to_string().into(),
                workload: owner.clone().unwrap_or_else(|| Owner::of(object)),
                addresses: status.addresses.clone().into(),
                place: object.place(),
                ..Self::of_template(pod, object)?
            });
        }
        Ok(PodsOf::Pods(found))
    }

    /// Reads what a spec and its metadata say.
    fn of_template(pod: &workload::Pod<'_>, object: &Object<'_>) -> Result<Self, Flaw> {
        if let Some(wrong) = pod.wrong.iter().chain(&pod.wrong_containers()).next() {
            return Err(Flaw::wrong_type(wrong.node, wrong.expected));
        }
        let metadata = pod.metadata_path.as_ref();
        let metadata = metadata.and_then(|path| object.node().locate(path));
        let added = ADDED_LABELS.iter().find(|(kind, _)| *kind == object.kind());
        let unknown = added.map_or(UnknownKeys::None, |(_, keys)| UnknownKeys::These(keys));
        let mut ports = Vec::new();
        for container in pod.containers() {
            // The ports of init containers count while they run on as sidecars.
            let restarts = container.node.get("restartPolicy").and_then(Node::as_str);
            let counts = match container.sort {
                Sort::Container => true,
                Sort::Init => restarts == Some("Always"),
                Sort::Ephemeral => false,
            };
            if counts && let Some(list_of_ports) = container.node.get("ports") {
                named_ports(list_of_ports, &mut ports).in_key("ports")?;
            }
        }
        ports.sort_unstable();
        ports.dedup();
        let spec = |key: &str| pod.map().and_then(|spec| spec.get(key));
        let host_network = match spec("hostNetwork") {
            Some(value) if !value.is_null() => value
                .as_bool()
                .ok_or_else(|| Flaw::wrong_type(value, "a boolean"))
                .in_key("hostNetwork")?,
            _ => false,
        };
        let string = |key: &str| spec(key).map_or(Ok(""), |value| text(value).in_key(key));
        let node = string("nodeName")?;
        Ok(Self {
            namespace: Box::default(),
            name: Box::default(),
            workload: Owner::of(object),
            labels: Labels::read(metadata, &[], unknown).in_key("metadata")?,
            ports: ports.into(),
            host_network,
            node: (!node.is_empty()).then(|| node.into()),
            addresses: Box::default(),
            service_account: string("serviceAccountName")?.into(),
            place: object.place(),
        })
    }
}

/// Returns whether an owner is of a kind whose own template stands for the pods.
fn makes_template_pods(owner: &Owner) -> bool {
    matches!(
        (&*owner.group, &*owner.kind),
        ("apps", "Deployment") | ("batch", "CronJob")
    )
}

fn named_ports(node: Node<'_>, ports: &mut Vec<NamedPort>) -> Result<(), Flaw> {
    for (index, item) in list(node)?.into_iter().flat_map(List::items).enumerate() {
        let Some(port) = map(item).in_item(index)? else {
            continue;
        };
        let written = |key: &str| port.get(key).filter(|value| !value.is_null());
        let Some(name) = written("name") else {
            continue;
        };
        let read = || {
            let name = text(name).in_key("name")?;
            let protocol = match written("protocol") {
                Some(protocol) => Protocol::read(protocol).in_key("protocol")?,
                None => Protocol::Tcp,
            };
            let missing = || {
                let field = "containerPort";
                Flaw::at(item, Reason::Missing { field })
            };
            let number =
                number(written("containerPort").ok_or_else(missing)?).in_key("containerPort")?;
            Ok((name, protocol, number))
        };
        let (name, protocol, number) = read().in_item(index)?;
        if !name.is_empty() {
            ports.push(NamedPort {
                name: name.into(),
                protocol,
                number,
            });
        }
    }
    Ok(())
}

#[derive(Clone, Debug, Default)]
struct Status {
    ended: bool,
    addresses: Vec<IpAddr>,
}

impl Status {
    fn read(node: Node<'_>) -> Result<Self, Flaw> {
        let Some(status) = map(node)? else {
            return Ok(Self::default());
        };
        let phase = status.get("phase").map_or(Ok(""), text).in_key("phase")?;
        let mut addresses = Vec::new();
        if let Some(ip) = status.get("podIP") {
            address(ip, &mut addresses).in_key("podIP")?;
        }
        if let Some(ips) = status.get("podIPs") {
            let ips = list(ips).in_key("podIPs")?;
            for (index, item) in ips.into_iter().flat_map(List::items).enumerate() {
                if let Some(ip) = item.get("ip") {
                    address(ip, &mut addresses)
                        .in_key("ip")
                        .in_item(index)
                        .in_key("podIPs")?;
                }
            }
        }
        addresses.sort_unstable();
        addresses.dedup();
        Ok(Self {
            ended: matches!(phase, "Succeeded" | "Failed"),
            addresses,
        })
    }
}

/// Reads an address; an empty text is none.
pub(super) fn address(node: Node<'_>, addresses: &mut Vec<IpAddr>) -> Result<(), Flaw> {
    let text = text(node)?;
    if text.is_empty() {
        return Ok(());
    }
    let address = text
        .parse()
        .map_err(|_| Flaw::at(node, Reason::Address(text.into())))?;
    addresses.push(address);
    Ok(())
}
