//! The objects of a snapshot.

use std::{borrow::Cow, sync::Arc};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    Limits, Problem,
    load::{self, Loaded},
    source::Source,
    tree::Document,
};

/// What a line of a snapshot says of whose it is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct Identity<'t> {
    /// The API group and version, as objects spell them.
    #[serde(borrow, rename = "apiVersion")]
    pub api_version: Cow<'t, str>,
    /// The kind.
    #[serde(borrow)]
    pub kind: Cow<'t, str>,
    #[serde(borrow)]
    metadata: Metadata<'t>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
struct Metadata<'t> {
    #[serde(borrow)]
    name: Cow<'t, str>,
    #[serde(borrow, default)]
    namespace: Option<Cow<'t, str>>,
}

impl<'t> Identity<'t> {
    /// Reads whose line it is; nothing where it is no object of a cluster.
    pub fn of(line: &'t str) -> Option<Self> {
        let identity: Self = serde_json::from_str(line).ok()?;
        let complete = !identity.api_version.is_empty()
            && !identity.kind.is_empty()
            && !identity.metadata.name.is_empty();
        complete.then_some(identity)
    }

    /// Returns the API group; empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version
            .rsplit_once('/')
            .map_or("", |(group, _)| group)
    }

    /// Returns the name of the object.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// Returns the namespace; none for objects of the whole cluster.
    pub fn namespace(&self) -> Option<&str> {
        self.metadata.namespace.as_deref()
    }

    /// Returns the name of the object's source, such as `team-a/Service.serving.knative.dev/web`.
    pub fn source_name(&self) -> String {
        let mut name = String::new();
        if let Some(namespace) = self.namespace() {
            name.push_str(namespace);
            name.push('/');
        }
        name.push_str(&self.kind);
        if !self.group().is_empty() {
            name.push('.');
            name.push_str(self.group());
        }
        name.push('/');
        name.push_str(self.name());
        name
    }
}

/// Reads the object of a line, located in a source of its own; nothing where it cannot be.
pub fn document(
    identity: &Identity<'_>,
    line: &str,
    limits: &Limits,
) -> (Option<Document>, Vec<Problem>) {
    let source = Arc::new(Source::of_object(identity.source_name(), line));
    let Loaded {
        mut documents,
        problems,
        ..
    } = load::load(&source, limits);
    (documents.pop(), problems)
}

/// Returns the one line that an object is in a snapshot: compact, with sorted keys.
pub fn text_of(mut object: Value) -> String {
    object.sort_all_objects();
    object.to_string()
}
