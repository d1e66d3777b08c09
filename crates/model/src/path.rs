//! Paths to a field of an object.

use std::fmt;

use compact_str::CompactString;

/// One step of a [`FieldPath`].
///
/// Paths are made by the ten thousand, and nearly all keys fit into the step itself.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Step {
    /// The key of a map.
    Key(CompactString),
    /// An item of a list; items that have a `name` carry it, as Kubernetes keys its lists by it.
    Item {
        /// The place in the list, from 0.
        index: u32,
        /// The `name` of the item.
        name: Option<CompactString>,
    },
}

/// A path from an object (or a document) down to a field.
///
/// Prints as `spec.containers[name=app].ports[0]`, keys with other characters than those of an
/// identifier as `metadata.annotations["a.b/c"]`.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FieldPath {
    steps: Vec<Step>,
}

impl FieldPath {
    /// Makes the path of the object itself.
    pub const fn new() -> Self {
        Self { steps: Vec::new() }
    }

    /// Makes the path of the object itself, with room for some steps.
    pub fn with_capacity(steps: usize) -> Self {
        Self {
            steps: Vec::with_capacity(steps),
        }
    }

    /// Reads keys joined by dots, such as `spec.template.spec`.
    pub fn from_dotted(keys: &str) -> Self {
        keys.split('.').filter(|key| !key.is_empty()).collect()
    }

    /// Adds a key.
    pub fn push_key(&mut self, key: &str) {
        self.steps.push(Step::Key(key.into()));
    }

    /// Adds an item of a list.
    pub fn push_item(&mut self, index: usize, name: Option<&str>) {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        self.steps.push(Step::Item {
            index,
            name: name.map(Into::into),
        });
    }

    /// Returns whether this path lies at another one or below it.
    ///
    /// Items are told apart by their place in the list.
    pub fn is_below(&self, other: &Self) -> bool {
        let same = |(a, b): (&Step, &Step)| match (a, b) {
            (Step::Item { index: a, .. }, Step::Item { index: b, .. }) => a == b,
            (a, b) => a == b,
        };
        self.steps.len() >= other.steps.len() && self.steps.iter().zip(&other.steps).all(same)
    }

    /// Adds the steps of another path.
    pub fn extend(&mut self, other: &Self) {
        self.steps.extend_from_slice(&other.steps);
    }

    /// Takes off the last step.
    pub fn pop(&mut self) -> Option<Step> {
        self.steps.pop()
    }

    /// Returns the path with one more key.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        let mut steps = Vec::with_capacity(self.steps.len() + 1);
        steps.extend_from_slice(&self.steps);
        steps.push(Step::Key(key.into()));
        Self { steps }
    }

    /// Returns what comes behind another path, when this one lies at or below it.
    pub fn below(&self, other: &Self) -> Option<Self> {
        let rest = self.steps.get(other.steps.len()..)?;
        self.is_below(other).then(|| Self {
            steps: rest.to_vec(),
        })
    }

    /// Returns the steps from the outermost.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns whether the path is that of the object itself.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

impl<'a> FromIterator<&'a str> for FieldPath {
    fn from_iter<I: IntoIterator<Item = &'a str>>(keys: I) -> Self {
        Self {
            steps: keys.into_iter().map(|key| Step::Key(key.into())).collect(),
        }
    }
}

impl FromIterator<Step> for FieldPath {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self {
            steps: steps.into_iter().collect(),
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(key) if is_identifier(key) => {
                    f.write_str(if at == 0 { "" } else { "." })?;
                    f.write_str(key)?;
                }
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Item {
                    name: Some(name), ..
                } => {
                    f.write_str("[name=")?;
                    f.write_str(name)?;
                    f.write_str("]")?;
                }
                Step::Item { index, name: None } => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

fn is_identifier(key: &str) -> bool {
    let mut bytes = key.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_print_names_and_quote_odd_keys() {
        let mut path = FieldPath::from_dotted("spec.containers");
        path.push_item(0, Some("app"));
        path.push_key("ports");
        path.push_item(2, None);
        assert_eq!(path.to_string(), "spec.containers[name=app].ports[2]");
        let path = FieldPath::from_dotted("metadata.annotations").key("a.b/c");
        assert_eq!(path.to_string(), r#"metadata.annotations["a.b/c"]"#);
    }
}
