//! The resources of the kinds that rules judge.

use std::time::Duration;

use serde_json::{Value, json};

use knight_facts::kinds::{self, Scope};
use knight_testbed_client::{Client, Error, Resource, wait_until};

use crate::objects::Kind;

use super::{answered, granted};

/// Returns the resource of a kind; one that the test bed does not serve is added, with a schema that
/// lets everything through.
pub(crate) fn resource(client: &Client, kind: &Kind) -> Resource {
    let group = client.get(&format!("/apis/{}", kind.group));
    let group = answered(group);
    let mut versions = vec![kind.version.clone()];
    if !kind.group.is_empty() && group.is_success() {
        let listed = group.body["versions"].as_array();
        let names = listed
            .into_iter()
            .flatten()
            .filter_map(|version| version["version"].as_str());
        versions.extend(names.map(str::to_owned));
    }
    let found = versions.iter().find_map(|version| {
        client
            .resource(&api_version(&kind.group, version), &kind.name)
            .ok()
    });
    found.unwrap_or_else(|| serve(client, kind))
}

/// Returns the group and version as objects name them.
pub(crate) fn api_version(group: &str, version: &str) -> String {
    if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    }
}

fn serve(client: &Client, kind: &Kind) -> Resource {
    let known = kinds::kind(&kind.group, &kind.name);
    let version = known
        .and_then(|known| known.version.last())
        .map_or(&kind.version, |version| &version.name);
    let scope = match known.map(|known| known.scope) {
        Some(Scope::Cluster) => "Cluster",
        Some(Scope::Namespaced) | None => "Namespaced",
    };
    let singular = kind.name.to_lowercase();
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{}.{}", kind.plural, kind.group)},
        "spec": {
            "group": kind.group, "scope": scope,
            "names": {"kind": kind.name, "plural": kind.plural, "singular": singular},
            "versions": [{
                "name": version, "served": true, "storage": true,
                "schema": {"openAPIV3Schema": open()},
            }],
        },
    });
    granted(client.apply(&definition), &kind.name);
    let api_version = api_version(&kind.group, version);
    let found = wait_until(Duration::from_secs(30), "a new resource", || {
        match client.resource(&api_version, &kind.name) {
            Ok(resource) => Ok(Some(resource)),
            Err(Error::NoResource { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    });
    found.unwrap_or_else(|error| panic!("{}: {error}", kind.name))
}

fn open() -> Value {
    json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
}
