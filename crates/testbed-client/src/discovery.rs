//! Which resources a server serves, and their paths.

use std::fmt::Write as _;

use serde_json::Value;

use crate::Error;

/// A resource of the API.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Resource {
    /// The group and version, such as `apps/v1`.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The name in paths.
    pub plural: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
}

impl Resource {
    /// Returns the path of an object, or of the collection where no name is given.
    ///
    /// A namespace counts only where the resource is namespaced; without one, the path is that of
    /// the collection in all namespaces.
    pub fn path(&self, namespace: Option<&str>, name: Option<&str>) -> String {
        let mut path = root(&self.api_version);
        if let Some(namespace) = namespace.filter(|_| self.namespaced) {
            path.push_str("/namespaces/");
            path.push_str(&segment(namespace));
        }
        path.push('/');
        path.push_str(&self.plural);
        if let Some(name) = name {
            path.push('/');
            path.push_str(&segment(name));
        }
        path
    }
}

/// Returns the path of a group and version.
pub(crate) fn root(api_version: &str) -> String {
    if api_version.contains('/') {
        format!("/apis/{api_version}")
    } else {
        format!("/api/{api_version}")
    }
}

/// Reads an `APIResourceList`; resources below others (`pods/status`) are left out.
pub(crate) fn resources(api_version: &str, list: &Value) -> Vec<Resource> {
    let listed = list["resources"].as_array();
    let read = |entry: &Value| {
        let plural = entry["name"].as_str()?;
        (!plural.contains('/')).then(|| {
            Some(Resource {
                api_version: api_version.to_owned(),
                kind: entry["kind"].as_str()?.to_owned(),
                plural: plural.to_owned(),
                namespaced: entry["namespaced"].as_bool()?,
            })
        })?
    };
    listed.into_iter().flatten().filter_map(read).collect()
}

/// Returns the group and version, and the kind, that an object says it has.
pub(crate) fn type_of(object: &Value) -> Result<(&str, &str), Error> {
    let api_version = object["apiVersion"]
        .as_str()
        .ok_or(Error::Object("apiVersion"))?;
    let kind = object["kind"].as_str().ok_or(Error::Object("kind"))?;
    Ok((api_version, kind))
}

/// Returns text as one segment of a path.
fn segment(text: &str) -> String {
    let mut segment = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            let _ = write!(segment, "%{byte:02X}");
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployments() -> Resource {
        Resource {
            api_version: "apps/v1".to_owned(),
            kind: "Deployment".to_owned(),
            plural: "deployments".to_owned(),
            namespaced: true,
        }
    }

    #[test]
    fn makes_paths_of_namespaced_resources() {
        let deployments = deployments();
        assert_eq!(
            deployments.path(Some("a"), Some("b")),
            "/apis/apps/v1/namespaces/a/deployments/b"
        );
        assert_eq!(deployments.path(None, None), "/apis/apps/v1/deployments");
    }

    #[test]
    fn makes_paths_of_cluster_scoped_resources_of_the_core() {
        let namespaces = Resource {
            api_version: "v1".to_owned(),
            kind: "Namespace".to_owned(),
            plural: "namespaces".to_owned(),
            namespaced: false,
        };
        assert_eq!(
            namespaces.path(Some("ignored"), Some("a")),
            "/api/v1/namespaces/a"
        );
    }

    #[test]
    fn escapes_names_in_paths() {
        assert_eq!(
            deployments().path(Some("a"), Some("../é?x")),
            "/apis/apps/v1/namespaces/a/deployments/..%2F%C3%A9%3Fx"
        );
    }

    #[test]
    fn reads_resources_without_those_below_others() {
        let list = json!({"resources": [
            {"name": "deployments", "kind": "Deployment", "namespaced": true},
            {"name": "deployments/scale", "kind": "Scale", "namespaced": true},
            {"name": 1},
        ]});
        assert_eq!(resources("apps/v1", &list), [deployments()]);
    }

    #[test]
    fn names_what_an_object_lacks() {
        let lacks = |object: Value| type_of(&object).unwrap_err().to_string();
        assert_eq!(lacks(json!({"kind": "A"})), "an object has no `apiVersion`");
        assert_eq!(
            lacks(json!({"apiVersion": "v1"})),
            "an object has no `kind`"
        );
    }
}
