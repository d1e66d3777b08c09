//! Reading: which kinds of a running cluster are read, and why.

use std::{collections::BTreeSet, sync::LazyLock};

use serde::Deserialize;

use crate::{
    carriers,
    kinds::{self, Scope},
    parse_embedded, settings,
};

/// A kind that is read of a running cluster.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reading {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// The plural under which the API serves it.
    pub plural: &'static str,
    /// The versions of the API that are known, the newest last.
    pub versions: Vec<&'static str>,
    /// Whether its objects live in namespaces.
    pub scope: Scope,
    /// Whether its objects are read in Knative's own namespaces.
    pub system: System,
    /// What it is read for.
    pub why: &'static str,
}

/// Whether objects of a kind are read in Knative's own namespaces, [`system_namespaces`].
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// If these were asked for, as everywhere.
    #[default]
    Asked,
    /// Also when only others were asked for: they say how those are judged.
    Always,
    /// There, and nowhere else.
    Only,
}

/// A kind that is not read, although one could expect it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Unread {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// Why not.
    pub why: String,
}

/// Returns every kind that is read, by group and kind.
pub fn readings() -> &'static [Reading] {
    &READINGS
}

/// Returns how this kind is read; `None` when it is not.
pub fn reading(group: &str, kind: &str) -> Option<&'static Reading> {
    let rows = readings();
    let found = rows.binary_search_by(|row| (row.group, row.kind).cmp(&(group, kind)));
    found.ok().map(|at| &rows[at])
}

/// Returns kinds that are not read, by group and kind.
pub fn unread() -> &'static [Unread] {
    &FILE.unread
}

/// Returns the namespaces that Knative reads its settings in, sorted.
pub fn system_namespaces() -> impl Iterator<Item = &'static str> {
    let namespaces: BTreeSet<_> = settings::namespaces().collect();
    namespaces.into_iter()
}

static READINGS: LazyLock<Vec<Reading>> = LazyLock::new(|| {
    let described = FILE.kind.iter().filter_map(Reading::of_described);
    let others = FILE.other.iter().map(Reading::of_other);
    let mut rows: Vec<_> = described.chain(others).collect();
    rows.sort_unstable_by_key(|row| (row.group, row.kind));
    rows
});

static FILE: LazyLock<File> = LazyLock::new(|| {
    parse_embedded(
        "reading",
        include_str!(concat!(env!("OUT_DIR"), "/reading.json")),
    )
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: Vec<Described>,
    other: Vec<Other>,
    unread: Vec<Unread>,
}

/// A kind that another file of the facts describes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    group: String,
    kind: String,
    #[serde(default)]
    system: System,
    why: String,
}

/// A kind that only this file describes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Other {
    group: String,
    kind: String,
    plural: String,
    versions: Vec<String>,
    scope: Scope,
    #[serde(default)]
    system: System,
    why: String,
    #[expect(dead_code, reason = "it is for readers of the file and for the schema")]
    source: String,
}

impl Reading {
    /// Joins a row with what is known of its kind; a test holds that something is.
    fn of_described(row: &'static Described) -> Option<Self> {
        let (plural, versions, scope) = if let Some(kind) = kinds::kind(&row.group, &row.kind) {
            let versions = kind.version.iter().map(|version| &*version.name).collect();
            (&kind.plural, versions, kind.scope)
        } else {
            let carrier = carriers::carrier(&row.group, &row.kind)?;
            let versions = carrier.versions.iter().map(|version| &**version).collect();
            // Every pod lives in a namespace, and so does what carries its spec.
            (&carrier.plural, versions, Scope::Namespaced)
        };
        Some(Self {
            group: &row.group,
            kind: &row.kind,
            plural,
            versions,
            scope,
            system: row.system,
            why: &row.why,
        })
    }

    fn of_other(row: &'static Other) -> Self {
        Self {
            group: &row.group,
            kind: &row.kind,
            plural: &row.plural,
            versions: row.versions.iter().map(|version| &**version).collect(),
            scope: row.scope,
            system: row.system,
            why: &row.why,
        }
    }
}
