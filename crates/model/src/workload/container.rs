//! Containers of all three sorts.

use std::fmt;

use super::{
    EnvVar, Pod,
    field::{Field, FromNode},
};
use crate::{
    path::FieldPath,
    tree::{Kind, List, Map, Node},
};

/// A container of a pod.
#[derive(Clone, Copy, Debug)]
pub struct Container<'w, 'a> {
    /// The pod that it belongs to.
    pub pod: &'w Pod<'a>,
    /// Which sort it is of.
    pub sort: Sort,
    /// Where it stands in the spec.
    pub slot: Slot,
    /// The container; always a map.
    pub node: Node<'a>,
}

/// Where a container stands in the spec of its pod.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Slot {
    /// In the list of its sort, at this place from 0.
    Item(usize),
    /// By itself under this key of the spec, among fields of the kind's own.
    Key(&'static str),
}

/// Which of a pod's lists a container is in; one that stands by itself is a [`Sort::Container`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Sort {
    /// `containers`.
    Container,
    /// `initContainers`.
    Init,
    /// `ephemeralContainers`.
    Ephemeral,
}

/// A value that a container has itself or takes from its pod.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Inherited<'a, T> {
    /// The container has it.
    Own(Field<'a, T>),
    /// The container lacks it, so the pod's holds; it may be absent there too.
    OfPod(Field<'a, T>),
}

/// A port that a container names.
#[derive(Clone, Copy, Debug)]
pub struct Port<'a> {
    /// Its place in the list, from 0.
    pub index: usize,
    /// The item; it may be no map.
    pub node: Node<'a>,
}

/// What a probe asks.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ProbeKind {
    /// Whether the container must be started again.
    Liveness,
    /// Whether it may get traffic.
    Readiness,
    /// Whether it has started.
    Startup,
}

impl<'a> Container<'_, 'a> {
    /// Returns the name.
    pub fn name(&self) -> Field<'a, &'a str> {
        self.field(&["name"])
    }

    /// Returns the image.
    pub fn image(&self) -> Field<'a, &'a str> {
        self.field(&["image"])
    }

    /// Returns the field at keys that lead down from the container.
    pub fn field<T: FromNode<'a>>(&self, keys: &[&str]) -> Field<'a, T> {
        Field::at(self.node, keys)
    }

    /// Returns the path from the object.
    pub fn path(&self) -> FieldPath {
        match self.slot {
            Slot::Key(key) => self.pod.path.key(key),
            Slot::Item(index) => {
                let mut path = self.pod.path.key(self.sort.field());
                path.push_item(index, self.name().value().filter(|name| !name.is_empty()));
                path
            }
        }
    }

    /// Returns a value of `securityContext`, from the pod where the container has none.
    ///
    /// As in Kubernetes, the first key decides: a `seccompProfile` of the container hides that of the
    /// pod altogether, whatever it holds.
    pub fn inherited<T: FromNode<'a>>(&self, keys: &[&str]) -> Inherited<'a, T> {
        let context = ["securityContext"];
        let whole: Vec<&str> = context.iter().chain(keys).copied().collect();
        let first = whole.get(..2).unwrap_or(&whole);
        match Field::<Anything>::at(self.node, first) {
            Field::Absent => Inherited::OfPod(self.pod.field(&whole)),
            Field::Value(..) | Field::WrongType(_) => Inherited::Own(self.field(&whole)),
        }
    }

    /// Returns the variables of `env`; what is no list is not returned, see [`field`](Self::field).
    pub fn env(&self) -> Vec<EnvVar<'a>> {
        let list = self.field::<List<'a>>(&["env"]).value();
        let items = list.into_iter().flat_map(List::items).enumerate();
        items.map(|(index, node)| EnvVar { index, node }).collect()
    }

    /// Returns the ports; what is no list is not returned, see [`field`](Self::field).
    pub fn ports(&self) -> Vec<Port<'a>> {
        let list = self.field::<List<'a>>(&["ports"]).value();
        let items = list.into_iter().flat_map(List::items).enumerate();
        items.map(|(index, node)| Port { index, node }).collect()
    }

    /// Returns a quantity that the container asks for, such as `cpu`; it may be a number.
    pub fn request(&self, resource: &str) -> Field<'a, Quantity<'a>> {
        self.field(&["resources", "requests", resource])
    }

    /// Returns a quantity that the container may not exceed, such as `memory`; it may be a number.
    pub fn limit(&self, resource: &str) -> Field<'a, Quantity<'a>> {
        self.field(&["resources", "limits", resource])
    }

    /// Returns a probe.
    pub fn probe(&self, kind: ProbeKind) -> Field<'a, Map<'a>> {
        self.field(&[kind.field()])
    }
}

impl Sort {
    /// Every sort.
    pub const ALL: [Self; 3] = [Self::Container, Self::Init, Self::Ephemeral];

    /// Returns the name of the list in a pod spec.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Container => "containers",
            Self::Init => "initContainers",
            Self::Ephemeral => "ephemeralContainers",
        }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Container => "container",
            Self::Init => "init container",
            Self::Ephemeral => "ephemeral container",
        })
    }
}

impl<'a, T> Inherited<'a, T> {
    /// Returns the value that holds, wherever it comes from.
    pub fn field(self) -> Field<'a, T> {
        match self {
            Self::Own(field) | Self::OfPod(field) => field,
        }
    }
}

impl<'a> Port<'a> {
    /// Returns the number.
    pub fn number(&self) -> Field<'a, i64> {
        Field::at(self.node, &["containerPort"])
    }

    /// Returns the port of the node that leads to it.
    pub fn host_port(&self) -> Field<'a, i64> {
        Field::at(self.node, &["hostPort"])
    }

    /// Returns the name.
    pub fn name(&self) -> Field<'a, &'a str> {
        Field::at(self.node, &["name"])
    }

    /// Returns the protocol; `TCP` where it is absent.
    pub fn protocol(&self) -> Field<'a, &'a str> {
        Field::at(self.node, &["protocol"])
    }
}

impl ProbeKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Liveness, Self::Readiness, Self::Startup];

    /// Returns the name of the field in a container.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Liveness => "livenessProbe",
            Self::Readiness => "readinessProbe",
            Self::Startup => "startupProbe",
        }
    }
}

/// A quantity as it is written: the API server takes strings and numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity<'a> {
    /// `"500m"`.
    Text(&'a str),
    /// `1`.
    Int(i64),
    /// `0.5`.
    Float(f64),
}

impl<'a> FromNode<'a> for Quantity<'a> {
    fn from_node(node: Node<'a>) -> Option<Self> {
        match node.kind() {
            Kind::Text(text) => Some(Self::Text(text)),
            Kind::Int(value) => Some(Self::Int(value)),
            Kind::Float(value) => Some(Self::Float(value)),
            Kind::Null | Kind::Bool(_) | Kind::List(_) | Kind::Map(_) => None,
        }
    }
}

/// Any value but `null`.
struct Anything;

impl<'a> FromNode<'a> for Anything {
    fn from_node(node: Node<'a>) -> Option<Self> {
        (!node.is_null()).then_some(Self)
    }
}
