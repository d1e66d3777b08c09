//! Texts in and out: what Kubernetes' own libraries read is what this crate reads, and what it
//! writes into a text is what it means to write.
//!
//! A Go program with the pinned libraries answers for Kubernetes; `cargo xtask test` builds it.
#![expect(clippy::disallowed_methods, reason = "tests read their data")]
#![expect(clippy::string_slice, reason = "a test may panic")]
#![expect(clippy::format_push_string, reason = "tests print for people")]

mod answers;
mod corpus;
mod exceptions;
mod generated;
mod limits;
mod patching;
mod printing;
mod properties;
mod reading;
mod spans;
