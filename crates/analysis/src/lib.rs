//! Pure questions to a cluster of objects, each answered with a witness.
#![deny(clippy::disallowed_methods)]

pub mod reach;
pub mod secure_defaults;
pub mod webhook;
