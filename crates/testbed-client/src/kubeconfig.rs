//! Where a server is and how to prove who one is, as a kubeconfig says.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::json;

use crate::Error;

/// What one context of a kubeconfig says, as far as bearer tokens go.
#[derive(Clone, Eq, PartialEq)]
pub struct Kubeconfig {
    /// The address of the server, without a slash at its end.
    pub server: String,
    /// The certificate of the authority that signed the server's, in PEM.
    pub authority: Vec<u8>,
    token: String,
}

impl std::fmt::Debug for Kubeconfig {
    /// Leaves the token out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kubeconfig")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl Kubeconfig {
    /// Reads a context of a kubeconfig file, the current one where none is named.
    pub fn read(path: &Path, context: Option<&str>) -> Result<Self, Error> {
        let text = read(path)?;
        let text =
            String::from_utf8(text).map_err(|_| Error::Kubeconfig("it is not UTF-8".to_owned()))?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        Self::parse(&text, folder, context)
    }

    /// Reads a context of a kubeconfig in a folder, which relative file names start from.
    fn parse(text: &str, folder: &Path, context: Option<&str>) -> Result<Self, Error> {
        let documents =
            Yaml::load_from_str(text).map_err(|error| Error::Kubeconfig(error.to_string()))?;
        let file = documents
            .first()
            .ok_or_else(|| Error::Kubeconfig("it is empty".to_owned()))?;
        let context = match context {
            Some(context) => context,
            None => text_at(file, "current-context")?,
        };
        let context = named(file, "contexts", context, "context")?;
        let cluster = named(file, "clusters", text_at(context, "cluster")?, "cluster")?;
        let user = named(file, "users", text_at(context, "user")?, "user")?;
        let authority = match text_at(cluster, "certificate-authority-data") {
            Ok(data) => BASE64_STANDARD
                .decode(data)
                .map_err(|error| Error::Kubeconfig(error.to_string()))?,
            Err(_) => read(&in_folder(
                folder,
                text_at(cluster, "certificate-authority")?,
            ))?,
        };
        let token = match text_at(user, "token") {
            Ok(token) => token.to_owned(),
            Err(_) => {
                String::from_utf8_lossy(&read(&in_folder(folder, text_at(user, "tokenFile")?))?)
                    .trim()
                    .to_owned()
            }
        };
        Ok(Self {
            server: text_at(cluster, "server")?.trim_end_matches('/').to_owned(),
            authority,
            token,
        })
    }

    /// Returns the kubeconfig of another user of the same server, who has this token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// Returns it as text of a file with one context; the token is in it.
    pub fn to_text(&self) -> String {
        // JSON is YAML, and quotes what needs quotes.
        let name = "testbed";
        let text = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": name,
            "clusters": [{"name": name, "cluster": {
                "server": self.server,
                "certificate-authority-data": BASE64_STANDARD.encode(&self.authority),
            }}],
            "users": [{"name": name, "user": {"token": self.token}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        });
        format!("{text}\n")
    }

    /// Returns the bearer token.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }
}

/// Returns the entry of a list with this name.
fn named<'y>(
    file: &'y Yaml<'y>,
    list: &str,
    name: &str,
    what: &str,
) -> Result<&'y Yaml<'y>, Error> {
    file.as_mapping_get(list)
        .and_then(Yaml::as_sequence)
        .into_iter()
        .flatten()
        .find(|entry| text_at(entry, "name").is_ok_and(|found| found == name))
        .and_then(|entry| entry.as_mapping_get(what))
        .ok_or_else(|| Error::Kubeconfig(format!("it has no {what} `{name}`")))
}

fn text_at<'y>(map: &'y Yaml<'y>, key: &str) -> Result<&'y str, Error> {
    map.as_mapping_get(key)
        .and_then(Yaml::as_str)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Error::Kubeconfig(format!("`{key}` is missing")))
}

fn in_folder(folder: &Path, file: &str) -> PathBuf {
    folder.join(file)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source: Arc::new(source),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
apiVersion: v1
kind: Config
current-context: admin
clusters:
- name: here
  cluster:
    server: https://127.0.0.1:6443/
    certificate-authority-data: UEVN
contexts:
- name: admin
  context: {cluster: here, user: admin}
- name: limited
  context: {cluster: here, user: developer}
- name: lost
  context: {cluster: elsewhere, user: developer}
users:
- name: admin
  user: {token: abc}
- name: developer
  user: {token: def}
";

    fn parse(context: Option<&str>) -> Result<Kubeconfig, Error> {
        Kubeconfig::parse(FILE, Path::new("."), context)
    }

    fn expected(token: &str) -> Kubeconfig {
        Kubeconfig {
            server: "https://127.0.0.1:6443".to_owned(),
            authority: b"PEM".to_vec(),
            token: token.to_owned(),
        }
    }

    #[test]
    fn reads_the_current_context() {
        assert_eq!(parse(None).unwrap(), expected("abc"));
    }

    #[test]
    fn reads_a_context_by_name() {
        assert_eq!(parse(Some("limited")).unwrap(), expected("def"));
    }

    #[test]
    fn rejects_what_the_file_does_not_name() {
        let says = |context| parse(Some(context)).unwrap_err().to_string();
        assert_eq!(
            says("other"),
            "the kubeconfig cannot be used: it has no context `other`"
        );
        assert_eq!(
            says("lost"),
            "the kubeconfig cannot be used: it has no cluster `elsewhere`"
        );
    }

    #[test]
    fn rejects_what_is_no_kubeconfig() {
        for text in ["", "a", "[", "current-context: 1"] {
            let read = Kubeconfig::parse(text, Path::new("."), None);
            assert!(matches!(read, Err(Error::Kubeconfig(_))), "{text}");
        }
    }

    #[test]
    fn reads_what_it_writes() {
        let other = parse(None).unwrap().with_token("\"x: y\"");
        let read = Kubeconfig::parse(&other.to_text(), Path::new("."), None);
        assert_eq!((read.unwrap(), other.token()), (other.clone(), "\"x: y\""));
    }

    #[test]
    fn keeps_the_token_out_of_debug_output() {
        assert_eq!(
            format!("{:?}", expected("abc")),
            r#"Kubeconfig { server: "https://127.0.0.1:6443", .. }"#
        );
    }
}
