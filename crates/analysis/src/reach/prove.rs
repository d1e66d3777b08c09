//! Whether isolation of tenants holds, without looking at pairs of pods.
//!
//! A class is looked at once as the end that is reached. What its ingress rules let in from other
//! tenants is a list of peers; mostly it is empty, and that is the proof. Where it is not, the classes
//! that the peers mean, and that send anything to other tenants at all, are looked at one by one.

mod doubts;
mod future;
mod hosts;

use knight_model::network::{Answer, Direction, Protocol};

use super::{
    Bound, Cni,
    network::{APART, Class, Network, Peer, PeerId},
    ports::{self, PortSet, PortsId},
    tenancy::Tenancy,
};

pub use doubts::Doubt;
pub use future::{Future, FutureWitness};

/// What was found out about a claim: no pod of a tenant reaches a pod of another one directly.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Direct {
    /// For the pods of the input.
    pub today: Verdict,
    /// For any pods, with any labels and any names of ports, that tenants may make in the namespaces
    /// that exist, while policies and labels of namespaces stay; pods with the network of their node
    /// are left out, as no network policy could hold them.
    pub future: Future,
}

/// Whether a claim holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It holds.
    Holds(Certificate),
    /// It does not, and this shows it.
    Fails(Witness),
    /// What is not known decides.
    Open {
        /// What is possible, as far as a pair of pods shows it.
        witness: Option<Witness>,
        /// What is not known.
        doubts: Vec<Doubt>,
    },
}

/// A pair of pods of different tenants with a connection that is open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Witness {
    /// The pod that connects, by its place in the objects.
    pub from: usize,
    /// The pod that is reached.
    pub to: usize,
    /// A port; absent where only protocols without ports get through.
    pub port: Option<(Protocol, u16)>,
    /// Everything that is open between them.
    pub connections: PortSet,
}

/// Why a claim holds: for every class of pods of tenants, what keeps others away.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Certificate {
    /// The classes with pods of tenants, in order.
    pub shields: Vec<Shield>,
}

/// What keeps the pods of a class from being reached by other tenants.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Shield {
    /// The class; see [`Network::class_of`].
    pub class: u32,
    /// The first of its pods.
    pub pod: usize,
    /// What keeps others away.
    pub by: ShieldedBy,
}

/// What keeps others away from a pod.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ShieldedBy {
    /// Its own policies: they let in no pods of other tenants. See [`Network::isolating`].
    Ingress,
    /// The policies of those whom its own ones would let in.
    Egress,
}

/// The tenants of some namespaces.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Span {
    #[default]
    None,
    One(u32),
    Many,
}

/// The tenants of a network's namespaces.
pub(super) struct Tenants {
    /// The tenant of each namespace; none for those who run the cluster.
    pub(super) of: Vec<Option<u32>>,
    /// The tenants of each class.
    classes: Vec<Span>,
    /// The tenants of the namespaces that a selector means, where it asks something.
    selectors: Vec<Span>,
    /// The tenants of all namespaces.
    everywhere: Span,
}

impl Span {
    fn add(&mut self, tenant: Option<u32>) {
        *self = match (*self, tenant) {
            (span, None) => span,
            (Self::None, Some(tenant)) => Self::One(tenant),
            (Self::One(own), Some(tenant)) if own == tenant => Self::One(own),
            (Self::One(_) | Self::Many, Some(_)) => Self::Many,
        };
    }

    /// Returns whether one of these and one of the others are different tenants.
    pub(super) fn differs(self, other: Self) -> bool {
        match (self, other) {
            (Self::None, _) | (_, Self::None) => false,
            (Self::One(own), Self::One(other)) => own != other,
            (Self::Many, _) | (_, Self::Many) => true,
        }
    }
}

impl Network<'_> {
    /// Finds out whether tenants are kept apart.
    pub fn prove_direct(&self, tenancy: &Tenancy) -> Direct {
        let tenants = Tenants::of(self, tenancy);
        Direct {
            today: self.prove_today(&tenants),
            future: self.prove_future(&tenants),
        }
    }

    fn prove_today(&self, tenants: &Tenants) -> Verdict {
        if let Some(witness) = self.violation(tenants, Bound::Certain) {
            return Verdict::Fails(witness);
        }
        let mut certificate = Certificate::default();
        let witness = self.possible_violation(tenants, &mut certificate);
        let mut doubts = self.unseen_pods();
        if let Some(witness) = &witness {
            doubts.extend(self.doubts_between(witness));
        }
        doubts.sort_unstable();
        doubts.dedup();
        if witness.is_some() || !doubts.is_empty() {
            return Verdict::Open { witness, doubts };
        }
        Verdict::Holds(certificate)
    }

    fn violation(&self, tenants: &Tenants, bound: Bound) -> Option<Witness> {
        self.host_violation(tenants, bound)
            .or_else(|| self.search(tenants, bound, &mut |_| ()))
    }

    fn possible_violation(
        &self,
        tenants: &Tenants,
        certificate: &mut Certificate,
    ) -> Option<Witness> {
        let bound = Bound::Possible;
        let shields = &mut certificate.shields;
        self.host_violation(tenants, bound)
            .or_else(|| self.search(tenants, bound, &mut |shield| shields.push(shield)))
    }

    /// Looks for pods of different tenants with an open connection, in the order of the classes.
    fn search(
        &self,
        tenants: &Tenants,
        bound: Bound,
        shielded: &mut dyn FnMut(Shield),
    ) -> Option<Witness> {
        let senders = Senders::of(self, tenants, bound);
        for ((to, &span), number) in self.classes.iter().zip(&tenants.classes).zip(0..) {
            let Some(&pod) = to.pods.first() else {
                continue;
            };
            if span == Span::None {
                continue;
            }
            let mut lets_in = false;
            for &(peer, ports) in self.allows(to, Direction::Ingress, bound) {
                if !tenants.reaches_beyond(self, peer, span) {
                    continue;
                }
                lets_in = true;
                for &from in senders.met_by(self, peer) {
                    let found = self.open_pair(tenants, (from, number), (peer, ports), bound);
                    if found.is_some() {
                        return found;
                    }
                }
            }
            let pod = pod as usize;
            let by = if lets_in {
                ShieldedBy::Egress
            } else {
                ShieldedBy::Ingress
            };
            shielded(Shield {
                class: number,
                pod,
                by,
            });
        }
        None
    }

    /// Returns a pair of two classes with a connection that one ingress rule allows.
    fn open_pair(
        &self,
        tenants: &Tenants,
        (from, to): (u32, u32),
        (peer, ports): (PeerId, PortsId),
        bound: Bound,
    ) -> Option<Witness> {
        let span = |class: u32| tenants.classes.get(class as usize).copied();
        if !span(from)?.differs(span(to)?) {
            return None;
        }
        let (a, b) = (
            self.classes.get(from as usize)?,
            self.classes.get(to as usize)?,
        );
        if !self.meets(peer, &a.key, false, bound) {
            return None;
        }
        let mut bits = self.side(a, b, Direction::Egress, APART, bound);
        ports::meet(&mut bits, self.ports.of(ports, b.key.table, bound));
        if ports::is_empty(&bits) {
            return None;
        }
        let (from, to) = self.different(tenants, a, b)?;
        let connections = self.ports.shown(&self.cell(a, b, APART, bound));
        Some(Witness {
            from,
            to,
            port: self.ports.shown(&bits).first(),
            connections,
        })
    }

    /// Returns the first pods of two classes that belong to different tenants.
    fn different(&self, tenants: &Tenants, a: &Class, b: &Class) -> Option<(usize, usize)> {
        let tenant = |pod: &u32| {
            let space = self.space_of.get(*pod as usize)?;
            tenants.of.get(*space as usize).copied().flatten()
        };
        let owned = |class: &Class| class.pods.iter().copied().find(|pod| tenant(pod).is_some());
        let (first_a, first_b) = (owned(a)?, owned(b)?);
        let unlike = |pods: &[u32], other: &u32| {
            let found = pods.iter().find(|pod| {
                let tenant_of = tenant(pod);
                tenant_of.is_some() && tenant_of != tenant(other)
            });
            found.copied()
        };
        let pair = match unlike(&b.pods, &first_a) {
            Some(to) => (first_a, to),
            None => (unlike(&a.pods, &first_b)?, first_b),
        };
        Some((pair.0 as usize, pair.1 as usize))
    }

    /// Returns the policies that isolate a pod from what comes in, by their places in the objects.
    pub fn isolating(&self, pod: usize) -> Vec<usize> {
        let Some(pod) = self.objects.pods.get(pod) else {
            return Vec::new();
        };
        let policies = &self.objects.policies;
        let first = policies.partition_point(|policy| policy.namespace < pod.namespace);
        let own = policies.iter().enumerate().skip(first);
        own.take_while(|(_, policy)| policy.namespace == pod.namespace)
            .filter(|(_, policy)| policy.spec.ingress.is_some())
            .filter(|(_, policy)| policy.spec.pods.selects(&pod.labels) == Answer::Yes)
            .map(|(at, _)| at)
            .collect()
    }
}

/// The classes that send anything to other tenants.
struct Senders {
    all: Vec<u32>,
    /// Those in the namespaces that a selector means, where it asks something.
    by_selector: Vec<Vec<u32>>,
}

impl Senders {
    fn of(network: &Network<'_>, tenants: &Tenants, bound: Bound) -> Self {
        let mut all = Vec::new();
        let mut by_selector = vec![Vec::new(); network.namespaces.len()];
        for ((class, &span), number) in network.classes.iter().zip(&tenants.classes).zip(0..) {
            let mut allows = network.allows(class, Direction::Egress, bound).iter();
            if span == Span::None
                || !allows.any(|&(peer, _)| tenants.reaches_beyond(network, peer, span))
            {
                continue;
            }
            all.push(number);
            let membership = network.memberships.get(class.key.membership as usize);
            for &(selector, _) in membership.into_iter().flatten() {
                let senders: Option<&mut Vec<u32>> = by_selector.get_mut(selector as usize);
                if let Some(senders) = senders {
                    senders.push(number);
                }
            }
        }
        Self { all, by_selector }
    }

    fn met_by(&self, network: &Network<'_>, peer: PeerId) -> &[u32] {
        match network.peers.get(peer as usize) {
            Some(Peer::Namespaces(selector, _)) if !network.namespaces.is_everything(*selector) => {
                let senders = self.by_selector.get(*selector as usize);
                senders.map_or(&[], Vec::as_slice)
            }
            Some(Peer::All | Peer::Namespaces(..) | Peer::Block(_)) => &self.all,
            Some(Peer::Own(_)) | None => &[],
        }
    }
}

impl Tenants {
    fn of(network: &Network<'_>, tenancy: &Tenancy) -> Self {
        let mut names = super::set::Interner::default();
        let namespaces = network.objects.namespaces.iter();
        let of: Vec<Option<u32>> = namespaces
            .map(|namespace| tenancy.tenant(&namespace.name))
            .map(|tenant| tenant.map(|tenant| names.number(tenant)))
            .collect();
        let classes = network.classes.iter().map(|class| {
            let mut span = Span::None;
            for pod in &class.pods {
                let space = network.space_of.get(*pod as usize);
                span.add(space.and_then(|space| of.get(*space as usize).copied().flatten()));
            }
            span
        });
        let classes = classes.collect();
        let mut selectors = vec![Span::None; network.namespaces.len()];
        let mut everywhere = Span::None;
        for (space, &tenant) in network.spaces.iter().zip(&of) {
            everywhere.add(tenant);
            let membership = network.memberships.get(space.membership as usize);
            for &(selector, _) in membership.into_iter().flatten() {
                if let Some(span) = selectors.get_mut(selector as usize) {
                    span.add(tenant);
                }
            }
        }
        Self {
            of,
            classes,
            selectors,
            everywhere,
        }
    }

    /// Returns whether a peer of a rule can mean pods of a tenant that is not among these.
    fn reaches_beyond(&self, network: &Network<'_>, peer: PeerId, own: Span) -> bool {
        network
            .peers
            .get(peer as usize)
            .is_some_and(|peer| self.peer_reaches_beyond(network, *peer, own))
    }

    fn peer_reaches_beyond(&self, network: &Network<'_>, peer: Peer, own: Span) -> bool {
        match peer {
            Peer::Own(_) => false,
            Peer::Namespaces(selector, _) if !network.namespaces.is_everything(selector) => {
                let span = self.selectors.get(selector as usize);
                span.is_some_and(|span| span.differs(own))
            }
            Peer::All | Peer::Namespaces(..) => self.everywhere.differs(own),
            Peer::Block(_) => {
                // Under Cilium, blocks can mean no pods but those with the network of their node.
                let means_pods = network.options.cni != Cni::Cilium || network.has_hosts();
                means_pods && self.everywhere.differs(own)
            }
        }
    }
}
