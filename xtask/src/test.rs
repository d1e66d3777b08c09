//! All tests, with what they need.

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;

use crate::{
    book,
    process::{cargo, root, say, target},
    testbed,
};

/// How to run the tests.
#[derive(ClapArgs, Debug)]
pub(crate) struct Args {
    /// Skips the Go tests of the oracle and the test bed; both are built all the same.
    #[arg(long)]
    rust_only: bool,
    /// What to hand to `cargo test`.
    #[arg(last = true)]
    cargo: Vec<String>,
}

/// Builds the oracle and the test bed, and runs every test.
pub(crate) fn run(args: &Args) -> Result<()> {
    let oracle = oracle()?;
    let testbed = testbed::build()?;
    if !args.rust_only {
        crate::process::run(go().args(["vet", "./..."]))?;
        crate::process::run(go().args(["test", "./..."]))?;
        testbed::test(&testbed)?;
    }
    let mut tests = cargo();
    tests
        .args(["test", "--workspace", "--locked"])
        .args(&args.cargo);
    tests.env("KNIGHT_ORACLE", oracle);
    crate::process::run(tests.env("KNIGHT_TESTBED", testbed))
}

/// Builds the oracle, and returns where it is.
pub(crate) fn oracle() -> Result<PathBuf> {
    let oracle = target().join("oracle").join("oracle");
    let built = crate::process::run(
        go().args(["build", "-trimpath", "-o"])
            .arg(&oracle)
            .arg("."),
    );
    built.context("the tests need Go 1.26 or newer (https://go.dev/dl/)")?;
    Ok(oracle)
}

/// Runs what CI runs.
pub(crate) fn ci() -> Result<()> {
    run_cargo(&["fmt", "--all", "--check"])?;
    let lint = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    run_cargo(&lint)?;
    let mut docs = cargo();
    docs.args([
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
        "--locked",
    ]);
    crate::process::run(docs.env("RUSTDOCFLAGS", "-D warnings"))?;
    book::book(true)?;
    fuzzers()?;
    run(&Args {
        rust_only: false,
        cargo: Vec::new(),
    })?;
    say("everything that CI checks holds");
    Ok(())
}

/// Checks that the fuzz targets, which are no members of the workspace, still compile.
fn fuzzers() -> Result<()> {
    let mut check = cargo();
    check.args(["check", "--locked", "--manifest-path"]);
    check.arg(root().join("fuzz").join("Cargo.toml"));
    check.arg("--target-dir").arg(target().join("fuzz"));
    crate::process::run(&mut check)
}

fn run_cargo(args: &[&str]) -> Result<()> {
    crate::process::run(cargo().args(args))
}

fn go() -> Command {
    let mut go = Command::new("go");
    go.current_dir(root().join("oracle"));
    go
}
