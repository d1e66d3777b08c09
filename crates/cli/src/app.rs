//! The subcommands, and how one is run.

use std::{ffi::OsString, io, path::Path};

use clap::{ColorChoice, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::{
    completions,
    exit::Exit,
    explain, init, list, reach, scan, snapshot,
    terminal::{self, Color, Terminal},
};

/// Finds what is unsafe in a Knative cluster that several teams share.
#[derive(Debug, Parser)]
#[command(
    name = "knight",
    version,
    max_term_width = 100,
    infer_long_args = false
)]
#[command(subcommand_required = true, arg_required_else_help = true)]
struct App {
    /// When to use colours; wins over `NO_COLOR` and `CLICOLOR_FORCE`
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    color: Color,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scan(Box<scan::Args>),
    Reach(Box<reach::Args>),
    Explain(explain::Args),
    List(list::Args),
    Snapshot(snapshot::Args),
    Init(init::Args),
    Completions(completions::Args),
}

/// Runs what the arguments say; the first is the program's own name.
pub(crate) fn run(arguments: Vec<OsString>) -> Exit {
    let mut command = command(arguments.first());
    let color = terminal::early_color(&arguments);
    command = command.color(match color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    });
    let parsed = command
        .try_get_matches_from_mut(arguments)
        .and_then(|matches| App::from_arg_matches(&matches));
    let app = match parsed {
        Ok(app) => app,
        Err(error) => {
            // Help and version are no errors, and nobody is left to tell of a closed pipe.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::CouldNotRun
            } else {
                Exit::Clean
            };
        }
    };
    let terminal = Terminal::new(app.color);
    let result = match app.command {
        Command::Scan(args) => scan::run(&args, &terminal),
        Command::Reach(args) => reach::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::List(args) => list::run(&args),
        Command::Snapshot(args) => snapshot::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Completions(args) => completions::run(&args, command),
    };
    match result {
        Ok(exit) => exit,
        Err(error) if is_broken_pipe(&error) => Exit::Clean,
        Err(error) => {
            Terminal::error(&format!("{error:#}"));
            Exit::CouldNotRun
        }
    }
}

/// Returns the command, named as it was called: `kubectl knight` and `kn knight` for plugins.
fn command(program: Option<&OsString>) -> clap::Command {
    let stem = program.and_then(|program| Path::new(program).file_stem()?.to_str());
    let command = App::command();
    match stem {
        Some("kubectl-knight") => command
            .bin_name("kubectl knight")
            .display_name("kubectl knight"),
        Some("kn-knight") => command.bin_name("kn knight").display_name("kn knight"),
        _ => command,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        command(None).debug_assert();
    }
}
