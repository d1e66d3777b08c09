//! Knight makes a Knative cluster safe to share.
//!
//! ```text
//! arguments ─▶ knight.yaml ─▶ files ─▶ context ─▶ Engine ─▶ Report ─▶ stdout, files
//! ```
//!
//! The command line is the only crate that reads files, the environment and the clock. Results go
//! to stdout, everything else to stderr.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where files, the environment and the clock are read"
)]

mod app;
mod completions;
mod exit;
mod explain;
mod init;
mod list;
mod reach;
mod scan;
mod settings;
mod snapshot;
mod source;
mod terminal;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A scan makes small things by the million on every core, and drops most of them at once.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    app::run(std::env::args_os().collect()).into()
}
