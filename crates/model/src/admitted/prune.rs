//! Fields that the API server drops, because the schema of Knative's kinds lacks them.

use std::collections::BTreeMap;

use knight_facts::{
    KnativeVersion,
    pod_spec::{self, Answer, Level},
};

use super::{Changes, Pruned};
use crate::{
    edit::{Change, Edit},
    object::Object,
    path::FieldPath,
    tree::{Entry, List, Map, Node},
    workload::{Pod, ProbeKind, Sort},
};

/// The fields to drop, by the part of a pod spec they belong to and their first key.
#[derive(Debug)]
pub(super) struct Pruner {
    fields: BTreeMap<(Level, &'static str), Vec<&'static pod_spec::Field>>,
}

impl Pruner {
    /// Collects what a version of Knative drops.
    pub(super) fn new(version: KnativeVersion) -> Self {
        let mut fields = BTreeMap::<_, Vec<_>>::new();
        for field in pod_spec::fields() {
            let pruned = matches!(field.answer, Answer::Pruned) && field.range.contains(version);
            if let Some(first) = field.field.segments().next().filter(|_| pruned) {
                fields.entry((field.level, first)).or_default().push(field);
            }
        }
        Self { fields }
    }

    /// Adds what is dropped from a pod spec.
    ///
    /// The schema says nothing of what is in init containers, so that nothing of them is dropped.
    pub(super) fn prune<'a>(&self, object: &Object<'a>, pod: &Pod<'a>, changes: &mut Changes) {
        let Some(spec) = pod.spec else { return };
        let mut walk = Walk {
            pruner: self,
            object,
            pod,
            trail: Vec::new(),
            changes,
        };
        walk.fields(Level::Pod, spec);
        walk.child(spec, "securityContext", |walk, node| {
            walk.fields(Level::PodSecurityContext, node);
        });
        walk.items(spec, Sort::Container.field(), |walk, container| {
            walk.fields(Level::Container, container);
            walk.child(container, "securityContext", |walk, node| {
                walk.fields(Level::ContainerSecurityContext, node);
            });
            for (list, level) in [
                ("env", Level::Env),
                ("ports", Level::Port),
                ("volumeMounts", Level::VolumeMount),
            ] {
                walk.items(container, list, |walk, item| walk.fields(level, item));
            }
            for probe in ProbeKind::ALL {
                walk.child(container, probe.field(), |walk, node| {
                    walk.fields(Level::Probe, node);
                });
            }
        });
        walk.items(spec, "volumes", |walk, volume| {
            walk.fields(Level::Volume, volume);
            walk.child(volume, "projected", |walk, projected| {
                walk.items(projected, "sources", |walk, source| {
                    walk.fields(Level::Projection, source);
                });
            });
        });
    }
}

/// A step from the pod spec; made into a path only where something is dropped.
#[derive(Clone, Copy)]
enum Hop<'a> {
    Key(&'a str),
    Item(usize, Option<&'a str>),
}

struct Walk<'w, 'a> {
    pruner: &'w Pruner,
    object: &'w Object<'a>,
    pod: &'w Pod<'a>,
    trail: Vec<Hop<'a>>,
    changes: &'w mut Changes,
}

impl<'a> Walk<'_, 'a> {
    fn child(
        &mut self,
        node: Node<'a>,
        key: &'static str,
        visit: impl FnOnce(&mut Self, Node<'a>),
    ) {
        if let Some(child) = node.get(key) {
            self.trail.push(Hop::Key(key));
            visit(self, child);
            self.trail.pop();
        }
    }

    fn items(&mut self, node: Node<'a>, key: &'static str, visit: impl Fn(&mut Self, Node<'a>)) {
        self.child(node, key, |walk, child| {
            for (index, item) in child
                .as_list()
                .into_iter()
                .flat_map(List::items)
                .enumerate()
            {
                let name = item.get("name").and_then(Node::as_str);
                walk.trail
                    .push(Hop::Item(index, name.filter(|name| !name.is_empty())));
                visit(walk, item);
                walk.trail.pop();
            }
        });
    }

    /// Drops the fields of one part of the pod spec.
    fn fields(&mut self, level: Level, node: Node<'a>) {
        for entry in node.as_map().into_iter().flat_map(Map::entries) {
            let facts = self.pruner.fields.get(&(level, entry.key));
            for fact in facts.into_iter().flatten() {
                if let Some(dropped) = last_entry(entry, fact) {
                    self.drop(dropped, fact);
                }
            }
        }
    }

    fn drop(&mut self, entry: Entry<'a>, fact: &'static pod_spec::Field) {
        let mut path = self.pod.path.clone();
        for hop in &self.trail {
            match *hop {
                Hop::Key(key) => path.push_key(key),
                Hop::Item(index, name) => path.push_item(index, name),
            }
        }
        fact.field.segments().for_each(|key| path.push_key(key));
        let in_document: FieldPath = self.object.in_document(&path);
        self.changes.edits.push(Edit {
            path: in_document,
            change: Change::Remove,
        });
        let (key_span, span) = (entry.key_span, entry.value.span());
        self.changes.pruned.push(Pruned {
            path,
            key_span,
            span,
            fact,
        });
    }
}

/// Returns the entry that a fact's path leads to from the entry of its first key.
fn last_entry<'a>(first: Entry<'a>, fact: &pod_spec::Field) -> Option<Entry<'a>> {
    let mut keys = fact.field.segments().skip(1);
    let entry = keys.try_fold(first, |entry, key| entry.value.as_map()?.entry(key))?;
    (!entry.value.is_null()).then_some(entry)
}
