//! `NetworkPolicy` of `networking.k8s.io/v1`, with the API server's defaults filled in.
//!
//! Fields: `kubernetes/api@release-1.36 networking/v1/types.go`. Defaults:
//! `kubernetes/kubernetes@release-1.36 pkg/apis/networking/v1/defaults.go`. What is refused:
//! `kubernetes/kubernetes@release-1.36 pkg/apis/networking/validation/validation.go`.

use std::fmt;

use super::{
    address::{Block, Cidr},
    flaw::{Flaw, InField as _, Reason, list, map, text},
    labels::Selector,
};
use crate::{
    object::Object,
    place::Place,
    source::Position,
    tree::{Kind, List, Map, Node},
};

/// A network policy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    /// The namespace whose pods it selects.
    pub namespace: Box<str>,
    /// The name.
    pub name: Box<str>,
    /// Where it is.
    pub place: Place,
    /// What it says.
    pub spec: PolicySpec,
    /// Where its rules are; absent in an object of a cluster, which has no lines.
    marks: Option<Box<Marks>>,
}

/// What a network policy says.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct PolicySpec {
    /// Which pods of its namespace it is about.
    pub pods: Selector,
    /// What may come in to them; absent when it does not speak of that direction.
    pub ingress: Option<Box<[Rule]>>,
    /// What may go out of them; absent when it does not speak of that direction.
    pub egress: Option<Box<[Rule]>>,
}

/// One of the rules that allow: a connection must match a peer and a port.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Rule {
    /// Whom; absent for everybody, addresses outside of the cluster too.
    pub peers: Option<Box<[Peer]>>,
    /// Which ports; absent for all of them, and for protocols without ports.
    pub ports: Option<Box<[PortRule]>>,
}

/// One of those whom a rule is about.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Peer {
    /// Pods of the policy's own namespace.
    Own(Selector),
    /// Pods of namespaces.
    Namespaces {
        /// Which namespaces.
        namespaces: Selector,
        /// Which of their pods.
        pods: Selector,
    },
    /// Addresses.
    Block(Block),
}

/// Ports of one protocol.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PortRule {
    /// The protocol.
    pub protocol: Protocol,
    /// Which of its ports.
    pub ports: Ports,
}

/// Ports of a protocol.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Ports {
    /// All of them.
    All,
    /// From one number to another, both of them too.
    Range(u16, u16),
    /// The one that the pod at the end of the connection calls so.
    Named(Box<str>),
}

/// A protocol with ports.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// The direction of a connection, as a pod sees it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Direction {
    /// Into the pod.
    Ingress,
    /// Out of the pod.
    Egress,
}

/// Where the rules of a policy are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Marks {
    ingress: Vec<RuleMarks>,
    egress: Vec<RuleMarks>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct RuleMarks {
    rule: Position,
    peers: Vec<Position>,
    ports: Vec<Position>,
}

impl Policy {
    /// Makes a policy whose rules have no places of their own.
    pub fn new(namespace: &str, name: &str, place: Place, spec: PolicySpec) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
            place,
            spec,
            marks: None,
        }
    }

    /// Reads an object of the kind.
    pub(super) fn read(object: &Object<'_>, namespace: &str, name: &str) -> Result<Self, Flaw> {
        if object.version() != "v1" {
            let reason = Reason::Version(object.version().into());
            let node = object.node().get("apiVersion");
            return Err(Flaw::at(node.unwrap_or_else(|| object.node()), reason))
                .in_key("apiVersion");
        }
        let place = object.place();
        let mut marks = Marks::default();
        let spec = match object.node().get("spec") {
            Some(spec) => PolicySpec::read(spec, &mut marks).in_key("spec")?,
            None => PolicySpec::nothing(),
        };
        let marks = place.is_written().then(|| Box::new(marks));
        Ok(Self {
            marks,
            ..Self::new(namespace, name, place, spec)
        })
    }

    /// Returns where a rule is: line and column in the policy's file, both 0 where there are none.
    pub fn rule_position(&self, direction: Direction, rule: usize) -> Position {
        self.marks_of(direction, rule)
            .map_or(NOWHERE, |marks| marks.rule)
    }

    /// Returns where a peer of a rule is.
    pub fn peer_position(&self, direction: Direction, rule: usize, peer: usize) -> Position {
        let marks = self.marks_of(direction, rule);
        marks
            .and_then(|marks| marks.peers.get(peer).copied())
            .unwrap_or(NOWHERE)
    }

    /// Returns where a port of a rule is.
    pub fn port_position(&self, direction: Direction, rule: usize, port: usize) -> Position {
        let marks = self.marks_of(direction, rule);
        marks
            .and_then(|marks| marks.ports.get(port).copied())
            .unwrap_or(NOWHERE)
    }

    fn marks_of(&self, direction: Direction, rule: usize) -> Option<&RuleMarks> {
        let marks = self.marks.as_deref()?;
        match direction {
            Direction::Ingress => marks.ingress.get(rule),
            Direction::Egress => marks.egress.get(rule),
        }
    }
}

const NOWHERE: Position = Position { line: 0, column: 0 };

impl PolicySpec {
    /// Returns what a policy with an empty `spec` says: nothing comes in to any pod.
    pub fn nothing() -> Self {
        Self {
            ingress: Some(Box::default()),
            ..Self::default()
        }
    }

    /// Returns the rules of a direction; none where the policy does not speak of it.
    pub fn rules(&self, direction: Direction) -> Option<&[Rule]> {
        match direction {
            Direction::Ingress => self.ingress.as_deref(),
            Direction::Egress => self.egress.as_deref(),
        }
    }

    fn read(node: Node<'_>, marks: &mut Marks) -> Result<Self, Flaw> {
        let Some(spec) = map(node)? else {
            return Ok(Self::nothing());
        };
        let pods = match spec.get("podSelector") {
            Some(selector) => Selector::read(selector).in_key("podSelector")?,
            None => Selector::default(),
        };
        let ingress = rules(spec, "ingress", "from", &mut marks.ingress)?;
        let egress = rules(spec, "egress", "to", &mut marks.egress)?;
        let types = PolicyTypes::read(spec)?.unwrap_or(PolicyTypes {
            ingress: true,
            egress: !egress.is_empty(),
        });
        Ok(Self {
            pods,
            ingress: types.ingress.then(|| ingress.into()),
            egress: types.egress.then(|| egress.into()),
        })
    }
}

#[derive(Clone, Copy, Debug)]
struct PolicyTypes {
    ingress: bool,
    egress: bool,
}

impl PolicyTypes {
    /// Reads `policyTypes`; none when it is absent or empty, so that the default holds.
    fn read(spec: Map<'_>) -> Result<Option<Self>, Flaw> {
        let Some(node) = spec.get("policyTypes") else {
            return Ok(None);
        };
        let read = || {
            let Some(types) = list(node)?.filter(|types| !types.is_empty()) else {
                return Ok(None);
            };
            if types.len() > 2 {
                return Err(Flaw::at(node, Reason::PolicyTypes));
            }
            let mut found = Self {
                ingress: false,
                egress: false,
            };
            for (index, item) in types.items().enumerate() {
                match text(item).in_item(index)? {
                    "Ingress" => found.ingress = true,
                    "Egress" => found.egress = true,
                    other => {
                        let flaw = Flaw::at(item, Reason::PolicyType(other.into()));
                        return Err(flaw).in_item(index);
                    }
                }
            }
            Ok(Some(found))
        };
        read().in_key("policyTypes")
    }
}

/// Reads the items of a list that may be absent.
fn items<'a>(of: Map<'a>, key: &str) -> Result<Option<List<'a>>, Flaw> {
    of.get(key).map_or(Ok(None), list).in_key(key)
}

fn rules(
    spec: Map<'_>,
    key: &str,
    peers_key: &str,
    marks: &mut Vec<RuleMarks>,
) -> Result<Vec<Rule>, Flaw> {
    let mut rules = Vec::new();
    let written = items(spec, key)?;
    for (index, item) in written.into_iter().flat_map(List::items).enumerate() {
        let mut mark = RuleMarks {
            rule: item.position(),
            peers: Vec::new(),
            ports: Vec::new(),
        };
        let rule = rule(item, peers_key, &mut mark)
            .in_item(index)
            .in_key(key)?;
        rules.push(rule);
        marks.push(mark);
    }
    Ok(rules)
}

fn rule(node: Node<'_>, peers_key: &str, marks: &mut RuleMarks) -> Result<Rule, Flaw> {
    // An item that is `null` is decoded as a rule without fields, which allows everything.
    let Some(rule) = map(node)? else {
        return Ok(Rule::default());
    };
    let mut peers = Vec::new();
    let written = items(rule, peers_key)?;
    for (index, item) in written.into_iter().flat_map(List::items).enumerate() {
        marks.peers.push(item.position());
        peers.push(peer(item).in_item(index).in_key(peers_key)?);
    }
    let mut ports = Vec::new();
    let written = items(rule, "ports")?;
    for (index, item) in written.into_iter().flat_map(List::items).enumerate() {
        marks.ports.push(item.position());
        ports.push(port(item).in_item(index).in_key("ports")?);
    }
    Ok(Rule {
        peers: (!peers.is_empty()).then(|| peers.into()),
        ports: (!ports.is_empty()).then(|| ports.into()),
    })
}

fn peer(node: Node<'_>) -> Result<Peer, Flaw> {
    let no_peer = || Flaw::at(node, Reason::NoPeer);
    let peer = map(node)?.ok_or_else(no_peer)?;
    let written = |key: &str| peer.get(key).filter(|value| !value.is_null());
    let selector = |key: &str| {
        let selector = written(key).map(Selector::read).transpose();
        selector.in_key(key)
    };
    let pods = selector("podSelector")?;
    let namespaces = selector("namespaceSelector")?;
    let block = written("ipBlock")
        .map(block)
        .transpose()
        .in_key("ipBlock")?;
    match (block, namespaces, pods) {
        (Some(block), None, None) => Ok(Peer::Block(block)),
        (Some(_), _, _) => Err(Flaw::at(node, Reason::BlockWithSelector)),
        (None, Some(namespaces), pods) => Ok(Peer::Namespaces {
            namespaces,
            pods: pods.unwrap_or_default(),
        }),
        (None, None, Some(pods)) => Ok(Peer::Own(pods)),
        (None, None, None) => Err(no_peer()),
    }
}

fn block(node: Node<'_>) -> Result<Block, Flaw> {
    let missing = || Flaw::at(node, Reason::Missing { field: "cidr" });
    let block = map(node)?.ok_or_else(missing)?;
    let parse = |node| {
        let text = text(node)?;
        Cidr::parse(text).map_err(|reason| Flaw::at(node, reason))
    };
    let cidr = parse(block.get("cidr").ok_or_else(missing)?).in_key("cidr")?;
    let mut except = Vec::new();
    let written = items(block, "except")?;
    for (index, item) in written.into_iter().flat_map(List::items).enumerate() {
        let inner = parse(item).in_item(index).in_key("except")?;
        if !cidr.strictly_contains(&inner) {
            let reason = Reason::Except(inner.to_string().into());
            return Err(Flaw::at(item, reason)).in_item(index).in_key("except");
        }
        except.push(inner);
    }
    except.sort_unstable();
    except.dedup();
    Ok(Block {
        cidr,
        except: except.into(),
    })
}

fn port(node: Node<'_>) -> Result<PortRule, Flaw> {
    let Some(port) = map(node)? else {
        return Ok(PortRule {
            protocol: Protocol::Tcp,
            ports: Ports::All,
        });
    };
    let written = |key: &str| port.get(key).filter(|value| !value.is_null());
    let protocol = match written("protocol") {
        Some(protocol) => Protocol::read(protocol).in_key("protocol")?,
        None => Protocol::Tcp,
    };
    let end = written("endPort")
        .map(|end| number(end).map(|number| (number, end)))
        .transpose()
        .in_key("endPort")?;
    let alone = |(_, node): (u16, Node<'_>)| {
        let flaw: Result<PortRule, Flaw> = Err(Flaw::at(node, Reason::EndPortAlone));
        flaw.in_key("endPort")
    };
    let ports = match (written("port"), end) {
        (None, None) => Ports::All,
        (None, Some(end)) => return alone(end),
        (Some(port), end) => match (port.kind(), end) {
            (Kind::Text(_), Some(end)) => return alone(end),
            (Kind::Text(name), None) if is_port_name(name) => Ports::Named(name.into()),
            (Kind::Text(name), None) => {
                return Err(Flaw::at(port, Reason::PortName(name.into()))).in_key("port");
            }
            (_, end) => {
                let first = number(port).in_key("port")?;
                match end {
                    None => Ports::Range(first, first),
                    Some((last, _)) if last >= first => Ports::Range(first, last),
                    Some((_, node)) => {
                        return Err(Flaw::at(node, Reason::EndPortBefore)).in_key("endPort");
                    }
                }
            }
        },
    };
    Ok(PortRule { protocol, ports })
}

/// Reads the number of a port.
pub(super) fn number(node: Node<'_>) -> Result<u16, Flaw> {
    let number = node
        .as_int()
        .ok_or_else(|| Flaw::wrong_type(node, "a number"))?;
    u16::try_from(number)
        .ok()
        .filter(|&number| number > 0)
        .ok_or_else(|| Flaw::at(node, Reason::PortNumber(number)))
}

/// Holds a text against the syntax of port names.
fn is_port_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=15).contains(&text.len())
        && text.bytes().all(allowed)
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
        && !text.contains("--")
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// Returns the name, as Kubernetes writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }

    /// Returns the protocol of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|protocol| protocol.name() == name)
    }

    pub(super) fn read(node: Node<'_>) -> Result<Self, Flaw> {
        let name = text(node)?;
        Self::named(name).ok_or_else(|| Flaw::at(node, Reason::Protocol(name.into())))
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Direction {
    /// Both directions.
    pub const ALL: [Self; 2] = [Self::Ingress, Self::Egress];

    /// Returns the field of a policy that holds the rules of this direction.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }

    /// Returns the field of a rule that holds its peers.
    pub const fn peers_field(self) -> &'static str {
        match self {
            Self::Ingress => "from",
            Self::Egress => "to",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field())
    }
}
