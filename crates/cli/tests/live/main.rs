//! Knight against a real control plane with a real Knative in it.
//!
//! One test bed serves all tests here; each works in namespaces of its own. `cargo xtask testbed build`
//! builds it, and without it these tests fail.
#![expect(
    clippy::disallowed_methods,
    reason = "tests read files and start processes"
)]

mod access;
mod claims;
mod common;
mod folding;
mod hostile;
mod settings;
mod snapshots;
