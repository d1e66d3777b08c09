//! Carriers: the kinds that carry a pod spec, and where they keep it.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{FieldPath, KnativeVersion, Range, parse_embedded};

/// A kind that carries at least one pod spec.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Carrier {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The plural under which the API serves it.
    pub plural: String,
    /// The versions of the API that are served, the newest last.
    pub versions: Vec<String>,
    /// Versions that are no longer served, and kept the specs at the same places.
    #[serde(default)]
    pub former: Vec<String>,
    /// Where the pod specs are.
    pub pods: Vec<PodLocation>,
    /// What Knative does with the spec at admission.
    pub knative: Masking,
    /// What a webhook of Knative tries out whenever such an object changes.
    pub trial: Option<Trial>,
    since: Option<KnativeVersion>,
    until: Option<KnativeVersion>,
    /// Where the fact was read.
    pub source: String,
    /// What else is worth knowing.
    pub note: Option<String>,
}

impl Carrier {
    /// Returns the Knative versions for which the row holds.
    pub fn range(&self) -> Range<KnativeVersion> {
        Range {
            since: self.since,
            until: self.until,
        }
    }
}

/// The place of one pod spec in a carrier.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PodLocation {
    /// The path to the pod spec.
    pub spec: FieldPath,
    /// The path to the metadata that the pods get; absent when the carrier has none for its pods.
    pub metadata: Option<FieldPath>,
    /// Keys beside the fields of the pod spec under which a container stands by itself, among fields
    /// of the kind's own.
    #[serde(default)]
    pub inline: Vec<String>,
    /// Fields of the containers here that another object or a setting may supply where they are
    /// absent, and that no pod runs without.
    #[serde(default)]
    pub supplied: Vec<String>,
}

/// An object that a webhook creates as a dry run, to see whether the API server takes it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The API group of the object.
    pub group: String,
    /// Its kind.
    pub kind: String,
    /// Who asks, as the API server names them.
    pub user: String,
}

/// What Knative does with a pod spec at admission.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Masking {
    /// The webhook of Knative Serving judges every field, by the flags of `config-features`.
    Masked,
    /// A Knative kind whose pod spec no webhook of Knative judges.
    Unmasked,
    /// A kind whose controller puts containers of its own in place of those that are written, or
    /// hands the spec on to a kind that is masked: what becomes of a field cannot be told.
    Handed,
    /// Not a kind of Knative.
    None,
}

/// A Knative kind that carries no pod spec although it makes or changes pods.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NonCarrier {
    /// The API group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// What its pods look like, or what it does to the pods of others.
    pub pods: String,
    since: Option<KnativeVersion>,
    until: Option<KnativeVersion>,
    /// Where the fact was read.
    pub source: String,
}

impl NonCarrier {
    /// Returns the Knative versions for which the row holds.
    pub fn range(&self) -> Range<KnativeVersion> {
        Range {
            since: self.since,
            until: self.until,
        }
    }
}

/// Returns every carrier, by group and kind.
pub fn carriers() -> &'static [Carrier] {
    &FILE.carrier
}

/// Returns the carrier of this group and kind.
pub fn carrier(group: &str, kind: &str) -> Option<&'static Carrier> {
    let rows = carriers();
    let found = rows.binary_search_by(|row| (&*row.group, &*row.kind).cmp(&(group, kind)));
    found.ok().map(|at| &rows[at])
}

/// Returns the Knative kinds that make or change pods without carrying a pod spec.
pub fn non_carriers() -> &'static [NonCarrier] {
    &FILE.non_carrier
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    parse_embedded(
        "carriers",
        include_str!(concat!(env!("OUT_DIR"), "/carriers.json")),
    )
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    carrier: Vec<Carrier>,
    non_carrier: Vec<NonCarrier>,
}
