//! Kubernetes objects: a document's value with a group, a version and a kind.

mod flatten;
mod owner;

use std::fmt;

use thiserror::Error;

use crate::{
    path::FieldPath,
    place::Place,
    source::Span,
    tree::{Document, Entry, Map, Node},
};

pub use flatten::objects;
pub use owner::{Controller, Uid};

/// One Kubernetes object, located.
///
/// Names are those that are written: whether an object without a namespace is of the whole cluster
/// or of a namespace that the caller knows is not for this type to say.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    node: Node<'a>,
    metadata: Option<Map<'a>>,
    group: &'a str,
    version: &'a str,
    kind: &'a str,
    name: Name<'a>,
    namespace: Option<&'a str>,
    lists: Lists,
}

/// The name of an object.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Name<'a> {
    /// `metadata.name`.
    Written(&'a str),
    /// `metadata.generateName`: the API server adds to it.
    Generated(&'a str),
    /// Neither.
    Absent,
}

/// The items of lists that lead from a document's root to an object in it.
#[derive(Clone, Copy, Debug, Default)]
struct Lists {
    items: [u32; Self::DEEPEST],
    depth: usize,
}

/// A part of a document that is no Kubernetes object.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ObjectProblem {
    /// The bytes to point at.
    pub span: Span,
    /// Where the part is in its document.
    pub path: FieldPath,
    /// Why it is none.
    pub reason: NotAnObject,
}

/// Why a value is no Kubernetes object.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum NotAnObject {
    /// A list or a scalar.
    #[error("a Kubernetes object must be a map, not {0}")]
    NotAMap(&'static str),
    /// A required field is missing, or `null`, or empty.
    #[error("this is not a Kubernetes object: it has no `{0}`")]
    Missing(&'static str),
    /// A required field is there with another type.
    #[error("this is not a Kubernetes object: `{field}` must be a string, not {found}")]
    NotAString {
        /// The field.
        field: &'static str,
        /// The type that it has.
        found: &'static str,
    },
    /// More than one `/`, or nothing on one side of it.
    #[error("this is not a Kubernetes object: `apiVersion` must be `VERSION` or `GROUP/VERSION`")]
    MalformedApiVersion,
    /// `items` of a list is something else.
    #[error("the `items` of a list of objects must be a list, not {0}")]
    ItemsNotAList(&'static str),
    /// Lists in lists in lists.
    #[error("lists of objects are nested more than {0} deep")]
    TooManyLists(usize),
}

/// Which object something is about, without the object itself.
///
/// Prints as `Service.serving.knative.dev shop/cart`. The version is no part of the identity that
/// people see, but it is compared, as one name can be given in two versions.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ObjectRef {
    /// The API group; empty for the core group.
    pub group: Box<str>,
    /// The kind.
    pub kind: Box<str>,
    /// The namespace, when one is written.
    pub namespace: Option<Box<str>>,
    /// The name; ends in `*` when the API server completes it, and is empty when there is none.
    pub name: Box<str>,
    /// The version of the API group.
    pub version: Box<str>,
}

impl<'a> Object<'a> {
    /// Returns the object at the root of a document, or why it is none; lists count as one object.
    pub fn of(node: Node<'a>) -> Result<Self, NotAnObject> {
        Self::of_item(node, Lists::default(), None)
    }

    fn of_item(
        node: Node<'a>,
        lists: Lists,
        inferred: Option<ItemType<'a>>,
    ) -> Result<Self, NotAnObject> {
        let map = node
            .as_map()
            .ok_or_else(|| NotAnObject::NotAMap(node.type_name()))?;
        let (group, version, kind) = match (text(map, "apiVersion"), text(map, "kind"), inferred) {
            (Err(NotAnObject::Missing(_)), Err(NotAnObject::Missing(_)), Some(of)) => {
                (of.group, of.version, of.kind)
            }
            (api_version, kind, _) => {
                let (group, version) = split_api_version(api_version?)?;
                (group, version, kind?)
            }
        };
        let metadata = map.get("metadata").and_then(Node::as_map);
        let of_metadata = |key| {
            let value = metadata?.get(key)?.as_str()?;
            (!value.is_empty()).then_some(value)
        };
        let name = match (of_metadata("name"), of_metadata("generateName")) {
            (Some(name), _) => Name::Written(name),
            (None, Some(prefix)) => Name::Generated(prefix),
            (None, None) => Name::Absent,
        };
        let namespace = of_metadata("namespace");
        Ok(Self {
            node,
            metadata,
            group,
            version,
            kind,
            name,
            namespace,
            lists,
        })
    }

    /// Returns the object's value.
    pub fn node(&self) -> Node<'a> {
        self.node
    }

    /// Returns the object at the same place of a document with changed values.
    pub(crate) fn again_in(&self, document: &'a Document) -> Option<Self> {
        let mut node = document.root();
        for &item in self.lists.items.iter().take(self.lists.depth) {
            node = node.get("items")?.as_list()?.items().nth(item as usize)?;
        }
        let Self {
            group,
            version,
            kind,
            ..
        } = *self;
        Self::of_item(
            node,
            self.lists,
            Some(ItemType {
                group,
                version,
                kind,
            }),
        )
        .ok()
    }

    /// Returns where the object sits in its document: empty, or `items[3]` of a list.
    pub fn prefix(&self) -> FieldPath {
        self.lists.path()
    }

    /// Returns a path of the object as a path of its document.
    pub fn in_document(&self, path: &FieldPath) -> FieldPath {
        if self.lists.depth == 0 {
            return path.clone();
        }
        let mut whole = self.prefix();
        whole.extend(path);
        whole
    }

    /// Returns the API group; empty for the core group.
    pub fn group(&self) -> &'a str {
        self.group
    }

    /// Returns the version of the API group, such as `v1`.
    pub fn version(&self) -> &'a str {
        self.version
    }

    /// Returns the kind.
    pub fn kind(&self) -> &'a str {
        self.kind
    }

    /// Returns whether this is a kind of a group.
    ///
    /// A kind alone never tells: `Service` is one of the core group and one of Knative.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.group == group
    }

    /// Returns the name.
    pub fn name(&self) -> Name<'a> {
        self.name
    }

    /// Returns the namespace that is written.
    pub fn namespace(&self) -> Option<&'a str> {
        self.namespace
    }

    /// Returns `metadata`, when it is a map.
    pub fn metadata(&self) -> Option<Map<'a>> {
        self.metadata
    }

    /// Returns the value of a label, when it is a string.
    pub fn label(&self, key: &str) -> Option<&'a str> {
        self.labels()?.get(key)?.as_str()
    }

    /// Returns the labels, when they are a map; a value may be of any type.
    pub fn labels(&self) -> Option<Map<'a>> {
        self.metadata?.get("labels")?.as_map()
    }

    /// Returns an annotation with its place; the value may be of any type.
    pub fn annotation(&self, key: &str) -> Option<Entry<'a>> {
        self.annotations()?.entry(key)
    }

    /// Returns the annotations, when they are a map; a value may be of any type.
    pub fn annotations(&self) -> Option<Map<'a>> {
        self.metadata?.get("annotations")?.as_map()
    }

    /// Returns where the object says its name, or where it is when it has none.
    pub fn place(&self) -> Place {
        let name = self.metadata.and_then(|metadata| metadata.get("name"));
        Place::of(name.unwrap_or(self.node))
    }

    /// Returns which object this is.
    pub fn reference(&self) -> ObjectRef {
        ObjectRef {
            group: self.group.into(),
            kind: self.kind.into(),
            namespace: self.namespace.map(Into::into),
            name: self.name.to_string().into(),
            version: self.version.into(),
        }
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(name) => f.write_str(name),
            Self::Generated(prefix) => write!(f, "{prefix}*"),
            Self::Absent => Ok(()),
        }
    }
}

impl ObjectRef {
    /// Returns the group and version as `apiVersion` writes them.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_string()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        f.write_str(" ")?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(if self.name.is_empty() {
            "(no name)"
        } else {
            &self.name
        })
    }
}

/// The type that the items of a typed list have when they do not say.
#[derive(Clone, Copy, Debug)]
struct ItemType<'a> {
    group: &'a str,
    version: &'a str,
    kind: &'a str,
}

impl Lists {
    /// How deep lists may lie in lists.
    const DEEPEST: usize = 4;

    fn path(self) -> FieldPath {
        let mut path = FieldPath::new();
        for &item in self.items.iter().take(self.depth) {
            path.push_key("items");
            path.push_item(item as usize, None);
        }
        path
    }

    fn item(mut self, index: usize) -> Option<Self> {
        *self.items.get_mut(self.depth)? = u32::try_from(index).ok()?;
        self.depth += 1;
        Some(self)
    }
}

fn text<'a>(map: Map<'a>, field: &'static str) -> Result<&'a str, NotAnObject> {
    let Some(value) = map.get(field).filter(|value| !value.is_null()) else {
        return Err(NotAnObject::Missing(field));
    };
    match value.as_str() {
        Some("") => Err(NotAnObject::Missing(field)),
        Some(text) => Ok(text),
        None => Err(NotAnObject::NotAString {
            field,
            found: value.type_name(),
        }),
    }
}

fn split_api_version(text: &str) -> Result<(&str, &str), NotAnObject> {
    let Some((group, version)) = text.split_once('/') else {
        return Ok(("", text));
    };
    if group.is_empty() || version.is_empty() || version.contains('/') {
        return Err(NotAnObject::MalformedApiVersion);
    }
    Ok((group, version))
}

#[cfg(test)]
mod tests;
