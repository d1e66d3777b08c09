//! The compiled network, and what it says of one pair.

use std::{fmt, net::IpAddr};

use knight_model::network::{Answer, Direction, NetworkObjects, Selector};

use super::{
    Bound, Cni, Options,
    addresses::{AddressAtoms, BlockId},
    build::Names,
    matching::{LabelsId, Matching, SelectorId},
    ports::{self, Bits, NO_NAMES, PortAtoms, PortSet, PortsId, Table},
};

/// A cluster's network, ready to be asked.
#[derive(Clone, Debug)]
pub struct Network<'a> {
    pub(super) objects: &'a NetworkObjects,
    pub(super) options: Options,
    pub(super) ports: PortAtoms,
    pub(super) addresses: AddressAtoms,
    /// The selectors of pods, by their numbers.
    pub(super) selectors: Vec<&'a Selector>,
    /// Which pods they select.
    pub(super) pods: Matching,
    /// Selectors of namespaces.
    pub(super) namespaces: Matching,
    pub(super) peers: Vec<Peer>,
    pub(super) profiles: Vec<Profile>,
    /// For each class of namespaces, by which selectors of namespaces its members are met.
    pub(super) memberships: Vec<Vec<(SelectorId, Answer)>>,
    pub(super) address_sets: Vec<Vec<u32>>,
    pub(super) names: Names,
    pub(super) specs: Vec<Spec>,
    pub(super) policy_sets: Vec<Vec<u32>>,
    /// What is known of each namespace, as in the objects.
    pub(super) spaces: Vec<Space>,
    pub(super) classes: Vec<Class>,
    /// The class of each pod and then of each node, as in the objects.
    pub(super) class_of: Vec<u32>,
    /// The namespace of each pod, as in the objects.
    pub(super) space_of: Vec<u32>,
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Endpoint {
    /// A pod, by its place in [`NetworkObjects::pods`].
    Pod(usize),
    /// A node, by its place in [`NetworkObjects::nodes`].
    Node(usize),
    /// An address outside of the cluster.
    Address(IpAddr),
}

/// The connections that a pair can have.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Connections {
    /// Those that are open whatever is not known.
    pub certain: PortSet,
    /// Those that are open unless something that is not known forbids them; the certain ones too.
    pub possible: PortSet,
}

/// Whom a rule is about, in numbers; relative to the namespace of its policy.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Peer {
    All,
    /// Pods of the own namespace, however the rule says so.
    Own(SelectorId),
    /// Pods, by the selector of their namespaces and their own.
    Namespaces(SelectorId, SelectorId),
    Block(BlockId),
}

pub(super) type PeerId = u32;
pub(super) type ProfileId = u32;

/// The peer that is everybody.
pub(super) const EVERYBODY: PeerId = 0;
/// The ports that are all of them.
pub(super) const ALL_PORTS: PortsId = 0;
/// The profile that allows everything.
pub(super) const OPEN: ProfileId = 0;
/// The profile that allows nothing.
pub(super) const CLOSED: ProfileId = 1;

/// What is allowed in one direction: any of these.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Profile {
    /// Sorted, each once.
    pub(super) allows: Vec<(PeerId, PortsId)>,
}

/// What the policies with one spec say, in numbers.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) subject: SelectorId,
    /// For each of [`Direction::ALL`], what it allows; absent where it does not speak of it.
    pub(super) rules: [Option<Vec<(Peer, PortsId)>>; 2],
}

/// What is known of a namespace.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Space {
    pub(super) membership: u32,
    pub(super) rules: RulesKey,
}

/// What decides on the profiles of the pods of a namespace.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct RulesKey {
    pub(super) policies: u32,
    /// The namespace, if one of its policies names it by a selector that means no other.
    pub(super) named: Option<u32>,
    pub(super) overlay: Overlay,
}

/// What is not judged, and could change what policies say of the pods of a namespace.
///
/// Tiers of policies that come before and behind network policies will be lists of rules of which the
/// first that matches decides; as long as they are not judged, this is all that is known of them.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Overlay {
    /// Something may deny what is allowed.
    pub(super) denies: bool,
    /// Something may deny what no policy speaks of.
    pub(super) denies_open: bool,
    /// Something may allow what is denied.
    pub(super) allows: bool,
}

/// Endpoints that no rule tells apart, wherever they are.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) key: ClassKey,
    /// The pods, in the order of the objects; a node has a class for itself.
    pub(super) pods: Vec<u32>,
    pub(super) nodes: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct ClassKey {
    pub(super) sort: Sort,
    pub(super) labels: LabelsId,
    pub(super) table: Table,
    pub(super) addresses: u32,
    pub(super) membership: u32,
    /// For each of [`Direction::ALL`] and of [`Bound::ALL`].
    pub(super) profiles: [[ProfileId; 2]; 2],
}

/// What sort of endpoint something is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Sort {
    /// A pod with a network of its own.
    Pod,
    /// A pod with the network of its node.
    Host,
    /// A node.
    Node,
}

/// How the ends of a connection stand to each other.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Relation {
    pub(super) same_namespace: bool,
    pub(super) same_node: Answer,
}

/// Ends in different namespaces, on different nodes.
pub(super) const APART: Relation = Relation {
    same_namespace: false,
    same_node: Answer::No,
};

impl Network<'_> {
    /// Returns the objects that the network was made of.
    pub fn objects(&self) -> &NetworkObjects {
        self.objects
    }

    /// Returns what was said of the cluster.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Returns how many classes of endpoints there are.
    pub fn class_count(&self) -> usize {
        self.classes.len()
    }

    /// Returns the class of a pod, a number under [`class_count`](Self::class_count).
    pub fn class_of(&self, pod: usize) -> Option<u32> {
        (pod < self.objects.pods.len())
            .then(|| self.class_of.get(pod).copied())
            .flatten()
    }

    /// Returns the pod of a namespace and a name; the first one if several objects have them.
    pub fn pod(&self, namespace: &str, name: &str) -> Option<Endpoint> {
        let pods = &self.objects.pods;
        let at = pods.partition_point(|pod| (&*pod.namespace, &*pod.name) < (namespace, name));
        let found = pods.get(at)?;
        ((&*found.namespace, &*found.name) == (namespace, name)).then_some(Endpoint::Pod(at))
    }

    /// Returns the connections from one end to another; between addresses outside there are none
    /// that the cluster could decide on.
    pub fn between(&self, from: Endpoint, to: Endpoint) -> Connections {
        let of = |bound| self.ports.shown(&self.pair(from, to, bound));
        Connections {
            certain: of(Bound::Certain),
            possible: of(Bound::Possible),
        }
    }

    fn pair(&self, from: Endpoint, to: Endpoint, bound: Bound) -> Bits {
        if from == to {
            return self.ports.all();
        }
        match (self.class(from), self.class(to)) {
            (Some(a), Some(b)) => self.cell(a, b, self.relation(from, to), bound),
            (Some(class), None) => self.outside_of(class, to, Direction::Egress, bound),
            (None, Some(class)) => self.outside_of(class, from, Direction::Ingress, bound),
            (None, None) => self.ports.none(),
        }
    }

    pub(super) fn class(&self, of: Endpoint) -> Option<&Class> {
        let at = match of {
            Endpoint::Pod(pod) if pod < self.objects.pods.len() => pod,
            Endpoint::Node(node) => self.objects.pods.len() + node,
            Endpoint::Pod(_) | Endpoint::Address(_) => return None,
        };
        let class = *self.class_of.get(at)?;
        self.classes.get(class as usize)
    }

    fn relation(&self, a: Endpoint, b: Endpoint) -> Relation {
        let space = |of| match of {
            Endpoint::Pod(pod) => self.space_of.get(pod),
            Endpoint::Node(_) | Endpoint::Address(_) => None,
        };
        Relation {
            same_namespace: space(a).is_some() && space(a) == space(b),
            same_node: match (self.node_of(a), self.node_of(b)) {
                (Some(a), Some(b)) => Answer::from(a == b),
                _ => Answer::Maybe,
            },
        }
    }

    pub(super) fn node_of(&self, of: Endpoint) -> Option<&str> {
        match of {
            Endpoint::Pod(pod) => self.objects.pods.get(pod)?.node.as_deref(),
            Endpoint::Node(node) => Some(&self.objects.nodes.get(node)?.name),
            Endpoint::Address(_) => None,
        }
    }

    /// Returns what both ends allow from a class to a class.
    pub(super) fn cell(&self, a: &Class, b: &Class, how: Relation, bound: Bound) -> Bits {
        let mut bits = self.side(a, b, Direction::Ingress, how, bound);
        if !ports::is_empty(&bits) {
            let egress = self.side(a, b, Direction::Egress, how, bound);
            ports::meet(&mut bits, &egress);
        }
        bits
    }

    /// Returns what one end allows from a class to a class.
    pub(super) fn side(
        &self,
        from: &Class,
        to: &Class,
        direction: Direction,
        how: Relation,
        bound: Bound,
    ) -> Bits {
        let (own, other) = match direction {
            Direction::Ingress => (to, from),
            Direction::Egress => (from, to),
        };
        // Traffic from a pod's own node cannot be blocked; whether traffic to it can be is for the
        // network plugin.
        let own_node = other.key.sort != Sort::Pod
            && match (direction, bound) {
                (Direction::Ingress, bound) => bound.takes(how.same_node),
                (Direction::Egress, Bound::Possible) => how.same_node >= Answer::Maybe,
                (Direction::Egress, Bound::Certain) => false,
            };
        if own_node {
            return self.ports.all();
        }
        let mut bits = self.ports.none();
        for &(peer, ports) in self.allows(own, direction, bound) {
            if self.meets(peer, &other.key, how.same_namespace, bound) {
                ports::join(&mut bits, self.ports.of(ports, to.key.table, bound));
            }
        }
        bits
    }

    /// Returns what a class allows in a direction.
    pub(super) fn allows(
        &self,
        class: &Class,
        direction: Direction,
        bound: Bound,
    ) -> &[(PeerId, PortsId)] {
        let profile = class.key.profiles[direction as usize][bound as usize];
        self.profile(profile)
    }

    pub(super) fn profile(&self, profile: ProfileId) -> &[(PeerId, PortsId)] {
        self.profiles
            .get(profile as usize)
            .map_or(&[], |profile| &profile.allows)
    }

    /// Returns whether a peer of a rule means endpoints of a class.
    pub(super) fn meets(
        &self,
        peer: PeerId,
        class: &ClassKey,
        same_namespace: bool,
        bound: Bound,
    ) -> bool {
        match self.peers.get(peer as usize) {
            None => false,
            Some(Peer::All) => true,
            Some(Peer::Own(pods)) => same_namespace && self.selects(*pods, class, bound),
            Some(Peer::Namespaces(namespaces, pods)) => {
                bound.takes(self.is_member(*namespaces, class.membership))
                    && self.selects(*pods, class, bound)
            }
            Some(Peer::Block(block)) => bound.takes(self.block_holds(*block, class)),
        }
    }

    pub(super) fn is_member(&self, namespaces: SelectorId, membership: u32) -> Answer {
        if self.namespaces.is_everything(namespaces) {
            return Answer::Yes;
        }
        let Some(selectors) = self.memberships.get(membership as usize) else {
            return Answer::No;
        };
        selectors
            .binary_search_by_key(&namespaces, |&(selector, _)| selector)
            .ok()
            .and_then(|at| selectors.get(at))
            .map_or(Answer::No, |&(_, answer)| answer)
    }

    fn selects(&self, pods: SelectorId, class: &ClassKey, bound: Bound) -> bool {
        let answer = match (class.sort, self.options.cni) {
            (Sort::Pod, _) => self.pods.selects(pods, class.labels),
            (Sort::Host, Cni::Any) => self.pods.selects(pods, class.labels).min(Answer::Maybe),
            (Sort::Host, Cni::Calico | Cni::Cilium) | (Sort::Node, _) => Answer::No,
        };
        bound.takes(answer)
    }

    pub(super) fn block_holds(&self, block: BlockId, class: &ClassKey) -> Answer {
        let known = self.address_sets.get(class.addresses as usize);
        let known = known.map_or(&[][..], Vec::as_slice);
        let holds = |atom: &u32| self.addresses.holds(block, *atom);
        let is_pod = class.sort == Sort::Pod;
        let answer = if known.is_empty() {
            let ranges = &self.options.pod_ranges;
            let apart = is_pod && !ranges.is_empty() && !self.addresses.meets(block, ranges);
            if apart { Answer::No } else { Answer::Maybe }
        } else if known.iter().all(holds) {
            Answer::Yes
        } else if known.iter().any(holds) {
            // Which of its addresses is used, the connection decides.
            Answer::Maybe
        } else {
            Answer::No
        };
        match self.options.cni {
            Cni::Calico => answer,
            Cni::Cilium if is_pod => Answer::No,
            Cni::Any | Cni::Cilium => answer.min(Answer::Maybe),
        }
    }

    fn outside_of(&self, own: &Class, other: Endpoint, way: Direction, bound: Bound) -> Bits {
        let mut bits = self.ports.none();
        let Endpoint::Address(address) = other else {
            return bits;
        };
        let atom = self.addresses.of(address);
        let table = match way {
            Direction::Ingress => own.key.table,
            Direction::Egress => NO_NAMES,
        };
        for &(peer, ports) in self.allows(own, way, bound) {
            let met = match self.peers.get(peer as usize) {
                Some(Peer::All) => true,
                Some(Peer::Block(block)) => self.addresses.holds(*block, atom),
                Some(Peer::Own(_) | Peer::Namespaces(..)) | None => false,
            };
            if met {
                ports::join(&mut bits, self.ports.of(ports, table, bound));
            }
        }
        bits
    }
}

impl Connections {
    /// Returns what is open in any of some connections.
    pub(super) fn joined<'c>(all: impl Iterator<Item = &'c Self> + Clone) -> Self {
        Self {
            certain: PortSet::joined(all.clone().map(|connections| &connections.certain)),
            possible: PortSet::joined(all.map(|connections| &connections.possible)),
        }
    }

    /// Returns whether nothing that is not known could change them.
    pub fn is_known(&self) -> bool {
        self.certain == self.possible
    }
}

impl fmt::Display for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.certain)?;
        if !self.is_known() {
            write!(f, " (possibly {})", self.possible)?;
        }
        Ok(())
    }
}
