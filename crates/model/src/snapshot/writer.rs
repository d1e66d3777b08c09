//! Writing snapshots.

use std::{
    fmt,
    io::{self, Write},
};

use flate2::{Compression, GzBuilder, write::GzEncoder};
use serde::Serialize;
use thiserror::Error;

use super::{END, END_BYTES, FORM, Header, List, OBJECT_BYTES, OBJECTS};

/// Writes a snapshot line by line.
///
/// One that is dropped before [`finish`](Self::finish) leaves a file that no reader takes for whole.
pub struct Writer<W: Write> {
    stream: GzEncoder<W>,
    objects: u64,
}

/// Why a snapshot cannot be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Unwritable {
    /// The text is not one line with an object.
    #[error("an object of a snapshot is one line of JSON with `apiVersion` first")]
    NotALine,
    /// The object is longer than a reader takes.
    #[error(
        "an object has {0} bytes, more than the {OBJECT_BYTES} that a snapshot may have in one"
    )]
    ObjectTooLong(usize),
    /// The lists are longer than a reader takes.
    #[error(
        "what was asked of the cluster takes {0} bytes, more than the {END_BYTES} of a snapshot"
    )]
    EndTooLong(usize),
    /// There are more objects than a reader takes.
    #[error("the cluster has more than the {OBJECTS} objects that a snapshot may have")]
    TooManyObjects,
    /// Whoever takes the bytes does not.
    #[error("the snapshot cannot be written: {0}")]
    Io(#[from] io::Error),
}

#[derive(Serialize)]
struct FirstLine<'h> {
    #[serde(rename = "knightSnapshot")]
    form: u64,
    #[serde(flatten)]
    header: &'h Header,
}

#[derive(Serialize)]
struct LastLine<'l> {
    end: End<'l>,
}

#[derive(Serialize)]
struct End<'l> {
    objects: u64,
    lists: &'l [List],
}

impl<W: Write> Writer<W> {
    /// Begins a snapshot with its header.
    pub fn new(to: W, header: &Header) -> Result<Self, Unwritable> {
        // Speed counts more than the last tenth of the size: a scan of a cluster goes through this.
        let stream = GzBuilder::new().mtime(0).write(to, Compression::fast());
        let mut writer = Self { stream, objects: 0 };
        let first = FirstLine { form: FORM, header };
        writer.line(&to_json(&first)?)?;
        Ok(writer)
    }

    /// Adds an object, as [`text_of`](super::text_of) gives it.
    pub fn object(&mut self, text: &str) -> Result<(), Unwritable> {
        if !text.starts_with('{') || text.starts_with(END) || text.contains(['\n', '\r']) {
            return Err(Unwritable::NotALine);
        }
        if text.len() > OBJECT_BYTES {
            return Err(Unwritable::ObjectTooLong(text.len()));
        }
        if self.objects == OBJECTS {
            return Err(Unwritable::TooManyObjects);
        }
        self.objects += 1;
        self.line(text)
    }

    /// Says that nothing is missing and what was asked of the cluster, and returns what was written to.
    pub fn finish(mut self, lists: &[List]) -> Result<W, Unwritable> {
        let objects = self.objects;
        let end = to_json(&LastLine {
            end: End { objects, lists },
        })?;
        if end.len() > END_BYTES {
            return Err(Unwritable::EndTooLong(end.len()));
        }
        self.line(&end)?;
        Ok(self.stream.finish()?)
    }

    /// Returns how many objects were added.
    pub fn objects(&self) -> u64 {
        self.objects
    }

    fn line(&mut self, text: &str) -> Result<(), Unwritable> {
        self.stream.write_all(text.as_bytes())?;
        Ok(self.stream.write_all(b"\n")?)
    }
}

impl<W: Write> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Writer");
        shown
            .field("objects", &self.objects)
            .finish_non_exhaustive()
    }
}

fn to_json(line: &impl Serialize) -> Result<String, Unwritable> {
    serde_json::to_string(line).map_err(|error| Unwritable::Io(error.into()))
}
