//! What gives a secret in a variable away.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::parse_embedded;

/// Returns the pattern of names that say that the value of a variable is a secret.
pub fn names() -> &'static str {
    &FILE.name.pattern
}

/// Returns the pattern of values that are no secret whatever the name of their variable.
pub fn placeholders() -> &'static str {
    &FILE.placeholder.pattern
}

/// Returns the pattern of values that hold a key or token whatever the name of their variable.
pub fn shapes() -> &'static str {
    static SHAPES: LazyLock<String> = LazyLock::new(|| {
        let patterns: Vec<&str> = FILE.shape.iter().map(|shape| &*shape.pattern).collect();
        patterns.join("|")
    });
    &SHAPES
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    parse_embedded(
        "secrets",
        include_str!(concat!(env!("OUT_DIR"), "/secrets.json")),
    )
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Sort,
    placeholder: Sort,
    shape: Vec<Shape>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the reason and the source are for people")]
struct Sort {
    pattern: String,
    why: String,
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the origin and the source are for people")]
struct Shape {
    of: String,
    pattern: String,
    source: String,
}
