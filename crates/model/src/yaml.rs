//! YAML into trees, read as Kubernetes reads it.

mod check;
mod hop;
mod mend;
mod place;
mod reader;
mod scalars;
mod tagged;

pub(crate) use reader::{Reason, Refused, read};
pub(crate) use scalars::is_plain_string;
