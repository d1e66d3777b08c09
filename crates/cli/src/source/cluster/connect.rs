//! From the kubeconfig to an API server.

use std::env;

use anyhow::{Result, anyhow, bail};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, KubeconfigError},
};

use super::{
    api::{Api, auth_error, line},
    args::Asked,
};
use crate::terminal::Terminal;

/// Finds the cluster as kubectl does: `KUBECONFIG`, else `~/.kube/config`, else the cluster whose pod
/// this is.
pub(super) async fn connect(asked: &Asked) -> Result<Api> {
    let mut config = config(asked.context.as_deref()).await?;
    config.connect_timeout = Some(asked.patience);
    // What is asked again, when and how often is decided in one place, by us.
    config.default_retry = false;
    if config.accept_invalid_certs {
        Terminal::warning(
            "the kubeconfig says `insecure-skip-tls-verify`: anybody on the way may answer for the \
             cluster, and read the credentials",
        );
    }
    let client = Client::try_from(config).map_err(|error| match auth_error(&error) {
        Some(failed) => anyhow!("{failed}"),
        None => anyhow!(
            "the kubeconfig cannot be used: {}",
            line(&error.to_string())
        ),
    })?;
    Ok(Api::new(client, asked.patience))
}

async fn config(context: Option<&str>) -> Result<Config> {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let home = env::home_dir().filter(|home| !home.as_os_str().is_empty());
    let at_home = home.is_some_and(|home| home.join(".kube/config").exists());
    if context.is_some() || set("KUBECONFIG") || at_home {
        let options = KubeConfigOptions {
            context: context.map(str::to_owned),
            ..KubeConfigOptions::default()
        };
        let config = Config::from_kubeconfig(&options).await;
        return config.map_err(|error| explain(&error));
    }
    if !set("KUBERNETES_SERVICE_HOST") {
        bail!(
            "no cluster is named: there is no KUBECONFIG and no ~/.kube/config, and this is no pod \
             of a cluster"
        );
    }
    Config::incluster().map_err(|error| {
        let error = line(&error.to_string());
        anyhow!("this is a pod of a cluster, but it cannot reach its API server: {error}")
    })
}

/// Says what is wrong with a kubeconfig, and nothing that is written in it besides names.
fn explain(error: &KubeconfigError) -> anyhow::Error {
    match error {
        // The parser quotes the text that it cannot read, which may be a credential.
        KubeconfigError::Parse(_) => {
            anyhow!("the kubeconfig cannot be read: its YAML is not that of a kubeconfig")
        }
        KubeconfigError::ReadConfig(error, path) => {
            let (path, error) = (line(&path.to_string_lossy()), line(&error.to_string()));
            anyhow!("the kubeconfig `{path}` cannot be read: {error}")
        }
        KubeconfigError::CurrentContextNotSet => anyhow!(
            "the kubeconfig has no current context: --context-name chooses one, and \
             `kubectl config get-contexts` lists them"
        ),
        KubeconfigError::LoadContext(name) => {
            anyhow!("the kubeconfig has no context `{}`", line(name))
        }
        other => anyhow!(
            "the kubeconfig cannot be used: {}",
            line(&other.to_string())
        ),
    }
}
