//! The objects of one list, kept small until the list is whole.

use std::io::{BufRead as _, BufReader, Write as _};

use anyhow::{Context as _, Result};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};

/// Objects, one a line, compressed.
#[derive(Debug)]
pub(super) struct Spool {
    lines: DeflateEncoder<Vec<u8>>,
    objects: u64,
}

impl Default for Spool {
    fn default() -> Self {
        Self {
            lines: DeflateEncoder::new(Vec::new(), Compression::fast()),
            objects: 0,
        }
    }
}

impl Spool {
    /// Adds lines, each with its line break.
    pub(super) fn add(&mut self, lines: &str, objects: u64) -> Result<()> {
        self.lines
            .write_all(lines.as_bytes())
            .context("objects could not be compressed")?;
        self.objects += objects;
        Ok(())
    }

    /// Returns how many objects there are.
    pub(super) fn objects(&self) -> u64 {
        self.objects
    }

    /// Hands over every object, as it was added.
    pub(super) fn each(self, mut f: impl FnMut(&str) -> Result<()>) -> Result<()> {
        let lost = "objects could not be taken out of memory again";
        let bytes = self.lines.finish().context(lost)?;
        let mut lines = BufReader::with_capacity(1 << 16, DeflateDecoder::new(&*bytes));
        let mut line = String::new();
        for _ in 0..self.objects {
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
        let mut spool = Spool::default();
        spool.add("{\"a\":1}\n{\"b\":2}\n", 2).expect("memory");
        spool.add("", 0).expect("memory");
        spool.add("{\"c\":\"é\"}\n", 1).expect("memory");
        let mut lines = Vec::new();
        assert_eq!(spool.objects(), 3);
        let taken = spool.each(|line| {
            lines.push(line.to_owned());
            Ok(())
        });
        taken.expect("memory");
        assert_eq!(lines, ["{\"a\":1}", "{\"b\":2}", "{\"c\":\"é\"}"]);
    }
}
