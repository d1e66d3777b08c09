//! Sets of small numbers, and numbers for things that are equal.

use std::{collections::HashMap, hash::Hash};

use foldhash::fast::RandomState;

/// A map that is never walked, so its order shows nowhere.
pub(super) type Map<K, V> = HashMap<K, V, RandomState>;

/// Numbers under a bound that the owner of the set knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    /// Sorted; empty where `bits` holds them.
    list: Vec<u32>,
    bits: Vec<u64>,
    len: usize,
}

impl Set {
    /// Makes a set of sorted numbers under a bound.
    pub(super) fn new(list: Vec<u32>, bound: usize) -> Self {
        let len = list.len();
        // A number takes 32 bits in the list.
        if len * 32 <= bound {
            return Self {
                list,
                bits: Vec::new(),
                len,
            };
        }
        let mut bits = vec![0; bound.div_ceil(64)];
        for number in list {
            if let Some(word) = bits.get_mut(number as usize / 64) {
                *word |= 1_u64 << (number % 64);
            }
        }
        Self {
            list: Vec::new(),
            bits,
            len,
        }
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        match self.bits.get(number as usize / 64) {
            Some(word) => word >> (number % 64) & 1 == 1,
            None => self.list.binary_search(&number).is_ok(),
        }
    }

    /// Returns the numbers in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        let of_words = self.bits.iter().zip(0_u32..).flat_map(|(&word, index)| {
            (0..64)
                .filter(move |bit| word >> bit & 1 == 1)
                .map(move |bit| index * 64 + bit)
        });
        self.list.iter().copied().chain(of_words)
    }

    /// Returns the only number, if there is one.
    pub(super) fn single(&self) -> Option<u32> {
        (self.len == 1).then(|| self.iter().next()).flatten()
    }
}

/// Gives equal things one number, counted from 0.
#[derive(Clone, Debug)]
pub(super) struct Interner<T> {
    numbers: Map<T, u32>,
    items: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self {
            numbers: Map::default(),
            items: Vec::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Interner<T> {
    pub(super) fn number(&mut self, item: T) -> u32 {
        if let Some(&number) = self.numbers.get(&item) {
            return number;
        }
        let number = index(self.items.len());
        self.items.push(item.clone());
        self.numbers.insert(item, number);
        number
    }

    pub(super) fn find(&self, item: &T) -> Option<u32> {
        self.numbers.get(item).copied()
    }

    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    pub(super) fn into_items(self) -> Vec<T> {
        self.items
    }
}

/// Returns the number of a place in a list; lists of more than four billion do not fit memory.
pub(super) fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
