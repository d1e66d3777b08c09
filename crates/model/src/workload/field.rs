//! Fields that may be absent, or of another type than they must be.

use crate::{
    path::FieldPath,
    tree::{Kind, List, Map, Node},
};

/// A field as it is found; `null` counts as absent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field<'a, T> {
    /// It is not written, or `null`.
    Absent,
    /// It has the right type.
    Value(T, Node<'a>),
    /// This, the field or a map on the way to it, has another type.
    WrongType(Node<'a>),
}

/// Something of a wrong type.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong<'a> {
    /// Its path, from the object.
    pub path: FieldPath,
    /// What is there.
    pub node: Node<'a>,
    /// What should be there, as [`Node::type_name`] calls it.
    pub expected: &'static str,
}

/// A type of the values of a field.
pub trait FromNode<'a>: Sized {
    /// Returns the value, if the node is of this type.
    fn from_node(node: Node<'a>) -> Option<Self>;
}

impl<'a, T: FromNode<'a>> Field<'a, T> {
    /// Reads a value.
    pub fn of(node: Node<'a>) -> Self {
        match T::from_node(node) {
            Some(value) => Self::Value(value, node),
            None if node.is_null() => Self::Absent,
            None => Self::WrongType(node),
        }
    }

    /// Reads the value at keys that lead down from a node.
    pub fn at(from: Node<'a>, keys: &[&str]) -> Self {
        let mut node = from;
        for key in keys {
            match node.kind() {
                Kind::Null => return Self::Absent,
                Kind::Map(map) => match map.get(key) {
                    Some(value) => node = value,
                    None => return Self::Absent,
                },
                Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) | Kind::List(_) => {
                    return Self::WrongType(node);
                }
            }
        }
        Self::of(node)
    }
}

impl<'a, T> Field<'a, T> {
    /// Returns the value, when it is there and of the right type.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value, _) => Some(value),
            Self::Absent | Self::WrongType(_) => None,
        }
    }

    /// Returns what is there, of whatever type.
    pub fn node(&self) -> Option<Node<'a>> {
        match self {
            Self::Value(_, node) | Self::WrongType(node) => Some(*node),
            Self::Absent => None,
        }
    }

    /// Returns whether nothing is there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<'a> FromNode<'a> for bool {
    fn from_node(node: Node<'a>) -> Option<Self> {
        node.as_bool()
    }
}

impl<'a> FromNode<'a> for i64 {
    fn from_node(node: Node<'a>) -> Option<Self> {
        node.as_int()
    }
}

impl<'a> FromNode<'a> for &'a str {
    fn from_node(node: Node<'a>) -> Option<Self> {
        node.as_str()
    }
}

impl<'a> FromNode<'a> for List<'a> {
    fn from_node(node: Node<'a>) -> Option<Self> {
        node.as_list()
    }
}

impl<'a> FromNode<'a> for Map<'a> {
    fn from_node(node: Node<'a>) -> Option<Self> {
        node.as_map()
    }
}
