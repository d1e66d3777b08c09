//! Every output format of Knight
#![deny(clippy::disallowed_methods)]
