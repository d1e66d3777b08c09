//! Versions of Knative and of Kubernetes that an input is judged by.

use std::fmt;

use knight_facts::{KnativeVersion, KubernetesMinor, versions as facts};

use crate::{object::Object, place::Place};

/// The label that says which version of Knative an object belongs to.
pub const VERSION_LABEL: &str = "app.kubernetes.io/version";

/// The versions that an input is judged by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Versions {
    /// The version of Knative.
    pub knative: KnativeVersion,
    /// How it is known.
    pub knative_from: VersionFrom,
    /// The minor version of Kubernetes.
    pub kubernetes: KubernetesMinor,
    /// How it is known: by option, by the API server or as the newest.
    pub kubernetes_from: VersionFrom,
    /// The version of Knative that labels say is installed, and where, whatever the user names.
    pub installed: Option<(KnativeVersion, Place)>,
}

/// How a version is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum VersionFrom {
    /// The user names it.
    Option,
    /// The API server says it of itself.
    Server,
    /// The label of an object says it.
    Label(Place),
    /// The label of an object says that it is in development, so the newest is assumed.
    Development(Place),
    /// The label of an object names a version that is not known, so the newest is assumed.
    Unknown {
        /// What the label says.
        label: Box<str>,
        /// Where.
        place: Place,
    },
    /// Nothing says it, so the newest that is known is assumed.
    Newest,
}

/// What is known of versions before an object is read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct VersionOptions {
    /// The version of Knative that the user names.
    pub knative: Option<KnativeVersion>,
    /// The minor version of Kubernetes that the user names.
    pub kubernetes: Option<KubernetesMinor>,
    /// The minor version that the API server gives for itself; what the user names wins.
    pub server: Option<KubernetesMinor>,
}

/// A version label of an object in one of Knative's namespaces.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Label {
    pub(crate) text: Box<str>,
    pub(crate) place: Place,
}

impl Label {
    /// Returns the label of an object that Knative itself consists of.
    pub(crate) fn of(object: &Object<'_>) -> Option<Self> {
        let namespace = match object.kind() {
            "Namespace" => object.metadata()?.get("name")?.as_str()?,
            _ => object.namespace()?,
        };
        if !matches!(namespace, "knative-serving" | "knative-eventing") {
            return None;
        }
        // Other software may live in these namespaces too, with versions of its own.
        let name = object.label("app.kubernetes.io/name");
        if name.is_some_and(|name| !name.starts_with("knative-")) {
            return None;
        }
        let value = object.labels()?.get(VERSION_LABEL)?;
        Some(Self {
            text: value.as_str()?.into(),
            place: Place::of(value),
        })
    }
}

impl Versions {
    /// Returns the versions that labels and options give; what the user says wins.
    ///
    /// Among several labels the oldest version counts: what it lacks, the input may lack.
    pub(crate) fn resolve(labels: &[Label], options: VersionOptions) -> Self {
        let installed = installed(labels);
        let (knative, knative_from) = match (options.knative, &installed) {
            (Some(version), _) => (version, VersionFrom::Option),
            (None, Some((version, place))) => (*version, VersionFrom::Label(place.clone())),
            (None, None) => assumed(labels),
        };
        let (kubernetes, kubernetes_from) = match (options.kubernetes, options.server) {
            (Some(minor), _) => (minor, VersionFrom::Option),
            (None, Some(minor)) => (minor, VersionFrom::Server),
            (None, None) => (facts::kubernetes().newest, VersionFrom::Newest),
        };
        Self {
            knative,
            knative_from,
            kubernetes,
            kubernetes_from,
            installed,
        }
    }
}

/// Returns the oldest version that a label names and the facts know.
fn installed(labels: &[Label]) -> Option<(KnativeVersion, Place)> {
    let known = labels.iter().filter_map(|label| {
        let version: KnativeVersion = label.text.parse().ok()?;
        facts::knative_release(version)?;
        Some((version, &label.place))
    });
    let (version, place) = known.min()?;
    Some((version, place.clone()))
}

/// Returns the version to assume where no label names one that is known.
fn assumed(labels: &[Label]) -> (KnativeVersion, VersionFrom) {
    let newest = facts::newest_knative();
    let Some(label) = labels.iter().min() else {
        return (newest, VersionFrom::Newest);
    };
    let place = label.place.clone();
    let from = match &*label.text {
        "devel" => VersionFrom::Development(place),
        _ => VersionFrom::Unknown {
            label: label.text.clone(),
            place,
        },
    };
    (newest, from)
}

impl fmt::Display for VersionFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option => f.write_str("as the options say"),
            Self::Server => f.write_str("as the API server says"),
            Self::Label(place) => write!(f, "by the label `{VERSION_LABEL}` ({place})"),
            Self::Development(place) => write!(
                f,
                "the newest known, as the label `{VERSION_LABEL}` says only `devel` ({place})"
            ),
            Self::Unknown { label, place } => write!(
                f,
                "the newest known, as `{label}` of the label `{VERSION_LABEL}` is not ({place})"
            ),
            Self::Newest => f.write_str("the newest known, as nothing in the input says"),
        }
    }
}
