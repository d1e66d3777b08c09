//! The parts of a revision that defaults start from, and what they hold so far.

use knight_facts::{FieldPath as FactPath, defaulting::At};
use serde_json::Value;

use crate::{
    path::FieldPath,
    tree::{Kind, List, Node},
    workload::{Container, Pod, Slot, Sort},
};

/// Which part of a revision a default starts from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scope {
    Revision,
    Container(Sort, usize),
    Mount(Sort, usize, usize),
    Port(Sort, usize, usize),
}

/// A part of a revision.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    pub(super) scope: Scope,
    pub(super) node: Node<'a>,
}

/// What admission sees at a path.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'f, 'a> {
    Absent,
    /// The object's own value.
    Written(Node<'a>),
    /// A value that an earlier default filled in.
    Filled(&'f Value),
    /// A map that exists because a value in it was filled in.
    FilledInside,
    /// A step on the way is no map, so the API server refuses the object.
    Unreachable,
}

/// What defaults filled in so far.
#[derive(Debug, Default)]
pub(super) struct Filled {
    values: Vec<(Scope, &'static FactPath, Value)>,
}

impl Scope {
    /// Returns the container that the part is, or is in.
    pub(super) fn container(self) -> Option<(Sort, usize)> {
        match self {
            Self::Revision => None,
            Self::Container(sort, index)
            | Self::Mount(sort, index, _)
            | Self::Port(sort, index, _) => Some((sort, index)),
        }
    }

    /// Returns whether a default that starts from `at` is for this part.
    pub(super) fn is(self, at: At) -> bool {
        match (at, self) {
            (At::Revision, Self::Revision)
            | (At::Containers, Self::Container(Sort::Container, _))
            | (At::InitContainers, Self::Container(Sort::Init, _))
            | (At::AllContainers, Self::Container(Sort::Container | Sort::Init, _))
            | (At::Ports, Self::Port(Sort::Container, ..))
            | (At::VolumeMounts, Self::Mount(Sort::Container, ..)) => true,
            (
                At::Revision
                | At::Containers
                | At::InitContainers
                | At::AllContainers
                | At::Ports
                | At::VolumeMounts,
                Self::Revision | Self::Container(..) | Self::Mount(..) | Self::Port(..),
            ) => false,
        }
    }
}

impl<'a> Target<'a> {
    /// Returns every part of a revision.
    pub(super) fn all(pod: &Pod<'a>) -> Vec<Self> {
        let mut targets = Vec::new();
        let revision = |node| Self {
            scope: Scope::Revision,
            node,
        };
        targets.extend(pod.spec.map(revision));
        for container in pod.containers() {
            let Container {
                sort, slot, node, ..
            } = container;
            // Knative's webhooks default lists only, and its kinds hold no other containers.
            let Slot::Item(index) = slot else {
                continue;
            };
            targets.push(Self {
                scope: Scope::Container(sort, index),
                node,
            });
            let items = |list: &'static str, scope: fn(Sort, usize, usize) -> Scope| {
                let items = container.field::<List<'a>>(&[list]).value();
                let items = items.into_iter().flat_map(List::items).enumerate();
                let maps = items.filter(|(_, node)| node.as_map().is_some());
                maps.map(move |(item, node)| Self {
                    scope: scope(sort, index, item),
                    node,
                })
            };
            targets.extend(items("ports", Scope::Port));
            targets.extend(items("volumeMounts", Scope::Mount));
        }
        targets
    }

    /// Returns the path of a field of the part, from the object.
    pub(super) fn path(self, pod: &Pod<'a>, field: &FactPath) -> FieldPath {
        let mut path = pod.path.clone();
        if let Some((sort, index)) = self.scope.container() {
            path.push_key(sort.field());
            let list = pod.field::<List<'a>>(&[sort.field()]).value();
            let item = list.and_then(|list| list.items().nth(index));
            let name = item.and_then(|item| item.get("name")?.as_str());
            path.push_item(index, name.filter(|name| !name.is_empty()));
        }
        let list = match self.scope {
            Scope::Revision | Scope::Container(..) => None,
            Scope::Mount(_, _, index) => Some(("volumeMounts", index)),
            Scope::Port(_, _, index) => Some(("ports", index)),
        };
        if let Some((list, index)) = list {
            path.push_key(list);
            let name = self.node.get("name").and_then(Node::as_str);
            path.push_item(index, name.filter(|name| !name.is_empty()));
        }
        field.segments().for_each(|key| path.push_key(key));
        path
    }
}

impl Filled {
    /// Notes a value that a default filled in.
    pub(super) fn add(&mut self, scope: Scope, path: &'static FactPath, value: Value) {
        self.values.push((scope, path, value));
    }

    /// Returns what is at a path of a part, defaults so far included.
    pub(super) fn find<'f, 'a>(&'f self, target: Target<'a>, path: &FactPath) -> Found<'f, 'a> {
        let mut inside = false;
        for (scope, filled, value) in self.values.iter().rev() {
            if *scope != target.scope {
                continue;
            }
            if let Some(mut rest) = below(path, filled) {
                let found = rest.try_fold(value, |value, key| value.get(key));
                return found.map_or(Found::Absent, Found::Filled);
            }
            inside |= below(filled, path).is_some();
        }
        let mut node = target.node;
        for key in path.segments() {
            match node.kind() {
                Kind::Map(map) => match map.get(key).filter(|value| !value.is_null()) {
                    Some(value) => node = value,
                    None if inside => return Found::FilledInside,
                    None => return Found::Absent,
                },
                Kind::Null
                | Kind::Bool(_)
                | Kind::Int(_)
                | Kind::Float(_)
                | Kind::Text(_)
                | Kind::List(_) => return Found::Unreachable,
            }
        }
        Found::Written(node)
    }
}

/// Returns the segments of a path behind those of another, if it begins so.
fn below<'p>(path: &'p FactPath, beginning: &FactPath) -> Option<impl Iterator<Item = &'p str>> {
    let rest = path.as_str().strip_prefix(beginning.as_str())?;
    let whole = rest.is_empty() || rest.starts_with('.');
    whole.then(|| rest.split('.').filter(|segment| !segment.is_empty()))
}

impl Found<'_, '_> {
    /// Returns whether something is there.
    pub(super) fn is_present(self) -> bool {
        match self {
            Self::Written(_) | Self::Filled(_) | Self::FilledInside => true,
            Self::Absent | Self::Unreachable => false,
        }
    }

    /// Returns the value of a whole number.
    pub(super) fn as_int(self) -> Option<i64> {
        match self {
            Self::Written(node) => node.as_int(),
            Self::Filled(value) => value.as_i64(),
            Self::Absent | Self::FilledInside | Self::Unreachable => None,
        }
    }

    /// Returns whether this is what Go's zero value looks like.
    pub(super) fn is_zero(self) -> bool {
        match self {
            Self::Absent => true,
            Self::Written(node) => match node.kind() {
                Kind::Null => true,
                Kind::Bool(value) => !value,
                Kind::Int(value) => value == 0,
                Kind::Text(value) => value.is_empty(),
                Kind::Float(_) | Kind::List(_) | Kind::Map(_) => false,
            },
            Self::Filled(value) => value.as_i64() == Some(0) || value.as_str() == Some(""),
            Self::FilledInside | Self::Unreachable => false,
        }
    }
}
