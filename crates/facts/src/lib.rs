//! Facts about Knative and Kubernetes by version, as data with sources.
//!
//! Every statement about Knative or Kubernetes that Knight relies on is a row of a TOML file under
//! `data/`, with the versions it holds for and the source it was read from. This crate parses those
//! files into types that cannot be wrong, and answers look-ups.
//!
//! ```text
//! data/annotations.toml → annotations  annotations that have older spellings
//! data/carriers.toml    → carriers     where each kind keeps its pod specs
//! data/pod-spec.toml    → pod_spec     what Knative Serving's webhook does with each pod spec field
//! data/settings/*.toml  → settings     each key of each of Knative's `ConfigMap`s
//! data/outside.toml     → settings     settings that stand elsewhere, such as environment variables
//! data/secrets.toml     → secrets      what gives a secret in a variable away
//! data/components.toml  → components   where components run, their labels and ports; derived pods
//! data/flows.toml       → flows        who must reach whom, and who must never
//! data/kinds.toml       → kinds        kinds, their versions, and API versions that are gone
//! data/defaulting.toml  → defaulting   what admission fills in
//! data/reading.toml     → reading      which kinds of a running cluster are read
//! data/versions.toml    → versions     releases and what they need
//! ```
//!
//! The build checks the files and turns them into JSON, which is fast to read. A file is read when it
//! is first asked for, and once. Look-ups are binary searches over rows
//! that are kept sorted.
//!
//! ```
//! use knight_facts::{carriers, settings};
//!
//! let service = carriers::carrier("serving.knative.dev", "Service").unwrap();
//! assert_eq!(service.pods[0].spec.as_str(), "spec.template.spec");
//!
//! let features = settings::Component::Serving;
//! let flag = settings::setting(features, "config-features", "secure-pod-defaults").unwrap();
//! assert_eq!(flag.default.as_deref(), Some("disabled"));
//! ```
//!
//! This crate never reads a file at run time, knows no cluster, and judges nothing.
#![deny(clippy::disallowed_methods)]

pub mod annotations;
pub mod carriers;
pub mod components;
pub mod defaulting;
pub mod flows;
pub mod kinds;
mod path;
pub mod pod_spec;
pub mod reading;
pub mod secrets;
pub mod settings;
mod version;
pub mod versions;

pub use self::path::FieldPath;
pub use self::version::{InvalidVersion, KnativeVersion, KubernetesMinor, Range};

/// Reads a data file that is part of this program, as the build turned it into JSON.
fn parse_embedded<T: serde::de::DeserializeOwned>(file: &'static str, text: &str) -> T {
    match serde_json::from_str(text) {
        Ok(rows) => rows,
        // INVARIANT: embedded facts parse, as the tests that ask for every file show.
        Err(reason) => unreachable!("the {file} facts do not parse: {reason}"),
    }
}
