//! Changes to a document, before anyone decides how the text shows them.

use serde_json::Value;

use crate::{path::FieldPath, tree::Origin};

/// One change at one place of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Where, from the document's root.
    pub path: FieldPath,
    /// What.
    pub change: Change,
}

/// What an [`Edit`] does.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Sets the value, and makes the maps that lead to it where they are missing.
    Set(Value),
    /// Sets the value only where there is none (`null` counts as none), and notes its origin.
    Default(Value, Origin),
    /// Takes the key or item out.
    Remove,
    /// Gives the last key of the path another name.
    Rename(Box<str>),
}
