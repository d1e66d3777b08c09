//! Facts about Knative and Kubernetes by version, as data with sources
#![deny(clippy::disallowed_methods)]
