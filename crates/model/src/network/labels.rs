//! Labels, and selectors over them.

use super::flaw::{Flaw, InField as _, Reason, list, map, text};
use crate::tree::{List, Map, Node};

/// An answer that may be open.
///
/// The order is that of strong Kleene logic: *and* is the least, *or* the greatest.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Answer {
    /// It does not hold, whatever is not known.
    No,
    /// What is not known decides.
    Maybe,
    /// It holds, whatever is not known.
    Yes,
}

/// The labels of an object, as far as the input says them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Labels {
    /// Sorted by key, each key once.
    pairs: Box<[(Box<str>, Box<str>)]>,
    unknown: UnknownKeys,
}

/// The keys that labels may have beside those that are written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum UnknownKeys {
    /// None: what is not written is absent.
    None,
    /// These, which a controller adds to the pods that it makes.
    These(&'static [&'static str]),
    /// Any: the object that has the labels is not in the input.
    Any,
}

/// What is known of one label.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Label<'a> {
    /// It is not there.
    Absent,
    /// It may be there, with any value.
    Unknown,
    /// It is there.
    Value(&'a str),
}

/// A label selector: all of its requirements must hold.
///
/// Requirements are sorted and each is there once, so selectors that are written differently and
/// ask the same are mostly equal.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Selector {
    requirements: Box<[Requirement]>,
}

/// One thing that a selector asks of a label.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Requirement {
    /// The key of the label.
    pub key: Box<str>,
    /// What is asked.
    pub test: LabelTest,
}

/// What a selector asks of the label of a key; the values are sorted and never none.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum LabelTest {
    /// It has one of these values.
    In(Box<[Box<str>]>),
    /// It has none of these values; a label that is absent has none.
    NotIn(Box<[Box<str>]>),
    /// It is there.
    Exists,
    /// It is absent.
    DoesNotExist,
}

impl Labels {
    /// Makes labels; of pairs with one key, the last counts.
    pub fn new<K, V>(pairs: impl IntoIterator<Item = (K, V)>, unknown: UnknownKeys) -> Self
    where
        K: Into<Box<str>>,
        V: Into<Box<str>>,
    {
        let pairs = pairs.into_iter();
        let mut pairs: Vec<(Box<str>, Box<str>)> = pairs
            .map(|(key, value)| (key.into(), value.into()))
            .collect();
        pairs.reverse();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs.dedup_by(|a, b| a.0 == b.0);
        Self {
            pairs: pairs.into(),
            unknown,
        }
    }

    /// Reads `metadata.labels` of an object, or of a template, of which this is the metadata.
    pub(super) fn read(
        metadata: Option<Node<'_>>,
        added: &[(&str, &str)],
        unknown: UnknownKeys,
    ) -> Result<Self, Flaw> {
        let mut pairs = Vec::new();
        if let Some(metadata) = metadata {
            let labels = map(metadata)?
                .and_then(|metadata| metadata.get("labels"))
                .map_or(Ok(None), map)
                .in_key("labels")?;
            for entry in labels.into_iter().flat_map(Map::entries) {
                pairs.push((entry.key, value_of(entry.value).in_key(entry.key)?));
            }
        }
        pairs.extend_from_slice(added);
        Ok(Self::new(pairs, unknown))
    }

    /// Returns what is known of the label of a key.
    pub fn label(&self, key: &str) -> Label<'_> {
        if let Ok(at) = self.pairs.binary_search_by(|(other, _)| (**other).cmp(key)) {
            return self
                .pairs
                .get(at)
                .map_or(Label::Absent, |(_, value)| Label::Value(value));
        }
        match self.unknown {
            UnknownKeys::None => Label::Absent,
            UnknownKeys::These(keys) if !keys.contains(&key) => Label::Absent,
            UnknownKeys::These(_) | UnknownKeys::Any => Label::Unknown,
        }
    }

    /// Returns the labels that are written, sorted by key.
    pub fn pairs(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(key, value)| (&**key, &**value))
    }

    /// Returns which labels there may be beside those that are written.
    pub fn unknown(&self) -> UnknownKeys {
        self.unknown
    }
}

impl Selector {
    /// Makes a selector of requirements in any order.
    pub fn new(requirements: impl IntoIterator<Item = Requirement>) -> Self {
        let mut requirements: Vec<_> = requirements.into_iter().collect();
        requirements.sort_unstable();
        requirements.dedup();
        Self {
            requirements: requirements.into(),
        }
    }

    /// Reads a selector; `null` is one without requirements.
    ///
    /// What the API server refuses is a flaw. See `kubernetes/apimachinery@release-1.36
    /// pkg/apis/meta/v1/validation/validation.go`.
    pub(super) fn read(node: Node<'_>) -> Result<Self, Flaw> {
        let Some(selector) = map(node)? else {
            return Ok(Self::default());
        };
        let mut requirements = Vec::new();
        if let Some(labels) = selector.get("matchLabels") {
            let labels = map(labels).in_key("matchLabels")?;
            for entry in labels.into_iter().flat_map(Map::entries) {
                let requirement = value_of(entry.value)
                    .and_then(|value| {
                        check_key(entry.key, entry.value)?;
                        check_value(value, entry.value)?;
                        Ok(Requirement {
                            key: entry.key.into(),
                            test: LabelTest::In([value.into()].into()),
                        })
                    })
                    .in_key(entry.key)
                    .in_key("matchLabels")?;
                requirements.push(requirement);
            }
        }
        if let Some(expressions) = selector.get("matchExpressions") {
            let expressions = list(expressions).in_key("matchExpressions")?;
            for (index, item) in expressions.into_iter().flat_map(List::items).enumerate() {
                let requirement = Requirement::read(item)
                    .in_item(index)
                    .in_key("matchExpressions")?;
                requirements.push(requirement);
            }
        }
        Ok(Self::new(requirements))
    }

    /// Returns the requirements, sorted.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Returns whether it selects everything because it asks nothing.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Returns whether labels are selected.
    pub fn selects(&self, labels: &Labels) -> Answer {
        let answers = self.requirements.iter().map(|requirement| {
            let label = labels.label(&requirement.key);
            requirement.test.holds_for(label)
        });
        answers.min().unwrap_or(Answer::Yes)
    }
}

impl Requirement {
    fn read(node: Node<'_>) -> Result<Self, Flaw> {
        let missing = || Flaw::at(node, Reason::Missing { field: "operator" });
        let expression = map(node)?.ok_or_else(missing)?;
        let string = |field: &'static str| match expression.get(field) {
            Some(value) => text(value).in_key(field),
            None => Ok(""),
        };
        let key = string("key")?;
        check_key(key, expression.get("key").unwrap_or(node)).in_key("key")?;
        let operator = string("operator")?;
        let mut values: Vec<Box<str>> = Vec::new();
        if let Some(items) = expression.get("values") {
            let items = list(items).in_key("values")?;
            for (index, item) in items.into_iter().flat_map(List::items).enumerate() {
                let value = value_of(item)
                    .and_then(|value| check_value(value, item).map(|()| value))
                    .in_item(index)
                    .in_key("values")?;
                values.push(value.into());
            }
        }
        let given = !values.is_empty();
        values.sort_unstable();
        values.dedup();
        let test = match operator {
            "In" => LabelTest::In(values.into()),
            "NotIn" => LabelTest::NotIn(values.into()),
            "Exists" => LabelTest::Exists,
            "DoesNotExist" => LabelTest::DoesNotExist,
            other => {
                let reason = Reason::Operator(other.into());
                return Err(Flaw::at(expression.get("operator").unwrap_or(node), reason))
                    .in_key("operator");
            }
        };
        let reason = match test {
            LabelTest::In(_) | LabelTest::NotIn(_) if !given => Reason::NoValues,
            LabelTest::Exists | LabelTest::DoesNotExist if given => Reason::ValuesWithout,
            _ => {
                return Ok(Self {
                    key: key.into(),
                    test,
                });
            }
        };
        Err(Flaw::at(expression.get("values").unwrap_or(node), reason)).in_key("values")
    }
}

impl LabelTest {
    /// Returns whether the test holds for what is known of a label.
    ///
    /// The semantics are those of `kubernetes/apimachinery@release-1.36 pkg/labels/selector.go`.
    pub fn holds_for(&self, label: Label<'_>) -> Answer {
        let holds = match (self, label) {
            (_, Label::Unknown) => return Answer::Maybe,
            (Self::In(values), Label::Value(value)) => has(values, value),
            (Self::NotIn(values), Label::Value(value)) => !has(values, value),
            (Self::Exists, label) => label != Label::Absent,
            (Self::DoesNotExist, label) => label == Label::Absent,
            (Self::In(_), Label::Absent) => false,
            (Self::NotIn(_), Label::Absent) => true,
        };
        Answer::from(holds)
    }
}

impl From<bool> for Answer {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

fn has(values: &[Box<str>], value: &str) -> bool {
    values
        .binary_search_by(|other| (**other).cmp(value))
        .is_ok()
}

/// Returns the value of a label; `null` in a map of strings is read as the empty string.
fn value_of(node: Node<'_>) -> Result<&str, Flaw> {
    if node.is_null() { Ok("") } else { text(node) }
}

/// Holds a key against the syntax of label keys: a name, with a DNS subdomain in front or without.
fn check_key(key: &str, node: Node<'_>) -> Result<(), Flaw> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let of_subdomain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_subdomain = |prefix: &str| {
        prefix.len() <= 253
            && prefix.split('.').all(|label| {
                is_word(label, of_subdomain, |byte| {
                    byte == b'-' || of_subdomain(byte)
                })
            })
    };
    if !name.is_empty() && is_name(name) && prefix.is_none_or(is_subdomain) {
        Ok(())
    } else {
        Err(Flaw::at(node, Reason::LabelKey(key.into())))
    }
}

/// Holds a value against the syntax of label values.
fn check_value(value: &str, node: Node<'_>) -> Result<(), Flaw> {
    if value.is_empty() || is_name(value) {
        Ok(())
    } else {
        Err(Flaw::at(node, Reason::LabelValue(value.into())))
    }
}

fn is_name(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.len() <= 63 && is_word(text, |byte| byte.is_ascii_alphanumeric(), inside)
}

/// Returns whether a text has an allowed first and last byte, and allowed ones between them.
fn is_word(text: &str, edge: impl Fn(u8) -> bool, inside: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|&byte| edge(byte))
        && bytes.last().is_some_and(|&byte| edge(byte))
        && bytes.iter().all(|&byte| inside(byte))
}
