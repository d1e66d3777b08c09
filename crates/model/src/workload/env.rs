//! Variables of a container.

use super::field::Field;
use crate::tree::Node;

/// A variable of `env`.
#[derive(Clone, Copy, Debug)]
pub struct EnvVar<'a> {
    /// Its place in the list, from 0.
    pub index: usize,
    /// The item; it may be no map.
    pub node: Node<'a>,
}

/// Where a variable takes its value from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EnvValue<'a> {
    /// Nothing is written: the value is empty.
    Empty,
    /// It is written in clear text; what is no string is refused by the API server.
    Literal(Node<'a>),
    /// A key of a Secret.
    SecretKey(Node<'a>),
    /// A key of a `ConfigMap`.
    ConfigMapKey(Node<'a>),
    /// A field of the pod.
    FieldRef(Node<'a>),
    /// A resource of the container.
    ResourceField(Node<'a>),
    /// A key of a file of the pod.
    FileKey(Node<'a>),
    /// A source that is not known, or several at once.
    Other(Node<'a>),
    /// The item or its `valueFrom` is no map.
    WrongType(Node<'a>),
}

impl<'a> EnvVar<'a> {
    /// Returns the name.
    pub fn name(&self) -> Field<'a, &'a str> {
        Field::at(self.node, &["name"])
    }

    /// Returns where the value comes from.
    ///
    /// A literal wins where both are written, so that no clear text is overlooked; the API server
    /// refuses such an object.
    pub fn value(&self) -> EnvValue<'a> {
        let Some(map) = self.node.as_map() else {
            return EnvValue::WrongType(self.node);
        };
        let written = |key| map.get(key).filter(|value: &Node<'a>| !value.is_null());
        if let Some(value) = written("value") {
            return EnvValue::Literal(value);
        }
        let Some(from) = written("valueFrom") else {
            return EnvValue::Empty;
        };
        let Some(sources) = from.as_map() else {
            return EnvValue::WrongType(from);
        };
        let mut sources = sources.entries().filter(|entry| !entry.value.is_null());
        let (Some(source), None) = (sources.next(), sources.next()) else {
            return EnvValue::Other(from);
        };
        match source.key {
            "secretKeyRef" => EnvValue::SecretKey(source.value),
            "configMapKeyRef" => EnvValue::ConfigMapKey(source.value),
            "fieldRef" => EnvValue::FieldRef(source.value),
            "resourceFieldRef" => EnvValue::ResourceField(source.value),
            "fileKeyRef" => EnvValue::FileKey(source.value),
            _ => EnvValue::Other(from),
        }
    }
}
