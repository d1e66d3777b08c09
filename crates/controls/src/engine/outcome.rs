//! What judging some of the input gave.

use std::{collections::BTreeMap, sync::Arc};

use knight_model::{load::Problem, object::ObjectRef, place::Place};

use super::owners::Kin;
use crate::{
    exceptions::Exception,
    finding::{Claim, ExceptionNote, Finding, NotJudgedReason},
};

/// What judging some of the input gave; outcomes of parts merge to that of the whole.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Objects, the items of lists one by one.
    pub(super) objects: usize,
    /// Objects that a control judged.
    pub(super) judged: usize,
    pub(super) not_judged: BTreeMap<(String, String, NotJudgedReason), (usize, Place)>,
    pub(super) findings: Vec<Finding>,
    pub(super) problems: Vec<Problem>,
    /// Objects that Knative's webhooks see, so that its settings count.
    pub(super) masked: usize,
    /// Findings that would be gone if Knative's secure pod defaults were on.
    pub(super) secured: usize,
    /// Exceptions that annotations and comments make.
    pub(super) exceptions: Vec<Exception>,
    /// Annotations and comments that make none, though they look like it.
    pub(super) notes: Vec<ExceptionNote>,
    /// Annotations on objects of a cluster that would make one in a file.
    pub(super) claims: Vec<Claim>,
    /// How many objects of which group and kind a cluster gave.
    pub(super) from_cluster: BTreeMap<(Box<str>, Box<str>), usize>,
    /// Objects of a cluster that own or are owned.
    pub(super) kin: Vec<Kin>,
    /// The objects of the operator's that write settings back.
    pub(super) writers: BTreeMap<ObjectRef, Arc<ObjectRef>>,
}

/// What a reader of the input counts and knows, for the report.
#[derive(Debug, Default)]
pub struct Read {
    /// Files that were read.
    pub files: usize,
    /// Files that ignore files left out.
    pub ignored: usize,
    /// Documents with something in them.
    pub documents: usize,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// What else the report must say.
    pub notes: Vec<String>,
}

impl Outcome {
    /// Joins two outcomes; neither grouping nor order matters to the report.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.objects += other.objects;
        self.judged += other.judged;
        self.masked += other.masked;
        self.secured += other.secured;
        self.findings.extend(other.findings);
        self.problems.extend(other.problems);
        self.exceptions.extend(other.exceptions);
        self.notes.extend(other.notes);
        self.claims.extend(other.claims);
        self.kin.extend(other.kin);
        self.writers.extend(other.writers);
        for (kind, count) in other.from_cluster {
            *self.from_cluster.entry(kind).or_default() += count;
        }
        for (key, (count, place)) in other.not_judged {
            self.count_not_judged(key, count, place);
        }
        self
    }

    pub(super) fn count_not_judged(
        &mut self,
        key: (String, String, NotJudgedReason),
        count: usize,
        place: Place,
    ) {
        let entry = self
            .not_judged
            .entry(key)
            .or_insert_with(|| (0, place.clone()));
        entry.0 += count;
        if place < entry.1 {
            entry.1 = place;
        }
    }
}
