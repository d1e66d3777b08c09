//! What stands at a path, and where.

use std::{borrow::Cow, sync::Arc};

use knight_model::{
    path::FieldPath,
    source::Span,
    tree::{Kind, Node},
};

use super::{Offence, Outcome, Verdict};
use crate::rule::Literal;

#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Node(Node<'a>),
    Text(&'a str, Span),
}

/// A path from the object down to here, linked through the stack so that walking costs nothing.
#[derive(Debug)]
pub(super) enum Link<'l> {
    Root(&'l FieldPath),
    Keys(&'l Self, &'l [Cow<'static, str>]),
    Key(&'l Self, &'l str),
    Item(&'l Self, usize, Node<'l>),
}

/// What stands at a path.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'a> {
    /// A value that is not `null`, with the key that leads to it.
    Value(Value<'a>, Option<Span>),
    /// Nothing.
    Absent(Lack<'a>),
    /// A step leads through a value that is no map.
    Wrong(Node<'a>, Option<Span>),
}

/// Where to say that something is absent; most absences are fine, so the bytes are found later.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lack<'a> {
    /// At the key that should lead to it.
    Below(Span),
    /// At the map that should hold it.
    In(Node<'a>),
    /// There is nothing near.
    Nowhere,
}

impl<'a> Found<'a> {
    /// Returns the node that was found.
    pub(super) fn node(self) -> Option<Node<'a>> {
        match self {
            Self::Value(value, _) => value.as_node(),
            Self::Absent(_) | Self::Wrong(..) => None,
        }
    }

    /// Says that this is not what belongs there; what is absent is not wrong.
    pub(super) fn wrong_type(self, link: &Link<'_>, wanted: &str) -> Option<Offence> {
        match self {
            Self::Value(value, key) => Some(value.wrong_type(link, key, wanted)),
            Self::Wrong(node, key) => Some(wrong_type(link, node, key, "map")),
            Self::Absent(_) => None,
        }
    }

    /// Returns the bytes to show; what has no place of its own is shown at `base`.
    pub(super) fn span(self, base: Option<Value<'a>>) -> Span {
        match self {
            Self::Value(value, key) => value.span(key),
            Self::Wrong(node, key) => Value::Node(node).span(key),
            Self::Absent(Lack::Below(key)) => key,
            Self::Absent(Lack::In(node)) => anchor(Some(Value::Node(node)), node.span()),
            Self::Absent(Lack::Nowhere) => anchor(base, Span::default()),
        }
    }
}

impl Link<'_> {
    pub(super) fn path(&self) -> FieldPath {
        self.path_with_room(0)
    }

    /// Returns the path, with room for as many steps more: findings are many, and grow once.
    fn path_with_room(&self, more: usize) -> FieldPath {
        match self {
            Self::Root(root) => {
                let mut path = FieldPath::with_capacity(root.steps().len() + more);
                path.extend(root);
                path
            }
            Self::Keys(parent, keys) => {
                let mut path = parent.path_with_room(more + keys.len());
                keys.iter().for_each(|key| path.push_key(key));
                path
            }
            Self::Key(parent, key) => {
                let mut path = parent.path_with_room(more + 1);
                path.push_key(key);
                path
            }
            Self::Item(parent, index, item) => {
                let mut path = parent.path_with_room(more + 1);
                path.push_item(*index, item.get("name").and_then(Node::as_str));
                path
            }
        }
    }
}

impl<'a> Value<'a> {
    pub(super) fn as_node(self) -> Option<Node<'a>> {
        match self {
            Self::Node(node) => Some(node),
            Self::Text(..) => None,
        }
    }

    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Node(node) => node.type_name(),
            Self::Text(..) => "string",
        }
    }

    /// Returns the bytes to show: the entry where it is short, else its key.
    pub(super) fn span(self, key: Option<Span>) -> Span {
        let value = match self {
            Self::Node(node) => node.span(),
            Self::Text(_, span) => return span,
        };
        let scalar = self
            .as_node()
            .is_some_and(|node| !matches!(node.kind(), Kind::List(_) | Kind::Map(_)));
        match key {
            // The target of an alias stands elsewhere: the key is where it is used.
            Some(key) if scalar && value.start >= key.end => Span::new(key.start, value.end),
            Some(key) => key,
            None => value,
        }
    }

    pub(super) fn origin(self) -> Option<Arc<str>> {
        self.as_node()?
            .origin()
            .map(|origin| Arc::clone(&origin.from))
    }

    pub(super) fn wrong_type(self, link: &Link<'_>, key: Option<Span>, wanted: &str) -> Offence {
        Offence {
            verdict: Verdict::Unknown,
            path: link.path(),
            span: self.span(key),
            label: format!(
                "is of type {} where {wanted} belongs, so it cannot be judged",
                self.type_name()
            )
            .into(),
            origin: None,
            remedy: None,
        }
    }

    pub(super) fn text(self) -> Result<&'a str, Outcome> {
        match self {
            Self::Text(text, _) => Ok(text),
            Self::Node(node) => node
                .as_str()
                .ok_or_else(|| Outcome::WrongType(node.type_name(), "string")),
        }
    }

    pub(super) fn int(self) -> Result<i64, Outcome> {
        self.as_node()
            .and_then(Node::as_int)
            .ok_or_else(|| Outcome::WrongType(self.type_name(), "int"))
    }

    pub(super) fn above_zero(self) -> Outcome {
        match self.as_node().map(Node::kind) {
            Some(Kind::Int(value)) => Outcome::Is(value > 0),
            Some(Kind::Float(value)) => Outcome::Is(value > 0.0),
            _ => match self.text() {
                Ok(text) => Outcome::Is(is_above_zero(text)),
                Err(_) => Outcome::WrongType(self.type_name(), "quantity"),
            },
        }
    }

    pub(super) fn equals(self, literal: &Literal) -> Outcome {
        match literal {
            Literal::Bool(wanted) => match self.as_node().and_then(Node::as_bool) {
                Some(value) => Outcome::Is(value == *wanted),
                None => Outcome::WrongType(self.type_name(), "bool"),
            },
            Literal::Int(wanted) => match self.int() {
                Ok(value) => Outcome::Is(value == *wanted),
                Err(outcome) => outcome,
            },
            Literal::Text(wanted) => match self.text() {
                Ok(value) => Outcome::Is(value == wanted),
                Err(outcome) => outcome,
            },
        }
    }
}

/// Follows keys down from a value, and the key that leads to it where that is to be shown.
pub(super) fn step_down<'k, 'a>(
    start: Option<Value<'a>>,
    mut key_span: Option<Span>,
    keys: impl Iterator<Item = &'k str>,
) -> Found<'a> {
    let mut here = match start {
        None => return Found::Absent(Lack::Nowhere),
        Some(Value::Text(text, span)) => return Found::Value(Value::Text(text, span), None),
        Some(Value::Node(node)) => node,
    };
    let lack = |key: Option<Span>, here| key.map_or(Lack::In(here), Lack::Below);
    for key in keys {
        if here.is_null() {
            return Found::Absent(lack(key_span, here));
        }
        let Some(map) = here.as_map() else {
            return Found::Wrong(here, key_span);
        };
        let Some(entry) = map.entry(key) else {
            return Found::Absent(lack(key_span, here));
        };
        key_span = Some(entry.key_span);
        here = entry.value;
    }
    if here.is_null() {
        Found::Absent(lack(key_span, here))
    } else {
        Found::Value(Value::Node(here), key_span)
    }
}

/// Returns what stands for a whole value: the name of a map, else its first key, else all of it.
pub(super) fn anchor(value: Option<Value<'_>>, otherwise: Span) -> Span {
    let Some(node) = value.and_then(Value::as_node) else {
        return otherwise;
    };
    let Some(map) = node.as_map() else {
        return node.span();
    };
    if let Some(name) = map.entry("name") {
        return Value::Node(name.value).span(Some(name.key_span));
    }
    map.entries()
        .next()
        .map_or_else(|| node.span(), |first| first.key_span)
}

pub(super) fn wrong_type(
    link: &Link<'_>,
    node: Node<'_>,
    key: Option<Span>,
    wanted: &str,
) -> Offence {
    Value::Node(node).wrong_type(link, key, wanted)
}

/// Reads a whole number as an annotation holds it: a sign and up to 18 digits.
pub(super) fn whole_number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Returns whether a quantity starts as a number above 0: a digit besides 0 before its exponent or
/// unit, and no minus.
fn is_above_zero(text: &str) -> bool {
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let number = unsigned.trim_start_matches(['0', '.']);
    number.starts_with(|first: char| first.is_ascii_digit())
}

/// Writes out Docker Hub's short names: `nginx` is `docker.io/library/nginx`.
pub(super) fn full_image(image: &str) -> String {
    match image.split_once('/') {
        Some((host, _)) if host == "localhost" || host.contains(['.', ':']) => image.to_owned(),
        Some(_) => format!("docker.io/{image}"),
        None => format!("docker.io/library/{image}"),
    }
}
