//! The rule language, the catalogue of controls and the engine that judges.
//!
//! ```text
//! Document ─▶ objects ─▶ as admitted ─▶ rules ─▶ offences ─▶ findings ─▶ Report
//!                                        │
//!                                        └─▶ CEL of a ValidatingAdmissionPolicy (same verdict)
//! ```
//!
//! This crate reads no file, no clock and no environment. It never says that something is safe
//! because it could not tell: what it cannot tell is `Unknown`.
#![deny(clippy::disallowed_methods)]

pub mod baseline;
pub mod catalogue;
pub mod cluster_rule;
pub mod compare;
pub mod config;
pub mod control;
pub mod engine;
pub mod exceptions;
pub mod finding;
pub mod identity;
pub mod parameters;
pub mod policy;
pub mod redact;
pub mod rule;
mod setting;
pub mod upgrade;
pub mod words;
pub mod written_rule;
