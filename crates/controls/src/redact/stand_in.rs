//! What takes the place of a value: it says how long the value was, and answers as the value did.

use std::sync::LazyLock;

use knight_facts::secrets;
use regex::{Captures, Regex};
use serde_json::Value;

/// What takes the place of a user and a password; it has the shape that they have.
pub(super) const USER: &str = "redacted:redacted@";

/// The value of a variable, so that `secret-in-env` finds in it what it found before.
pub(super) fn variable(value: &mut Value) {
    let Value::String(text) = value else {
        return hide(value);
    };
    if text.is_empty() || SWITCH.is_match(text) || REFERENCE.is_match(text) {
        return;
    }
    let bytes = text.len();
    *text = match (PLACEHOLDER.is_match(text), SHAPE.is_match(text)) {
        (false, true) => format!("redacted://looks-like:a-secret@{bytes}-bytes"),
        (true, true) => format!("/redacted://looks-like:a-secret@{bytes}-bytes"),
        (true, false) if text.starts_with("$(") => format!("$(redacted-{bytes}-bytes)"),
        (true, false) => format!("/redacted-{bytes}-bytes"),
        (false, false) => plain(bytes),
    };
}

/// An argument of a command: the name of a long flag stays.
pub(super) fn argument(value: &mut Value) {
    let Value::String(text) = value else {
        return hide(value);
    };
    if text.is_empty() || FLAG.is_match(text) {
        return;
    }
    *text = match text.split_once('=') {
        Some((flag, given)) if FLAG.is_match(flag) => format!("{flag}={}", plain(given.len())),
        _ => plain(text.len()),
    };
}

/// Every text and number below a value; keys, switches and the shape stay.
pub(super) fn hide(value: &mut Value) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => *number = 0.into(),
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => *text = plain(text.len()),
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(map) => map.values_mut().for_each(hide),
    }
}

/// Every text below a value, without its length.
pub(super) fn empty(value: &mut Value) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => *number = 0.into(),
        Value::String(text) => text.clear(),
        Value::Array(items) => items.iter_mut().for_each(empty),
        Value::Object(map) => map.values_mut().for_each(empty),
    }
}

/// Keys and tokens in a text that is kept otherwise.
pub(super) fn shapes(text: &mut String) {
    if text.contains("PRIVATE KEY-----") {
        *text = plain(text.len());
    } else if SHAPE.is_match(text) {
        let stand_in = |found: &Captures<'_>| match &found[0] {
            known if known.ends_with(USER) => known.to_owned(),
            _ => "redacted".to_owned(),
        };
        *text = SHAPE.replace_all(text, stand_in).into_owned();
    }
}

/// The secrets among `key=value` lines, as Java writes its properties.
pub(super) fn properties(text: &mut String) {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| match line.split_once(['=', ':']) {
            Some((key, value)) if SECRET_PROPERTY.is_match(key) && !value.trim().is_empty() => {
                format!("{key}={}", plain(value.len()))
            }
            _ => line.to_owned(),
        })
        .collect();
    *text = lines.join("\n");
}

/// Returns whether the name of a field says that its text is a secret.
pub(super) fn is_secret_field(key: &str) -> bool {
    SECRET_FIELD.is_match(key)
}

fn plain(bytes: usize) -> String {
    match bytes {
        1 => "redacted, 1 byte".to_owned(),
        bytes => format!("redacted, {bytes} bytes"),
    }
}

/// A pattern of this program; one that were none would match everything, which hides everything.
fn pattern(text: &str) -> Regex {
    // INVARIANT: the patterns compile, as the tests that use each of them show.
    Regex::new(text).unwrap_or_else(|reason| unreachable!("`{text}`: {reason}"))
}

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| pattern(secrets::placeholders()));
static SHAPE: LazyLock<Regex> = LazyLock::new(|| pattern(secrets::shapes()));
static SWITCH: LazyLock<Regex> =
    LazyLock::new(|| pattern("^(true|false|TRUE|FALSE|none|None|disabled|enabled)$"));
static REFERENCE: LazyLock<Regex> =
    LazyLock::new(|| pattern("^[$][(][A-Za-z_][A-Za-z0-9_.-]*[)]$"));
static FLAG: LazyLock<Regex> = LazyLock::new(|| pattern("^--[A-Za-z][A-Za-z0-9_.-]{0,62}$"));
static SECRET_PROPERTY: LazyLock<Regex> = LazyLock::new(|| {
    pattern("(?i)password|passwd|passphrase|secret|token|jaas|credential|[.]key$")
});
static SECRET_FIELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        "(?i)(password|passwd|passphrase|token|api_?key|access_?key|secret_?key|private_?key|\
         client_?secret|credentials?|connection_?string)$",
    )
});
