//! What can go wrong.

use std::{io, path::PathBuf, sync::Arc};

/// Why the test bed, or a request to it, failed.
///
/// An answer of the server that refuses something is no error: it is an [`Answer`](crate::Answer).
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The program of the test bed is not there.
    #[error("there is no test bed at `{}`: `cargo xtask testbed build` builds it", .0.display())]
    Missing(PathBuf),
    /// The program could not be started.
    #[error("could not start `{}`: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// The program ended before it was ready.
    #[error("the test bed ended before it was ready; it said:\n{log}")]
    Ended {
        /// The last lines that it wrote.
        log: String,
    },
    /// The program did not get ready in time.
    #[error("the test bed was not ready within {seconds} seconds; it said:\n{log}")]
    NotReady {
        /// How long it was given.
        seconds: u64,
        /// The last lines that it wrote.
        log: String,
    },
    /// What the program says when it is ready did not read.
    #[error("the test bed said `{line}` where it was to say that it is ready: {source}")]
    Ready {
        /// What it said.
        line: String,
        /// What is wrong with it.
        source: Arc<serde_json::Error>,
    },
    /// A process has one test bed, and it was started with less than is asked now.
    #[error("a test bed of level {asked:?} is asked for, but this process runs one of {running:?}")]
    Level {
        /// What is asked.
        asked: crate::Level,
        /// What runs.
        running: crate::Level,
    },
    /// A file could not be read.
    #[error("could not read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// A kubeconfig says something that cannot be used.
    #[error("the kubeconfig cannot be used: {0}")]
    Kubeconfig(String),
    /// A manifest does not read.
    #[error("the manifest cannot be used: {0}")]
    Manifest(String),
    /// A request got no answer.
    #[error("{method} {path} got no answer: {source}")]
    Request {
        /// The method.
        method: String,
        /// The path.
        path: String,
        /// Why.
        source: Arc<ureq::Error>,
    },
    /// The answer to a request is no JSON.
    #[error("the answer to {method} {path} is no JSON: {source}")]
    Body {
        /// The method.
        method: String,
        /// The path.
        path: String,
        /// What is wrong with it.
        source: Arc<serde_json::Error>,
    },
    /// The server refused what a test cannot do without.
    #[error("{what} was refused with {status}: {message}")]
    Refused {
        /// What was asked.
        what: String,
        /// The status.
        status: u16,
        /// What the server said.
        message: String,
    },
    /// The server serves no such kind.
    #[error("the server serves no `{kind}` of `{api_version}`")]
    NoResource {
        /// The group and version.
        api_version: String,
        /// The kind.
        kind: String,
    },
    /// The audit log says something that does not read.
    #[error("the audit log says `{line}`, which does not read: {source}")]
    Audit {
        /// The line.
        line: String,
        /// What is wrong with it.
        source: Arc<serde_json::Error>,
    },
    /// Only a test bed that this process started has an audit log that can be read.
    #[error(
        "who sent which requests is known of a test bed of this process only, and \
         `KNIGHT_TESTBED_KUBECONFIG` names another"
    )]
    NotAudited,
    /// An object lacks what its path is made of.
    #[error("an object has no `{0}`")]
    Object(&'static str),
    /// Something did not come about in time.
    #[error("{what} did not come about within {seconds} seconds")]
    Timeout {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
    },
}
