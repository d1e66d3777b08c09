//! The pods of a carrier, as rules and policies both see them.

use knight_facts::carriers::Carrier;
use knight_model::{object::Object, path::FieldPath, tree::Node};

use crate::{
    control::On,
    rule::{
        Expr,
        eval::{
            Offence, Params, PodNodes, Step, Subject, Verdict, follow, judge, unread, wrong_step,
        },
    },
};

/// The pods of an object, or what is in the way of telling.
#[derive(Debug, Default)]
pub(crate) struct Pods<'a> {
    found: Vec<Found<'a>>,
    /// Steps on the way to a pod spec that are no maps.
    wrong: Vec<Offence>,
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
    pub(crate) fn of(object: &Object<'a>, carrier: &Carrier) -> Self {
        let mut pods = Self::default();
        for place in &carrier.pods {
            match follow(object.node(), place.spec.segments()) {
                Step::Absent => {}
                Step::Wrong(node, path) => pods.wrong.push(wrong_step(node, &path)),
                Step::Value(spec) if spec.as_map().is_some() => {
                    pods.wrong.extend(place.unread.iter().filter_map(|key| {
                        let spec_path: FieldPath = place.spec.segments().collect();
                        unread(spec, &spec_path, key)
                    }));
                    pods.found.push(Found {
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
                    });
                }
                Step::Value(spec) => {
                    pods.wrong
                        .push(wrong_step(spec, &place.spec.segments().collect()));
                }
            }
        }
        pods
    }

    /// Judges what must hold of the object or of each of its pods, adding the places that offend.
    ///
    /// What must hold has been fixed to one Kubernetes minor ([`Expr::at_minor`]).
    pub(crate) fn judge(
        &self,
        on: On,
        holds: &Expr,
        object: &Object<'a>,
        params: &Params,
        offences: &mut Vec<Offence>,
    ) -> Verdict {
        let subject = Subject {
            object: object.node(),
            pod: None,
            params,
        };
        match on {
            On::Objects(_) => judge(holds, &subject, offences),
            On::Pods | On::PodsOf(_) => {
                offences.extend(self.wrong.iter().cloned());
                let wrong = self.wrong.iter().map(|wrong| wrong.verdict);
                let pods = self.iter().map(|pod| {
                    judge(
                        holds,
                        &Subject {
                            pod: Some(pod),
                            ..subject
                        },
                        offences,
                    )
                });
                pods.chain(wrong).max().unwrap_or(Verdict::Pass)
            }
        }
    }

    /// Returns the pods that can be judged.
    fn iter(&self) -> impl Iterator<Item = PodNodes<'_>> {
        self.found.iter().map(|found| PodNodes {
            spec: found.spec,
            spec_path: &found.spec_path,
            metadata: found.metadata,
            metadata_path: &found.metadata_path,
        })
    }
}
