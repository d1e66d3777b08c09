//! Kubernetes YAML and JSON as located objects and typed views
#![deny(clippy::disallowed_methods)]
