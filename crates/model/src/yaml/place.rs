//! From the parser's marks, which count characters, to bytes of the source.

use saphyr_parser::Marker;

/// A place in a text that is known both in characters and in bytes.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    ascii: bool,
    characters: usize,
    byte: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            ascii: text.is_ascii(),
            characters: 0,
            byte: 0,
        }
    }

    /// Returns the byte of a mark. Marks come nearly in order, so the way is short.
    pub(super) fn byte(&mut self, mark: Marker) -> usize {
        let wanted = mark.index();
        if self.ascii {
            return wanted.min(self.bytes.len());
        }
        while self.characters < wanted && self.byte < self.bytes.len() {
            self.byte += 1;
            while self
                .bytes
                .get(self.byte)
                .is_some_and(|&byte| continues(byte))
            {
                self.byte += 1;
            }
            self.characters += 1;
        }
        while self.characters > wanted {
            self.byte -= 1;
            while continues(self.bytes[self.byte]) {
                self.byte -= 1;
            }
            self.characters -= 1;
        }
        self.byte
    }
}

/// Returns whether a byte is one of a character that began before.
fn continues(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}
