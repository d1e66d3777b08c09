//! What is read: files, folders and stdin, each under a name that depends on no working directory.
//!
//! Every name is relative to one *base*. The root of an argument is the nearest folder above it
//! that holds `.git` or `knight.yaml`, else the argument itself (of a file, its folder). Where all
//! arguments have one root, it is the base; else the base is the nearest folder above all roots, so
//! that two files never share a name.

pub(crate) mod cluster;
mod name;
mod read;
pub(crate) mod snapshot;
mod walk;

use std::{
    collections::BTreeSet,
    env, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use ignore::gitignore::Gitignore;
use knight_model::{Problem, ProblemKind};

use crate::terminal::printable;

pub(crate) use name::relative;
pub(crate) use read::{Reader, why};

/// The name of the configuration file.
pub(crate) const CONFIG: &str = "knight.yaml";

/// The name of standard input in reports.
pub(crate) const STDIN: &str = "<stdin>";

/// What is written before the names of files that are read for context only.
const CONTEXT: &str = "context:";

/// What the command line names, resolved.
#[derive(Debug)]
pub(crate) struct Named {
    stdin: bool,
    places: Vec<NamedPlace>,
    /// What could not be found, as problems.
    missing: Vec<Problem>,
    /// The folder that names are relative to.
    base: PathBuf,
    roots: BTreeSet<PathBuf>,
}

#[derive(Debug)]
struct NamedPlace {
    path: PathBuf,
    is_folder: bool,
}

/// One file to read, or stdin.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Input {
    /// The name that reports show.
    pub(crate) name: Arc<str>,
    /// Where it is; nowhere for stdin.
    pub(crate) path: Option<PathBuf>,
    /// Whether the command line names it, rather than a folder above it.
    pub(crate) named: bool,
}

/// Everything there is to read.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The files, by name.
    pub(crate) inputs: Vec<Input>,
    /// How many files ignore files left out.
    pub(crate) ignored: usize,
    /// What cannot be read.
    pub(crate) problems: Vec<Problem>,
    /// Whether something that the command line names cannot be read.
    pub(crate) failed: bool,
}

impl Named {
    /// Looks up what the command line names; `-` is stdin.
    pub(crate) fn resolve(paths: &[PathBuf]) -> Result<Self> {
        let mut stdin = false;
        let mut places = Vec::new();
        let mut missing = Vec::new();
        for path in paths {
            if path.as_os_str() == "-" {
                stdin = true;
                continue;
            }
            match NamedPlace::resolve(path) {
                Ok(place) => places.push(place),
                Err(error) => {
                    missing.push(unreadable(
                        &printable(&path.to_string_lossy()),
                        &why(&error),
                    ));
                }
            }
        }
        let mut roots: BTreeSet<PathBuf> = places.iter().map(NamedPlace::root).collect();
        if roots.is_empty() {
            let here = env::current_dir().context("there is no working directory")?;
            roots.insert(marked(&here).unwrap_or(&here).to_owned());
        }
        let base = common(&roots);
        Ok(Self {
            stdin,
            places,
            missing,
            base,
            roots,
        })
    }

    /// Returns the configuration files of the roots.
    pub(crate) fn configs(&self) -> Vec<PathBuf> {
        let configs = self.roots.iter().map(|root| root.join(CONFIG));
        configs.filter(|config| config.is_file()).collect()
    }

    /// Returns the folder that names are relative to.
    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    /// Finds the files to judge; `left_out` are the patterns of the configuration.
    pub(crate) fn find(self, left_out: &Gitignore) -> Found {
        self.find_as("", left_out)
    }

    /// Finds files that are read for context only: their names cannot be those of others.
    pub(crate) fn find_context(self) -> Found {
        self.find_as(CONTEXT, &Gitignore::empty())
    }

    fn find_as(self, prefix: &str, left_out: &Gitignore) -> Found {
        let mut found = Found {
            failed: !self.missing.is_empty(),
            problems: self.missing,
            ..Found::default()
        };
        let name = |path: &Path| format!("{prefix}{}", relative(path, &self.base));
        if self.stdin {
            let name = format!("{prefix}{STDIN}").into();
            found.inputs.push(Input {
                name,
                path: None,
                named: true,
            });
        }
        for place in &self.places {
            if !place.is_folder {
                let input = Input {
                    name: name(&place.path).into(),
                    path: Some(place.path.clone()),
                    named: true,
                };
                found.inputs.push(input);
                continue;
            }
            let walked = walk::walk(&place.path, &self.base, left_out);
            found.ignored += walked.ignored;
            for (path, reason) in walked.problems {
                found.problems.push(unreadable(&name(&path), &reason));
            }
            if walked.files.is_empty() {
                let folder = match name(&place.path) {
                    name if name == prefix => format!("{prefix}."),
                    name => name,
                };
                found
                    .problems
                    .push(unreadable(&folder, "this folder holds no manifest"));
                found.failed = true;
            }
            found
                .inputs
                .extend(walked.files.into_iter().map(|path| Input {
                    name: name(&path).into(),
                    path: Some(path),
                    named: false,
                }));
        }
        // What is named twice, by itself and by a folder, counts as named.
        found
            .inputs
            .sort_by(|a, b| (&a.name, !a.named).cmp(&(&b.name, !b.named)));
        found.inputs.dedup_by(|next, kept| next.name == kept.name);
        found.problems.sort();
        found.problems.dedup();
        found
    }
}

impl NamedPlace {
    fn resolve(path: &Path) -> io::Result<Self> {
        if fs::metadata(path)?.is_dir() {
            return Ok(Self {
                path: fs::canonicalize(path)?,
                is_folder: true,
            });
        }
        // The name is the one that was given, be it that of a link.
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        Ok(Self {
            path: fs::canonicalize(folder)?.join(name),
            is_folder: false,
        })
    }

    fn root(&self) -> PathBuf {
        let folder = match self.path.parent() {
            Some(parent) if !self.is_folder => parent,
            _ => &self.path,
        };
        marked(folder).unwrap_or(folder).to_owned()
    }
}

/// Returns the nearest folder, this one or above, that says that it is a root.
fn marked(folder: &Path) -> Option<&Path> {
    folder
        .ancestors()
        .find(|folder| folder.join(".git").exists() || folder.join(CONFIG).is_file())
}

/// Returns the nearest folder above all of some, which are not none.
fn common(roots: &BTreeSet<PathBuf>) -> PathBuf {
    let mut all = roots.iter();
    let Some(first) = all.next() else {
        return PathBuf::new();
    };
    let mut common = first.as_path();
    for root in all {
        while !root.starts_with(common) {
            match common.parent() {
                Some(parent) => common = parent,
                None => return PathBuf::new(),
            }
        }
    }
    common.to_owned()
}

fn unreadable(name: &str, reason: &str) -> Problem {
    Problem {
        file: name.into(),
        line: 1,
        column: 1,
        kind: ProblemKind::Unreadable,
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_meet_in_the_nearest_folder_above_them() {
        let common = |paths: &[&str]| common(&paths.iter().map(PathBuf::from).collect());
        assert_eq!(common(&["/a/b", "/a/c/d"]), Path::new("/a"));
        assert_eq!(common(&["/a/b", "/a/bc"]), Path::new("/a"));
        assert_eq!(common(&["/a/b", "/a/b/c"]), Path::new("/a/b"));
        assert_eq!(common(&["/a", "/b"]), Path::new("/"));
    }
}
