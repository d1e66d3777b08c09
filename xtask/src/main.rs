//! Builds, tests and benches Knight: `cargo xtask help`.
#![expect(
    clippy::disallowed_methods,
    reason = "only the crates of the product are pure"
)]

mod bench;
mod book;
mod process;
mod test;
mod testbed;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about, disable_version_flag = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Builds what the tests need (the oracle and the test bed, in Go) and runs all tests, Rust and Go.
    Test(test::Args),
    /// Builds the oracle: a Go program that answers for the libraries of Kubernetes.
    Oracle,
    /// Builds or runs the test bed: a real Kubernetes with a real Knative, on loopback.
    #[command(subcommand)]
    Testbed(testbed::Task),
    /// Runs what CI runs: formatting, lints, documentation, the book, all tests.
    Ci,
    /// Times `knight scan` on generated and shipped manifests.
    Bench(bench::Args),
    /// Writes the generated chapters of the book.
    Book {
        /// Only says whether they are up to date.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            process::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Test(args) => test::run(&args),
        Task::Oracle => test::oracle().map(|_| ()),
        Task::Testbed(task) => testbed::task(&task),
        Task::Ci => test::ci(),
        Task::Bench(args) => bench::run(&args),
        Task::Book { check } => book::book(check),
    }
}
