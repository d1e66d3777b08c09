//! The pods of a carrier, as rules and policies both see them.

use knight_facts::carriers::Carrier;
use knight_model::{object::Object, path::FieldPath, tree::Node};

use crate::rule::eval::{Offence, PodNodes, Step, follow, wrong_step};

/// The pods of an object, or what is in the way of telling.
#[derive(Debug, Default)]
pub(super) struct Pods<'a> {
    found: Vec<Found<'a>>,
    /// Steps on the way to a pod spec that are no maps.
    pub(super) wrong: Vec<Offence>,
}

#[derive(Debug)]
struct Found<'a> {
    spec: Node<'a>,
    spec_path: FieldPath,
    metadata: Option<Node<'a>>,
    metadata_path: FieldPath,
}

impl<'a> Pods<'a> {
    /// Finds the pods where the facts say that the kind keeps them.
    ///
    /// A spec that is not there is no pod; one that cannot be reached for a wrong type is `wrong`.
    pub(super) fn of(object: &Object<'a>, carrier: &Carrier) -> Self {
        let mut pods = Self::default();
        for place in &carrier.pods {
            match follow(object.node(), place.spec.segments()) {
                Step::Absent => continue,
                Step::Wrong(node, path) => pods.wrong.push(wrong_step(node, path)),
                Step::Value(spec) if spec.as_map().is_some() => pods.found.push(Found {
                    spec,
                    spec_path: place.spec.segments().collect(),
                    metadata: place.metadata.as_ref().and_then(|path| {
                        match follow(object.node(), path.segments()) {
                            Step::Value(node) | Step::Wrong(node, _) => Some(node),
                            Step::Absent => None,
                        }
                    }),
                    metadata_path: place
                        .metadata
                        .as_ref()
                        .map(|path| path.segments().collect())
                        .unwrap_or_default(),
                }),
                Step::Value(spec) => {
                    pods.wrong.push(wrong_step(spec, place.spec.segments().collect()));
                }
            }
        }
        pods
    }

    /// Returns the pods that can be judged.
    pub(super) fn iter(&self) -> impl Iterator<Item = PodNodes<'_>> {
        self.found.iter().map(|found| PodNodes {
            spec: found.spec,
            spec_path: &found.spec_path,
            metadata: found.metadata,
            metadata_path: &found.metadata_path,
        })
    }
}
