//! YAML into trees, read as Kubernetes reads it.

mod check;
mod mend;
mod place;
mod reader;
mod scalars;

pub(crate) use reader::{Reason, Refused, read};
pub(crate) use scalars::is_plain_string;
