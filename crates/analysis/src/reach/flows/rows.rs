//! Flows written out, source by source.

use std::{net::IpAddr, sync::Arc, vec};

use knight_model::network::{Answer, Direction};

use super::{
    super::{
        Bound,
        network::{Class, Connections, Network, Peer, Relation, Sort},
        ports::{self, Bits, NO_NAMES},
        set::{Map, index},
    },
    Flow, Party, Workload,
};

/// All flows of a network; see [`Network::expand`].
#[derive(Debug)]
pub struct Expanded<'n> {
    network: &'n Network<'n>,
    workloads: Vec<Member>,
    /// The workloads of each class, sorted.
    of_class: Vec<Vec<u32>>,
    /// For classes of sources, whom they reach in other namespaces.
    rows: Map<u32, Arc<Reached>>,
    cells: Map<(u32, u32, Relation), Arc<Connections>>,
    next: usize,
    ready: vec::IntoIter<Flow>,
}

/// Classes or workloads that are reached, by number.
type Reached = Vec<(u32, Arc<Connections>)>;

/// A workload with its pods.
#[derive(Debug)]
struct Member {
    workload: Arc<Workload>,
    space: u32,
    /// Sorted, each once.
    classes: Vec<u32>,
    pods: Vec<u32>,
}

/// How many rows and cells are kept before they are made anew.
const MOST_KEPT: usize = 1 << 18;

impl<'n> Expanded<'n> {
    pub(super) fn of(network: &'n Network<'_>) -> Self {
        let mut pods: Vec<u32> = (0..index(network.objects.pods.len())).collect();
        let pod = |number: &u32| network.objects.pods.get(*number as usize);
        let name = |number: &u32| {
            pod(number).map(|pod| {
                let owner = &pod.workload;
                (&pod.namespace, &owner.name, &owner.kind, &owner.group)
            })
        };
        pods.sort_by(|a, b| name(a).cmp(&name(b)));
        let mut workloads: Vec<Member> = Vec::new();
        for group in pods.chunk_by(|a, b| name(a) == name(b)) {
            let Some(first) = group.first().and_then(pod) else {
                continue;
            };
            let of = |list: &[u32]| {
                let mut found: Vec<u32> = group
                    .iter()
                    .filter_map(|pod| list.get(*pod as usize).copied())
                    .collect();
                found.sort_unstable();
                found.dedup();
                found
            };
            workloads.push(Member {
                workload: Arc::new(Workload {
                    namespace: first.namespace.clone(),
                    owner: first.workload.clone(),
                }),
                space: of(&network.space_of).first().copied().unwrap_or_default(),
                classes: of(&network.class_of),
                pods: group.to_vec(),
            });
        }
        let mut of_class = vec![Vec::new(); network.classes.len()];
        for (member, number) in workloads.iter().zip(0..) {
            for class in &member.classes {
                let list: Option<&mut Vec<u32>> = of_class.get_mut(*class as usize);
                if let Some(list) = list {
                    list.push(number);
                }
            }
        }
        let mut expanded = Self {
            network,
            workloads,
            of_class,
            rows: Map::default(),
            cells: Map::default(),
            next: 0,
            ready: Vec::new().into_iter(),
        };
        expanded.ready = expanded.outside_flows().into_iter();
        expanded
    }

    /// Returns the flows of a source, sorted by what is reached.
    fn flows_of(&mut self, source: usize) -> Vec<Flow> {
        let Some(member) = self.workloads.get(source) else {
            return Vec::new();
        };
        let from = Party::Workload(Arc::clone(&member.workload));
        let (space, classes) = (member.space, member.classes.clone());
        let mut flows: Vec<Flow> = Vec::new();
        for (range, connections) in self.outside(&classes, Direction::Egress) {
            flows.push(Flow {
                from: from.clone(),
                to: Party::Outside(range.0, range.1),
                connections,
            });
        }
        let mut reached: Reached = Vec::new();
        for &class in &classes {
            for (other, connections) in self.row(class).iter() {
                let others = self.of_class.get(*other as usize).into_iter().flatten();
                for &number in others {
                    let target = self.workloads.get(number as usize);
                    if target.is_some_and(|target| target.space != space) {
                        reached.push((number, Arc::clone(connections)));
                    }
                }
            }
            for number in self.in_space(space) {
                let Some(target) = self.workloads.get(number) else {
                    continue;
                };
                for to in target.classes.clone() {
                    let relation = Relation {
                        same_namespace: true,
                        same_node: Answer::No,
                    };
                    reached.push((index(number), self.cell(class, to, relation)));
                }
            }
        }
        self.add_own_node(source, &mut reached);
        reached.retain(|(number, connections)| {
            *number as usize != source && !connections.possible.is_empty()
        });
        reached.sort_by_key(|(number, _)| *number);
        for group in reached.chunk_by(|a, b| a.0 == b.0) {
            let Some(((number, first), others)) = group.split_first() else {
                continue;
            };
            let Some(target) = self.workloads.get(*number as usize) else {
                continue;
            };
            let connections = if others.iter().all(|(_, other)| other == first) {
                Arc::clone(first)
            } else {
                let all = group.iter().map(|(_, connections)| &**connections);
                Arc::new(Connections::joined(all))
            };
            flows.push(Flow {
                from: from.clone(),
                to: Party::Workload(Arc::clone(&target.workload)),
                connections,
            });
        }
        flows
    }

    /// Returns the workloads of a namespace; they are sorted by it.
    fn in_space(&self, space: u32) -> std::ops::Range<usize> {
        let first = self
            .workloads
            .partition_point(|member| member.space < space);
        let end = self
            .workloads
            .partition_point(|member| member.space <= space);
        first..end
    }

    /// Returns whom a class reaches in other namespaces.
    fn row(&mut self, class: u32) -> Arc<Reached> {
        if let Some(row) = self.rows.get(&class) {
            return Arc::clone(row);
        }
        let relation = Relation {
            same_namespace: false,
            same_node: Answer::No,
        };
        let mut row = Vec::new();
        for other in 0..index(self.network.classes.len()) {
            let connections = self.cell(class, other, relation);
            if !connections.possible.is_empty() {
                row.push((other, connections));
            }
        }
        let row = Arc::new(row);
        if self.rows.len() * self.network.classes.len().max(1) > MOST_KEPT {
            self.rows.clear();
        }
        self.rows.insert(class, Arc::clone(&row));
        row
    }

    fn cell(&mut self, from: u32, to: u32, relation: Relation) -> Arc<Connections> {
        if let Some(cell) = self.cells.get(&(from, to, relation)) {
            return Arc::clone(cell);
        }
        let class = |class: u32| self.network.classes.get(class as usize);
        let cell = match (class(from), class(to)) {
            (Some(from), Some(to)) => self.network.between_classes(from, to, relation),
            _ => Connections::default(),
        };
        let cell = Arc::new(cell);
        if self.cells.len() > MOST_KEPT {
            self.cells.clear();
        }
        self.cells.insert((from, to, relation), Arc::clone(&cell));
        cell
    }

    /// Adds what pods that share the network of a node have there.
    fn add_own_node(&mut self, source: usize, reached: &mut Reached) {
        let network = self.network;
        let is_host = |class: &u32| {
            let class = network.classes.get(*class as usize);
            class.is_some_and(|class| class.key.sort == Sort::Host)
        };
        let hosts: Vec<bool> = self
            .workloads
            .iter()
            .map(|member| member.classes.iter().any(is_host))
            .collect();
        if !hosts.contains(&true) {
            return;
        }
        let Some(own) = self.workloads.get(source) else {
            return;
        };
        let mut found = Vec::new();
        for (number, target) in self.workloads.iter().enumerate() {
            let has_host = hosts.get(source) == Some(&true) || hosts.get(number) == Some(&true);
            if !has_host || number == source {
                continue;
            }
            for &from in &own.pods {
                for &to in &target.pods {
                    let same_node = match (network.node(from), network.node(to)) {
                        (Some(from), Some(to)) => Answer::from(from == to),
                        _ => Answer::Maybe,
                    };
                    if same_node == Answer::No {
                        continue;
                    }
                    let relation = Relation {
                        same_namespace: own.space == target.space,
                        same_node,
                    };
                    let class = |pod: u32| network.class_of.get(pod as usize).copied();
                    if let (Some(from), Some(to)) = (class(from), class(to)) {
                        found.push((number, from, to, relation));
                    }
                }
            }
        }
        for (number, from, to, relation) in found {
            reached.push((index(number), self.cell(from, to, relation)));
        }
    }

    /// Returns the flows from outside, by the addresses and then by what is reached.
    fn outside_flows(&self) -> Vec<Flow> {
        let mut flows: Vec<Flow> = Vec::new();
        for member in &self.workloads {
            for (range, connections) in self.outside(&member.classes, Direction::Ingress) {
                flows.push(Flow {
                    from: Party::Outside(range.0, range.1),
                    to: Party::Workload(Arc::clone(&member.workload)),
                    connections,
                });
            }
        }
        flows.sort_by(|a, b| a.from.cmp(&b.from));
        flows
    }

    /// Returns what is open with addresses outside, for the pods of some classes together.
    fn outside(
        &self,
        classes: &[u32],
        way: Direction,
    ) -> Vec<((IpAddr, IpAddr), Arc<Connections>)> {
        let network = self.network;
        let none = || vec![network.ports.none(); network.addresses.len()];
        let mut certain = none();
        let mut possible = none();
        for class in classes {
            if let Some(class) = network.classes.get(*class as usize) {
                network.add_outside(class, way, Bound::Certain, &mut certain);
                network.add_outside(class, way, Bound::Possible, &mut possible);
            }
        }
        let atoms: Vec<(Bits, Bits)> = certain.into_iter().zip(possible).collect();
        let mut ranges = Vec::new();
        let mut from = 0;
        while let Some(first) = atoms.get(from) {
            let rest = atoms.get(from + 1..).unwrap_or_default();
            let alike = rest.iter().zip(from + 1..).take_while(|(bits, atom)| {
                *bits == first && !network.addresses.begins_v6(index(*atom))
            });
            let to = from + 1 + alike.count();
            if !ports::is_empty(&first.1)
                && let Some(span) = network.addresses.span(index(from), index(to))
            {
                let connections = Connections {
                    certain: network.ports.shown(&first.0),
                    possible: network.ports.shown(&first.1),
                };
                ranges.push((span, Arc::new(connections)));
            }
            from = to;
        }
        ranges
    }
}

impl Iterator for Expanded<'_> {
    type Item = Flow;

    fn next(&mut self) -> Option<Flow> {
        loop {
            if let Some(flow) = self.ready.next() {
                return Some(flow);
            }
            if self.next >= self.workloads.len() {
                return None;
            }
            self.ready = self.flows_of(self.next).into_iter();
            self.next += 1;
        }
    }
}

impl Network<'_> {
    fn node(&self, pod: u32) -> Option<&str> {
        self.objects.pods.get(pod as usize)?.node.as_deref()
    }

    /// Adds what a class allows with addresses outside, range by range.
    fn add_outside(&self, class: &Class, way: Direction, bound: Bound, atoms: &mut [Bits]) {
        let table = match way {
            Direction::Ingress => class.key.table,
            Direction::Egress => NO_NAMES,
        };
        for &(peer, list) in self.allows(class, way, bound) {
            let bits = self.ports.of(list, table, bound);
            match self.peers.get(peer as usize) {
                Some(Peer::All) => {
                    for atom in &mut *atoms {
                        ports::join(atom, bits);
                    }
                }
                Some(Peer::Block(block)) => {
                    for &(from, to) in self.addresses.ranges(*block) {
                        let range = atoms.get_mut(from as usize..to as usize);
                        for atom in range.into_iter().flatten() {
                            ports::join(atom, bits);
                        }
                    }
                }
                Some(Peer::Own(_) | Peer::Namespaces(..)) | None => {}
            }
        }
    }
}
