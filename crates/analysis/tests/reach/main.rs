//! The network engine held against the meaning of the specification.

mod common;
mod documentation;
mod explain;
mod isolation;
mod oracle;
mod random;
mod semantics;
mod sizes;
