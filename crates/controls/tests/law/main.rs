//! The laws of the rule language, held against the libraries of Kubernetes.
//!
//! Every rule is judged twice, natively and as the CEL of its policy, and the two must agree; the
//! controls of the Pod Security Standards must agree with Pod Security Admission. What the
//! libraries say comes from the Go program in `oracle/`.
//!
//! Everything is generated from fixed seeds: a failure shows the smallest object that still fails.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests read manifests, and show and leave tables"
)]

mod cost;
mod dice;
mod expressions;
mod given;
mod language;
mod matching;
mod material;
mod objects;
mod oracle;
mod pod_security;
mod policies;
mod redaction;
mod server;
mod shape;
mod shrink;
mod typed;
mod vocabulary;
