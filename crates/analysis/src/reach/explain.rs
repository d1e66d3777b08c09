//! Why a connection is open or not: one pair, looked at rule by rule.
//!
//! Nothing of this is stored when a network is compiled: the pair is judged once more, from the
//! objects, by code of its own.

mod why;

use knight_model::network::{
    Answer, Block, Cidr, Direction, Namespace, Peer, Pod, Policy, PortRule, Ports, Protocol, Rule,
};

use super::{
    Cni, Doubt,
    network::{Connections, Endpoint, Network},
};

pub use why::Why;

/// Why a connection is open or not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Explanation {
    /// Everything that is open between the two.
    pub connections: Connections,
    /// What the end that connects lets out; absent for an address outside.
    pub egress: Option<Side>,
    /// What the end that is reached lets in; absent for an address outside.
    pub ingress: Option<Side>,
}

/// What one end decides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Side {
    /// Whether it lets the connection through.
    pub answer: Answer,
    /// What decides.
    pub decided_by: DecidedBy,
    /// The policies that select the pod, or may do so.
    pub policies: Vec<PolicyTrace>,
    /// Of a connection that is not let through, the rule that misses it by least.
    pub nearest: Option<Nearest>,
    /// What is not known about the pod's namespace.
    pub doubts: Vec<Doubt>,
}

/// What decides for one end.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum DecidedBy {
    /// It is the same pod.
    Itself,
    /// Traffic from a pod's own node cannot be blocked.
    OwnNode,
    /// Policies do not hold for a pod with the network of its node, or for a node.
    HostNetwork,
    /// No policy speaks of the pod in this direction, so everything is open.
    NoPolicy,
    /// Policies.
    Policies,
}

/// One policy that selects a pod.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyTrace {
    /// Its place in the objects.
    pub policy: usize,
    /// Whether it selects the pod.
    pub selects: Answer,
    /// Its rules, in order.
    pub rules: Vec<RuleTrace>,
}

/// One rule, held against a connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RuleTrace {
    /// Whether it allows the connection.
    pub answer: Answer,
    /// Its peers, in order; none when it is about everybody.
    pub peers: Vec<Part>,
    /// Its ports, in order; none when it is about all of them.
    pub ports: Vec<Part>,
}

/// A peer or a port of a rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    /// Whether it matches.
    pub answer: Answer,
    /// Why not, or why this is not known.
    pub whys: Vec<Why>,
}

/// The rule that misses a connection by least.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Nearest {
    /// The place of its policy in [`Side::policies`].
    pub policy: usize,
    /// The rule of the policy.
    pub rule: usize,
    /// The peer that misses by least; absent where one matches.
    pub peer: Option<usize>,
    /// The port that misses; absent where one matches.
    pub port: Option<usize>,
}

/// One pair with what is asked about it.
#[derive(Clone, Copy)]
struct Question<'n> {
    network: &'n Network<'n>,
    direction: Direction,
    /// The pod that decides, and its namespace.
    pod: &'n Pod,
    other: Endpoint,
    destination: Endpoint,
    port: Option<(Protocol, u16)>,
}

impl Network<'_> {
    /// Explains a connection to a port, or to any port at all where none is given.
    pub fn explain(
        &self,
        from: Endpoint,
        to: Endpoint,
        port: Option<(Protocol, u16)>,
    ) -> Explanation {
        let side = |direction, own, other| {
            let decides = match own {
                Endpoint::Pod(pod) => self.objects.pods.get(pod)?,
                Endpoint::Node(_) => return Some(Side::open(DecidedBy::HostNetwork)),
                Endpoint::Address(_) => return None,
            };
            if from == to {
                return Some(Side::open(DecidedBy::Itself));
            }
            let question = Question {
                network: self,
                direction,
                pod: decides,
                other,
                destination: to,
                port,
            };
            Some(question.side(own))
        };
        Explanation {
            connections: self.between(from, to),
            egress: side(Direction::Egress, from, to),
            ingress: side(Direction::Ingress, to, from),
        }
    }

    pub(super) fn host_pod(&self, of: Endpoint) -> bool {
        match of {
            Endpoint::Pod(pod) => self
                .objects
                .pods
                .get(pod)
                .is_some_and(|pod| pod.host_network),
            Endpoint::Node(_) => true,
            Endpoint::Address(_) => false,
        }
    }
}

impl Side {
    fn open(decided_by: DecidedBy) -> Self {
        Self {
            answer: Answer::Yes,
            decided_by,
            policies: Vec::new(),
            nearest: None,
            doubts: Vec::new(),
        }
    }
}

impl Question<'_> {
    fn side(self, own: Endpoint) -> Side {
        let network = self.network;
        let same_node = match (network.node_of(own), network.node_of(self.other)) {
            (Some(own), Some(other)) => Answer::from(own == other),
            _ => Answer::Maybe,
        };
        let own_node = if network.host_pod(self.other) {
            same_node
        } else {
            Answer::No
        };
        if own_node == Answer::Yes && self.direction == Direction::Ingress {
            return Side::open(DecidedBy::OwnNode);
        }
        if self.pod.host_network && network.options.cni != Cni::Any {
            return Side::open(DecidedBy::HostNetwork);
        }
        let mut side = self.policies();
        let space = network.space_of.get(match own {
            Endpoint::Pod(pod) => pod,
            Endpoint::Node(_) | Endpoint::Address(_) => usize::MAX,
        });
        if let Some(&space) = space {
            network.doubts_in(space as usize, &mut side.doubts);
            let surely = side
                .policies
                .iter()
                .any(|policy| policy.selects == Answer::Yes);
            let overlay = network
                .spaces
                .get(space as usize)
                .map(|space| space.rules.overlay);
            let overlay = overlay.unwrap_or_default();
            if overlay.denies || overlay.denies_open && !surely {
                side.answer = side.answer.min(Answer::Maybe);
            }
            if overlay.allows {
                side.answer = side.answer.max(Answer::Maybe);
            }
        }
        if self.pod.host_network || own_node >= Answer::Maybe {
            side.answer = side.answer.max(Answer::Maybe);
        }
        side
    }

    /// Judges by network policies alone.
    fn policies(self) -> Side {
        let all = &self.network.objects.policies;
        let first = all.partition_point(|policy| policy.namespace < self.pod.namespace);
        let own = all.iter().enumerate().skip(first);
        let own = own.take_while(|(_, policy)| policy.namespace == self.pod.namespace);
        let mut traces = Vec::new();
        for (at, policy) in own {
            let Some(rules) = policy.spec.rules(self.direction) else {
                continue;
            };
            let selects = policy.spec.pods.selects(&self.pod.labels);
            if selects == Answer::No {
                continue;
            }
            traces.push(PolicyTrace {
                policy: at,
                selects,
                rules: rules.iter().map(|rule| self.rule(policy, rule)).collect(),
            });
        }
        if traces.is_empty() {
            return Side::open(DecidedBy::NoPolicy);
        }
        let surely = traces.iter().any(|policy| policy.selects == Answer::Yes);
        let allowed = traces.iter().flat_map(|policy| {
            let rules = policy.rules.iter();
            rules.map(|rule| rule.answer.min(policy.selects))
        });
        let allowed = allowed.max().unwrap_or(Answer::No);
        let answer = if surely {
            allowed
        } else {
            allowed.max(Answer::Maybe)
        };
        Side {
            answer,
            decided_by: DecidedBy::Policies,
            nearest: (answer != Answer::Yes).then(|| nearest(&traces)).flatten(),
            policies: traces,
            doubts: Vec::new(),
        }
    }

    fn rule(self, policy: &Policy, rule: &Rule) -> RuleTrace {
        let peers = rule.peers.iter().flatten();
        let peers: Vec<Part> = peers.map(|peer| self.peer(policy, peer)).collect();
        let ports = rule.ports.iter().flatten();
        let ports: Vec<Part> = ports.map(|port| self.port(port)).collect();
        let best = |parts: &[Part]| {
            let answers = parts.iter().map(|part| part.answer);
            answers.max().unwrap_or(Answer::Yes)
        };
        RuleTrace {
            answer: best(&peers).min(best(&ports)),
            peers,
            ports,
        }
    }

    fn peer(self, policy: &Policy, peer: &Peer) -> Part {
        let objects = self.network.objects;
        let pod = match self.other {
            Endpoint::Pod(pod) => objects.pods.get(pod),
            Endpoint::Node(_) | Endpoint::Address(_) => None,
        };
        let (namespaces, pods) = match (peer, pod) {
            (Peer::Block(block), _) => return self.block(block),
            (Peer::Own(_) | Peer::Namespaces { .. }, None) => return Part::no(Why::NoPod),
            (Peer::Own(pods), Some(other)) if other.namespace == policy.namespace => (None, pods),
            (Peer::Own(_), Some(other)) => {
                return Part::no(Why::OtherNamespace {
                    found: other.namespace.clone(),
                });
            }
            (Peer::Namespaces { namespaces, pods }, Some(_)) => (Some(namespaces), pods),
        };
        let mut part = Part::yes();
        let Some(other) = pod else { return part };
        if let Some(selector) = namespaces {
            let labels = self.namespace_of(other).map(|namespace| &namespace.labels);
            part.select(selector, labels, true);
        }
        part.select(pods, Some(&other.labels), false);
        if other.host_network {
            let answer = match self.network.options.cni {
                Cni::Any => Answer::Maybe,
                Cni::Calico | Cni::Cilium => Answer::No,
            };
            part.limit(answer, Why::HostNetwork);
        }
        part
    }

    fn namespace_of(&self, pod: &Pod) -> Option<&Namespace> {
        let namespaces = &self.network.objects.namespaces;
        let at = namespaces.binary_search_by(|namespace| namespace.name.cmp(&pod.namespace));
        at.ok().and_then(|at| namespaces.get(at))
    }

    fn block(self, block: &Block) -> Part {
        let objects = self.network.objects;
        let (addresses, sort) = match self.other {
            Endpoint::Address(address) => {
                return if block.contains(address) {
                    Part::yes()
                } else {
                    Part::no(Why::outside(block, address))
                };
            }
            Endpoint::Pod(pod) => match objects.pods.get(pod) {
                Some(pod) => (&pod.addresses, pod.host_network),
                None => return Part::no(Why::NoPod),
            },
            Endpoint::Node(node) => match objects.nodes.get(node) {
                Some(node) => (&node.addresses, true),
                None => return Part::no(Why::NoPod),
            },
        };
        let is_pod = !sort;
        let mut part = Part::yes();
        let ranges = &self.network.options.pod_ranges;
        if addresses.is_empty() {
            let apart =
                is_pod && !ranges.is_empty() && !ranges.iter().any(|range| meets(block, range));
            part.limit(
                if apart { Answer::No } else { Answer::Maybe },
                Why::AddressUnknown,
            );
        }
        let within = addresses
            .iter()
            .filter(|&&address| block.contains(address))
            .count();
        if within < addresses.len() {
            let answer = if within == 0 {
                Answer::No
            } else {
                Answer::Maybe
            };
            let outside = addresses.iter().find(|&&address| !block.contains(address));
            if let Some(&address) = outside {
                part.limit(answer, Why::outside(block, address));
            }
        }
        match self.network.options.cni {
            Cni::Calico => {}
            Cni::Cilium if is_pod => part.limit(Answer::No, Why::PluginDecides),
            Cni::Any | Cni::Cilium => part.limit(Answer::Maybe, Why::PluginDecides),
        }
        part
    }

    fn port(self, rule: &PortRule) -> Part {
        let named = |name: &str| -> Vec<u16> {
            let Endpoint::Pod(pod) = self.destination else {
                return Vec::new();
            };
            let pod = self.network.objects.pods.get(pod);
            let ports = pod.into_iter().flat_map(|pod| &pod.ports);
            let ports = ports.filter(|port| *port.name == *name && port.protocol == rule.protocol);
            ports.map(|port| port.number).collect()
        };
        if let Some((protocol, _)) = self.port
            && protocol != rule.protocol
        {
            return Part::no(Why::OtherProtocol {
                wanted: rule.protocol,
            });
        }
        let (answer, why) = match &rule.ports {
            Ports::All => return Part::yes(),
            Ports::Range(first, last) => {
                let holds = |(_, port): (_, u16)| (*first..=*last).contains(&port);
                let answer = Answer::from(self.port.is_none_or(holds));
                (
                    answer,
                    Why::OtherPort {
                        first: *first,
                        last: *last,
                    },
                )
            }
            Ports::Named(name) => {
                let numbers = named(name);
                let matches = match self.port {
                    Some((_, port)) => numbers.contains(&port),
                    None => !numbers.is_empty(),
                };
                let why = Why::PortName {
                    name: name.clone(),
                    numbers: numbers.clone(),
                };
                match (matches, numbers.len()) {
                    (false, _) => (Answer::No, why),
                    (true, 1) => (Answer::Yes, why),
                    (true, _) => (Answer::Maybe, why),
                }
            }
        };
        if answer == Answer::Yes {
            return Part::yes();
        }
        Part {
            answer,
            whys: vec![why],
        }
    }
}

/// Returns whether a block holds any address of a range.
fn meets(block: &Block, range: &Cidr) -> bool {
    // Of two blocks that meet, one lies in the other.
    let both = if block.cidr.contains(range.first()) && block.cidr.prefix() <= range.prefix() {
        range
    } else if range.contains(block.cidr.first()) {
        &block.cidr
    } else {
        return false;
    };
    let mut next = Some(both.first());
    for except in &block.except {
        if next.is_some_and(|next| except.contains(next)) {
            next = except.after();
        }
    }
    next.is_some_and(|next| both.contains(next))
}

/// Returns the rule that would allow the connection with the fewest changes.
fn nearest(policies: &[PolicyTrace]) -> Option<Nearest> {
    let missing = |parts: &[Part]| {
        let counts = parts
            .iter()
            .enumerate()
            .map(|(at, part)| match part.answer {
                Answer::Yes => (0, None),
                Answer::Maybe | Answer::No => (part.whys.iter().map(Why::distance).sum(), Some(at)),
            });
        counts.min_by_key(|(count, _)| *count).unwrap_or((0, None))
    };
    let mut best: Option<((usize, usize), Nearest)> = None;
    for (policy, trace) in policies.iter().enumerate() {
        for (rule, trace) in trace.rules.iter().enumerate() {
            let ((of_peers, peer), (of_ports, port)) =
                (missing(&trace.peers), missing(&trace.ports));
            // Of rules as near, the one whose peers are nearer is the one that was meant.
            let count = (of_peers + of_ports, of_peers);
            if best.is_none_or(|(least, _)| count < least) {
                best = Some((
                    count,
                    Nearest {
                        policy,
                        rule,
                        peer,
                        port,
                    },
                ));
            }
        }
    }
    best.map(|(_, nearest)| nearest)
}
