//! The form of the facts about settings that stand in no `ConfigMap`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    advice::{Profile, Recommendation, Recommended},
    row::{UnknownValue, ValueType},
};
use crate::{KnativeVersion, Range, parse_embedded};

static OUTSIDE: LazyLock<File> = LazyLock::new(|| {
    parse_embedded(
        "outside.toml",
        include_str!(concat!(env!("OUT_DIR"), "/outside.json")),
    )
});

/// Returns the settings that stand in no `ConfigMap`, by place, owner and name.
pub fn outside() -> &'static [Outside] {
    &OUTSIDE.outside
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    outside: Vec<Outside>,
}

/// A setting that stands in no `ConfigMap` of Knative's.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Outside {
    /// Where it stands.
    pub place: Place,
    /// The workload and container with the variable, the kind with the annotation, or the object.
    pub of: String,
    /// The name, or the beginning that all its names share when it ends in `*`.
    pub name: String,
    /// The type of the value.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// The values that are told apart; empty when the type says it all.
    #[serde(default)]
    pub values: Vec<String>,
    /// What holds when it is absent; absent when there is no value then.
    pub default: Option<String>,
    /// What the manifests of the release set, where that is not the default.
    pub shipped: Option<String>,
    /// What becomes of a value that is not among those accepted.
    pub unknown: UnknownValue,
    #[serde(default)]
    recommended: Recommended,
    /// Why the value matters.
    pub why: String,
    since: Option<KnativeVersion>,
    until: Option<KnativeVersion>,
    /// Why what is said here was read and not tried.
    pub not_tried: String,
    /// Where the facts were read.
    pub source: String,
    /// What else is worth knowing.
    pub note: Option<String>,
}

impl Outside {
    /// Returns the Knative versions that know it.
    pub fn range(&self) -> Range<KnativeVersion> {
        Range {
            since: self.since,
            until: self.until,
        }
    }

    /// Returns what `profile` recommends.
    pub fn recommended(&self, profile: Profile) -> &Recommendation {
        self.recommended.of(profile)
    }
}

/// Where a setting stands that is in no `ConfigMap`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// An annotation, which whoever writes the object sets.
    Annotation,
    /// A setting of Kubernetes, such as an admission plugin or an object that tenants do not own.
    Cluster,
    /// An environment variable of a component.
    Environment,
    /// A label of namespaces.
    NamespaceLabel,
}
