//! What the process says to its caller when it ends.

use std::process::ExitCode;

/// The exit codes of every subcommand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    /// 0: every selected control passes, or there was nothing to judge by. Also when whoever read
    /// the output stopped doing so.
    Clean,
    /// 1: a control fails, or cannot be told to hold, at or above the level of `--fail-on`.
    Findings,
    /// 2: the arguments or the configuration are wrong, or what was named could not be read.
    CouldNotRun,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::CouldNotRun => 2,
        })
    }
}
