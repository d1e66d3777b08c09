//! Other scanners, installed from their own registries at pinned versions.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::process::{run, target};

/// A scanner to compare with.
#[derive(Debug)]
pub(crate) struct Peer {
    /// Its name.
    pub(crate) name: &'static str,
    program: PathBuf,
    arguments: fn(&Path) -> Vec<PathBuf>,
}

impl Peer {
    /// Returns the command that scans a folder.
    pub(crate) fn command(&self, input: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args((self.arguments)(input));
        command
    }
}

/// Installs the scanners where they are missing.
pub(crate) fn install() -> Result<Vec<Peer>> {
    let folder = target().join("peers");
    fs::create_dir_all(&folder)?;
    let kube_score = folder.join("kube-score");
    if !kube_score.exists() {
        let mut go = Command::new("go");
        go.args([
            "install",
            "github.com/zegl/kube-score/cmd/kube-score@v1.20.0",
        ]);
        run(go.env("GOBIN", &folder)).context("kube-score needs Go and its module proxy")?;
    }
    let venv = folder.join("checkov");
    let checkov = venv.join("bin").join("checkov");
    if !checkov.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        let pip = venv.join("bin").join("pip");
        run(Command::new(pip).args(["install", "--quiet", "checkov==3.3.30"]))
            .context("checkov needs Python and its package index")?;
    }
    Ok(vec![
        Peer {
            name: "kube-score",
            program: kube_score,
            arguments: score,
        },
        Peer {
            name: "checkov",
            program: checkov,
            arguments: check,
        },
    ])
}

/// kube-score takes files, not folders.
fn score(input: &Path) -> Vec<PathBuf> {
    let mut arguments: Vec<PathBuf> = vec!["score".into(), "--output-format".into(), "ci".into()];
    arguments.extend(manifests(input));
    arguments
}

fn check(input: &Path) -> Vec<PathBuf> {
    let fixed = [
        "--quiet",
        "--compact",
        "--framework",
        "kubernetes",
        "--soft-fail",
        "--directory",
    ];
    fixed
        .into_iter()
        .map(PathBuf::from)
        .chain([input.to_owned()])
        .collect()
}

fn manifests(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
