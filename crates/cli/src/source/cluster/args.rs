//! The arguments that name a cluster and what is read of it.

use std::time::Duration;

use anyhow::{Result, bail};

/// The arguments of every command that reads a running cluster.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "A running cluster")]
#[group(skip)]
pub(crate) struct Args {
    /// Read the running cluster that the kubeconfig names; Knight only ever reads
    #[arg(long)]
    pub(crate) cluster: bool,

    /// The context of the kubeconfig [default: its current one]
    #[arg(long, value_name = "NAME", requires = "cluster")]
    context_name: Option<String>,

    /// Only these namespaces, and of the whole cluster what says how they are judged
    #[arg(
        long = "namespace",
        short,
        value_name = "NAMESPACE",
        value_delimiter = ',',
        value_parser = namespace
    )]
    namespaces: Vec<String>,

    /// All namespaces, as is the default
    #[arg(long, short = 'A', conflicts_with = "namespaces")]
    all_namespaces: bool,

    /// How many seconds the server may be silent before it is asked again
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(u16).range(1..=3600)
    )]
    timeout: u16,
}

/// What is asked of which cluster.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The context of the kubeconfig; its current one when nothing is said.
    pub(super) context: Option<String>,
    /// The namespaces, sorted; all when none is named.
    pub(super) namespaces: Vec<String>,
    /// How long the server may be silent.
    pub(super) patience: Duration,
}

impl Args {
    /// Returns what is asked.
    pub(crate) fn asked(&self) -> Asked {
        Asked {
            context: self.context_name.clone(),
            namespaces: self.namespaces(),
            patience: Duration::from_secs(self.timeout.into()),
        }
    }

    /// Returns the namespaces, sorted; none for all.
    pub(crate) fn namespaces(&self) -> Vec<String> {
        let mut namespaces = self.namespaces.clone();
        namespaces.sort_unstable();
        namespaces.dedup();
        namespaces
    }
}

/// Takes what the API server would take, so that nothing else becomes part of a path.
fn namespace(text: &str) -> Result<String> {
    let bytes = text.as_bytes();
    let inside = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        bail!("a namespace has a name");
    };
    if bytes.len() > 63 || !bytes.iter().all(inside) || *first == b'-' || *last == b'-' {
        bail!("namespaces have up to 63 lower-case letters, digits and `-` in between");
    }
    Ok(text.to_owned())
}
