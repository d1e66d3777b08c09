//! What keeps an object from being read.

use std::fmt;

use thiserror::Error;

use crate::{
    path::{FieldPath, Step},
    place::Place,
    tree::{List, Map, Node},
};

/// Why an object means nothing certain, and where.
///
/// The API server refuses most such objects; one that is stored nevertheless may mean anything.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Flaw {
    /// The steps to the field, the innermost first while they are collected.
    steps: Vec<Step>,
    place: Box<Place>,
    reason: Reason,
}

/// Why a field cannot be read.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// Another type than the field has.
    #[error("it must be {expected}, not {found}")]
    WrongType {
        /// The type that it should have.
        expected: &'static str,
        /// The type that it has.
        found: &'static str,
    },
    /// A field that must be there is not.
    #[error("`{field}` is missing")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A version of the API that no release serves, or that is not known.
    #[error("the API version `{0}` is not known")]
    Version(Box<str>),
    /// No operator of selectors.
    #[error("`{0}` is no operator: there are `In`, `NotIn`, `Exists` and `DoesNotExist`")]
    Operator(Box<str>),
    /// `In` or `NotIn` without values.
    #[error("`In` and `NotIn` need at least one value")]
    NoValues,
    /// `Exists` or `DoesNotExist` with values.
    #[error("`Exists` and `DoesNotExist` take no values")]
    ValuesWithout,
    /// A key that no label can have.
    #[error("`{0}` is no key of a label")]
    LabelKey(Box<str>),
    /// A value that no label can have.
    #[error("`{0}` is no value of a label")]
    LabelValue(Box<str>),
    /// No policy type.
    #[error("`{0}` is no policy type: there are `Ingress` and `Egress`")]
    PolicyType(Box<str>),
    /// More policy types than there are.
    #[error("there are more than two policy types")]
    PolicyTypes,
    /// A peer that says nothing.
    #[error("a peer must say `podSelector`, `namespaceSelector` or `ipBlock`")]
    NoPeer,
    /// A block with selectors beside it.
    #[error("`ipBlock` stands alone: no selector may stand beside it")]
    BlockWithSelector,
    /// No block of addresses.
    #[error("`{0}` is no block of addresses")]
    Cidr(Box<str>),
    /// A block that network plugins read in different ways.
    #[error("`{0}` is read in different ways: write it without leading zeros, or as IPv4")]
    AmbiguousCidr(Box<str>),
    /// An exception that is not inside its block.
    #[error("`{0}` must lie inside of the block and be smaller")]
    Except(Box<str>),
    /// No protocol of ports.
    #[error("`{0}` is no protocol: there are `TCP`, `UDP` and `SCTP`")]
    Protocol(Box<str>),
    /// No number of a port.
    #[error("{0} is no port: they go from 1 to 65535")]
    PortNumber(i64),
    /// No name of a port.
    #[error("`{0}` is no name of a port")]
    PortName(Box<str>),
    /// `endPort` without a number to begin at.
    #[error("`endPort` needs a `port` that is a number")]
    EndPortAlone,
    /// A range that ends before it begins.
    #[error("`endPort` must not be less than `port`")]
    EndPortBefore,
    /// No address.
    #[error("`{0}` is no address")]
    Address(Box<str>),
}

/// Adds the field in which something was read to what is wrong with it.
pub(super) trait InField {
    fn in_key(self, key: &str) -> Self;
    fn in_item(self, index: usize) -> Self;
}

impl Flaw {
    pub(super) fn at(node: Node<'_>, reason: Reason) -> Self {
        Self {
            steps: Vec::new(),
            place: Box::new(Place::of(node)),
            reason,
        }
    }

    pub(super) fn wrong_type(node: Node<'_>, expected: &'static str) -> Self {
        let found = node.type_name();
        Self::at(node, Reason::WrongType { expected, found })
    }

    /// Returns the path of the field, from the object.
    pub fn path(&self) -> FieldPath {
        let mut path = FieldPath::new();
        for step in self.steps.iter().rev() {
            match step {
                Step::Key(key) => path.push_key(key),
                Step::Item { index, name } => path.push_item(*index as usize, name.as_deref()),
            }
        }
        path
    }

    /// Returns where the field is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Returns why it cannot be read.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path(), self.reason)
    }
}

impl<T> InField for Result<T, Flaw> {
    fn in_key(self, key: &str) -> Self {
        self.map_err(|mut flaw| {
            flaw.steps.push(Step::Key(key.into()));
            flaw
        })
    }

    fn in_item(self, index: usize) -> Self {
        self.map_err(|mut flaw| {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            flaw.steps.push(Step::Item { index, name: None });
            flaw
        })
    }
}

/// Reads a map; `null` is none.
pub(super) fn map(node: Node<'_>) -> Result<Option<Map<'_>>, Flaw> {
    match node.as_map() {
        Some(map) => Ok(Some(map)),
        None if node.is_null() => Ok(None),
        None => Err(Flaw::wrong_type(node, "a map")),
    }
}

/// Reads a list; `null` is none.
pub(super) fn list(node: Node<'_>) -> Result<Option<List<'_>>, Flaw> {
    match node.as_list() {
        Some(list) => Ok(Some(list)),
        None if node.is_null() => Ok(None),
        None => Err(Flaw::wrong_type(node, "a list")),
    }
}

/// Reads a string; `null` is an empty one.
pub(super) fn text(node: Node<'_>) -> Result<&str, Flaw> {
    match node.as_str() {
        Some(text) => Ok(text),
        None if node.is_null() => Ok(""),
        None => Err(Flaw::wrong_type(node, "a string")),
    }
}
