//! Rules about several objects together.

use std::{borrow::Cow, fmt};

use knight_facts::settings::Component;
use knight_model::{
    cluster::Cluster,
    object::{Object, ObjectRef},
    path::FieldPath,
    place::Place,
};

use crate::{control::Profiles, rule::eval::Verdict};

/// A question about several objects.
#[derive(Clone, Copy)]
pub struct ClusterRule {
    /// Whether an object takes part in the question; those that do count as judged.
    pub reads: fn(&Object<'_>) -> bool,
    /// What of a cluster it must have seen before its silence is a pass.
    pub needs: Needs,
    /// Answers with everything that is wrong for a scenario of the set, in any order.
    ///
    /// Only what is wrong with an object of the inventory is reported: what else is known of the
    /// cluster is there to judge by.
    pub judge: fn(&Cluster, Profiles) -> Vec<ClusterOffence>,
}

/// What of a cluster a rule must have seen before its silence is a pass.
#[derive(Clone, Copy)]
pub enum Needs {
    /// The settings of these components.
    Settings(&'static [Component]),
    /// The objects of the groups and kinds for which this is true.
    Kinds(fn(&str, &str) -> bool),
    /// Both.
    Both(&'static [Component], fn(&str, &str) -> bool),
}

/// Something that is wrong with a cluster, at one of its objects.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterOffence {
    /// `Fail` or `Unknown`.
    pub verdict: Verdict,
    /// The object that shows it.
    pub object: ObjectRef,
    /// The field, from the object.
    pub path: FieldPath,
    /// Where.
    pub place: Place,
    /// The sentence of the finding, subject included.
    pub message: String,
    /// The words at the place.
    pub label: Cow<'static, str>,
}

impl fmt::Debug for ClusterRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClusterRule")
    }
}

impl fmt::Debug for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(of) => f.debug_tuple("Settings").field(of).finish(),
            Self::Kinds(_) => f.write_str("Kinds"),
            Self::Both(of, _) => f.debug_tuple("Both").field(of).finish(),
        }
    }
}
