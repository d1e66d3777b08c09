//! The command line of Knight.
fn main() {}
