//! Classes and flows, as every form shows them.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use knight_analysis::reach::{ClassFlow, Connections, Endpoint, Party, Workload};
use knight_model::network::{Cidr, Direction, Peer};

use super::{Chosen, Reach, Spread};

/// Endpoints that no rule tells apart.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) pods: usize,
    pub(super) namespaces: usize,
    pub(super) nodes: usize,
    /// The workloads that have pods in it, sorted.
    pub(super) workloads: Vec<Workload>,
}

/// One end of a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum End {
    /// A class, by its number.
    Class(u32),
    /// A workload, or addresses outside.
    Party(Party),
}

/// Of which pods of two classes a row speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Within {
    /// Of all.
    Any,
    /// Of those in one namespace.
    Same,
    /// Of those in different ones.
    Different,
}

/// One flow.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) from: End,
    pub(super) to: End,
    pub(super) within: Within,
    pub(super) connections: Arc<Connections>,
}

impl Class {
    /// Returns what people call it.
    pub(super) fn label(&self) -> String {
        let Some(first) = self.workloads.first() else {
            return match self.nodes {
                1 => "1 node".to_owned(),
                nodes => format!("{nodes} nodes"),
            };
        };
        match self.workloads.len() {
            1 => first.to_string(),
            many if self.namespaces > 1 => {
                format!(
                    "{first} and {} more in {} namespaces",
                    many - 1,
                    self.namespaces
                )
            }
            many => format!("{first} and {} more", many - 1),
        }
    }
}

impl Within {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Same => "same",
            Self::Different => "different",
        }
    }
}

impl Reach<'_> {
    /// Returns the classes, by number.
    pub(super) fn classes(&self) -> Vec<Class> {
        let mut members: Vec<BTreeSet<Workload>> =
            vec![BTreeSet::new(); self.network.class_count()];
        for (at, pod) in self.network.objects().pods.iter().enumerate() {
            let class = self.network.class_of(at);
            if let Some(set) = class.and_then(|class| members.get_mut(class as usize)) {
                set.insert(Workload {
                    namespace: pod.namespace.clone(),
                    owner: pod.workload.clone(),
                });
            }
        }
        let summaries = self.network.classes().zip(members);
        summaries
            .map(|(summary, workloads)| Class {
                pods: summary.pods,
                namespaces: summary.namespaces,
                nodes: summary.nodes,
                workloads: workloads.into_iter().collect(),
            })
            .collect()
    }

    /// Returns the flows that are asked for, in order.
    pub(super) fn rows(&self) -> Box<dyn Iterator<Item = Row> + '_> {
        match self.spread {
            Spread::Workloads => Box::new(self.expanded()),
            Spread::Classes => Box::new(self.factored()),
        }
    }

    fn expanded(&self) -> impl Iterator<Item = Row> {
        let focus = &self.focus;
        let has = |chosen: &Option<Chosen>, party: &Party| {
            chosen.as_ref().is_none_or(|chosen| chosen.has_party(party))
        };
        let flows = self.network.expand().filter(move |flow| {
            has(&focus.from, &flow.from)
                && has(&focus.to, &flow.to)
                && (has(&focus.either, &flow.from) || has(&focus.either, &flow.to))
                && self.has_port(&flow.connections)
        });
        flows.map(|flow| Row {
            from: End::Party(flow.from),
            to: End::Party(flow.to),
            within: Within::Any,
            connections: flow.connections,
        })
    }

    fn factored(&self) -> impl Iterator<Item = Row> {
        let network = self.network;
        let classes_of = |chosen: &Option<Chosen>| chosen.as_ref().map(|one| one.classes(network));
        let from = classes_of(&self.focus.from);
        let to = classes_of(&self.focus.to);
        let either = classes_of(&self.focus.either);
        let is_in = |set: &Option<BTreeSet<u32>>, class: u32| {
            set.as_ref().is_none_or(|set| set.contains(&class))
        };
        let (outside_from, outside_to) = (from.clone(), to.clone());
        let outside_either = either.clone();
        let outside = move |way: Direction| {
            let (own, other) = match way {
                Direction::Ingress => (outside_to.clone(), &self.focus.from),
                Direction::Egress => (outside_from.clone(), &self.focus.to),
            };
            let either = outside_either.clone();
            self.outside(way).filter(move |(class, first, last, _)| {
                let meant = |chosen: &Option<Chosen>| {
                    let chosen = chosen.as_ref();
                    chosen.is_none_or(|chosen| chosen.has_range(*first, *last))
                };
                is_in(&own, *class)
                    && meant(other)
                    && (is_in(&either, *class) || meant(&self.focus.either))
            })
        };
        let entering = outside(Direction::Ingress).map(|(class, first, last, connections)| Row {
            from: End::Party(Party::Outside(first, last)),
            to: End::Class(class),
            within: Within::Any,
            connections,
        });
        let leaving = outside(Direction::Egress).map(|(class, first, last, connections)| Row {
            from: End::Class(class),
            to: End::Party(Party::Outside(first, last)),
            within: Within::Any,
            connections,
        });
        let inside = self.inside().filter(move |flow| {
            is_in(&from, flow.0.from)
                && is_in(&to, flow.0.to)
                && (is_in(&either, flow.0.from) || is_in(&either, flow.0.to))
        });
        let inside = inside.map(|(flow, within)| Row {
            from: End::Class(flow.from),
            to: End::Class(flow.to),
            within,
            connections: Arc::new(flow.connections),
        });
        let rows = entering.chain(inside).chain(leaving);
        rows.filter(|row| self.has_port(&row.connections))
    }

    /// Returns the flows between classes; both of one pair are one where they are alike.
    fn inside(&self) -> impl Iterator<Item = (ClassFlow, Within)> {
        let mut flows = self.network.flows().peekable();
        std::iter::from_fn(move || {
            let flow = flows.next()?;
            if !flow.same_namespace {
                return Some((flow, Within::Different));
            }
            let is_other = |next: &ClassFlow| {
                (next.from, next.to) == (flow.from, flow.to) && next.connections == flow.connections
            };
            let within = match flows.next_if(is_other) {
                Some(_) => Within::Any,
                None => Within::Same,
            };
            Some((flow, within))
        })
    }

    /// Returns what is open between classes of pods and addresses outside, range by range.
    fn outside(
        &self,
        way: Direction,
    ) -> impl Iterator<Item = (u32, IpAddr, IpAddr, Arc<Connections>)> {
        let classes = self.network.classes().zip(0_u32..);
        classes.flat_map(move |(class, number)| {
            let ranges = class.first.map(|pod| self.ranges(pod, way));
            let ranges = ranges.into_iter().flatten();
            ranges.map(move |(first, last, open)| (number, first, last, open))
        })
    }

    /// Returns what is open between a pod and addresses outside: policies of the pod's namespace alone
    /// cut them into ranges.
    fn ranges(&self, pod: usize, way: Direction) -> Vec<(IpAddr, IpAddr, Arc<Connections>)> {
        let objects = self.network.objects();
        let Some(namespace) = objects.pods.get(pod).map(|pod| &pod.namespace) else {
            return Vec::new();
        };
        let policies = &objects.policies;
        let first = policies.partition_point(|policy| policy.namespace < *namespace);
        let own = policies.iter().skip(first);
        let own = own.take_while(|policy| policy.namespace == *namespace);
        // Where a range begins, and where the addresses of its family end.
        let v4 = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let v6 = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        let mut starts = BTreeSet::from([v4, v6]);
        let mut cut = |block: &Cidr| {
            starts.insert(block.first());
            starts.extend(block.after());
        };
        for rule in own.filter_map(|policy| policy.spec.rules(way)).flatten() {
            for peer in rule.peers.iter().flatten() {
                if let Peer::Block(block) = peer {
                    cut(&block.cidr);
                    block.except.iter().for_each(&mut cut);
                }
            }
        }
        let mut ranges: Vec<(IpAddr, IpAddr, Arc<Connections>)> = Vec::new();
        let mut after = starts.iter().copied().skip(1);
        for &start in &starts {
            let next = after.next();
            let last = match next {
                Some(next) if next.is_ipv4() == start.is_ipv4() => before(next),
                Some(_) => IpAddr::V4(Ipv4Addr::BROADCAST),
                None => IpAddr::V6(u128::MAX.into()),
            };
            let (own, other) = (Endpoint::Pod(pod), Endpoint::Address(start));
            let open = match way {
                Direction::Ingress => self.network.between(other, own),
                Direction::Egress => self.network.between(own, other),
            };
            match ranges.last_mut() {
                Some((_, end, same)) if **same == open && follows(*end, start) => *end = last,
                _ => ranges.push((start, last, Arc::new(open))),
            }
        }
        ranges.retain(|(_, _, open)| !open.possible.is_empty());
        ranges
    }

    fn has_port(&self, connections: &Connections) -> bool {
        let Some(port) = self.focus.port else {
            return true;
        };
        let mut protocols = port.protocols();
        protocols.any(|protocol| connections.possible.contains(protocol, port.number))
    }
}

/// Puts rows with one source, one target that is a class and equal connections together.
pub(super) fn folded(rows: impl Iterator<Item = Row>) -> Vec<(Row, Vec<u32>)> {
    let mut folded: Vec<(Row, Vec<u32>)> = Vec::new();
    let mut known: BTreeMap<(u32, u8, Arc<Connections>), usize> = BTreeMap::new();
    for row in rows {
        let (End::Class(from), End::Class(to)) = (&row.from, &row.to) else {
            folded.push((row, Vec::new()));
            continue;
        };
        let key = (*from, row.within as u8, Arc::clone(&row.connections));
        let to = *to;
        if let Some((_, targets)) = known.get(&key).and_then(|at| folded.get_mut(*at)) {
            targets.push(to);
        } else {
            known.insert(key, folded.len());
            folded.push((row, vec![to]));
        }
    }
    folded
}

fn before(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => IpAddr::V4(address.to_bits().saturating_sub(1).into()),
        IpAddr::V6(address) => IpAddr::V6(address.to_bits().saturating_sub(1).into()),
    }
}

fn follows(last: IpAddr, start: IpAddr) -> bool {
    last.is_ipv4() == start.is_ipv4() && last == before(start)
}
