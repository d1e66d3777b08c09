//! The test bed: a real control plane with a real Knative, which is a Go program of its own.

use std::{
    ffi::OsString,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use clap::Subcommand;

use crate::process::{root, run, say, target};

/// What to do with the test bed.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Builds it into `target/testbed/`, unless what is there is of the same sources.
    Build,
    /// Builds it and runs `testbed up` with these arguments.
    Up {
        /// What to hand to `testbed up`; `-- --help` lists it.
        #[arg(last = true)]
        args: Vec<OsString>,
    },
}

/// Does a task.
pub(crate) fn task(task: &Task) -> Result<()> {
    let testbed = build()?;
    match task {
        Task::Build => {
            say(&format!("the test bed is {}", testbed.display()));
            Ok(())
        }
        Task::Up { args } => run(Command::new(testbed).arg("up").args(args)),
    }
}

/// Builds the test bed where its sources have changed, and returns where it is.
pub(crate) fn build() -> Result<PathBuf> {
    let out = target().join("testbed");
    let testbed = out.join("testbed");
    let (seal, stamp) = (out.join("stamp"), stamp()?);
    if fs::read_to_string(&seal).is_ok_and(|found| found == stamp) && whole(&out) {
        return Ok(testbed);
    }
    if !seal.exists() {
        say("building the test bed; the first time takes some ten minutes on two cores");
    }
    let start = Instant::now();
    run(go().args(["run", "./build", "-o"]).arg(&out))
        .context("the test bed needs Go 1.26 or newer (https://go.dev/dl/)")?;
    if !whole(&out) {
        bail!("`go run ./build` has not built all of the test bed");
    }
    fs::write(&seal, stamp).with_context(|| format!("cannot write `{}`", seal.display()))?;
    let seconds = start.elapsed().as_secs();
    say(&format!("built the test bed in {seconds} s"));
    Ok(testbed)
}

/// Checks the Go code of the test bed and runs its own tests.
pub(crate) fn test(testbed: &Path) -> Result<()> {
    run(go().args(["vet", "./..."]))?;
    // One package at a time: each starts test beds, and they would only slow each other down.
    let tests = ["test", "-p", "1", "-timeout", "20m", "./..."];
    run(go().args(tests).env("KNIGHT_TESTBED", testbed))
}

/// Whether every program is there.
fn whole(out: &Path) -> bool {
    let programs = [
        "testbed",
        "bin/serving-webhook",
        "bin/eventing-webhook",
        "bin/serving-controller",
        "bin/eventing-controller",
    ];
    programs.iter().all(|program| out.join(program).is_file())
}

/// Returns what stands for all that the programs are built from: the sources, the pinned versions
/// and Go itself. Another release of Rust may count differently; then the test bed is built anew.
fn stamp() -> Result<String> {
    let version = go()
        .arg("version")
        .output()
        .context("the test bed needs Go 1.26 or newer (https://go.dev/dl/)")?;
    let mut hasher = DefaultHasher::new();
    version.stdout.hash(&mut hasher);
    let source = root().join("testbed");
    for path in files(&source)? {
        let text = fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        path.strip_prefix(&source)?.hash(&mut hasher);
        text.hash(&mut hasher);
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

/// Returns the files below a folder that a build may read, in order.
fn files(source: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![source.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("cannot read the folder `{}`", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.to_string_lossy().ends_with("_test.go") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Returns `go` in the folder of the test bed. Paths are trimmed everywhere, so that building,
/// checking and testing share what is compiled: it is all of Kubernetes.
fn go() -> Command {
    let mut go = Command::new("go");
    go.current_dir(root().join("testbed"))
        .env("GOFLAGS", "-trimpath -buildvcs=false");
    go
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_stands_for_the_sources_and_not_for_the_tests() {
        let source = root().join("testbed");
        let files = files(&source).unwrap();
        let has = |name: &str| files.contains(&source.join(name));
        assert!(has("go.sum") && has("knative/go.mod") && has("build/loopback.go"));
        assert!(has("manifests/serving/core/100-namespace.yaml"));
        assert!(!has("build/loopback_test.go"));
    }

    #[test]
    fn misses_a_program_that_is_not_there() {
        assert!(!whole(Path::new("/nowhere")));
    }
}
