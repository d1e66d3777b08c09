//! What Kubernetes' own libraries read in a text is what this crate reads.
//!
//! A Go program with the pinned libraries answers for Kubernetes; `cargo xtask test` builds it.
#![expect(clippy::disallowed_methods, reason = "tests read their data")]

mod answers;
mod corpus;
mod exceptions;
mod generated;
mod reading;
