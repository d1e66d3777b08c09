//! Kinds: what Knative serves, what it no longer serves, and what Knight knows by name.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{KnativeVersion, KubernetesMinor, Range, parse_embedded};

/// A kind of Knative.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Kind {
    /// The API group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The plural under which the API serves it.
    pub plural: String,
    /// Its short names.
    #[serde(default)]
    pub short: Vec<String>,
    /// Whether its objects live in namespaces.
    pub scope: Scope,
    /// The versions that are served, the oldest first.
    pub version: Vec<Version>,
    /// Whether it is for users, or for Knative's own components.
    pub audience: Audience,
    /// Whether a tenant should be able to write it.
    pub tenant: TenantAccess,
    /// What write access to it gives.
    pub write: String,
    since: Option<KnativeVersion>,
    until: Option<KnativeVersion>,
    /// Where the facts were read.
    pub source: String,
    /// What else is worth knowing.
    pub note: Option<String>,
}

impl Kind {
    /// Returns the Knative versions that serve the kind.
    pub fn range(&self) -> Range<KnativeVersion> {
        Range {
            since: self.since,
            until: self.until,
        }
    }

    /// Returns what is known of this version of the API.
    pub fn version(&self, name: &str) -> Option<&Version> {
        self.version.iter().find(|version| version.name == name)
    }
}

/// One version of the API of a kind.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The name, such as `v1beta2`.
    pub name: String,
    /// Whether objects are stored in it.
    #[serde(default)]
    pub storage: bool,
    /// Whether the API server warns those who use it.
    #[serde(default)]
    pub deprecated: bool,
}

/// Whether the objects of a kind live in namespaces.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// They do.
    Namespaced,
    /// They do not.
    Cluster,
}

/// Whom a kind is for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Users.
    Public,
    /// Knative's own components.
    Internal,
}

/// Whether a tenant should be able to write a kind.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum TenantAccess {
    /// Yes.
    Yes,
    /// Only with policies that bound it.
    Guarded,
    /// Only to read it.
    Read,
    /// No.
    No,
    /// Only for the administrators of the platform.
    Admin,
}

/// A version of an API that is no longer served.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Removed {
    /// The API group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The version.
    pub version: String,
    /// The first release that does not serve it.
    pub removed: Release,
    /// Whether that is known exactly; else it may have gone in an earlier release.
    #[serde(default = "yes")]
    pub exact: bool,
    /// The group and version that serve the kind instead; absent when none do.
    pub replacement: Option<String>,
    /// Whether only the line `apiVersion` need change.
    pub same_schema: bool,
    /// Where the fact was read.
    pub source: String,
    /// What else is worth knowing.
    pub note: Option<String>,
}

/// A release of Knative or of Kubernetes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Release {
    /// Of Knative.
    Knative(KnativeVersion),
    /// Of Kubernetes.
    Kubernetes(KubernetesMinor),
}

/// Kinds that are known, and that no control judges.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kinds, sorted.
    pub kinds: Vec<String>,
    /// Where the kinds were read.
    pub source: String,
}

/// Returns every kind of Knative, by group and kind.
pub fn kinds() -> &'static [Kind] {
    &FILE.kind
}

/// Returns the kind of Knative under this group and name.
pub fn kind(group: &str, kind: &str) -> Option<&'static Kind> {
    let rows = kinds();
    let found = rows.binary_search_by(|row| (&*row.group, &*row.kind).cmp(&(group, kind)));
    found.ok().map(|at| &rows[at])
}

/// Returns every version of an API that is no longer served, by group, kind and version.
pub fn removed_versions() -> &'static [Removed] {
    &FILE.removed
}

/// Returns when and how this version of an API went away; `None` when it is not known to have.
pub fn removed(group: &str, kind: &str, version: &str) -> Option<&'static Removed> {
    let rows = removed_versions();
    let key = (group, kind, version);
    let found = rows.binary_search_by(|row| (&*row.group, &*row.kind, &*row.version).cmp(&key));
    found.ok().map(|at| &rows[at])
}

/// Returns the kinds that are known only by name, by group.
pub fn known() -> &'static [Known] {
    &FILE.known
}

/// Returns whether the kind is known, be it by name only.
pub fn is_known(group: &str, name: &str) -> bool {
    let by_name = || {
        let rows = known();
        let at = rows
            .binary_search_by(|row| row.group.as_str().cmp(group))
            .ok()?;
        rows[at]
            .kinds
            .binary_search_by(|known| known.as_str().cmp(name))
            .ok()
    };
    kind(group, name).is_some()
        || crate::carriers::carrier(group, name).is_some()
        || by_name().is_some()
}

/// The value of `exact` in a row that has none.
fn yes() -> bool {
    true
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    parse_embedded(
        "kinds",
        include_str!(concat!(env!("OUT_DIR"), "/kinds.json")),
    )
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: Vec<Kind>,
    known: Vec<Known>,
    removed: Vec<Removed>,
}
