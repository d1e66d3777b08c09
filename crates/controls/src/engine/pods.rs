//! The pods of a carrier, as rules and policies both see them.

use knight_facts::carriers::{Carrier, PodLocation};
use knight_model::{
    object::Object,
    path::{FieldPath, Step as PathStep},
    tree::Node,
};

use crate::{
    control::On,
    rule::{
        Expr,
        eval::{
            ContainerLists, Offence, Params, PodNodes, Step, Subject, Verdict, follow, judge,
            wrong_step,
        },
    },
};

/// The pods of an object, or what is in the way of telling.
#[derive(Debug, Default)]
pub(crate) struct Pods<'a> {
    found: Vec<Found<'a>>,
    /// Steps on the way to a pod spec that are not of the type that belongs there.
    wrong: Vec<Offence>,
}

#[derive(Debug)]
struct Found<'a> {
    place: &'static PodLocation,
    spec: Node<'a>,
    spec_path: FieldPath,
    lists: ContainerLists<'a>,
    metadata: Option<Node<'a>>,
    metadata_path: FieldPath,
}

impl<'a> Pods<'a> {
    /// Finds the pods where the facts say that the kind keeps them.
    ///
    /// A spec that is not there is no pod; one that cannot be reached for a wrong type is `wrong`.
    pub(crate) fn of(object: &Object<'a>, carrier: &'static Carrier) -> Self {
        let mut pods = Self::default();
        for place in &carrier.pods {
            let segments: Vec<&str> = place.spec.segments().collect();
            pods.find(object, place, object.node(), &FieldPath::new(), &segments);
        }
        pods
    }

    /// Follows the rest of the way to a pod spec; `[]` behind a segment means every item of the
    /// list there.
    fn find(
        &mut self,
        object: &Object<'a>,
        place: &'static PodLocation,
        from: Node<'a>,
        path: &FieldPath,
        segments: &[&str],
    ) {
        let list = segments.iter().position(|segment| segment.ends_with("[]"));
        let (way, rest) = segments.split_at(list.map_or(segments.len(), |at| at + 1));
        let keys = || way.iter().map(|segment| segment.trim_end_matches("[]"));
        let whole = || joined(path, &keys().collect());
        match follow(from, keys()) {
            Step::Absent => {}
            Step::Wrong(node, below) => {
                self.wrong
                    .push(wrong_step(node, &joined(path, &below), "map"));
            }
            Step::Value(value) if list.is_some() => match value.as_list() {
                None => self.wrong.push(wrong_step(value, &whole(), "list")),
                Some(list) => {
                    let items = list.items().enumerate().filter(|(_, item)| !item.is_null());
                    for (index, item) in items {
                        let mut path = whole();
                        path.push_item(index, item.get("name").and_then(Node::as_str));
                        self.find(object, place, item, &path, rest);
                    }
                }
            },
            Step::Value(spec) if spec.as_map().is_some() => {
                self.found.push(Found::new(object, place, spec, whole()));
            }
            Step::Value(spec) => self.wrong.push(wrong_step(spec, &whole(), "map")),
        }
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
            lists: found.lists,
            metadata: found.metadata,
            metadata_path: &found.metadata_path,
            inline: &found.place.inline,
            supplied: &found.place.supplied,
        })
    }
}

impl<'a> Found<'a> {
    fn new(
        object: &Object<'a>,
        place: &'static PodLocation,
        spec: Node<'a>,
        spec_path: FieldPath,
    ) -> Self {
        let path = place.metadata.as_ref();
        Self {
            place,
            spec,
            spec_path,
            lists: ContainerLists::of(spec),
            metadata: path.and_then(|path| match follow(object.node(), path.segments()) {
                Step::Value(node) | Step::Wrong(node, _) => Some(node),
                Step::Absent => None,
            }),
            metadata_path: path.map_or_else(FieldPath::new, |path| path.segments().collect()),
        }
    }
}

/// Returns the key of the container that a field belongs to, where it stands by itself in a pod.
pub(super) fn inline_container(
    carrier: &'static Carrier,
    path: &FieldPath,
) -> Option<&'static str> {
    let mut places = carrier.pods.iter().filter(|place| !place.inline.is_empty());
    places.find_map(|place| {
        let mut steps = path.steps().iter();
        for segment in place.spec.segments() {
            let key = segment.trim_end_matches("[]");
            let is_key = |step: &PathStep| matches!(step, PathStep::Key(step) if &**step == key);
            steps.next().filter(|step| is_key(step))?;
            if key != segment {
                steps
                    .next()
                    .filter(|step| matches!(step, PathStep::Item { .. }))?;
            }
        }
        let PathStep::Key(key) = steps.next()? else {
            return None;
        };
        let mut inline = place.inline.iter().map(String::as_str);
        inline.find(|inline| *inline == &**key)
    })
}

fn joined(path: &FieldPath, below: &FieldPath) -> FieldPath {
    let mut path = path.clone();
    path.extend(below);
    path
}
