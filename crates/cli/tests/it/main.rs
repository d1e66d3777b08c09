//! The real binary: what goes in, what comes out, how it ends.
#![expect(
    clippy::disallowed_methods,
    reason = "tests write files and start a process"
)]

mod bad_input;
mod baseline;
mod common;
mod compare;
mod completions;
mod configuration;
mod context;
mod examples;
mod exceptions;
mod explain;
mod fix;
mod formats;
mod init;
mod list;
mod names;
mod preview;
mod reach;
mod scan;
mod secrets;
mod settings;
mod snapshot;
