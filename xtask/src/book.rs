//! The book: chapters written by hand, and those that follow from the catalogue and the facts.
//!
//! Generated are `SUMMARY.md`, `flows.md`, `controls.md` with a chapter a control below it, and
//! `mappings.md`.
//! They are committed, so that the book reads well without a build, and `--check` says when they are
//! stale.

mod flows;
mod generated;
mod links;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use crate::process::{root, say};

/// The chapters that people write, in the order of the book. Their titles stand in the files.
const WRITTEN: &[&str] = &[
    "introduction.md",
    "getting-started.md",
    "findings.md",
    "configuration.md",
    "profiles.md",
    "clusters.md",
    "ci.md",
    "output.md",
    "comparing.md",
    "snapshots.md",
    "reach.md",
    "yaml.md",
    "as-admitted.md",
    "facts.md",
    "rules.md",
    "testbed.md",
];

/// Files by their path below `src/`, with forward slashes.
type Files = BTreeMap<String, String>;

/// Writes the generated chapters, or only says whether they are up to date; and checks that the
/// book is whole.
pub(crate) fn book(check: bool) -> Result<()> {
    let src = root().join("docs").join("book").join("src");
    let found = read(&src)?;
    let mut titles = Vec::new();
    for name in WRITTEN {
        let text = found
            .get(*name)
            .with_context(|| format!("the chapter `{name}` is missing"))?;
        let title = text.lines().next().and_then(|line| line.strip_prefix("# "));
        titles.push((
            *name,
            title.with_context(|| format!("`{name}` does not begin with a title"))?,
        ));
    }
    let generated = generated::files(&titles);
    let stale = stale(&found, &generated);
    if check {
        if !stale.is_empty() {
            bail!(
                "run `cargo xtask book`, these are stale: {}",
                stale.join(", ")
            );
        }
    } else {
        for name in &stale {
            write(&src, name, generated.get(name.as_str()).map(String::as_str))?;
        }
        say(&format!(
            "the book: {} of {} generated files written",
            stale.len(),
            generated.len()
        ));
    }
    let mut whole = found;
    whole.retain(|name, _| !is_generated(name));
    whole.extend(generated);
    let broken = links::broken(&whole);
    if !broken.is_empty() {
        bail!("the book is not whole:\n{}", broken.join("\n"));
    }
    Ok(())
}

/// Whether a file follows from the catalogue or the facts.
fn is_generated(name: &str) -> bool {
    let by_name = ["SUMMARY.md", "controls.md", "flows.md", "mappings.md"].contains(&name);
    by_name || name.starts_with("controls/")
}

/// Returns the files that are not as they should be, those that should not be there included.
fn stale(found: &Files, generated: &Files) -> Vec<String> {
    let names: BTreeSet<&String> = generated
        .keys()
        .chain(found.keys().filter(|name| is_generated(name)))
        .collect();
    names
        .into_iter()
        .filter(|name| found.get(*name) != generated.get(*name))
        .cloned()
        .collect()
}

/// Writes a file, or takes it away when nothing is to stand in it.
fn write(src: &Path, name: &str, text: Option<&str>) -> Result<()> {
    let path = src.join(name);
    let done = match text {
        Some(text) => {
            fs::create_dir_all(path.parent().unwrap_or(src))?;
            fs::write(&path, text)
        }
        None => fs::remove_file(&path),
    };
    done.with_context(|| format!("cannot write `{}`", path.display()))
}

/// Reads every file below a folder.
fn read(src: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut folders: Vec<PathBuf> = vec![src.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("cannot read the folder `{}`", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read `{}`", path.display()))?;
            let below = path.strip_prefix(src)?;
            let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            // A checkout on Windows may have other line breaks.
            files.insert(parts.join("/"), text.replace("\r\n", "\n"));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_is_up_to_date_and_whole() {
        book(true).unwrap();
    }

    #[test]
    fn stale_are_files_that_differ_are_missing_or_are_too_many() {
        let files = |list: &[(&str, &str)]| -> Files {
            list.iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect()
        };
        let found = files(&[
            ("controls.md", "old"),
            ("controls/pod/gone.md", ""),
            ("introduction.md", "# Mine\n"),
            ("mappings.md", "same"),
        ]);
        let wanted = files(&[
            ("SUMMARY.md", ""),
            ("controls.md", "new"),
            ("mappings.md", "same"),
        ]);
        assert_eq!(
            stale(&found, &wanted),
            ["SUMMARY.md", "controls.md", "controls/pod/gone.md"]
        );
    }
}
