//! What a YAML scalar means to Kubernetes.
//!
//! The API server reads YAML 1.1 with go.yaml.in/yaml/v2, prints it as JSON and reads that. Both
//! hops are here: `0644` is 420, `08` is 8 (a float that JSON prints as a whole number), `1e3` is
//! the whole number 1000 and `.inf` is an error.

use std::borrow::Cow;

use thiserror::Error;

use super::tagged::{binary, is_timestamp};

/// A scalar as go-yaml resolves it, before JSON.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number that only fits without a sign.
    Unsigned(u64),
    Float(f64),
    /// The scalar's text as it is.
    Raw,
    /// Other text.
    Text(Cow<'a, str>),
}

/// Why a scalar has no value.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub(crate) enum ScalarRefused {
    #[error("the value is not of the type that its tag names")]
    Tag,
    #[error("the value of a `!!binary` tag is not base64")]
    Base64,
    #[error("infinity and not-a-number have no place in JSON, so Kubernetes refuses them")]
    NotFinite,
    #[error("a map's key cannot be null here: Kubernetes refuses it")]
    NullKey,
    #[error("a map's key cannot be so big a number: Kubernetes refuses it")]
    BigKey,
    #[error("a map or list cannot be the key of a map")]
    CollectionKey,
}

/// The tag of a scalar, as far as it changes what the scalar means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tag {
    /// No tag and not quoted.
    Implicit,
    /// Quoted, `!!str`, or a tag that nobody knows: the text as it is.
    Str,
    Bool,
    Int,
    Float,
    Null,
    Timestamp,
    Binary,
    /// `!!merge`, or the `!` that only says "not a string": on `<<` they make a merge.
    Merge,
}

impl Tag {
    /// Reads the tag with its prefix written out.
    pub(super) fn from_uri(handle: &str, suffix: &str) -> Self {
        let core = "tag:yaml.org,2002:";
        let name = if handle == core {
            Some(suffix)
        } else if handle.is_empty() {
            suffix.strip_prefix(core)
        } else {
            None
        };
        match name {
            Some("bool") => Self::Bool,
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("null") => Self::Null,
            Some("timestamp") => Self::Timestamp,
            Some("binary") => Self::Binary,
            Some("merge") => Self::Merge,
            None if handle.is_empty() && suffix == "!" => Self::Merge,
            _ => Self::Str,
        }
    }
}

/// Resolves a scalar's text.
pub(super) fn resolve(text: &str, tag: Tag) -> Result<Scalar<'_>, ScalarRefused> {
    let found = match tag {
        Tag::Str | Tag::Merge => return Ok(Scalar::Raw),
        Tag::Binary => return binary(text).map(|text| Scalar::Text(text.into())),
        Tag::Implicit => return Ok(implicit(text)),
        Tag::Timestamp if is_timestamp(text) => return Ok(Scalar::Raw),
        Tag::Timestamp | Tag::Bool | Tag::Int | Tag::Float | Tag::Null => implicit(text),
    };
    match (tag, found) {
        (Tag::Bool, found @ Scalar::Bool(_))
        | (Tag::Int, found @ (Scalar::Int(_) | Scalar::Unsigned(_)))
        | (Tag::Float, found @ Scalar::Float(_))
        | (Tag::Null, found @ Scalar::Null) => Ok(found),
        #[expect(
            clippy::cast_precision_loss,
            reason = "Go's conversion rounds the same way"
        )]
        (Tag::Float, Scalar::Int(value)) => Ok(Scalar::Float(value as f64)),
        _ => Err(ScalarRefused::Tag),
    }
}

fn implicit(text: &str) -> Scalar<'static> {
    let Some(&first) = text.as_bytes().first() else {
        return Scalar::Null;
    };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Scalar::Float(f64::INFINITY),
            // Go lets underscores pass between digits here.
            _ if underscores_part_digits(text) => {
                float(&text.replace('_', "")).unwrap_or(Scalar::Raw)
            }
            _ => float(text).unwrap_or(Scalar::Raw),
        },
        b'+' | b'-' | b'0'..=b'9' => number(text),
        _ => Scalar::Raw,
    }
}

fn underscores_part_digits(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut underscores = memchr::memchr_iter(b'_', bytes).peekable();
    underscores.peek().is_some() && underscores.all(|at| is_digit(at - 1) && is_digit(at + 1))
}

fn word(text: &str) -> Scalar<'static> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => Scalar::Raw,
    }
}

fn number(text: &str) -> Scalar<'static> {
    match text {
        "+.inf" | "+.Inf" | "+.INF" => return Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    // Words that start with a digit are common (`100m`, `1.2.3`): this settles most of them.
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || b"+-_.xXoObB".contains(&byte))
    {
        return Scalar::Raw;
    }
    let plain: Cow<'_, str> = if text.contains('_') {
        text.replace('_', "").into()
    } else {
        text.into()
    };
    let (negative, digits) = match plain.as_bytes() {
        [b'-', ..] => (true, plain.get(1..).unwrap_or_default()),
        [b'+', ..] => (false, plain.get(1..).unwrap_or_default()),
        _ => (false, &*plain),
    };
    match (magnitude(digits), negative) {
        (Some(value), false) => {
            if let Ok(value) = i64::try_from(value) {
                return Scalar::Int(value);
            }
            // A sign is not allowed where only the unsigned reading fits.
            if digits.len() == plain.len() {
                return Scalar::Unsigned(value);
            }
        }
        (Some(value), true) => {
            if let Some(value) = 0_i64.checked_sub_unsigned(value) {
                return Scalar::Int(value);
            }
        }
        (None, _) => {}
    }
    float(&plain).unwrap_or(Scalar::Raw)
}

/// Reads digits as Go's `strconv.ParseUint` with base 0 does.
fn magnitude(digits: &str) -> Option<u64> {
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', _, ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', _, ..] => (2, digits.get(2..)?),
        [b'0'] => return Some(0),
        [b'0', ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    // Rust would let a sign pass.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

/// Reads `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?` where it fits a double.
fn float(text: &str) -> Option<Scalar<'static>> {
    let bytes = text.as_bytes();
    let rest = bytes
        .strip_prefix(b"+")
        .or_else(|| bytes.strip_prefix(b"-"))
        .unwrap_or(bytes);
    let (whole, rest) = leading_digits(rest);
    let (fraction, rest) = match rest.strip_prefix(b".") {
        Some(rest) => leading_digits(rest),
        None => (0, rest),
    };
    if whole == 0 && fraction == 0 {
        return None;
    }
    if let Some(rest) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let rest = rest
            .strip_prefix(b"+")
            .or_else(|| rest.strip_prefix(b"-"))
            .unwrap_or(rest);
        let (exponent, rest) = leading_digits(rest);
        if exponent == 0 || !rest.is_empty() {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    value.is_finite().then_some(Scalar::Float(value))
}

pub(super) fn leading_digits(bytes: &[u8]) -> (usize, &[u8]) {
    let count = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (count, bytes.get(count..).unwrap_or_default())
}

/// Returns whether a string can be written without quotes anywhere, and is read as itself.
pub(crate) fn is_plain_string(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'.');
    let inner = |byte: &u8| word(byte) || matches!(byte, b'-' | b' ' | b'@' | b'+' | b'=' | b':');
    word(first)
        && word(last)
        && bytes.iter().all(inner)
        && !text.contains(": ")
        && !text.contains("  ")
        && !text.starts_with("...")
        && implicit(text) == Scalar::Raw
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Scalar<'_>) {
        assert_eq!(resolve(text, Tag::Implicit), Ok(expected), "{text}");
    }

    #[test]
    fn reads_plain_scalars_as_kubernetes_does() {
        check("0644", Scalar::Int(420));
        check("0o644", Scalar::Int(420));
        check("-0x1F", Scalar::Int(-31));
        check("1_000", Scalar::Int(1000));
        check("08", Scalar::Float(8.0));
        check("1e3", Scalar::Float(1000.0));
        check("18446744073709551615", Scalar::Unsigned(u64::MAX));
        check(
            "+18446744073709551615",
            Scalar::Float(18_446_744_073_709_551_615.0),
        );
        check("-9223372036854775808", Scalar::Int(i64::MIN));
        check("yes", Scalar::Bool(true));
        check("yEs", Scalar::Raw);
        check("190:20:30", Scalar::Raw);
        check("1.5e400", Scalar::Raw);
        check("100m", Scalar::Raw);
        check("-", Scalar::Raw);
        check("0x", Scalar::Raw);
        check("--1", Scalar::Raw);
    }

    #[test]
    fn reads_tagged_scalars_only_as_their_tag_says() {
        assert_eq!(resolve("1", Tag::Float), Ok(Scalar::Float(1.0)));
        assert_eq!(resolve("1.0", Tag::Int), Err(ScalarRefused::Tag));
        assert_eq!(resolve("", Tag::Null), Ok(Scalar::Null));
        assert_eq!(resolve("aGk=", Tag::Binary), Ok(Scalar::Text("hi".into())));
        assert_eq!(resolve("aGk", Tag::Binary), Err(ScalarRefused::Base64));
        assert_eq!(
            resolve("2001-2-29", Tag::Timestamp),
            Err(ScalarRefused::Tag)
        );
        assert_eq!(resolve("2001-2-28", Tag::Timestamp), Ok(Scalar::Raw));
    }
}
