//! Requests to the API server.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use ureq::{
    Agent,
    http::{Method, Request},
    tls::{Certificate, RootCerts, TlsConfig},
};

use crate::{
    Answer, Error, Kubeconfig, Resource,
    answer::warnings,
    discovery::{resources, root, type_of},
};

/// No answer is worth waiting for longer; webhooks have ten seconds by default.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How many connections stay open.
const CONNECTIONS: usize = 16;
/// How large an answer may be.
const LARGEST: u64 = 256 * 1024 * 1024;
/// Who owns the fields that tests apply.
const FIELD_MANAGER: &str = "knight-tests";

/// A client of the API server: blocking, with a pool of connections, shared by threads.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    server: String,
    authorization: String,
    discovered: Mutex<BTreeMap<String, Vec<Resource>>>,
}

/// What the server does about fields that it does not know, or that occur twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FieldValidation {
    /// It drops them silently.
    Ignore,
    /// It drops them with a warning.
    Warn,
    /// It refuses the object.
    Strict,
}

/// How the body of a patch is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Patch {
    /// A list of operations, RFC 6902.
    Json,
    /// An object to merge, RFC 7386.
    Merge,
    /// An object to merge list by list; for built-in kinds only.
    Strategic,
}

impl Client {
    /// Makes a client for the server of a kubeconfig. No connection is opened yet.
    pub fn new(kubeconfig: &Kubeconfig) -> Result<Self, Error> {
        let authority = Certificate::from_pem(&kubeconfig.authority)
            .map_err(|error| Error::Kubeconfig(error.to_string()))?;
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(vec![authority])))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            // The test bed listens on loopback; a proxy of the environment cannot reach it.
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .max_idle_connections(CONNECTIONS)
            .max_idle_connections_per_host(CONNECTIONS)
            .build()
            .new_agent();
        Ok(Self {
            agent,
            server: kubeconfig.server.clone(),
            authorization: format!("Bearer {}", kubeconfig.token()),
            discovered: Mutex::default(),
        })
    }

    /// Reads an object or a collection.
    pub fn get(&self, path: &str) -> Result<Answer, Error> {
        self.send(&Method::GET, path, None)
    }

    /// Creates an object in a collection.
    pub fn create(&self, path: &str, object: &Value) -> Result<Answer, Error> {
        self.send(&Method::POST, path, Some(object))
    }

    /// Creates an object in a collection as far as a dry run goes: every admission step, but
    /// nothing is stored.
    pub fn dry_run_create(
        &self,
        path: &str,
        object: &Value,
        validation: FieldValidation,
    ) -> Result<Answer, Error> {
        self.create(&dry_run(path, validation), object)
    }

    /// Creates an object from YAML, which the server reads, as far as a dry run goes.
    pub fn dry_run_create_yaml(
        &self,
        path: &str,
        text: &str,
        validation: FieldValidation,
    ) -> Result<Answer, Error> {
        let path = dry_run(path, validation);
        let body = Some(text.to_owned());
        self.send_text(&Method::POST, &path, body, "application/yaml")
    }

    /// Replaces an object.
    pub fn replace(&self, path: &str, object: &Value) -> Result<Answer, Error> {
        self.send(&Method::PUT, path, Some(object))
    }

    /// Replaces an object as far as a dry run goes.
    pub fn dry_run_replace(
        &self,
        path: &str,
        object: &Value,
        validation: FieldValidation,
    ) -> Result<Answer, Error> {
        self.replace(&dry_run(path, validation), object)
    }

    /// Changes an object.
    pub fn patch(&self, path: &str, patch: Patch, body: &Value) -> Result<Answer, Error> {
        self.send_as(&Method::PATCH, path, Some(body), patch.media_type())
    }

    /// Applies an object by server-side apply, taking over the fields of others.
    ///
    /// The namespace of the object counts; a namespaced object without one goes to `default`.
    pub fn apply(&self, object: &Value) -> Result<Answer, Error> {
        let path = self.path_of(object)?;
        let path = format!("{path}?fieldManager={FIELD_MANAGER}&force=true");
        self.send_as(
            &Method::PATCH,
            &path,
            Some(object),
            "application/apply-patch+yaml",
        )
    }

    /// Deletes an object.
    pub fn delete(&self, path: &str) -> Result<Answer, Error> {
        self.send(&Method::DELETE, path, None)
    }

    /// Returns a token of a service account, which is valid for an hour.
    pub fn token(&self, namespace: &str, account: &str) -> Result<String, Error> {
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
        let request = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": {"expirationSeconds": 3600},
        });
        let granted = self.create(&path, &request)?.granted("a token")?;
        let token = granted["status"]["token"].as_str();
        token
            .map(str::to_owned)
            .ok_or(Error::Object("status.token"))
    }

    /// Returns the resource of a kind; what the server serves is asked once a group and version.
    pub fn resource(&self, api_version: &str, kind: &str) -> Result<Resource, Error> {
        let find = |these: &[Resource]| these.iter().find(|this| this.kind == kind).cloned();
        let missing = || Error::NoResource {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
        };
        let known = |client: &Self| {
            let discovered = client.discovered.lock();
            let discovered = discovered.unwrap_or_else(PoisonError::into_inner);
            discovered.get(api_version).and_then(|these| find(these))
        };
        if let Some(resource) = known(self) {
            return Ok(resource);
        }
        // What was not there may be by now: a CRD may have come.
        let answer = self.get(&root(api_version))?;
        if answer.status == 404 {
            return Err(missing());
        }
        let listed = resources(api_version, &answer.granted("discovery")?);
        let found = find(&listed).ok_or_else(missing);
        let discovered = self.discovered.lock();
        discovered
            .unwrap_or_else(PoisonError::into_inner)
            .insert(api_version.to_owned(), listed);
        found
    }

    /// Returns all resources that the server serves, in every version.
    pub fn served(&self) -> Result<Vec<Resource>, Error> {
        let mut served = resources("v1", &self.get("/api/v1")?.granted("discovery")?);
        let groups = self.get("/apis")?.granted("discovery")?;
        let groups = groups["groups"].as_array().cloned().unwrap_or_default();
        for group in &groups {
            for version in group["versions"].as_array().into_iter().flatten() {
                let api_version = version["groupVersion"].as_str();
                let api_version = api_version.ok_or(Error::Object("groupVersion"))?;
                let listed = self.get(&root(api_version))?.granted("discovery")?;
                served.extend(resources(api_version, &listed));
            }
        }
        Ok(served)
    }

    /// Returns the path of an object.
    ///
    /// A namespaced object without a namespace lies in `default`.
    pub fn path_of(&self, object: &Value) -> Result<String, Error> {
        let name = object["metadata"]["name"]
            .as_str()
            .ok_or(Error::Object("metadata.name"))?;
        self.path_in(object, None, Some(name))
    }

    /// Returns the path of the collection that an object is created in.
    ///
    /// A given namespace wins over that of the object.
    pub fn collection_of(&self, object: &Value, namespace: Option<&str>) -> Result<String, Error> {
        self.path_in(object, namespace, None)
    }

    fn path_in(
        &self,
        object: &Value,
        namespace: Option<&str>,
        name: Option<&str>,
    ) -> Result<String, Error> {
        let (api_version, kind) = type_of(object)?;
        let namespace = namespace
            .or_else(|| object["metadata"]["namespace"].as_str())
            .unwrap_or("default");
        Ok(self
            .resource(api_version, kind)?
            .path(Some(namespace), name))
    }

    fn send(&self, method: &Method, path: &str, body: Option<&Value>) -> Result<Answer, Error> {
        self.send_as(method, path, body, "application/json")
    }

    fn send_as(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        media_type: &str,
    ) -> Result<Answer, Error> {
        self.send_text(method, path, body.map(Value::to_string), media_type)
    }

    fn send_text(
        &self,
        method: &Method,
        path: &str,
        body: Option<String>,
        media_type: &str,
    ) -> Result<Answer, Error> {
        let failed = |source| Error::Request {
            method: method.to_string(),
            path: path.to_owned(),
            source: Arc::new(source),
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.server))
            .header("Authorization", &self.authorization)
            .header("Accept", "application/json");
        let answered = match body {
            Some(body) => request
                .header("Content-Type", media_type)
                .body(body)
                .map_err(ureq::Error::from)
                .and_then(|request| self.agent.run(request)),
            None => request
                .body(())
                .map_err(ureq::Error::from)
                .and_then(|request| self.agent.run(request)),
        };
        let mut answer = answered.map_err(failed)?;
        let warnings = answer
            .headers()
            .get_all("Warning")
            .iter()
            .flat_map(|header| warnings(&String::from_utf8_lossy(header.as_bytes())))
            .collect();
        let read = answer.body_mut().with_config().limit(LARGEST).read_to_vec();
        let bytes = read.map_err(failed)?;
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes)
                // Some refusals, such as those of requests that are too large, are plain text.
                .or_else(|error| match answer.status().as_u16() {
                    200..300 => Err(error),
                    _ => Ok(json!({
                        "message": String::from_utf8_lossy(&bytes),
                    })),
                })
                .map_err(|source| Error::Body {
                    method: method.to_string(),
                    path: path.to_owned(),
                    source: Arc::new(source),
                })?
        };
        Ok(Answer {
            status: answer.status().as_u16(),
            body,
            warnings,
        })
    }
}

impl FieldValidation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ignore => "Ignore",
            Self::Warn => "Warn",
            Self::Strict => "Strict",
        }
    }
}

impl Patch {
    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json-patch+json",
            Self::Merge => "application/merge-patch+json",
            Self::Strategic => "application/strategic-merge-patch+json",
        }
    }
}

fn dry_run(path: &str, validation: FieldValidation) -> String {
    format!(
        "{path}?dryRun=All&fieldManager={FIELD_MANAGER}&fieldValidation={}",
        validation.as_str()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_dry_runs_in_the_path() {
        assert_eq!(
            dry_run("/api/v1/namespaces", FieldValidation::Strict),
            "/api/v1/namespaces?dryRun=All&fieldManager=knight-tests&fieldValidation=Strict"
        );
    }

    #[test]
    fn names_the_media_type_of_each_patch() {
        assert_eq!(
            [Patch::Json, Patch::Merge, Patch::Strategic].map(Patch::media_type),
            [
                "application/json-patch+json",
                "application/merge-patch+json",
                "application/strategic-merge-patch+json",
            ]
        );
    }
}
