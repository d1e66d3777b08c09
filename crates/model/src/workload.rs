//! Workloads: objects behind a carrier, with their pod specs and containers.
//!
//! ```text
//! Object ──Workload::of──▶ Workload ─▶ Pod ─▶ Container ─▶ env, ports, probes, securityContext
//! ```
//!
//! A field of the wrong type stays visible as such, so that nobody takes it for an absent one.

mod container;
mod env;
mod field;

use knight_facts::carriers::{self, Carrier, Masking, PodLocation};

use crate::{
    object::Object,
    path::FieldPath,
    tree::{List, Map, Node},
};

pub use container::{Container, Inherited, Port, ProbeKind, Quantity, Slot, Sort};
pub use env::{EnvValue, EnvVar};
pub use field::{Field, FromNode, Wrong};

/// An object that carries pod specs.
#[derive(Clone, Debug)]
pub struct Workload<'a> {
    /// The object.
    pub object: Object<'a>,
    /// What is known of its kind.
    pub carrier: &'static Carrier,
    /// A pod for each place where the kind keeps a spec; some may have none.
    pub pods: Vec<Pod<'a>>,
}

/// One place of a carrier that holds a pod spec.
#[derive(Clone, Debug)]
pub struct Pod<'a> {
    /// The path of the spec, from the object.
    pub path: FieldPath,
    /// The spec; absent when it is not written, `null`, or of a wrong type.
    pub spec: Option<Node<'a>>,
    /// The path of the metadata that the pods get, from the object.
    pub metadata_path: Option<FieldPath>,
    /// The metadata, when it is a map.
    pub metadata: Option<Node<'a>>,
    /// The first step on the way to the spec, or the spec itself, that has a wrong type.
    pub wrong: Option<Wrong<'a>>,
    /// Keys of the spec under which a container stands by itself.
    pub inline: &'static [String],
}

impl<'a> Workload<'a> {
    /// Returns the workload behind an object, if its kind is a carrier.
    ///
    /// In a version of the API that is not known, the spec may be anywhere: then there is none.
    pub fn of(object: Object<'a>) -> Option<Self> {
        let carrier = carriers::carrier(object.group(), object.kind())?;
        let mut versions = carrier.versions.iter().chain(&carrier.former);
        versions.find(|version| *version == object.version())?;
        let pods = carrier
            .pods
            .iter()
            .flat_map(|place| Pod::all(object, place))
            .collect();
        Some(Self {
            object,
            carrier,
            pods,
        })
    }

    /// Returns whether the webhook of Knative Serving judges the pod specs.
    pub fn is_masked(&self) -> bool {
        self.carrier.knative == Masking::Masked
    }

    /// Returns the containers of all pods.
    pub fn containers(&self) -> Vec<Container<'_, 'a>> {
        self.pods.iter().flat_map(Pod::containers).collect()
    }

    /// Returns what has a wrong type between the object and its containers.
    pub fn wrong(&self) -> Vec<Wrong<'a>> {
        let of_pod = |pod: &Pod<'a>| {
            pod.wrong
                .clone()
                .into_iter()
                .chain(pod.wrong_containers())
                .collect::<Vec<_>>()
        };
        self.pods.iter().flat_map(of_pod).collect()
    }
}

impl<'a> Pod<'a> {
    /// Returns the pods at a place; more or fewer than one only where a list leads to it.
    fn all(object: Object<'a>, place: &'static PodLocation) -> Vec<Self> {
        let steps: Vec<&str> = place.spec.segments().collect();
        let mut pods = Vec::new();
        descend(
            object.node(),
            FieldPath::new(),
            &steps,
            &mut |path, found| {
                let (spec, wrong) = match found {
                    Ok(spec) => (spec, None),
                    Err(wrong) => (None, Some(wrong)),
                };
                pods.push(Self {
                    path,
                    spec,
                    metadata_path: None,
                    metadata: None,
                    wrong,
                    inline: &place.inline,
                });
            },
        );
        let Some(metadata) = &place.metadata else {
            return pods;
        };
        let steps: Vec<&str> = metadata.segments().collect();
        // INVARIANT: both paths of a place lead through the same lists, so the places pair up.
        let mut unpaired = pods.iter_mut();
        descend(
            object.node(),
            FieldPath::new(),
            &steps,
            &mut |path, found| {
                if let Some(pod) = unpaired.next() {
                    pod.metadata_path = Some(path);
                    pod.metadata = found.ok().flatten();
                }
            },
        );
        pods
    }

    /// Returns the spec as a map.
    pub fn map(&self) -> Option<Map<'a>> {
        self.spec?.as_map()
    }

    /// Returns a field of the spec.
    pub fn field<T: FromNode<'a>>(&self, keys: &[&str]) -> Field<'a, T> {
        self.spec
            .map_or(Field::Absent, |spec| Field::at(spec, keys))
    }

    /// Returns the containers of all three sorts, in the order of [`Sort::ALL`], and then those that
    /// stand by themselves.
    ///
    /// What is no map among them is not returned: see [`wrong_containers`](Self::wrong_containers).
    pub fn containers(&self) -> Vec<Container<'_, 'a>> {
        let mut containers = Vec::new();
        for sort in Sort::ALL {
            let Field::Value(list, _) = self.field::<List<'a>>(&[sort.field()]) else {
                continue;
            };
            let maps = list
                .items()
                .enumerate()
                .filter(|(_, item)| item.as_map().is_some());
            containers.extend(maps.map(|(index, node)| Container {
                pod: self,
                sort,
                slot: Slot::Item(index),
                node,
            }));
        }
        for key in self.inline {
            if let Field::Value(map, _) = self.field::<Map<'a>>(&[key]) {
                containers.push(Container {
                    pod: self,
                    sort: Sort::Container,
                    slot: Slot::Key(key),
                    node: map.node(),
                });
            }
        }
        containers
    }

    /// Returns the lists of containers that are no lists, and the containers that are no maps.
    pub fn wrong_containers(&self) -> Vec<Wrong<'a>> {
        let mut wrong = Vec::new();
        for sort in Sort::ALL {
            let path = self.path.key(sort.field());
            match self.field::<List<'a>>(&[sort.field()]) {
                Field::Absent => {}
                Field::WrongType(node) => wrong.push(Wrong {
                    path,
                    node,
                    expected: "list",
                }),
                Field::Value(list, _) => {
                    for (index, node) in list.items().enumerate() {
                        if node.as_map().is_none() {
                            let mut path = path.clone();
                            path.push_item(index, None);
                            wrong.push(Wrong {
                                path,
                                node,
                                expected: "map",
                            });
                        }
                    }
                }
            }
        }
        for key in self.inline {
            if let Field::WrongType(node) = self.field::<Map<'a>>(&[key]) {
                wrong.push(Wrong {
                    path: self.path.key(key),
                    node,
                    expected: "map",
                });
            }
        }
        wrong
    }
}

/// What a path leads to: a map, nothing, or a step of a wrong type.
type Found<'a> = Result<Option<Node<'a>>, Wrong<'a>>;

/// Follows the segments of a fact's path; `[]` behind one means every item of the list there.
fn descend<'a>(
    node: Node<'a>,
    path: FieldPath,
    segments: &[&str],
    found: &mut dyn FnMut(FieldPath, Found<'a>),
) {
    if node.is_null() {
        return found(whole(path, segments), Ok(None));
    }
    let Some(map) = node.as_map() else {
        let wrong = Wrong {
            path: path.clone(),
            node,
            expected: "map",
        };
        return found(whole(path, segments), Err(wrong));
    };
    let Some((segment, rest)) = segments.split_first() else {
        return found(path, Ok(Some(node)));
    };
    let key = segment.trim_end_matches("[]");
    let path = path.key(key);
    let Some(value) = map.get(key).filter(|value| !value.is_null()) else {
        return found(whole(path, rest), Ok(None));
    };
    if key == *segment {
        return descend(value, path, rest, found);
    }
    let Some(list) = value.as_list() else {
        let wrong = Wrong {
            path: path.clone(),
            node: value,
            expected: "list",
        };
        return found(whole(path, rest), Err(wrong));
    };
    for (index, item) in list.items().enumerate() {
        let mut path = path.clone();
        path.push_item(index, item.get("name").and_then(Node::as_str));
        descend(item, path, rest, found);
    }
}

/// Returns the path that the remaining segments would have led to.
fn whole(mut path: FieldPath, segments: &[&str]) -> FieldPath {
    for segment in segments {
        path.push_key(segment.trim_end_matches("[]"));
    }
    path
}

#[cfg(test)]
mod tests;
