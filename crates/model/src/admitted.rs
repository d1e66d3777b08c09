//! Objects as the API server stores them: what the schema drops is gone, what Knative fills in is
//! there.
//!
//! ```text
//! Settings ──Admission::new──▶ Admission ──changes──▶ edits ──Document::edited──▶ Document
//! ```
//!
//! This is for new objects: when one is changed, Knative leaves what a named revision has.

mod defaults;
mod names;
mod prune;
mod scope;

use knight_facts::{KnativeVersion, carriers::Masking, pod_spec};

use self::{defaults::Prepared, prune::Pruner};
use crate::{
    edit::Edit,
    object::Object,
    path::FieldPath,
    settings::Settings,
    source::Span,
    tree::{Document, Origin},
    workload::Workload,
};

/// What admission does, made ready once for all objects of an input.
#[derive(Debug)]
pub struct Admission {
    defaults: Vec<Prepared>,
    pruner: Pruner,
}

/// What admission does to one object; paths are from the object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// The changes, with paths from the document.
    pub edits: Vec<Edit>,
    /// Values that are filled in, with where they come from.
    pub added: Vec<(FieldPath, Origin)>,
    /// Fields that are dropped.
    pub pruned: Vec<Pruned>,
    /// Values that are written and replaced.
    pub rewritten: Vec<Rewritten>,
}

/// A field that the schema of its kind lacks.
#[derive(Clone, Debug, PartialEq)]
pub struct Pruned {
    /// The path, from the object.
    pub path: FieldPath,
    /// The key.
    pub key_span: Span,
    /// The value.
    pub span: Span,
    /// What is known of the field.
    pub fact: &'static pod_spec::Field,
}

/// A value that Knative replaces.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rewritten {
    /// The path, from the object.
    pub path: FieldPath,
    /// The value that is written.
    pub span: Span,
    /// Where the new value comes from.
    pub origin: Origin,
}

/// An object as admitted.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The document with the object changed; absent when nothing changes.
    pub document: Option<Document>,
    /// What is done.
    pub changes: Changes,
}

/// Returns the object as the API server would store it.
///
/// For many objects, make an [`Admission`] once.
pub fn admit(object: &Object<'_>, settings: &Settings, version: KnativeVersion) -> Admitted {
    Admission::new(settings, version).admit(object)
}

impl Admission {
    /// Makes ready what a version of Knative does under these settings.
    pub fn new(settings: &Settings, version: KnativeVersion) -> Self {
        Self {
            defaults: defaults::prepare(settings, version),
            pruner: Pruner::new(version),
        }
    }

    /// Returns the object as the API server would store it.
    pub fn admit(&self, object: &Object<'_>) -> Admitted {
        let changes = self.changes(object);
        let document = object.node().document();
        let changed = !changes.edits.is_empty();
        Admitted {
            document: changed.then(|| document.edited(&changes.edits)),
            changes,
        }
    }

    /// Returns a document with all its objects as the API server would store them, and what is done
    /// to each, without the edits, which are in the document; no document when nothing changes.
    ///
    /// The new document holds the same objects in the same order.
    pub fn admit_all(&self, objects: &[Object<'_>]) -> (Option<Document>, Vec<Changes>) {
        let mut edits = Vec::new();
        let mut changes = Vec::with_capacity(objects.len());
        for object in objects {
            let mut of = self.changes(object);
            edits.append(&mut of.edits);
            changes.push(of);
        }
        let document = objects.first().filter(|_| !edits.is_empty());
        (
            document.map(|object| object.node().document().edited(&edits)),
            changes,
        )
    }

    /// Returns what admission does to an object: nothing, unless Knative's webhook judges its kind.
    pub fn changes(&self, object: &Object<'_>) -> Changes {
        let mut changes = Changes::default();
        let Some(workload) = Workload::of(*object) else {
            return changes;
        };
        let served = workload
            .carrier
            .versions
            .iter()
            .any(|version| version == object.version());
        if workload.carrier.knative != Masking::Masked || !served {
            return changes;
        }
        for pod in &workload.pods {
            self.pruner.prune(object, pod, &mut changes);
            defaults::fill(&self.defaults, object, pod, &mut changes);
        }
        changes
    }
}

impl Admitted {
    /// Returns the object as admitted: of the new document, or as it was where nothing changes.
    pub fn object<'a>(&'a self, written: &Object<'a>) -> Object<'a> {
        let changed = self
            .document
            .as_ref()
            .and_then(|document| written.again_in(document));
        changed.unwrap_or(*written)
    }
}

#[cfg(test)]
mod tests;
