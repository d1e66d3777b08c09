//! Namespaces, nodes and services.

use std::{collections::BTreeMap, net::IpAddr};

use super::{
    address::Cidr,
    flaw::{Flaw, InField as _, list, map, text},
    labels::{Labels, UnknownKeys},
    pod::address,
    policy::{Protocol, number},
};
use crate::{
    object::Object,
    place::Place,
    tree::{Kind, List, Map, Node},
};

/// The label that the API server gives every namespace: its name.
///
/// See `kubernetes/kubernetes@release-1.36 pkg/apis/core/v1/defaults.go`.
pub const NAMESPACE_NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// A namespace.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Namespace {
    /// The name.
    pub name: Box<str>,
    /// The labels, with the one that the API server gives.
    pub labels: Labels,
    /// Where it is; absent when only objects in it are in the input.
    pub place: Option<Place>,
}

/// A node.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClusterNode {
    /// The name.
    pub name: Box<str>,
    /// Its addresses, sorted.
    pub addresses: Box<[IpAddr]>,
    /// The addresses that its pods get, where the cluster says so; sorted.
    pub pod_ranges: Box<[Cidr]>,
    /// Where it is.
    pub place: Place,
}

/// A service.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Service {
    /// Its namespace.
    pub namespace: Box<str>,
    /// The name.
    pub name: Box<str>,
    /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
    pub kind: Box<str>,
    /// The labels of the pods behind it; absent when something else says who is behind it.
    pub selector: Option<BTreeMap<Box<str>, Box<str>>>,
    /// The ports.
    pub ports: Box<[ServicePort]>,
    /// Whether it has no address of its own.
    pub headless: bool,
    /// The name that it stands for, if it is of the kind `ExternalName`.
    pub external_name: Option<Box<str>>,
    /// Addresses outside that lead to it.
    pub external_addresses: Box<[IpAddr]>,
    /// Where it is.
    pub place: Place,
}

/// A port of a service.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ServicePort {
    /// The name; empty when it has none.
    pub name: Box<str>,
    /// The protocol.
    pub protocol: Protocol,
    /// The number under which it is reached.
    pub number: u16,
    /// Where it leads, on the pods.
    pub target: TargetPort,
    /// The number under which every node has it.
    pub node_port: Option<u16>,
}

/// A port of the pods behind a service.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum TargetPort {
    /// This one.
    Number(u16),
    /// The one that the pod calls so.
    Named(Box<str>),
}

impl Namespace {
    /// Makes the namespace of objects whose namespace is not in the input: any label may be there.
    pub fn unseen(name: &str) -> Self {
        Self {
            name: name.into(),
            labels: Labels::new([(NAMESPACE_NAME_LABEL, name)], UnknownKeys::Any),
            place: None,
        }
    }

    pub(super) fn read(object: &Object<'_>, name: &str) -> Result<Self, Flaw> {
        let metadata = object.node().get("metadata");
        let added = [(NAMESPACE_NAME_LABEL, name)];
        Ok(Self {
            name: name.into(),
            labels: Labels::read(metadata, &added, UnknownKeys::None).in_key("metadata")?,
            place: Some(object.place()),
        })
    }
}

impl ClusterNode {
    pub(super) fn read(object: &Object<'_>, name: &str) -> Result<Self, Flaw> {
        let root = object.node();
        let mut addresses = Vec::new();
        let written = root
            .at_path(&["status", "addresses"])
            .map_or(Ok(None), list);
        let written = written.in_key("addresses").in_key("status")?;
        for (index, item) in written.into_iter().flat_map(List::items).enumerate() {
            let kind = item.get("type").and_then(Node::as_str);
            // The others are names.
            if matches!(kind, Some("InternalIP" | "ExternalIP"))
                && let Some(node) = item.get("address")
            {
                address(node, &mut addresses)
                    .in_key("address")
                    .in_item(index)
                    .in_key("addresses")
                    .in_key("status")?;
            }
        }
        let mut pod_ranges = Vec::new();
        let mut range = |node| {
            let text = text(node)?;
            let range = Cidr::parse(text).map_err(|reason| Flaw::at(node, reason))?;
            pod_ranges.push(range);
            Ok(())
        };
        if let Some(node) = root.at_path(&["spec", "podCIDR"]) {
            range(node).in_key("podCIDR").in_key("spec")?;
        }
        let written = root.at_path(&["spec", "podCIDRs"]).map_or(Ok(None), list);
        let written = written.in_key("podCIDRs").in_key("spec")?;
        for (index, item) in written.into_iter().flat_map(List::items).enumerate() {
            range(item)
                .in_item(index)
                .in_key("podCIDRs")
                .in_key("spec")?;
        }
        addresses.sort_unstable();
        addresses.dedup();
        pod_ranges.sort_unstable();
        pod_ranges.dedup();
        Ok(Self {
            name: name.into(),
            addresses: addresses.into(),
            pod_ranges: pod_ranges.into(),
            place: object.place(),
        })
    }
}

impl Service {
    pub(super) fn read(object: &Object<'_>, namespace: &str, name: &str) -> Result<Self, Flaw> {
        let spec = object.node().get("spec").map_or(Ok(None), map);
        let spec = spec.in_key("spec")?;
        let field = |key: &str| spec.and_then(|spec| spec.get(key));
        let string = |key: &str| {
            let value = field(key).map_or(Ok(""), text);
            value.in_key(key).in_key("spec")
        };
        let selector = field("selector").map_or(Ok(None), map);
        let selector = selector.in_key("selector").in_key("spec")?;
        let mut pairs = BTreeMap::new();
        for entry in selector.into_iter().flat_map(Map::entries) {
            let value = text(entry.value)
                .in_key(entry.key)
                .in_key("selector")
                .in_key("spec")?;
            pairs.insert(Box::from(entry.key), Box::from(value));
        }
        let mut ports = Vec::new();
        let written = field("ports").map_or(Ok(None), list);
        let written = written.in_key("ports").in_key("spec")?;
        for (index, item) in written.into_iter().flat_map(List::items).enumerate() {
            let port = ServicePort::read(item);
            ports.push(port.in_item(index).in_key("ports").in_key("spec")?);
        }
        let mut external_addresses = Vec::new();
        let written = field("externalIPs").map_or(Ok(None), list);
        let written = written.in_key("externalIPs").in_key("spec")?;
        for (index, item) in written.into_iter().flat_map(List::items).enumerate() {
            address(item, &mut external_addresses)
                .in_item(index)
                .in_key("externalIPs")
                .in_key("spec")?;
        }
        let kind = match string("type")? {
            "" => "ClusterIP",
            kind => kind,
        };
        let external_name = string("externalName")?;
        Ok(Self {
            namespace: namespace.into(),
            name: name.into(),
            kind: kind.into(),
            selector: (!pairs.is_empty()).then_some(pairs),
            ports: ports.into(),
            headless: string("clusterIP")? == "None",
            external_name: (kind == "ExternalName").then(|| external_name.into()),
            external_addresses: external_addresses.into(),
            place: object.place(),
        })
    }
}

impl ServicePort {
    fn read(node: Node<'_>) -> Result<Self, Flaw> {
        let wrong = || Flaw::wrong_type(node, "a map");
        let port = map(node)?.ok_or_else(wrong)?;
        let written = |key: &str| port.get(key).filter(|value| !value.is_null());
        let protocol = match written("protocol") {
            Some(protocol) => Protocol::read(protocol).in_key("protocol")?,
            None => Protocol::Tcp,
        };
        let own = number(written("port").ok_or_else(wrong)?).in_key("port")?;
        let target = match written("targetPort") {
            None => TargetPort::Number(own),
            Some(target) => match target.kind() {
                Kind::Text("") | Kind::Int(0) => TargetPort::Number(own),
                Kind::Text(name) => TargetPort::Named(name.into()),
                _ => TargetPort::Number(number(target).in_key("targetPort")?),
            },
        };
        let node_port = match written("nodePort") {
            Some(port) if port.as_int() != Some(0) => Some(number(port).in_key("nodePort")?),
            _ => None,
        };
        Ok(Self {
            name: written("name").map_or(Ok(""), text).in_key("name")?.into(),
            protocol,
            number: own,
            target,
            node_port,
        })
    }
}
