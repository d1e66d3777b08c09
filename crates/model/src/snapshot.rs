//! A cluster in one file: what was asked of it, what it gave, and what it refused.
//!
//! A snapshot is what a scan of a cluster judges too: both go the same way, so both say the same.
//!
//! It is a gzip stream of lines, so that `zcat` shows all that is in it:
//!
//! ```text
//! {"knightSnapshot":1,"knight":"0.1.0","kubernetes":"v1.36.2"}     the header
//! {"apiVersion":"v1","kind":"Namespace","metadata":{…}}            one object a line
//! …
//! {"end":{"objects":1,"lists":[…]}}                                nothing is missing
//! ```
//!
//! Equal input gives equal bytes: the stream names no file and no time, and [`text_of`] sorts keys.

mod object;
mod reader;
mod writer;

use serde::{Deserialize, Serialize};

pub use object::{Identity, document, text_of};
pub use reader::{Reader, Unreadable, is_snapshot};
pub use writer::{Unwritable, Writer};

/// The form of snapshots that this version of Knight writes, and the newest that it reads.
pub const FORM: u64 = 1;

/// The most bytes that the line of one object may have. No object of a cluster is as long: etcd
/// takes requests of 1.5 MiB unless it is told otherwise, and 8 MiB is the most it recommends.
pub const OBJECT_BYTES: usize = 8 << 20;

/// The most bytes that the last line may have: it has an entry for each list that was asked for,
/// which may be one for each kind in each of thousands of namespaces.
pub const END_BYTES: usize = 64 << 20;

/// The most bytes that a snapshot may have once it is inflated. etcd recommends to keep a cluster
/// under 8 GiB; its JSON is longer than what etcd stores, but less than twice as long.
pub const TOTAL_BYTES: u64 = 16 << 30;

/// The most objects that a snapshot may have; the largest clusters have a few hundred thousand.
pub const OBJECTS: u64 = 5_000_000;

/// How the header begins, and so a snapshot once it is inflated.
const MAGIC: &str = "{\"knightSnapshot\":";

/// How the last line begins. Keys are sorted, so an object begins with its `apiVersion`.
const END: &str = "{\"end\":";

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
