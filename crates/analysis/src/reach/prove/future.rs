//! Pods that do not exist yet.
//!
//! A tenant chooses the labels of his pods. So each rule of his namespace is a choice of his: to be
//! selected by its policy. To be selected by none is one too, where selectors leave room for it.
//! Isolation holds for all pods that may come if no choice of one tenant and no choice of another
//! meet.

use knight_model::network::{Answer, Direction, Protocol};

use super::{
    super::{
        Bound,
        feasible::{Choice, choose},
        matching::SelectorId,
        network::{ALL_PORTS, ClassKey, Network, OPEN, Peer, RulesKey, Sort},
        ports::{self, PortsId},
        set::Interner,
    },
    Doubt, Span, Tenants,
};

/// Whether a claim holds for pods that may come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Future {
    /// It holds.
    Holds,
    /// It does not, and such pods would show it.
    Fails(FutureWitness),
    /// What is not known decides.
    Open {
        /// What is possible.
        witness: Option<FutureWitness>,
        /// What is not known.
        doubts: Vec<Doubt>,
    },
}

/// Two pods that tenants could make, with a connection that would be open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FutureWitness {
    /// The namespace of the pod that would connect, by its place in the objects.
    pub from: usize,
    /// The labels that it would need.
    pub from_labels: Vec<(Box<str>, Box<str>)>,
    /// The namespace of the pod that would be reached.
    pub to: usize,
    /// The labels that it would need.
    pub to_labels: Vec<(Box<str>, Box<str>)>,
    /// A port; absent where only protocols without ports would get through.
    pub port: Option<(Protocol, u16)>,
}

/// Namespaces that no rule tells apart.
struct Shape {
    rules: RulesKey,
    membership: u32,
    /// The namespaces of tenants, in order.
    spaces: Vec<u32>,
    span: Span,
    /// For each of [`Direction::ALL`], what leads to other tenants.
    ways: [Vec<Way>; 2],
}

/// One thing that a tenant can have by a choice of labels.
#[derive(Clone, Debug)]
struct Way {
    /// The selector that must select the pod; absent when none need to.
    chosen: Option<SelectorId>,
    /// The selectors that must not.
    avoided: Vec<SelectorId>,
    peer: Peer,
    ports: PortsId,
}

impl Network<'_> {
    pub(super) fn prove_future(&self, tenants: &Tenants) -> Future {
        if let Some(witness) = self.future_violation(tenants, Bound::Certain) {
            return Future::Fails(witness);
        }
        let witness = self.future_violation(tenants, Bound::Possible);
        let mut doubts = Vec::new();
        if let Some(witness) = &witness {
            for space in [witness.from, witness.to] {
                self.doubts_in(space, &mut doubts);
            }
        }
        // A namespace that is not in the input could be anybody's.
        let unread = self.objects.unread.iter().enumerate();
        let namespaces =
            unread.filter(|(_, list)| list.group.is_empty() && &*list.kind == "Namespace");
        doubts.extend(namespaces.map(|(at, _)| Doubt::Unread(at)));
        doubts.sort_unstable();
        doubts.dedup();
        if witness.is_some() || !doubts.is_empty() {
            return Future::Open { witness, doubts };
        }
        Future::Holds
    }

    fn future_violation(&self, tenants: &Tenants, bound: Bound) -> Option<FutureWitness> {
        let shapes = self.shapes(tenants, bound);
        let [reached, senders] = Direction::ALL.map(|direction| {
            let leads = |shape: &&Shape| !shape.ways[direction as usize].is_empty();
            shapes.iter().filter(leads).collect::<Vec<_>>()
        });
        for to in reached {
            for from in &senders {
                if !from.span.differs(to.span) {
                    continue;
                }
                for out in &from.ways[Direction::Egress as usize] {
                    for into in &to.ways[Direction::Ingress as usize] {
                        let found = self.meeting(tenants, (from, out), (to, into), bound);
                        if found.is_some() {
                            return found;
                        }
                    }
                }
            }
        }
        None
    }

    /// Returns the pods that go one way and the other, if there can be such pods.
    fn meeting(
        &self,
        tenants: &Tenants,
        (from, out): (&Shape, &Way),
        (to, into): (&Shape, &Way),
        bound: Bound,
    ) -> Option<FutureWitness> {
        let mut bits: ports::Bits = self.ports.of_free(out.ports).into();
        ports::meet(&mut bits, self.ports.of_free(into.ports));
        if ports::is_empty(&bits) {
            return None;
        }
        let asked_of_target = self.asked_by(out.peer, to, bound)?;
        let asked_of_sender = self.asked_by(into.peer, from, bound)?;
        let from_labels = self.labels_for(out, asked_of_sender, bound)?;
        let to_labels = self.labels_for(into, asked_of_target, bound)?;
        let tenant = |space: u32| tenants.of.get(space as usize).copied().flatten();
        let first = *from.spaces.first()?;
        let unlike = |spaces: &[u32], other: u32| {
            let found = spaces.iter().find(|space| tenant(**space) != tenant(other));
            found.copied()
        };
        let (from, to) = if let Some(to) = unlike(&to.spaces, first) {
            (first, to)
        } else {
            let to = *to.spaces.first()?;
            (unlike(&from.spaces, to)?, to)
        };
        Some(FutureWitness {
            from: from as usize,
            from_labels,
            to: to as usize,
            to_labels,
            port: self.ports.shown(&bits).first(),
        })
    }

    /// Returns what a peer asks of the labels of pods in namespaces of a shape: nothing, or that a
    /// selector selects them; none if it does not mean them at all.
    #[expect(
        clippy::option_option,
        reason = "the outer says whether, the inner what"
    )]
    fn asked_by(&self, peer: Peer, of: &Shape, bound: Bound) -> Option<Option<SelectorId>> {
        let means = match peer {
            Peer::All => Answer::Yes,
            Peer::Own(_) => Answer::No,
            Peer::Namespaces(namespaces, _) => self.is_member(namespaces, of.membership),
            Peer::Block(block) => self.block_holds(block, &SOME_POD),
        };
        bound.takes(means).then_some(match peer {
            Peer::Namespaces(_, pods) => Some(pods),
            Peer::All | Peer::Own(_) | Peer::Block(_) => None,
        })
    }

    /// Returns labels with which a pod can go a way.
    fn labels_for(
        &self,
        way: &Way,
        asked: Option<SelectorId>,
        bound: Bound,
    ) -> Option<Vec<(Box<str>, Box<str>)>> {
        let selector = |number: &SelectorId| self.selectors.get(*number as usize).copied();
        let wanted: Vec<_> = way
            .chosen
            .iter()
            .chain(&asked)
            .filter_map(selector)
            .collect();
        let unwanted: Vec<_> = way.avoided.iter().filter_map(selector).collect();
        match choose(&wanted, &unwanted) {
            Choice::Labels(labels) => Some(labels),
            Choice::TooHard if bound == Bound::Possible => Some(Vec::new()),
            Choice::Impossible | Choice::TooHard => None,
        }
    }

    fn shapes(&self, tenants: &Tenants, bound: Bound) -> Vec<Shape> {
        let mut numbers = Interner::default();
        let mut shapes: Vec<Shape> = Vec::new();
        for ((space, &tenant), number) in self.spaces.iter().zip(&tenants.of).zip(0..) {
            if tenant.is_none() {
                continue;
            }
            let at = numbers.number((space.rules, space.membership)) as usize;
            if at == shapes.len() {
                shapes.push(Shape {
                    rules: space.rules,
                    membership: space.membership,
                    spaces: Vec::new(),
                    span: Span::None,
                    ways: [Vec::new(), Vec::new()],
                });
            }
            if let Some(shape) = shapes.get_mut(at) {
                shape.spaces.push(number);
                shape.span.add(tenant);
            }
        }
        for shape in &mut shapes {
            shape.ways = Direction::ALL.map(|direction| {
                let mut ways = self.ways(shape.rules, direction, bound);
                ways.retain(|way| tenants.peer_reaches_beyond(self, way.peer, shape.span));
                ways
            });
        }
        shapes
    }

    /// Returns what pods can have in a direction by a choice of labels.
    fn ways(&self, rules: RulesKey, direction: Direction, bound: Bound) -> Vec<Way> {
        let overlay = rules.overlay;
        let open = |avoided| Way {
            chosen: None,
            avoided,
            peer: Peer::All,
            ports: ALL_PORTS,
        };
        match bound {
            Bound::Possible if overlay.allows => return vec![open(Vec::new())],
            Bound::Certain if overlay.denies => return Vec::new(),
            Bound::Possible | Bound::Certain => {}
        }
        let set = self.policy_sets.get(rules.policies as usize);
        let specs = set.into_iter().flatten();
        let specs = specs.filter_map(|&spec| self.specs.get(spec as usize));
        let mut subjects = Vec::new();
        let mut ways = Vec::new();
        for spec in specs {
            let Some(rules_of) = &spec.rules[direction as usize] else {
                continue;
            };
            subjects.push(spec.subject);
            ways.extend(rules_of.iter().map(|&(peer, ports)| Way {
                chosen: Some(spec.subject),
                avoided: Vec::new(),
                peer: self.names.relative(peer, rules.named),
                ports,
            }));
        }
        let closed = bound == Bound::Certain && overlay.denies_open;
        if !closed
            && !subjects
                .iter()
                .any(|subject| self.pods.is_everything(*subject))
        {
            ways.push(open(subjects));
        }
        ways
    }
}

/// A pod of which nothing is known.
const SOME_POD: ClassKey = ClassKey {
    sort: Sort::Pod,
    labels: 0,
    table: ports::NO_NAMES,
    addresses: 0,
    membership: 0,
    profiles: [[OPEN; 2]; 2],
};
