//! Pure questions to a cluster of objects
#![deny(clippy::disallowed_methods)]
