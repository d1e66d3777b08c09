//! What Knight says of Knative's webhooks is what they answer.
//!
//! ```text
//! facts ──▶ ConfigMaps with one value each ─┐                       ┌─▶ refused or not
//! dice  ──▶ flags × Services, Revisions    ─┼─▶ test bed, dry run ──┼─▶ fields that are named
//! texts ──▶ objects that keep every field  ─┘                       └─▶ objects as stored
//!                     └──────────▶ Knight's own answer ──── must be equal ────┘
//! ```
//!
//! The API server, the webhooks and their settings are real. Where they and Knight differ, Knight
//! or its facts are wrong. The tables land under `target/law/`.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the test bed is what is tested against, and the tables are files"
)]

mod bed;
mod candidates;
mod dice;
mod knight;
mod names;
mod objects;
mod services;
mod settings;
mod states;
mod yaml;
