//! Who asked the API server for what, as its audit log says.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde::Deserialize;

use crate::{Client, Error, wait_until};

/// How long a request may take into the log after its answer was read.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request that the API server answered, or began to.
///
/// The log leaves out what the administrator and the components of the test bed ask.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Request {
    /// Who asked.
    pub user: String,
    /// What for, in the words of RBAC: `get`, `list`, `watch`, `create` …; in lower case the HTTP
    /// method where the path is none of a resource.
    pub verb: String,
    /// The path with its query.
    pub uri: String,
    /// The API group of the resource; empty for the core group and for paths of no resource.
    pub group: String,
    /// The resource, with what lies below it (`pods/log`); empty for paths of no resource.
    pub resource: String,
    /// The namespace; empty for all of them, and for what lies in none.
    pub namespace: String,
    /// The status of the answer; 0 where none was given.
    pub code: u16,
}

/// The audit log of a test bed.
#[derive(Debug)]
pub(crate) struct Audit {
    path: PathBuf,
}

/// A line of the log, as far as it is of use.
///
/// <https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/#audit-k8s-io-v1-Event>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(rename = "requestURI")]
    request_uri: String,
    verb: String,
    user: User,
    #[serde(default)]
    object_ref: Object,
    #[serde(default)]
    response_status: Status,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    username: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Object {
    api_group: String,
    resource: String,
    subresource: String,
    namespace: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    code: u16,
}

impl Audit {
    /// Returns the policy that the API server logs by.
    pub(crate) fn policy() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("audit-policy.yaml")
    }

    /// Returns the log of a test bed in this folder.
    pub(crate) fn of(folder: &Path) -> Self {
        Self {
            path: folder.join("run").join("audit.log"),
        }
    }

    /// Returns all requests that were answered before this call, in the order of the log.
    ///
    /// The server logs a request when it is done with it, which may be a moment after its answer was
    /// read. So `client`, which must be one whose requests are logged, asks for `mark` here, and
    /// what is in the log when that has come is returned.
    pub(crate) fn requests(&self, client: &Client, mark: &str) -> Result<Vec<Request>, Error> {
        // Whether it is granted does not matter.
        client.get(mark)?;
        wait_until(PATIENCE, "a request in the audit log", || {
            let requests = self.read()?;
            let arrived = requests.iter().any(|request| request.uri == mark);
            Ok(arrived.then_some(requests))
        })
    }

    fn read(&self) -> Result<Vec<Request>, Error> {
        let text = fs::read_to_string(&self.path).map_err(|source| Error::Read {
            path: self.path.clone(),
            source: Arc::new(source),
        })?;
        requests(&text)
    }
}

/// Reads whole lines of a log; the last may still be on its way.
fn requests(text: &str) -> Result<Vec<Request>, Error> {
    text.split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n'))
        .map(|line| match serde_json::from_str::<Event>(line) {
            Ok(event) => Ok(Request::from(event)),
            Err(source) => Err(Error::Audit {
                line: line.to_owned(),
                source: Arc::new(source),
            }),
        })
        .collect()
}

impl From<Event> for Request {
    fn from(event: Event) -> Self {
        let object = event.object_ref;
        let mut resource = object.resource;
        if !object.subresource.is_empty() {
            resource.push('/');
            resource.push_str(&object.subresource);
        }
        Self {
            user: event.user.username,
            verb: event.verb,
            uri: event.request_uri,
            group: object.api_group,
            resource,
            namespace: object.namespace,
            code: event.response_status.code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = concat!(
        r#"{"kind":"Event","level":"Metadata","stage":"ResponseComplete","#,
        r#""requestURI":"/apis/apps/v1/namespaces/a/deployments/b/scale?x=1","verb":"patch","#,
        r#""user":{"username":"mallory","groups":["system:authenticated"]},"#,
        r#""objectRef":{"resource":"deployments","namespace":"a","name":"b","apiGroup":"apps","#,
        r#""apiVersion":"v1","subresource":"scale"},"responseStatus":{"code":403}}"#,
        "\n",
        r#"{"requestURI":"/version","verb":"get","user":{"username":"mallory"}}"#,
        "\n",
        r#"{"requestURI":"/on-its"#,
    );

    #[test]
    fn reads_who_asked_for_what() {
        let scale = Request {
            user: "mallory".to_owned(),
            verb: "patch".to_owned(),
            uri: "/apis/apps/v1/namespaces/a/deployments/b/scale?x=1".to_owned(),
            group: "apps".to_owned(),
            resource: "deployments/scale".to_owned(),
            namespace: "a".to_owned(),
            code: 403,
        };
        let version = Request {
            user: "mallory".to_owned(),
            verb: "get".to_owned(),
            uri: "/version".to_owned(),
            group: String::new(),
            resource: String::new(),
            namespace: String::new(),
            code: 0,
        };
        assert_eq!(requests(LOG).unwrap(), [scale, version]);
    }

    #[test]
    fn rejects_a_whole_line_that_is_no_event() {
        let error = requests("{}\n").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the audit log says `{}`, which does not read: missing field"),
            "{error}"
        );
    }
}
