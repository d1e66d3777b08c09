//! The texts that only a tag gives a meaning: `!!binary` and `!!timestamp`.

use super::scalars::{ScalarRefused, leading_digits};

/// Reads base64 as Go's standard decoder does.
pub(super) fn binary(text: &str) -> Result<String, ScalarRefused> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut quad = [0_u8; 4];
    let (mut filled, mut padding) = (0, 0);
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' if filled >= 2 => {
                padding += 1;
                0
            }
            _ => return Err(ScalarRefused::Base64),
        };
        // Nothing may follow padding.
        if padding > 0 && byte != b'=' || filled == 4 {
            return Err(ScalarRefused::Base64);
        }
        quad[filled] = value;
        filled += 1;
        if filled == 4 {
            let three = [
                quad[0] << 2 | quad[1] >> 4,
                quad[1] << 4 | quad[2] >> 2,
                quad[2] << 6 | quad[3],
            ];
            bytes.extend_from_slice(&three[..3 - padding]);
            filled = if padding > 0 { 4 } else { 0 };
        }
    }
    if filled % 4 != 0 {
        return Err(ScalarRefused::Base64);
    }
    Ok(text_of(&bytes))
}

/// Reads bytes as Go's JSON printer does: each byte that is not UTF-8 is U+FFFD.
fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

/// Returns whether go-yaml takes the text for a time.
pub(super) fn is_timestamp(text: &str) -> bool {
    timestamp(text.as_bytes()).is_some()
}

fn timestamp(text: &[u8]) -> Option<()> {
    let (digits, _) = leading_digits(text);
    if digits != 4 {
        return None;
    }
    let year = field(text, 4, 4)?.0;
    let rest = text.get(4..)?.strip_prefix(b"-")?;
    let (month, rest) = field(rest, 1, 2)?;
    let (day, rest) = field(rest.strip_prefix(b"-")?, 1, 2)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) {
        return None;
    }
    let Some((separator, rest)) = rest.split_first() else {
        return Some(());
    };
    let (hour, rest) = field(rest, 1, 2)?;
    let (minute, rest) = field(rest.strip_prefix(b":")?, 1, 2)?;
    let (second, mut rest) = field(rest.strip_prefix(b":")?, 1, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if let [b'.' | b',', fraction @ ..] = rest {
        let (count, after) = leading_digits(fraction);
        if count == 0 {
            return None;
        }
        rest = after;
    }
    match (separator, rest) {
        (b' ', []) | (b'T' | b't', b"Z") => Some(()),
        (b'T' | b't', [b'+' | b'-', zone @ ..]) => {
            let (hours, zone) = field(zone, 2, 2)?;
            let (minutes, zone) = field(zone.strip_prefix(b":")?, 2, 2)?;
            (hours <= 24 && minutes < 60 && zone.is_empty()).then_some(())
        }
        _ => None,
    }
}

fn field(text: &[u8], least: usize, most: usize) -> Option<(u32, &[u8])> {
    let count = text
        .iter()
        .take(most)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if count < least {
        return None;
    }
    let value = text
        .get(..count)?
        .iter()
        .fold(0, |value, byte| value * 10 + u32::from(byte - b'0'));
    Some((value, text.get(count..)?))
}
