//! Bytes of files, bounded.

use std::{
    borrow::Cow,
    fs::{self, File},
    io::{self, Read as _},
    sync::{Arc, OnceLock},
};

use knight_model::{Problem, load, snapshot::is_snapshot, source::Source};

use super::{
    Input,
    snapshot::{PIPED, START},
    unreadable,
};

/// Reads inputs up to a size.
#[derive(Debug)]
pub(crate) struct Reader {
    /// The most bytes that one input may have.
    limit: u64,
    /// What stdin held: it can be read but once.
    stdin: OnceLock<Result<Piped, Problem>>,
}

/// What stdin held.
#[derive(Clone, Debug)]
enum Piped {
    Text(Arc<Source>),
    Snapshot(Arc<[u8]>),
}

impl Reader {
    /// Makes a reader of inputs that have no more than `limit` bytes.
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            limit,
            stdin: OnceLock::new(),
        }
    }

    /// Reads the text of an input.
    pub(crate) fn read(&self, input: &Input) -> Result<Arc<Source>, Problem> {
        let Some(path) = &input.path else {
            return match self.piped(input)? {
                Piped::Text(source) => Ok(source),
                // INVARIANT: snapshots are taken out of the inputs before these are read.
                Piped::Snapshot(_) => Err(refused(input, "a snapshot is no manifest")),
            };
        };
        let metadata = fs::metadata(path).map_err(|error| refused(input, &why(&error)))?;
        // Opening a pipe would wait for whoever writes to it.
        if !metadata.is_file() {
            let reason = "neither a file nor a folder: pipe it in as `-`";
            return Err(refused(input, reason));
        }
        if metadata.len() > self.limit {
            return Err(self.too_long(input));
        }
        let size = usize::try_from(metadata.len()).unwrap_or(0);
        let file = File::open(path).map_err(|error| refused(input, &why(&error)))?;
        let bytes = self.bytes(input, file, size)?;
        load::decode_owned(&input.name, bytes).map(Arc::new)
    }

    /// Returns the snapshot that came through stdin, if it is one.
    pub(super) fn piped_snapshot(&self, input: &Input) -> Option<Arc<[u8]>> {
        match self.piped(input) {
            Ok(Piped::Snapshot(bytes)) => Some(bytes),
            Ok(Piped::Text(_)) | Err(_) => None,
        }
    }

    fn piped(&self, input: &Input) -> Result<Piped, Problem> {
        let read = || {
            let mut stdin = io::stdin().lock();
            let mut start = Vec::new();
            let began = stdin.by_ref().take(START).read_to_end(&mut start);
            began.map_err(|error| refused(input, &why(&error)))?;
            if is_snapshot(&start) {
                let mut rest = stdin.take(PIPED);
                rest.read_to_end(&mut start)
                    .map_err(|error| refused(input, &why(&error)))?;
                // One that is longer is cut here, and refused for that when it is read.
                return Ok(Piped::Snapshot(start.into()));
            }
            let bytes = self.bytes(input, start.as_slice().chain(stdin), 0)?;
            load::decode_owned(&input.name, bytes).map(|source| Piped::Text(Arc::new(source)))
        };
        self.stdin.get_or_init(read).clone()
    }

    fn bytes(&self, input: &Input, from: impl io::Read, size: usize) -> Result<Vec<u8>, Problem> {
        // One more than there should be, so that the end is met without another buffer.
        let mut bytes = Vec::with_capacity(size + 1);
        let mut from = from.take(self.limit.saturating_add(1));
        from.read_to_end(&mut bytes)
            .map_err(|error| refused(input, &why(&error)))?;
        if bytes.len() as u64 > self.limit {
            return Err(self.too_long(input));
        }
        Ok(bytes)
    }

    fn too_long(&self, input: &Input) -> Problem {
        let reason = format!(
            "longer than {} bytes, the bound of --max-file-bytes",
            self.limit
        );
        refused(input, &reason)
    }
}

fn refused(input: &Input, reason: &str) -> Problem {
    unreadable(&input.name, reason)
}

/// Returns why something cannot be read, in words that are the same on every system.
pub(crate) fn why(error: &io::Error) -> Cow<'static, str> {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".into(),
        io::ErrorKind::PermissionDenied => "no permission to read it".into(),
        io::ErrorKind::InvalidFilename => "the path is too long".into(),
        // Of these, a symbolic link that leads to itself has no name in stable Rust.
        kind => format!("it cannot be read: {kind}").into(),
    }
}
