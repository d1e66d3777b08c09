//! The network engine held against the meaning of the specification.

mod common;
mod oracle;
mod random;
mod semantics;
