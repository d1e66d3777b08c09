//! Kubernetes YAML and JSON as located objects and typed views.
//!
//! ```text
//! bytes ──decode──▶ Source ──split──▶ texts ──read──▶ Document (located tree) ──▶ Object ──▶ views
//! ```
#![deny(clippy::disallowed_methods)]

pub mod comments;
pub mod edit;
mod json;
pub mod load;
pub mod patch;
pub mod path;
pub mod source;
pub mod tree;
mod yaml;

pub use load::{Loaded, Problem, ProblemKind, load};
pub use tree::Limits;

pub mod admitted;
pub mod cluster;
pub mod mask;
pub mod network;
pub mod object;
pub mod place;
pub mod settings;
pub mod snapshot;
pub mod versions;
pub mod workload;

#[cfg(test)]
mod testing;
