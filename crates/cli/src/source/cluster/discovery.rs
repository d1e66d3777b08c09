//! Which kinds the API server serves, and in which version.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use knight_facts::{
    kinds::Scope,
    reading::{self, Reading},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    api::{Api, Failure, line},
    list::Fatal,
};

/// The most bytes of an answer about groups and kinds.
const BYTES: usize = 16 << 20;

/// The most versions of one group that are looked at.
const VERSIONS: usize = 16;

/// What became of a kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Found {
    /// It is served in this version, or is asked for in it because nobody tells.
    In(String),
    /// It is not served.
    NotServed,
    /// The server does not tell.
    Failed(String),
}

/// A kind to read, and what became of it.
pub(super) type Kinds = Vec<(&'static Reading, Found)>;

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "gitVersion")]
    git: String,
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    name: String,
    versions: Vec<GroupVersion>,
}

#[derive(Deserialize)]
struct GroupVersion {
    version: String,
}

#[derive(Deserialize)]
struct Resources {
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    name: String,
    kind: String,
    namespaced: bool,
    verbs: Vec<String>,
}

/// Returns the version that the server gives for itself, where it does.
pub(super) async fn version(api: &Api) -> Result<Option<String>, Fatal> {
    let version: Result<Version, Failure> = ask(api, "/version").await;
    match version {
        Ok(version) => Ok(Some(line(&version.git)).filter(|version| !version.is_empty())),
        Err(Failure::Unauthorized(reason)) => Err(Fatal::Unauthorized(reason)),
        // A server that cannot be reached for this cannot be reached for anything.
        Err(Failure::Other(reason)) => Err(Fatal::Unreachable(reason)),
        Err(_) => Ok(None),
    }
}

/// Looks for every kind that is to be read.
pub(super) async fn discover(api: &Api) -> Result<Kinds, Fatal> {
    let groups = groups(api).await?;
    let mut wanted: BTreeMap<&str, Vec<&'static Reading>> = BTreeMap::new();
    for reading in reading::readings() {
        wanted.entry(reading.group).or_default().push(reading);
    }
    let mut kinds = Kinds::new();
    for (group, readings) in wanted {
        let core = ["v1".to_owned()];
        let served = match &groups {
            _ if group.is_empty() => Some(core.as_slice()),
            Some(groups) => groups.get(group).map(Vec::as_slice),
            None => None,
        };
        match (served, &groups) {
            (Some(served), _) => kinds.extend(look(api, group, readings, served).await?),
            (None, Some(_)) => {
                kinds.extend(
                    readings
                        .into_iter()
                        .map(|reading| (reading, Found::NotServed)),
                );
            }
            (None, None) => kinds.extend(readings.into_iter().map(assumed)),
        }
    }
    Ok(kinds)
}

/// Returns the versions of every group; nothing when the server tells nobody who asks as we do.
async fn groups(api: &Api) -> Result<Option<BTreeMap<String, Vec<String>>>, Fatal> {
    let answer: Result<Groups, Failure> = ask(api, "/apis").await;
    match answer {
        Ok(Groups { groups }) => Ok(Some(
            groups
                .into_iter()
                .map(|group| {
                    let versions = group.versions.into_iter().map(|version| version.version);
                    let versions = versions.filter(|version| is_version(version));
                    (group.name, versions.take(VERSIONS).collect())
                })
                .collect(),
        )),
        Err(Failure::Unauthorized(reason)) => Err(Fatal::Unauthorized(reason)),
        Err(Failure::Refused(_) | Failure::NotFound) => Ok(None),
        Err(failure) => Err(Fatal::Unreachable(failure.to_string())),
    }
}

/// Looks for kinds in the versions of their group, the newest known one first.
async fn look(
    api: &Api,
    group: &str,
    readings: Vec<&'static Reading>,
    served: &[String],
) -> Result<Kinds, Fatal> {
    let mut resources: BTreeMap<&str, Result<Resources, Failure>> = BTreeMap::new();
    let mut kinds = Kinds::new();
    for reading in readings {
        let newest_first = reading.versions.iter().rev().copied();
        // A version that is not known is better than not to see the objects: they are named as not
        // judged. Which of several then, the server's order says.
        let others = served.iter().map(String::as_str);
        let mut versions: VecDeque<&str> = newest_first
            .filter(|version| served.iter().any(|served| served == version))
            .chain(others)
            .collect();
        let mut found = Found::NotServed;
        let mut tried = BTreeSet::new();
        while let Some(version) = versions.pop_front() {
            if !tried.insert(version) {
                continue;
            }
            if !resources.contains_key(version) {
                let path = match group {
                    "" => format!("/api/{version}"),
                    group => format!("/apis/{group}/{version}"),
                };
                resources.insert(version, ask(api, &path).await);
            }
            match resources.get(version) {
                Some(Ok(served)) => match served.scope_of(reading) {
                    None => {}
                    Some(scope) if scope == reading.scope => {
                        found = Found::In(version.to_owned());
                        break;
                    }
                    Some(_) => {
                        let other = "it is served, but not in the scope that Knight knows";
                        found = Found::Failed(other.to_owned());
                        break;
                    }
                },
                Some(Err(Failure::Unauthorized(reason))) => {
                    return Err(Fatal::Unauthorized(reason.clone()));
                }
                Some(Err(Failure::Refused(_))) => {
                    found = assumed(reading).1;
                    break;
                }
                Some(Err(Failure::NotFound)) | None => {}
                // It may well be served there.
                Some(Err(failure)) => found = Found::Failed(failure.to_string()),
            }
        }
        kinds.push((reading, found));
    }
    Ok(kinds)
}

/// Asks for a kind in the newest version that is known: whether it is served, the answer tells.
fn assumed(reading: &'static Reading) -> (&'static Reading, Found) {
    let newest = reading.versions.last().copied().unwrap_or("v1");
    (reading, Found::In(newest.to_owned()))
}

async fn ask<T: DeserializeOwned>(api: &Api, path: &str) -> Result<T, Failure> {
    let body = api.get(path, BYTES).await?;
    serde_json::from_slice(&body).map_err(|_| {
        Failure::Other(format!(
            "the answer to `{path}` is not that of a Kubernetes API server"
        ))
    })
}

/// Returns whether a text may be part of a path.
fn is_version(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= 63 && text.starts_with('v') && text.bytes().all(plain)
}

impl Resources {
    /// Returns the scope of a kind that can be listed; nothing when it is not served.
    fn scope_of(&self, reading: &Reading) -> Option<Scope> {
        let mut all = self.resources.iter();
        let found = all.find(|resource| {
            resource.name == reading.plural
                && resource.kind == reading.kind
                && resource.verbs.iter().any(|verb| verb == "list")
        })?;
        Some(if found.namespaced {
            Scope::Namespaced
        } else {
            Scope::Cluster
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_become_part_of_a_path() {
        assert!(is_version("v1") && is_version("v1alpha1"));
        for hostile in ["", "v1/../../secrets", "v1?x", "V1", "v1\n", "latest"] {
            assert!(!is_version(hostile), "{hostile}");
        }
    }
}
