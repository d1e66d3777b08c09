//! The objects of a snapshot, one by one, so that they need not be in memory together.

use std::{
    sync::mpsc::{SyncSender, sync_channel},
    thread,
};

use knight_model::snapshot::{Header, Identity, List, Unreadable};
use rayon::prelude::*;

use crate::source::snapshot::Snapshot;

/// How many bytes of objects go to a core at once, unless one object has more.
const BATCH: usize = 1 << 18;

/// How many batches may wait for a core.
const WAITING: usize = 4;

/// Some objects that stand one behind the other.
#[derive(Debug, Default)]
struct Batch {
    /// How many objects stand before the first.
    before: u64,
    text: String,
    /// The byte behind each object.
    ends: Vec<usize>,
}

/// What came of all objects.
#[derive(Debug)]
pub(super) struct Streamed<T> {
    pub(super) value: T,
    pub(super) header: Header,
    pub(super) lists: Vec<List>,
}

/// Maps the objects on several cores and joins what comes of them, in any order.
///
/// A snapshot that is not read whole gives an error and nothing else.
pub(super) fn stream<T: Default + Send>(
    snapshot: &Snapshot,
    map: impl Fn(&Header, &Identity<'_>, &str) -> T + Sync,
    join: impl Fn(T, T) -> T + Sync,
) -> Result<Streamed<T>, Unreadable> {
    let mut reader = snapshot.open()?;
    let header = reader.header().clone();
    let (full, batches) = sync_channel(WAITING);
    let (read, mapped) = thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut text = String::new();
            let mut batch = Batch::default();
            while reader.next_object(&mut text)? {
                batch.text.push_str(&text);
                batch.ends.push(batch.text.len());
                if batch.text.len() >= BATCH && !send(&full, &mut batch) {
                    break;
                }
            }
            send(&full, &mut batch);
            Ok::<_, Unreadable>(reader.lists().unwrap_or_default().to_vec())
        });
        let mapped = batches
            .into_iter()
            .par_bridge()
            .map(|batch| batch.map(|identity, line| map(&header, identity, line), &join))
            .reduce(|| Ok(T::default()), |a, b| both(a, b, &join));
        (reading.join(), mapped)
    });
    // What shows first in the file is what is said of it, whoever is faster.
    let value = mapped.map_err(|object| Unreadable::Malformed { object })?;
    let lists = read.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    Ok(Streamed {
        value,
        header,
        lists,
    })
}

impl Batch {
    /// Maps the objects, or returns the number of the first that is none.
    fn map<T: Default>(
        &self,
        map: impl Fn(&Identity<'_>, &str) -> T,
        join: impl Fn(T, T) -> T,
    ) -> Result<T, u64> {
        let (mut value, mut start) = (T::default(), 0);
        for (number, &end) in (self.before + 1..).zip(&self.ends) {
            let line = self.text.get(start..end).unwrap_or_default();
            let identity = Identity::of(line).ok_or(number)?;
            value = join(value, map(&identity, line));
            start = end;
        }
        Ok(value)
    }
}

/// Hands a batch on and empties it; returns whether anybody takes it.
fn send(full: &SyncSender<Batch>, batch: &mut Batch) -> bool {
    let next = Batch {
        before: batch.before + batch.ends.len() as u64,
        ..Batch::default()
    };
    full.send(std::mem::replace(batch, next)).is_ok()
}

fn both<T>(a: Result<T, u64>, b: Result<T, u64>, join: impl Fn(T, T) -> T) -> Result<T, u64> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok(join(a, b)),
        (Err(a), Err(b)) => Err(a.min(b)),
        (Err(number), Ok(_)) | (Ok(_), Err(number)) => Err(number),
    }
}
