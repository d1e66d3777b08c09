//! Which entries of a map count, when keys repeat or merges bring them.
//!
//! Kubernetes reads the entries of a map in the order of the text and lets a later one replace an
//! earlier one, a `<<` merge included: what a merge brings replaces what stands before it and is
//! replaced by what stands behind it. Of a list of merged maps the first one wins.

use std::collections::HashMap;

use super::{BuildRefused, Data, Document, Duplicate, Kind, Map, Node, Payload, build::Text};

/// Above so many keys a map is checked with a table instead of pair by pair.
const FEW: usize = 24;

/// A key of a map that is being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Met {
    /// The node of the key.
    pub(super) index: u32,
    /// Equal for equal keys.
    pub(super) hash: u32,
    /// Whether this is a `<<`.
    pub(super) merge: bool,
}

/// Returns a number that is equal for equal keys, and seldom for others.
///
/// Made for speed; maps with many keys are checked with a table that hostile keys cannot slow down.
pub(super) fn hash(key: &str) -> u32 {
    let bytes = key.as_bytes();
    let ends = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>());
    let (head, tail) = if let (Some(head), Some(tail)) = ends {
        (u64::from_le_bytes(*head), u64::from_le_bytes(*tail))
    } else {
        let mut head = [0; 8];
        for (into, byte) in head.iter_mut().zip(bytes) {
            *into = *byte;
        }
        (u64::from_le_bytes(head), 0)
    };
    let mixed = (head ^ tail.rotate_left(23)).wrapping_add(bytes.len() as u64);
    (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

/// Drops every key that comes again later, and returns how many.
pub(super) fn drop_repeated(
    document: &mut Document,
    met: &[Met],
    duplicates: &mut Vec<Duplicate>,
) -> u32 {
    let pairs = repeated(document, met);
    for &(first, second) in &pairs {
        duplicates.push(duplicate(document, first, second));
        document.drop_key(first);
    }
    u32::try_from(pairs.len()).unwrap_or(u32::MAX)
}

fn duplicate(document: &Document, first: u32, second: u32) -> Duplicate {
    Duplicate {
        first: document.data(first).span,
        second: document.data(second).span,
    }
}

/// Returns each key that comes again with the next place where it does.
fn repeated(document: &Document, met: &[Met]) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    if met.len() <= FEW {
        for (at, first) in met.iter().enumerate() {
            let again = met[at + 1..].iter().find(|second| {
                first.hash == second.hash
                    && document.key_text(first.index) == document.key_text(second.index)
            });
            if let Some(second) = again {
                pairs.push((first.index, second.index));
            }
        }
        return pairs;
    }
    let mut last = HashMap::with_capacity(met.len());
    for key in met {
        if let Some(first) = last.insert(document.key_text(key.index), key.index) {
            pairs.push((first, key.index));
        }
    }
    pairs
}

/// The entries of a map with merges, while it is worked out which ones count.
pub(super) struct Merge<'a> {
    document: &'a Document,
    met: &'a [Met],
    duplicates: &'a mut Vec<Duplicate>,
    /// The entry that counts so far, for each key.
    winners: HashMap<&'a str, usize>,
    entries: Vec<Candidate>,
}

#[derive(Clone, Copy)]
struct Candidate {
    /// The node of the key as it is written.
    key: u32,
    /// Where a merge found the value; none for an entry of the map itself.
    merged: Option<u32>,
    counts: bool,
}

/// What [`Merge::resolve`] found out.
pub(super) struct Resolved {
    entries: Vec<Candidate>,
}

impl<'a> Merge<'a> {
    pub(super) fn new(
        document: &'a Document,
        met: &'a [Met],
        duplicates: &'a mut Vec<Duplicate>,
    ) -> Self {
        Self {
            document,
            met,
            duplicates,
            winners: HashMap::new(),
            entries: Vec::new(),
        }
    }

    pub(super) fn resolve(mut self) -> Result<Resolved, BuildRefused> {
        for key in self.met {
            if key.merge {
                self.bring(key.index + 1)?;
            } else {
                self.enter(self.document.key_text(key.index), key.index, None);
            }
        }
        Ok(Resolved {
            entries: self.entries,
        })
    }

    fn bring(&mut self, value: u32) -> Result<(), BuildRefused> {
        match Node::at(self.document, value).kind() {
            Kind::Map(map) => self.bring_map(map),
            // A list of maps counts where it is written out; an alias of one does not.
            Kind::List(list) if !self.document.is_alias(value) => {
                let maps: Option<Vec<_>> = list.items().map(Node::as_map).collect();
                for map in maps.ok_or(BuildRefused::MergeOfNoMap)?.into_iter().rev() {
                    self.bring_map(map);
                }
            }
            _ => return Err(BuildRefused::MergeOfNoMap),
        }
        Ok(())
    }

    fn bring_map(&mut self, map: Map<'a>) {
        for (key, value) in map.indexes() {
            self.enter(self.document.key_text(key), key, Some(value));
        }
    }

    fn enter(&mut self, text: &'a str, key: u32, merged: Option<u32>) {
        let at = self.entries.len();
        self.entries.push(Candidate {
            key,
            merged,
            counts: true,
        });
        if let Some(before) = self.winners.insert(text, at) {
            let loser = &mut self.entries[before];
            loser.counts = false;
            if loser.merged.is_none() && merged.is_none() {
                self.duplicates
                    .push(duplicate(self.document, loser.key, key));
            }
        }
    }
}

impl Resolved {
    /// Drops the entries that do not count, adds those that merges bring, and returns how many count.
    pub(super) fn apply(&self, document: &mut Document) -> u32 {
        let mut len = 0;
        for entry in &self.entries {
            match entry.merged {
                None if entry.counts => len += 1,
                None => document.drop_key(entry.key),
                Some(value) if entry.counts => {
                    len += 1;
                    let key = document.data(entry.key);
                    document.nodes.push(key);
                    let span = document.data(value).span;
                    let target = document.followed(value);
                    document.nodes.push(Data {
                        span,
                        payload: Payload::Alias(target),
                    });
                }
                Some(_) => {}
            }
        }
        len
    }
}

impl Document {
    pub(super) fn key_text(&self, index: u32) -> &str {
        match self.data(index).payload {
            Payload::Key(text) | Payload::DroppedKey(text) | Payload::Text(text) => self.str(text),
            _ => "",
        }
    }

    fn drop_key(&mut self, index: u32) {
        if let Some(node) = self.nodes.get_mut(index as usize)
            && let Payload::Key(text) = node.payload
        {
            node.payload = Payload::DroppedKey(text);
        }
    }

    pub(super) fn is_alias(&self, index: u32) -> bool {
        matches!(self.data(index).payload, Payload::Alias(_))
    }

    /// Returns the node that an alias names, or the node itself.
    pub(super) fn followed(&self, mut index: u32) -> u32 {
        while let Payload::Alias(target) = self.data(index).payload {
            index = target;
        }
        index
    }

    /// Keeps a string that the source does not hold.
    pub(super) fn own(&mut self, value: &str) -> Text {
        let start = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.text.push_str(value);
        Text {
            start,
            len: u32::try_from(value.len()).unwrap_or(u32::MAX),
            owned: true,
        }
    }
}
