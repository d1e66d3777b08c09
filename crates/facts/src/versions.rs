//! Releases of Knative, and what they need.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{KnativeVersion, KubernetesMinor, parse_embedded};

/// A minor release of Knative.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnativeRelease {
    /// The version.
    pub version: KnativeVersion,
    /// The day of its release, as `YYYY-MM-DD`.
    pub released: String,
    /// The day from which on it gets no fixes, as `YYYY-MM-DD`.
    pub end_of_life: String,
    /// The oldest Kubernetes that it starts on.
    pub min_kubernetes: KubernetesMinor,
    /// Where the fact was read.
    pub source: String,
    /// What else is worth knowing.
    pub note: Option<String>,
}

/// The releases of Kubernetes that the facts cover.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Kubernetes {
    /// The newest minor that the facts were held against; newer ones are judged as it.
    pub newest: KubernetesMinor,
    /// The oldest minor that generated policies are for.
    pub oldest: KubernetesMinor,
    /// Where the fact was read.
    pub source: String,
    /// What else is worth knowing.
    pub note: Option<String>,
}

/// How the version of a Go module follows from the release of Knative it belongs to.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GoModule {
    /// The path of the module.
    pub module: String,
    /// What to add to Knative's minor to get the module's minor, whose major is 0.
    pub minor_offset: u16,
    /// Where the fact was read.
    pub source: String,
}

impl GoModule {
    /// Returns the release of Knative that the module's version `0.module_minor` belongs to.
    ///
    /// `None` says that the module is older than Knative 1.0, whose versions were the same.
    pub fn release(&self, module_minor: u16) -> Option<KnativeVersion> {
        let minor = module_minor.checked_sub(self.minor_offset)?;
        Some(KnativeVersion::new(1, minor))
    }
}

/// Returns the minor releases of Knative, the oldest first.
pub fn knative_releases() -> &'static [KnativeRelease] {
    &FILE.knative
}

/// Returns the minor release of Knative with this version.
pub fn knative_release(version: KnativeVersion) -> Option<&'static KnativeRelease> {
    let rows = knative_releases();
    rows.binary_search_by_key(&version, |row| row.version)
        .ok()
        .map(|at| &rows[at])
}

/// Returns the newest release of Knative that the facts cover, by which unknown ones are judged.
pub fn newest_knative() -> KnativeVersion {
    FILE.newest_covered
}

/// Returns the oldest release of Knative that the facts cover.
pub fn oldest_knative() -> KnativeVersion {
    FILE.oldest_covered
}

/// Returns the releases of Kubernetes that the facts cover.
pub fn kubernetes() -> &'static Kubernetes {
    &FILE.kubernetes
}

/// Returns the Go modules of Knative.
pub fn go_modules() -> &'static [GoModule] {
    &FILE.go_module
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    parse_embedded(
        "versions",
        include_str!(concat!(env!("OUT_DIR"), "/versions.json")),
    )
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    oldest_covered: KnativeVersion,
    newest_covered: KnativeVersion,
    kubernetes: Kubernetes,
    knative: Vec<KnativeRelease>,
    go_module: Vec<GoModule>,
}
