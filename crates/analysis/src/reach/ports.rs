//! Ports: the pieces that the rules cut them into, and sets of them.

use std::{collections::BTreeSet, fmt};

use knight_model::network::{NamedPort, PortRule, Ports, Protocol};

use super::{
    Bound,
    set::{Interner, Map, index},
};

/// A set of connections: ports of protocols, and what has none.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PortSet {
    /// Ranges of each protocol of [`Protocol::ALL`], sorted, apart from each other.
    ranges: [Vec<(u16, u16)>; 3],
    /// Whether protocols without ports are in it, such as ICMP.
    others: bool,
}

impl PortSet {
    /// Makes the set of everything.
    pub fn all() -> Self {
        Self {
            ranges: std::array::from_fn(|_| vec![(1, u16::MAX)]),
            others: true,
        }
    }

    /// Returns what is in any of some sets.
    pub(super) fn joined<'s>(sets: impl Iterator<Item = &'s Self>) -> Self {
        let mut joined = Self::default();
        for set in sets {
            joined.others |= set.others;
            for (into, ranges) in joined.ranges.iter_mut().zip(&set.ranges) {
                into.extend(ranges);
            }
        }
        for ranges in &mut joined.ranges {
            ranges.sort_unstable();
            ranges.dedup_by(|next, last| {
                let joins = u32::from(next.0) <= u32::from(last.1) + 1;
                if joins {
                    last.1 = last.1.max(next.1);
                }
                joins
            });
        }
        joined
    }

    /// Returns whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        !self.others && self.ranges.iter().all(Vec::is_empty)
    }

    /// Returns whether everything is in it.
    pub fn is_all(&self) -> bool {
        *self == Self::all()
    }

    /// Returns whether a port is in it.
    pub fn contains(&self, protocol: Protocol, port: u16) -> bool {
        let mut ranges = self.ranges(protocol);
        ranges.any(|(first, last)| (first..=last).contains(&port))
    }

    /// Returns the ranges of ports of a protocol, from one number to another.
    pub fn ranges(&self, protocol: Protocol) -> impl Iterator<Item = (u16, u16)> {
        let ranges = match protocol {
            Protocol::Tcp => &self.ranges[0],
            Protocol::Udp => &self.ranges[1],
            Protocol::Sctp => &self.ranges[2],
        };
        ranges.iter().copied()
    }

    /// Returns whether protocols without ports are in it, such as ICMP.
    pub fn has_others(&self) -> bool {
        self.others
    }

    /// Returns the first port; none where only protocols without ports are in it.
    pub fn first(&self) -> Option<(Protocol, u16)> {
        Protocol::ALL.into_iter().find_map(|protocol| {
            let (first, _) = self.ranges(protocol).next()?;
            Some((protocol, first))
        })
    }
}

impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return f.write_str("All Connections");
        }
        if self.is_empty() {
            return f.write_str("No Connections");
        }
        let mut between = "";
        for protocol in Protocol::ALL {
            let mut ranges = self.ranges(protocol).peekable();
            if ranges.peek().is_none() {
                continue;
            }
            write!(f, "{between}{protocol} ")?;
            let mut comma = "";
            for (first, last) in ranges {
                if first == last {
                    write!(f, "{comma}{first}")?;
                } else {
                    write!(f, "{comma}{first}-{last}")?;
                }
                comma = ",";
            }
            between = ", ";
        }
        if self.others {
            write!(f, "{between}others")?;
        }
        Ok(())
    }
}

/// A set of pieces, as bits; all sets of a network have one length.
pub(super) type Bits = Box<[u64]>;

/// The named ports of an endpoint, as far as rules ask for them, by number.
pub(super) type Table = u32;

/// The ports of a rule, by number.
pub(super) type PortsId = u32;

/// No named ports at all, as addresses outside have.
pub(super) const NO_NAMES: Table = 0;

/// The pieces that rules cut the ports into: no rule tells two ports of one piece apart.
#[derive(Clone, Debug, Default)]
pub(super) struct PortAtoms {
    /// For each protocol, the first ports of its pieces.
    starts: [Vec<u16>; 3],
    words: usize,
    /// What each table and each list of ports of rules says, for both bounds.
    resolved: Map<(PortsId, Table), [u32; 2]>,
    sets: Interner<Bits>,
    /// What a list of ports says of a pod that may have any name for any port.
    free: Vec<u32>,
}

/// Collects what cuts ports into pieces.
#[derive(Clone, Debug)]
pub(super) struct PortsBuilder<'a> {
    lists: Interner<Option<&'a [PortRule]>>,
    names: BTreeSet<&'a str>,
    tables: Interner<Vec<&'a NamedPort>>,
}

impl<'a> PortsBuilder<'a> {
    pub(super) fn new() -> Self {
        let mut tables = Interner::default();
        tables.number(Vec::new());
        Self {
            lists: Interner::default(),
            names: BTreeSet::new(),
            tables,
        }
    }

    /// Adds the ports of a rule.
    pub(super) fn list(&mut self, ports: Option<&'a [PortRule]>) -> PortsId {
        for port in ports.into_iter().flatten() {
            if let Ports::Named(name) = &port.ports {
                self.names.insert(name);
            }
        }
        self.lists.number(ports)
    }

    /// Adds the named ports of a pod; all rules must be there before.
    pub(super) fn table(&mut self, ports: &'a [NamedPort]) -> Table {
        if self.names.is_empty() || ports.is_empty() {
            return NO_NAMES;
        }
        let asked = ports.iter().filter(|port| self.names.contains(&*port.name));
        self.tables.number(asked.collect())
    }

    /// Cuts the ports.
    pub(super) fn build(self) -> PortAtoms {
        let mut starts: [Vec<u16>; 3] = std::array::from_fn(|_| vec![1]);
        let mut cut = |protocol: Protocol, first: u16, last: u16| {
            let starts = &mut starts[protocol_index(protocol)];
            starts.push(first);
            starts.extend(last.checked_add(1));
        };
        let rules = self.lists.items().iter().flatten().copied().flatten();
        for rule in rules {
            if let Ports::Range(first, last) = rule.ports {
                cut(rule.protocol, first, last);
            }
        }
        for port in self.tables.items().iter().flatten() {
            cut(port.protocol, port.number, port.number);
        }
        for starts in &mut starts {
            starts.sort_unstable();
            starts.dedup();
        }
        // The last piece is everything without ports.
        let pieces = starts.iter().map(Vec::len).sum::<usize>() + 1;
        let mut atoms = PortAtoms {
            starts,
            words: pieces.div_ceil(64),
            ..PortAtoms::default()
        };
        for (list, ports) in self.lists.items().iter().enumerate() {
            for (table, names) in self.tables.items().iter().enumerate() {
                let has_names = ports.is_some_and(|ports| {
                    ports
                        .iter()
                        .any(|port| matches!(port.ports, Ports::Named(_)))
                });
                // Where no name is asked for, every table gives the same.
                if table > 0 && !has_names {
                    continue;
                }
                let sets = Bound::ALL.map(|bound| {
                    let bits = atoms.resolve(*ports, names, bound);
                    atoms.sets.number(bits)
                });
                atoms.resolved.insert((index(list), index(table)), sets);
            }
            let free = atoms.resolve_free(*ports);
            let free = atoms.sets.number(free);
            atoms.free.push(free);
        }
        atoms
    }
}

impl PortAtoms {
    pub(super) fn none(&self) -> Bits {
        vec![0; self.words].into()
    }

    pub(super) fn all(&self) -> Bits {
        let mut bits = self.none();
        self.fill(&mut bits, 0, self.pieces());
        bits
    }

    /// Returns what the ports of a rule mean for an endpoint with these named ports.
    pub(super) fn of(&self, list: PortsId, table: Table, bound: Bound) -> &[u64] {
        let found = self.resolved.get(&(list, table));
        let found = found.or_else(|| self.resolved.get(&(list, NO_NAMES)));
        found
            .and_then(|sets| self.sets.items().get(sets[bound as usize] as usize))
            .map_or(&[], |bits| bits)
    }

    /// Returns what the ports of a rule can mean for a pod that gives its ports names at will.
    pub(super) fn of_free(&self, list: PortsId) -> &[u64] {
        let set = self.free.get(list as usize).copied().unwrap_or_default();
        self.sets.items().get(set as usize).map_or(&[], |bits| bits)
    }

    /// Returns the ports of pieces.
    pub(super) fn shown(&self, bits: &[u64]) -> PortSet {
        let has = |piece: usize| {
            bits.get(piece / 64)
                .is_some_and(|word| word >> (piece % 64) & 1 == 1)
        };
        let mut set = PortSet::default();
        let mut piece = 0;
        for (starts, ranges) in self.starts.iter().zip(&mut set.ranges) {
            for (at, &first) in starts.iter().enumerate() {
                let last = starts.get(at + 1).map_or(u16::MAX, |next| next - 1);
                if has(piece) {
                    match ranges.last_mut() {
                        Some((_, end)) if u32::from(*end) + 1 == u32::from(first) => *end = last,
                        _ => ranges.push((first, last)),
                    }
                }
                piece += 1;
            }
        }
        set.others = has(piece);
        set
    }

    fn pieces(&self) -> usize {
        self.starts.iter().map(Vec::len).sum::<usize>() + 1
    }

    fn resolve(&self, ports: Option<&[PortRule]>, names: &[&NamedPort], bound: Bound) -> Bits {
        let Some(ports) = ports else {
            return self.all();
        };
        let mut bits = self.none();
        for port in ports {
            match &port.ports {
                Ports::All => self.add(&mut bits, port.protocol, 1, u16::MAX),
                Ports::Range(first, last) => self.add(&mut bits, port.protocol, *first, *last),
                Ports::Named(name) => {
                    let same = |named: &&&NamedPort| {
                        named.name == *name && named.protocol == port.protocol
                    };
                    // Which of several ports with one name is meant, network plugins decide.
                    let several = names.iter().filter(same).count() > 1;
                    if several && bound == Bound::Certain {
                        continue;
                    }
                    for named in names.iter().filter(same) {
                        self.add(&mut bits, port.protocol, named.number, named.number);
                    }
                }
            }
        }
        bits
    }

    fn resolve_free(&self, ports: Option<&[PortRule]>) -> Bits {
        let Some(ports) = ports else {
            return self.all();
        };
        let mut bits = self.none();
        for port in ports {
            match port.ports {
                Ports::All | Ports::Named(_) => self.add(&mut bits, port.protocol, 1, u16::MAX),
                Ports::Range(first, last) => self.add(&mut bits, port.protocol, first, last),
            }
        }
        bits
    }

    fn add(&self, bits: &mut Bits, protocol: Protocol, first: u16, last: u16) {
        let at = protocol_index(protocol);
        let before: usize = self.starts.iter().take(at).map(Vec::len).sum();
        let starts = &self.starts[at];
        let from = starts.partition_point(|&start| start <= first).max(1) - 1;
        let to = starts.partition_point(|&start| start <= last);
        self.fill(bits, before + from, before + to);
    }

    #[expect(clippy::unused_self, reason = "the bits are those of these pieces")]
    fn fill(&self, bits: &mut Bits, from: usize, to: usize) {
        for piece in from..to {
            if let Some(word) = bits.get_mut(piece / 64) {
                *word |= 1 << (piece % 64);
            }
        }
    }
}

pub(super) fn join(into: &mut Bits, other: &[u64]) {
    for (word, other) in into.iter_mut().zip(other) {
        *word |= other;
    }
}

pub(super) fn meet(into: &mut Bits, other: &[u64]) {
    for (word, other) in into.iter_mut().zip(other) {
        *word &= other;
    }
}

pub(super) fn is_empty(bits: &[u64]) -> bool {
    bits.iter().all(|&word| word == 0)
}

fn protocol_index(protocol: Protocol) -> usize {
    match protocol {
        Protocol::Tcp => 0,
        Protocol::Udp => 1,
        Protocol::Sctp => 2,
    }
}
