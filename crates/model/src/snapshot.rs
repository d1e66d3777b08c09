//! A cluster in one file: what was asked of it, what it gave, and what it refused.
//!
//! A snapshot is what a scan of a cluster judges too: both go the same way, so both say the same.

use serde::{Deserialize, Serialize};

/// What a snapshot says before its objects.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Header {
    /// The version of Knight that took it.
    pub knight: String,
    /// The version that the API server gives for itself, such as `v1.36.2`; absent when it gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<String>,
    /// The namespaces that were asked for; none for all. Objects elsewhere are context only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
}

/// One list that was asked for.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct List {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version that was asked for.
    pub version: String,
    /// The plural under which the API serves the kind, such as `configmaps`.
    pub resource: String,
    /// The kind.
    pub kind: String,
    /// The namespace that was asked for; absent for all of them, and for kinds without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What came of it.
    pub outcome: Listed,
}

/// What came of a list.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listed {
    /// It was read to its end.
    Read {
        /// How many objects it has.
        objects: u64,
    },
    /// The cluster does not serve the kind, so it has no objects of it.
    NotServed,
    /// The cluster refused it: whoever read has no right to.
    Refused {
        /// What the API server said.
        reason: String,
    },
    /// It could not be read to its end, and no object of it is in the snapshot.
    Failed {
        /// What went wrong.
        reason: String,
    },
}

impl List {
    /// Returns whether objects may exist that the snapshot does not have.
    pub fn is_unread(&self) -> bool {
        matches!(self.outcome, Listed::Refused { .. } | Listed::Failed { .. })
    }
}
