//! The network engine held against the meaning of the specification.

mod common;
mod isolation;
mod oracle;
mod random;
mod semantics;
