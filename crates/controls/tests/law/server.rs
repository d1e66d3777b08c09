//! The laws, held against a real API server with the kinds, webhooks and controllers of Knative.
//!
//! A policy judges an object as admission made it: with defaults filled in and fields dropped. What
//! that is, a dry run tells in a *twin*, a namespace that differs only in that no policy acts on it.
//! Then the same request is sent where the policy acts, and its answer must be what the native
//! reading says of the twin's.
//!
//! The namespaces carry `webhooks.knative.dev/exclude`, as Knative's webhooks refuse by themselves
//! much of what policies are for, and would hide them; manifests of users are also sent to
//! namespaces without it.

mod asked;
mod bound;
mod catalogue;
mod derived;
mod fit;
mod generate;
mod given;
mod lifecycle;
mod mend;
mod owners;
mod place;
mod pod_security;
mod samples;
mod served;
mod trial;

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::Value;

use knight_testbed_client::{Answer, Client, Error, Level, Testbed};

/// How many requests are under way at a time. Most of their time is spent in the API server.
const THREADS: usize = 8;

/// Returns the test bed of this process, or says what is missing.
pub(crate) fn testbed() -> &'static Testbed {
    Testbed::shared(Level::Full).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns an answer of the server; where there is none, the end of the test bed's log tells why.
pub(crate) fn answered(answer: Result<Answer, Error>) -> Answer {
    answer.unwrap_or_else(|error| panic!("{error}\nthe test bed said:\n{}", testbed().log()))
}

/// Returns what the server granted, where a test cannot go on without.
pub(crate) fn granted(answer: Result<Answer, Error>, what: &str) -> Value {
    let granted = answered(answer).granted(what);
    granted.unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the threads that send requests.
pub(crate) fn threads() -> &'static ThreadPool {
    static THREADS_OF_ALL: OnceLock<ThreadPool> = OnceLock::new();
    THREADS_OF_ALL.get_or_init(|| {
        let built = ThreadPoolBuilder::new().num_threads(THREADS).build();
        built.expect("threads can be started")
    })
}

/// Returns the minor of the server.
pub(crate) fn minor(client: &Client) -> u16 {
    let version = granted(client.get("/version"), "the version");
    let minor = version["minor"]
        .as_str()
        .expect("it has a minor")
        .trim_end_matches('+');
    minor.parse().expect("a minor is a number")
}
