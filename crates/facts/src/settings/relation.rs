//! What the code enforces between two settings.

use serde::Deserialize;

/// What the code enforces between a setting and another one of its `ConfigMap`.
///
/// It is enforced whichever of the two is written, with what holds for the other.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Relation {
    /// The key of the other setting.
    pub key: String,
    /// What must hold.
    pub holds: Holds,
    /// The values of this setting for which it must; all when empty.
    #[serde(default)]
    pub only: Vec<String>,
    /// The values of this setting for which nothing must hold.
    #[serde(default)]
    pub free: Vec<String>,
    /// Nothing must hold unless the value of this setting is greater than this one.
    pub above: Option<String>,
    /// The values of the other setting for which nothing must hold.
    #[serde(default)]
    pub unless: Vec<String>,
}

/// What must hold between the values of two settings.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// This value is at most the other.
    AtMost,
    /// The other is one of these; the empty string stands for no value.
    Be(Vec<String>),
    /// The other is none of these; the empty string stands for no value.
    NotBe(Vec<String>),
    /// One of the values is a percentage, or up to 1 a share, and that part of the other is at least
    /// this much.
    PartAtLeast(String),
}
