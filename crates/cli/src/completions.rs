//! `knight completions`: scripts that complete the command line.

use anyhow::Result;
use clap_complete::Shell;

use crate::exit::Exit;

/// Prints a script that completes Knight's command line in a shell
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

/// Prints the script of a shell.
pub(crate) fn run(args: &Args, mut command: clap::Command) -> Result<Exit> {
    use std::io::Write as _;

    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "knight", &mut script);
    std::io::stdout().lock().write_all(&script)?;
    Ok(Exit::Clean)
}
