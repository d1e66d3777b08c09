//! Bytes into text.

use std::borrow::Cow;

use super::{Problem, ProblemKind};
use crate::source::Source;

/// Reads bytes as UTF-8, or as UTF-16 where a byte order mark says so.
///
/// A byte order mark of UTF-8 stays in the text, so that what is written back has it too; no
/// document of the text holds it.
pub fn decode(name: &str, bytes: &[u8]) -> Result<Source, Problem> {
    let refused = |line, reason: &str| Problem {
        file: name.into(),
        line,
        column: 1,
        kind: ProblemKind::Encoding,
        reason: reason.to_owned(),
    };
    // Places are 32 bits wide.
    if u32::try_from(bytes.len()).is_err() {
        return Err(refused(1, "the file is longer than 4 GiB"));
    }
    let text: Cow<'_, str> = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes)
            .ok_or_else(|| refused(1, "not UTF-16 text, though it starts as one"))?
            .into(),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes)
            .ok_or_else(|| refused(1, "not UTF-16 text, though it starts as one"))?
            .into(),
        _ if memchr::memchr(0, bytes).is_some() => return Err(refused(1, "a binary file")),
        _ => std::str::from_utf8(bytes)
            .map_err(|error| {
                let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let lines = memchr::memchr_iter(b'\n', valid).count();
                refused(
                    u32::try_from(lines + 1).unwrap_or(u32::MAX),
                    "not UTF-8 text",
                )
            })?
            .into(),
    };
    if text.contains('\0') {
        return Err(refused(1, "a binary file"));
    }
    Ok(Source::new(name, text))
}

/// Reads bytes as [`decode`] does, without a copy where they are UTF-8.
pub fn decode_owned(name: &str, bytes: Vec<u8>) -> Result<Source, Problem> {
    let is_utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    let is_long = u32::try_from(bytes.len()).is_err();
    if is_utf16 || is_long || memchr::memchr(0, &bytes).is_some() {
        return decode(name, &bytes);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(name, text)),
        Err(error) => decode(name, error.as_bytes()),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    char::decode_utf16(pairs.iter().map(|&pair| unit(pair)))
        .collect::<Result<_, _>>()
        .ok()
}
