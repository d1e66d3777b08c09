//! A real control plane for tests: starts the test bed and talks to its API server.
//!
//! ```text
//! test ─▶ Testbed::shared(level) ─▶ child `testbed up …` (ends with the pipe that we hold)
//!   │                                     │ kubeconfig
//!   └──────▶ Client ──── HTTPS, token ────┘
//! ```
//!
//! ```no_run
//! use knight_testbed_client::{FieldValidation, Level, Testbed};
//! use serde_json::json;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let testbed = Testbed::shared(Level::Api)?;
//! let client = testbed.client();
//! let namespace = testbed.namespaces("example").create("a", &json!({}))?;
//! let pods = client.resource("v1", "Pod")?.path(Some(&namespace), None);
//! let pod = json!({
//!     "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
//!     "spec": {"containers": [{"name": "a", "image": "a"}]},
//! });
//! let answer = client.dry_run_create(&pods, &pod, FieldValidation::Strict)?;
//! assert_eq!(answer.status, 201);
//! # Ok(())
//! # }
//! ```
//!
//! One test bed serves a whole process. `KNIGHT_TESTBED_KUBECONFIG` names a running one to use
//! instead, and `KNIGHT_TESTBED` another program than `target/testbed/testbed`. Nothing is skipped
//! when it is missing: that is an error.
//!
//! This crate knows nothing of Knight, and is only ever a dependency of tests.
#![expect(
    clippy::disallowed_methods,
    reason = "starting processes and waiting for them needs files, the environment and the clock"
)]

mod answer;
mod audit;
mod client;
mod discovery;
mod error;
mod fleet;
mod kubeconfig;
mod launch;
mod namespaces;
mod testbed;
mod wait;
mod yaml;

pub use crate::{
    answer::{Answer, Cause},
    audit::Request,
    client::{Client, FieldValidation, Patch},
    discovery::Resource,
    error::Error,
    fleet::{Chain, Fleet},
    kubeconfig::Kubeconfig,
    namespaces::Namespaces,
    testbed::{Level, Testbed},
    wait::wait_until,
    yaml::objects,
};
