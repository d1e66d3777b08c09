//! Folding: a finding on an owned object goes into the same finding on its owner.
//!
//! A running cluster holds what somebody wrote many times over: a Knative Service, its
//! Configuration, Revisions, Deployments, `ReplicaSets` and Pods. Only the topmost is worth telling.
//!
//! Whoever may create objects may give them any `ownerReferences`. So a finding is never lost by
//! them: it is counted at the owner, which has the same finding, and only at an owner in the same
//! namespace or in none. What an exception covers takes nothing in.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher as _},
    sync::Arc,
};

use knight_facts::carriers::{PodLocation, carrier};
use knight_model::{
    object::{Controller, Object, ObjectRef, Uid},
    path::Step,
};
use rayon::prelude::*;

use crate::{
    finding::{Effect, Finding, FindingVerdict},
    setting,
};

/// How many owners are looked at from one object up: a Pod of a Knative Service has five.
const HIGHEST: usize = 16;

/// An object as owners and owned ones find each other: no text, as there may be very many.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Kin {
    uid: Uid,
    identity: Identity,
    owner: Option<(Uid, u64)>,
}

/// Which object, as far as hashes tell.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Identity {
    /// Of group, kind and name.
    name: u64,
    /// Of the namespace; 0 for none.
    namespace: u64,
}

impl Kin {
    /// Returns an object of a cluster that may be the owner of others or owned.
    pub(super) fn of(object: &Object<'_>, has_findings: bool) -> Option<Self> {
        let uid = object.uid()?;
        let controller = object.controller();
        if !has_findings && controller.is_none() && !setting::reads(object) {
            return None;
        }
        let owner = controller.map(
            |Controller {
                 group,
                 kind,
                 name,
                 uid,
             }| { (uid, hash((group, kind, name))) },
        );
        let name = object.name().to_string();
        Some(Self {
            uid,
            identity: Identity::of(object.group(), object.kind(), &name, object.namespace()),
            owner,
        })
    }
}

impl Identity {
    fn of(group: &str, kind: &str, name: &str, namespace: Option<&str>) -> Self {
        Self {
            name: hash((group, kind, name)),
            namespace: namespace.map_or(0, |namespace| hash(namespace).max(1)),
        }
    }

    fn of_ref(object: &ObjectRef) -> Self {
        let namespace = object.namespace.as_deref();
        Self::of(&object.group, &object.kind, &object.name, namespace)
    }
}

/// The objects of a cluster, as far as they own or are owned.
#[derive(Debug)]
pub(super) struct Owners {
    /// By uid; no two with one.
    kin: Vec<Kin>,
}

impl Owners {
    /// Puts them in order; those that cannot be told apart own nothing and are not owned.
    pub(super) fn new(mut kin: Vec<Kin>) -> Self {
        kin.sort_unstable();
        let alone = |at: usize| {
            let same = |other: Option<&Kin>| other.is_some_and(|other| other.uid == kin[at].uid);
            !same(at.checked_sub(1).and_then(|before| kin.get(before))) && !same(kin.get(at + 1))
        };
        let kept = (0..kin.len()).filter(|at| alone(*at)).map(|at| kin[at]);
        Self {
            kin: kept.collect(),
        }
    }

    /// Takes out the findings that the same finding on an owner stands for, which then counts them.
    ///
    /// The findings are sorted by place. Whatever its owners are, a finding goes to the topmost one
    /// that has the same; where owners own each other in a circle, nothing is folded.
    pub(super) fn fold(&self, mut findings: Vec<Finding>) -> (Vec<Finding>, usize) {
        if self.kin.is_empty() {
            return (findings, 0);
        }
        let by_identity = self.by_identity();
        let at: Vec<Option<usize>> = each_object(&findings, |object| {
            by_identity
                .get(&key_of(Identity::of_ref(object)))
                .copied()
                .flatten()
        });
        let hashes: Vec<Option<u64>> = findings
            .par_iter()
            .map(|finding| Some(Relative::of(finding)?.hash(finding)))
            .collect();
        let mut first: HashMap<(usize, u64), usize> = HashMap::new();
        for (index, (at, hash)) in at.iter().zip(&hashes).enumerate() {
            if let (Some(kin), Some(hash)) = (*at, *hash) {
                first.entry((kin, hash)).or_insert(index);
            }
        }
        let owner_of = |index: usize| {
            let (kin, hash, finding) = (at[index]?, hashes[index]?, &findings[index]);
            let chain = self.chain(kin)?;
            let mut same = chain
                .iter()
                .rev()
                .filter_map(|owner| first.get(&(*owner, hash)).copied());
            let relative = Relative::of(finding)?;
            same.find(|owner| stands_for(&findings[*owner], finding, &relative))
        };
        let into: Vec<Option<usize>> = (0..findings.len()).into_par_iter().map(owner_of).collect();
        let mut last: HashMap<usize, usize> = HashMap::new();
        let mut folded = 0;
        for (index, owner) in into.iter().enumerate() {
            let Some(owner) = *owner else { continue };
            folded += 1;
            let object = Arc::clone(&findings[index].object);
            let before = last.insert(owner, index);
            let new = before.is_none_or(|before| !Arc::ptr_eq(&findings[before].object, &object));
            let counts = &mut findings[owner].folded;
            counts.findings += 1;
            counts.objects += usize::from(new);
        }
        let mut into = into.into_iter();
        findings.retain(|_| into.next().flatten().is_none());
        (findings, folded)
    }

    /// Returns where each object is; nothing for those that are there several times.
    fn by_identity(&self) -> HashMap<(u64, u64), Option<usize>> {
        let mut by_identity = HashMap::with_capacity(self.kin.len());
        for (at, kin) in self.kin.iter().enumerate() {
            by_identity
                .entry(key_of(kin.identity))
                .and_modify(|known| *known = None)
                .or_insert(Some(at));
        }
        by_identity
    }

    /// Returns the owners of an object, the nearest first; nothing where they have no end.
    fn chain(&self, at: usize) -> Option<Vec<usize>> {
        let mut chain = Vec::new();
        let mut at = at;
        while let Some(owner) = self.owner(at) {
            if chain.len() == HIGHEST {
                return None;
            }
            chain.push(owner);
            at = owner;
        }
        Some(chain)
    }

    fn owner(&self, at: usize) -> Option<usize> {
        let owned = &self.kin[at];
        let (uid, name) = owned.owner?;
        let found = self.kin.binary_search_by_key(&uid, |kin| kin.uid).ok()?;
        let Identity {
            name: actual,
            namespace,
        } = self.kin[found].identity;
        let near = namespace == 0 || namespace == owned.identity.namespace;
        (actual == name && near).then_some(found)
    }
}

/// Returns whether a finding on an owner says all that one on what it owns says.
fn stands_for(owner: &Finding, owned: &Finding, relative: &Relative<'_>) -> bool {
    let namespace = &owner.object.namespace;
    owner.control.id == owned.control.id
        && owner.verdict == owned.verdict
        && (namespace.is_none() || *namespace == owned.object.namespace)
        // What runs is worse than what would be refused if it came today.
        && (owner.effect != Effect::RefusedByWebhook || owned.effect == owner.effect)
        && Relative::of(owner).is_some_and(|of| of == *relative)
}

/// Answers for each finding what holds of its object, asking once for findings side by side.
fn each_object<T: Copy>(findings: &[Finding], of: impl Fn(&ObjectRef) -> T) -> Vec<T> {
    let mut known: Option<(&Arc<ObjectRef>, T)> = None;
    let each = findings.iter().map(|finding| {
        let same = known.filter(|(object, _)| Arc::ptr_eq(object, &finding.object));
        let (_, answer) = same.unwrap_or_else(|| (&finding.object, of(&finding.object)));
        known = Some((&finding.object, answer));
        answer
    });
    each.collect()
}

/// A place that an owner and what it owns have in common.
#[derive(Clone, Copy, Debug)]
struct Relative<'f> {
    part: Part<'f>,
    steps: &'f [Step],
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Part<'f> {
    /// In the spec of its pods.
    Spec,
    /// In the metadata of its pods.
    Metadata,
    /// In its own labels and annotations, which controllers copy.
    Marks,
    /// In the settings of this name.
    Settings(&'f str),
}

impl<'f> Relative<'f> {
    fn of(finding: &'f Finding) -> Option<Self> {
        let (object, path) = (&finding.object, finding.path.steps());
        match (&*object.group, &*object.kind, path) {
            ("", "ConfigMap", [Step::Key(data), steps @ ..]) if data == "data" => Some(Self {
                part: Part::Settings(plain_name(&object.name)),
                steps,
            }),
            (
                setting::OPERATOR,
                _,
                [
                    Step::Key(spec),
                    Step::Key(config),
                    Step::Key(name),
                    steps @ ..,
                ],
            ) if spec == "spec" && config == "config" => Some(Self {
                part: Part::Settings(plain_name(name)),
                steps,
            }),
            (group, kind, path) => {
                // Of several pods in one object it cannot be told whose an owned one is.
                let pod = carrier(group, kind).and_then(|carrier| match carrier.pods.as_slice() {
                    [pod] => Some(pod),
                    _ => None,
                });
                // The metadata of what is a pod are its pod's.
                let in_pod = pod.and_then(|pod| Self::in_pod(pod, path));
                in_pod.or_else(|| Self::in_marks(path))
            }
        }
    }

    fn in_marks(path: &'f [Step]) -> Option<Self> {
        let [Step::Key(metadata), steps @ ..] = path else {
            return None;
        };
        let [Step::Key(marks), _, ..] = steps else {
            return None;
        };
        let are_marks = metadata == "metadata" && ["labels", "annotations"].contains(&&**marks);
        are_marks.then_some(Self {
            part: Part::Marks,
            steps,
        })
    }

    fn in_pod(pod: &PodLocation, path: &'f [Step]) -> Option<Self> {
        let below = |place: &knight_facts::FieldPath| {
            let mut steps = path;
            for segment in place.segments() {
                let (first, rest) = steps.split_first()?;
                steps = rest;
                if !matches!(first, Step::Key(key) if *key == *segment) {
                    return None;
                }
            }
            Some(steps)
        };
        let part = |part| move |steps| Self { part, steps };
        let spec = below(&pod.spec).map(part(Part::Spec));
        spec.or_else(|| {
            let metadata = below(pod.metadata.as_ref()?);
            metadata.map(part(Part::Metadata))
        })
    }

    /// Returns a hash that same findings have in common.
    fn hash(&self, finding: &Finding) -> u64 {
        let mut hasher = DefaultHasher::new();
        finding.control.id.hash(&mut hasher);
        (finding.verdict == FindingVerdict::Fail).hash(&mut hasher);
        self.part.hash(&mut hasher);
        self.words().for_each(|word| word.hash(&mut hasher));
        hasher.finish()
    }

    /// Returns the steps; items that have a name go by it, as their order may change.
    fn words(&self) -> impl Iterator<Item = Word<'f>> {
        self.steps.iter().map(|step| match step {
            Step::Key(key) => Word::Key(key),
            Step::Item {
                name: Some(name), ..
            } => Word::Item(name),
            Step::Item { index, name: None } => Word::Index(*index),
        })
    }
}

/// A step as it is compared.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Word<'f> {
    Key(&'f str),
    Item(&'f str),
    Index(u32),
}

impl PartialEq for Relative<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.part == other.part && self.words().eq(other.words())
    }
}

/// Returns the name under which the operator knows a `ConfigMap`.
fn plain_name(name: &str) -> &str {
    name.strip_prefix("config-").unwrap_or(name)
}

fn key_of(identity: Identity) -> (u64, u64) {
    (identity.name, identity.namespace)
}

/// Returns a hash that is the same in every run; what is found by it is compared where it counts.
fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
