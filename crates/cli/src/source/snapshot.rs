//! Snapshots among what is read: known by how they begin, whatever they are called.

use std::{
    fs::{self, File},
    io::{self, Cursor, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use knight_model::{
    Problem,
    snapshot::{Reader, Unreadable, is_snapshot},
};

use super::{Found, Input, Reader as Inputs, unreadable};

/// How many bytes tell a snapshot from other files.
pub(super) const START: u64 = 4096;

/// The most bytes of a snapshot that comes through a pipe, which is kept as it comes: it is read
/// twice. What is inflated of it is not kept.
pub(super) const PIPED: u64 = 2 << 30;

/// A cluster that is read object by object, as often as it takes.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    /// The name under which problems with it are reported.
    name: Arc<str>,
    bytes: Bytes,
}

#[derive(Clone, Debug)]
enum Bytes {
    File(PathBuf),
    Memory(Arc<[u8]>),
}

impl Snapshot {
    /// Makes the snapshot of a file.
    pub(crate) fn of_file(name: impl Into<Arc<str>>, path: &Path) -> Self {
        Self {
            name: name.into(),
            bytes: Bytes::File(path.to_owned()),
        }
    }

    /// Makes a snapshot of bytes that are at hand, such as those of a cluster that was just read.
    pub(crate) fn of_bytes(name: impl Into<Arc<str>>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self {
            name: name.into(),
            bytes: Bytes::Memory(bytes.into()),
        }
    }

    /// Begins to read it.
    pub(crate) fn open(&self) -> Result<Reader<Box<dyn Read + Send>>, Unreadable> {
        match &self.bytes {
            Bytes::File(path) => {
                let file = File::open(path).map_err(Unreadable::Io)?;
                Reader::open(Box::new(file))
            }
            Bytes::Memory(bytes) => Reader::open(Box::new(Cursor::new(Arc::clone(bytes)))),
        }
    }

    /// Returns what is wrong with it as a problem with an input.
    pub(crate) fn problem(&self, reason: &Unreadable) -> Problem {
        unreadable(&self.name, &reason.to_string())
    }
}

/// Takes the snapshots out of what was found; only what the command line names can be one.
pub(crate) fn take(found: &mut Found, reader: &Inputs) -> Vec<Snapshot> {
    let mut snapshots = Vec::new();
    found.inputs.retain(|input| match snapshot(input, reader) {
        Some(snapshot) => {
            snapshots.push(snapshot);
            false
        }
        None => true,
    });
    snapshots
}

/// Returns the snapshot that an input is; one that cannot be read is said to be so by its reader.
fn snapshot(input: &Input, reader: &Inputs) -> Option<Snapshot> {
    if !input.named {
        return None;
    }
    let Some(path) = &input.path else {
        let bytes = reader.piped_snapshot(input)?;
        return Some(Snapshot::of_bytes(Arc::clone(&input.name), bytes));
    };
    let start = start(path).ok()?;
    is_snapshot(&start).then(|| Snapshot::of_file(Arc::clone(&input.name), path))
}

fn start(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    // Opening a pipe would wait for whoever writes to it.
    if fs::metadata(path)?.is_file() {
        File::open(path)?.take(START).read_to_end(&mut start)?;
    }
    Ok(start)
}
