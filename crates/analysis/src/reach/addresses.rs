//! Addresses: the ranges that the blocks of rules cut them into.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use knight_model::network::{Block, Cidr};

use super::set::{Interner, index};

/// A block of rules, by number.
pub(super) type BlockId = u32;

/// The ranges that blocks cut all addresses into: no rule tells two addresses of one range apart.
#[derive(Clone, Debug, Default)]
pub(super) struct AddressAtoms {
    /// The first addresses of the ranges; IPv4 comes before IPv6.
    starts: Vec<IpAddr>,
    /// For each block its ranges: from one (inclusive) to another (exclusive).
    blocks: Vec<Vec<(u32, u32)>>,
}

/// Collects the blocks that cut addresses.
#[derive(Clone, Debug, Default)]
pub(super) struct AddressBuilder<'a> {
    blocks: Interner<&'a Block>,
}

impl<'a> AddressBuilder<'a> {
    pub(super) fn block(&mut self, block: &'a Block) -> BlockId {
        self.blocks.number(block)
    }

    pub(super) fn build(self) -> AddressAtoms {
        let mut starts = vec![
            IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        ];
        for block in self.blocks.items() {
            for cidr in std::iter::once(&block.cidr).chain(&block.except) {
                starts.push(cidr.first());
                starts.extend(cidr.after());
            }
        }
        starts.sort_unstable();
        starts.dedup();
        let mut atoms = AddressAtoms {
            starts,
            blocks: Vec::new(),
        };
        atoms.blocks = self
            .blocks
            .items()
            .iter()
            .map(|block| atoms.ranges_of(block))
            .collect();
        atoms
    }
}

impl AddressAtoms {
    /// Returns whether any rule is about addresses.
    pub(super) fn has_blocks(&self) -> bool {
        !self.blocks.is_empty()
    }

    /// Returns how many ranges there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// Returns the range of an address.
    pub(super) fn of(&self, address: IpAddr) -> u32 {
        index(self.starts.partition_point(|start| *start <= address)).saturating_sub(1)
    }

    /// Returns the first and the last address of ranges that follow each other.
    pub(super) fn span(&self, from: u32, to: u32) -> Option<(IpAddr, IpAddr)> {
        let first = *self.starts.get(from as usize)?;
        let last = match self.starts.get(to as usize) {
            Some(next) if next.is_ipv4() == first.is_ipv4() => before(*next),
            _ if first.is_ipv4() => IpAddr::V4(Ipv4Addr::BROADCAST),
            _ => IpAddr::V6(Ipv6Addr::from_bits(u128::MAX)),
        };
        Some((first, last))
    }

    /// Returns whether a range begins the addresses of IPv6.
    pub(super) fn begins_v6(&self, atom: u32) -> bool {
        self.starts.get(atom as usize) == Some(&IpAddr::V6(Ipv6Addr::UNSPECIFIED))
    }

    /// Returns whether a block holds a range.
    pub(super) fn holds(&self, block: BlockId, atom: u32) -> bool {
        let ranges = self.ranges(block);
        let at = ranges.partition_point(|&(from, _)| from <= atom);
        at.checked_sub(1)
            .and_then(|at| ranges.get(at))
            .is_some_and(|&(_, to)| atom < to)
    }

    /// Returns whether a block holds an address of other blocks.
    pub(super) fn meets(&self, block: BlockId, others: &[Cidr]) -> bool {
        let ranges = self.ranges(block);
        others.iter().any(|other| {
            let (first, last) = (self.of(other.first()), self.of(other.last()));
            ranges.iter().any(|&(from, to)| from <= last && first < to)
        })
    }

    /// Returns the ranges of a block, from one (inclusive) to another (exclusive).
    pub(super) fn ranges(&self, block: BlockId) -> &[(u32, u32)] {
        self.blocks.get(block as usize).map_or(&[], Vec::as_slice)
    }

    fn ranges_of(&self, block: &Block) -> Vec<(u32, u32)> {
        let (mut from, end) = self.range(&block.cidr);
        let mut ranges = Vec::new();
        // Exceptions are sorted by their first address, wider ones first.
        for except in &block.except {
            let (first, behind) = self.range(except);
            if first > from {
                ranges.push((from, first));
            }
            from = from.max(behind);
        }
        if from < end {
            ranges.push((from, end));
        }
        ranges
    }

    fn range(&self, cidr: &Cidr) -> (u32, u32) {
        (self.of(cidr.first()), self.of(cidr.last()) + 1)
    }
}

fn before(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => IpAddr::V4(address.to_bits().wrapping_sub(1).into()),
        IpAddr::V6(address) => IpAddr::V6(address.to_bits().wrapping_sub(1).into()),
    }
}
