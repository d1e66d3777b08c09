//! Builds, tests and benches Knight.
fn main() {}
