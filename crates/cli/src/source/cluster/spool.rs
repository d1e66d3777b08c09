//! The objects of one list, kept small until the list is whole.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    sync::{Mutex, PoisonError},
};

use anyhow::{Context as _, Result, ensure};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use knight_model::snapshot::{OBJECTS, TOTAL_BYTES};

/// The most memory that compressed objects may take. Those of clusters shrink to a tenth or less, so
/// that [`TOTAL_BYTES`] of them come near it.
const KEPT_BYTES: u64 = 1 << 30;

/// What all lists together may still hold, so that a server that never ends fills no memory.
#[derive(Debug)]
pub(super) struct Room(Mutex<Size>);

/// How much objects take.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Size {
    objects: u64,
    /// As they are written.
    bytes: u64,
    /// As they are in memory.
    kept: u64,
}

/// Objects, one a line, compressed.
#[derive(Debug)]
pub(super) struct Spool {
    lines: DeflateEncoder<Vec<u8>>,
    size: Size,
}

impl Default for Room {
    fn default() -> Self {
        Self(Mutex::new(Size {
            objects: OBJECTS,
            bytes: TOTAL_BYTES,
            kept: KEPT_BYTES,
        }))
    }
}

impl Room {
    /// Takes room, or says that there is none.
    #[must_use]
    fn take(&self, size: Size) -> bool {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = Size {
            objects: free.objects.saturating_sub(size.objects),
            bytes: free.bytes.saturating_sub(size.bytes),
            kept: free.kept.saturating_sub(size.kept),
        };
        let fits = left.plus(size) == *free;
        if fits {
            *free = left;
        }
        fits
    }

    /// Gives back what was taken, and is no longer held.
    pub(super) fn give_back(&self, size: Size) {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *free = free.plus(size);
    }
}

impl Size {
    fn plus(self, other: Self) -> Self {
        Self {
            objects: self.objects + other.objects,
            bytes: self.bytes + other.bytes,
            kept: self.kept + other.kept,
        }
    }
}

impl Default for Spool {
    fn default() -> Self {
        Self {
            lines: DeflateEncoder::new(Vec::new(), Compression::fast()),
            size: Size::default(),
        }
    }
}

impl Spool {
    /// Adds lines, each with its line break, where there is room.
    pub(super) fn add(&mut self, lines: &str, objects: u64, room: &Room) -> Result<()> {
        let before = self.lines.get_ref().len();
        self.lines
            .write_all(lines.as_bytes())
            .context("objects could not be compressed")?;
        let size = Size {
            objects,
            bytes: lines.len() as u64,
            kept: (self.lines.get_ref().len() - before) as u64,
        };
        ensure!(
            room.take(size),
            "the server gives more objects than a snapshot can hold"
        );
        self.size = self.size.plus(size);
        Ok(())
    }

    /// Returns the room that was taken.
    pub(super) fn size(&self) -> Size {
        self.size
    }

    /// Returns how many objects there are.
    pub(super) fn objects(&self) -> u64 {
        self.size.objects
    }

    /// Hands over every object, as it was added.
    pub(super) fn each(self, mut f: impl FnMut(&str) -> Result<()>) -> Result<()> {
        let lost = "objects could not be taken out of memory again";
        let bytes = self.lines.finish().context(lost)?;
        let mut lines = BufReader::with_capacity(1 << 16, DeflateDecoder::new(&*bytes));
        let mut line = String::new();
        for _ in 0..self.size.objects {
            line.clear();
            lines.read_line(&mut line).context(lost)?;
            f(line.trim_end_matches('\n'))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_added() {
        let (mut spool, room) = (Spool::default(), Room::default());
        for (lines, objects) in [
            ("{\"a\":1}\n{\"b\":2}\n", 2),
            ("", 0),
            ("{\"c\":\"é\"}\n", 1),
        ] {
            spool.add(lines, objects, &room).expect("room");
        }
        let mut lines = Vec::new();
        assert_eq!(spool.objects(), 3);
        let taken = spool.each(|line| {
            lines.push(line.to_owned());
            Ok(())
        });
        taken.expect("memory");
        assert_eq!(lines, ["{\"a\":1}", "{\"b\":2}", "{\"c\":\"é\"}"]);
    }

    #[test]
    fn holds_no_more_than_there_is_room_for() {
        let room = Room(Mutex::new(Size {
            objects: 3,
            bytes: 40,
            kept: 1 << 20,
        }));
        let (mut first, mut second) = (Spool::default(), Spool::default());
        first.add("{\"a\":1}\n", 1, &room).expect("room");
        second
            .add("{\"b\":1}\n{\"c\":1}\n", 2, &room)
            .expect("room");
        let full = "the server gives more objects than a snapshot can hold";
        let error = first.add("{}\n", 1, &room).expect_err("no object more");
        assert_eq!(error.to_string(), full);
        assert_eq!(first.objects(), 1);

        room.give_back(second.size());
        let long = format!("{{\"a\":\"{}\"}}\n", "x".repeat(40));
        let error = first.add(&long, 1, &room).expect_err("no byte more");
        assert_eq!(error.to_string(), full);
        let mut third = Spool::default();
        third.add("{}\n", 1, &room).expect("room again");
    }
}
