//! Reading snapshots, whoever wrote them: memory stays bounded by one line.

use std::{
    fmt,
    io::{self, BufRead as _, BufReader, Read},
};

use flate2::bufread::GzDecoder;
use serde::Deserialize;
use thiserror::Error;

use super::{END, END_BYTES, FORM, Header, List, MAGIC, OBJECT_BYTES, OBJECTS, TOTAL_BYTES};

/// Reads a snapshot object by object.
///
/// Nothing is known to be whole before [`lists`](Self::lists) gives what the last line says.
pub struct Reader<R: Read> {
    stream: BufReader<GzDecoder<BufReader<R>>>,
    header: Header,
    line: Vec<u8>,
    objects: u64,
    bytes: u64,
    state: State,
}

/// Why a snapshot cannot be read, or not to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// The bytes are something else.
    #[error("this is no snapshot of Knight")]
    NotASnapshot,
    /// A later version of Knight wrote it in a form of its own.
    #[error(
        "this snapshot has form {form}{}, and this Knight reads forms up to {FORM}: \
         update Knight, or take the snapshot with this one",
        taken_with(knight.as_deref())
    )]
    Newer {
        /// The form.
        form: u64,
        /// The version of Knight that wrote it, where it says so.
        knight: Option<String>,
    },
    /// The first line is no header.
    #[error("the first line of this snapshot is no header: take it again")]
    Header,
    /// The bytes end too early.
    #[error("this snapshot is cut off after {} of it: copy or take it again", counted(*.objects))]
    Truncated {
        /// How many objects there are before the cut.
        objects: u64,
    },
    /// The bytes are not those that were written.
    #[error("this snapshot is damaged after {} of it: copy or take it again", counted(*.objects))]
    Damaged {
        /// How many objects were read before that showed.
        objects: u64,
    },
    /// A line is no object.
    #[error("object {object} of this snapshot is no Kubernetes object: take it again")]
    Malformed {
        /// Which it is, from 1.
        object: u64,
    },
    /// The last line says something else than was read.
    #[error("this snapshot says that it has {}, and has {read}", counted(*.said))]
    Count {
        /// What it says.
        said: u64,
        /// What there is.
        read: u64,
    },
    /// A line is longer than any that Knight writes.
    #[error("a line of this snapshot has more than {0} bytes")]
    LineTooLong(usize),
    /// The whole is longer than any cluster is.
    #[error("this snapshot has more than {} GiB when it is inflated", TOTAL_BYTES >> 30)]
    TooLong,
    /// There are more objects than any cluster has.
    #[error("this snapshot has more than {OBJECTS} objects")]
    TooManyObjects,
    /// Something stands behind the last line.
    #[error("something stands behind the end of this snapshot: take it again")]
    BehindTheEnd,
    /// Whoever gives the bytes does not.
    #[error("the snapshot cannot be read: {0}")]
    Io(io::Error),
}

#[derive(Debug)]
enum State {
    Objects,
    /// The last line was read, and it fits what came before.
    Whole(Vec<List>),
    /// An error was returned: what came before is not the whole.
    Broken,
}

#[derive(Deserialize)]
struct LastLine {
    end: End,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    objects: u64,
    lists: Vec<List>,
}

#[derive(Deserialize)]
struct Form {
    #[serde(rename = "knightSnapshot")]
    form: u64,
    knight: Option<String>,
}

/// Returns whether bytes are the beginning of a snapshot: a few thousand of them tell.
pub fn is_snapshot(start: &[u8]) -> bool {
    let mut inflated = [0; MAGIC.len()];
    let mut stream = GzDecoder::new(start);
    stream.read_exact(&mut inflated).is_ok() && inflated == MAGIC.as_bytes()
}

impl<R: Read> Reader<R> {
    /// Reads the header.
    pub fn open(from: R) -> Result<Self, Unreadable> {
        let stream = BufReader::with_capacity(1 << 16, GzDecoder::new(BufReader::new(from)));
        let mut reader = Self {
            stream,
            header: Header::default(),
            line: Vec::new(),
            objects: 0,
            bytes: 0,
            state: State::Objects,
        };
        let read = reader.read_line();
        if !reader.line.starts_with(MAGIC.as_bytes()) {
            return Err(match read {
                Err(Unreadable::Io(error)) => Unreadable::Io(error),
                _ => Unreadable::NotASnapshot,
            });
        }
        read?;
        let first: Form = serde_json::from_slice(&reader.line).map_err(|_| Unreadable::Header)?;
        if first.form > FORM {
            let Form { form, knight } = first;
            return Err(Unreadable::Newer { form, knight });
        }
        if first.form == 0 {
            return Err(Unreadable::Header);
        }
        reader.header = serde_json::from_slice(&reader.line).map_err(|_| Unreadable::Header)?;
        Ok(reader)
    }

    /// Reads the next object into `text`, or returns that there is none.
    ///
    /// After an error, and after the last object, there is no further one.
    pub fn next_object(&mut self, text: &mut String) -> Result<bool, Unreadable> {
        text.clear();
        let State::Objects = self.state else {
            return Ok(false);
        };
        self.state = State::Broken;
        if !self.read_line()? {
            let objects = self.objects;
            return Err(Unreadable::Truncated { objects });
        }
        if self.line.starts_with(END.as_bytes()) {
            let lists = self.end()?;
            self.state = State::Whole(lists);
            return Ok(false);
        }
        if self.objects == OBJECTS {
            return Err(Unreadable::TooManyObjects);
        }
        self.objects += 1;
        let malformed = Unreadable::Malformed {
            object: self.objects,
        };
        let Ok(line) = str::from_utf8(&self.line) else {
            return Err(malformed);
        };
        if !line.starts_with('{') {
            return Err(malformed);
        }
        text.push_str(line);
        self.state = State::Objects;
        Ok(true)
    }

    /// Returns what the snapshot says before its objects.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns how many objects were read.
    pub fn objects(&self) -> u64 {
        self.objects
    }

    /// Returns what was asked of the cluster, once all was read and nothing is missing.
    pub fn lists(&self) -> Option<&[List]> {
        match &self.state {
            State::Whole(lists) => Some(lists),
            State::Objects | State::Broken => None,
        }
    }

    /// Reads the last line and makes sure that it is the last.
    fn end(&mut self) -> Result<Vec<List>, Unreadable> {
        let damaged = Unreadable::Damaged {
            objects: self.objects,
        };
        let LastLine { end } = serde_json::from_slice(&self.line).map_err(|_| damaged)?;
        // Reading to the end also compares the checksum.
        let rest = self.stream.fill_buf();
        if !rest
            .map_err(|error| refused(error, self.objects))?
            .is_empty()
        {
            return Err(Unreadable::BehindTheEnd);
        }
        let rest = self.stream.get_mut().get_mut();
        if !rest.fill_buf().map_err(Unreadable::Io)?.is_empty() {
            return Err(Unreadable::BehindTheEnd);
        }
        if end.objects != self.objects {
            return Err(Unreadable::Count {
                said: end.objects,
                read: self.objects,
            });
        }
        Ok(end.lists)
    }

    /// Reads a line without its break, which every line has; nothing where the stream ends.
    fn read_line(&mut self) -> Result<bool, Unreadable> {
        self.line.clear();
        loop {
            let chunk = match self.stream.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) => return Err(refused(error, self.objects)),
            };
            if chunk.is_empty() {
                let objects = self.objects;
                return if self.line.is_empty() {
                    Ok(false)
                } else {
                    Err(Unreadable::Truncated { objects })
                };
            }
            let found = memchr::memchr(b'\n', chunk);
            let taken = found.unwrap_or(chunk.len());
            self.line
                .extend_from_slice(chunk.get(..taken).unwrap_or_default());
            let consumed = taken + usize::from(found.is_some());
            self.stream.consume(consumed);
            let bound = if self.line.starts_with(END.as_bytes()) {
                END_BYTES
            } else {
                OBJECT_BYTES
            };
            if self.line.len() > bound {
                return Err(Unreadable::LineTooLong(bound));
            }
            self.bytes += consumed as u64;
            if self.bytes > TOTAL_BYTES {
                return Err(Unreadable::TooLong);
            }
            if found.is_some() {
                return Ok(true);
            }
        }
    }
}

impl<R: Read> fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("header", &self.header)
            .field("objects", &self.objects)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Tells what is wrong with the stream from what is wrong with whoever gives it.
fn refused(error: io::Error, objects: u64) -> Unreadable {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Unreadable::Truncated { objects },
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Unreadable::Damaged { objects },
        _ => Unreadable::Io(error),
    }
}

fn counted(count: u64) -> String {
    match count {
        1 => "1 object".to_owned(),
        many => format!("{many} objects"),
    }
}

fn taken_with(knight: Option<&str>) -> String {
    knight.map_or_else(String::new, |knight| {
        // It is not ours, so it goes to a terminal with care.
        let plain: String = knight.escape_debug().take(40).collect();
        format!(", of Knight {plain}")
    })
}
