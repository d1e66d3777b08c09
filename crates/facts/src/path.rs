//! Dotted paths into an object.

use std::fmt;

use serde::Deserialize;

/// A path of field names from an object, such as `spec.template.spec`.
///
/// A segment is a field name; `[]` after it means every item of the list in that field.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(transparent)]
pub struct FieldPath(String);

impl FieldPath {
    /// Returns the path as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the field names in order; a path to the object itself has none.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.').filter(|segment| !segment.is_empty())
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
