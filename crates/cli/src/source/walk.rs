//! The manifests below a folder.
//!
//! `.knightignore`, `.ignore` and `.gitignore` are honoured from the base down, the nearer before
//! the farther and in this order in one folder. Ignore files outside of the base do not count: the
//! result is the same on every machine. Hidden files and folders are passed over.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs::{self, DirEntry},
    path::{Path, PathBuf},
    rc::Rc,
};

use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder},
};

use super::{CONFIG, why};

/// The names of ignore files; the first wins.
const IGNORE_FILES: [&str; 3] = [".knightignore", ".ignore", ".gitignore"];

/// What a walk met.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// The manifests.
    pub(super) files: Vec<PathBuf>,
    /// How many ignore files left out.
    pub(super) ignored: usize,
    /// What could not be read, and why.
    pub(super) problems: Vec<(PathBuf, String)>,
}

/// The rules of one folder, and those above it.
#[derive(Debug)]
struct Rules {
    own: Vec<Gitignore>,
    above: Option<Rc<Self>>,
}

/// Walks a folder; `left_out` are patterns that win over ignore files.
pub(super) fn walk(folder: &Path, base: &Path, left_out: &Gitignore) -> Walked {
    let mut walk = Walk {
        walked: Walked::default(),
        left_out,
        top: folder,
        links: Vec::new(),
    };
    let mut rules = Rc::new(Rules {
        own: Vec::new(),
        above: None,
    });
    let mut above: Vec<&Path> = folder.ancestors().skip(1).collect();
    above.retain(|above| above.starts_with(base));
    for above in above.into_iter().rev() {
        rules = walk.rules_in(above, &IGNORE_FILES, rules);
    }
    let mut open = vec![(folder.to_owned(), rules)];
    while let Some((folder, rules)) = open.pop() {
        walk.folder(&folder, rules, &mut open);
    }
    walk.finish()
}

struct Walk<'a> {
    walked: Walked,
    left_out: &'a Gitignore,
    top: &'a Path,
    /// Links to files, with what they lead to.
    links: Vec<(PathBuf, PathBuf)>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, rules: Rc<Rules>, open: &mut Vec<(PathBuf, Rc<Rules>)>) {
        let entries: Vec<DirEntry> = match fs::read_dir(folder).and_then(Iterator::collect) {
            Ok(entries) => entries,
            Err(error) => return self.problem(folder, &why(&error)),
        };
        let names: Vec<&str> = IGNORE_FILES
            .into_iter()
            .filter(|name| entries.iter().any(|entry| entry.file_name() == *name))
            .collect();
        let rules = self.rules_in(folder, &names, rules);
        for entry in entries {
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    if self.leaves_out(&rules, &path, true) {
                        self.walked.ignored += manifests_below(&path);
                    } else {
                        open.push((path, Rc::clone(&rules)));
                    }
                }
                Ok(kind) if kind.is_symlink() => self.link(path, &name, &rules),
                Ok(kind) => self.file(path, &name, &rules, kind.is_file()),
                Err(error) => self.problem(&path, &why(&error)),
            }
        }
    }

    fn file(&mut self, path: PathBuf, name: &OsStr, rules: &Rules, is_file: bool) {
        if !is_manifest(name) {
            return;
        }
        if self.leaves_out(rules, &path, false) {
            self.walked.ignored += 1;
        } else if is_file {
            self.walked.files.push(path);
        } else {
            self.problem(&path, "not a file, though it has the name of one");
        }
    }

    fn link(&mut self, path: PathBuf, name: &OsStr, rules: &Rules) {
        let target = match fs::canonicalize(&path) {
            Ok(target) => target,
            // A broken link hides something only where a manifest should be.
            Err(error) if is_manifest(name) => return self.problem(&path, &why(&error)),
            Err(_) => return,
        };
        if !target.is_dir() {
            if is_manifest(name) && !self.leaves_out(rules, &path, false) {
                self.links.push((path, target));
            }
            return;
        }
        // What lies in the folder is met there; following links elsewhere could lead anywhere.
        if !target.starts_with(self.top) && !self.leaves_out(rules, &path, true) {
            let reason = "a link to a folder outside of the one that is scanned is not followed: \
                          name that folder to have it read";
            self.problem(&path, reason);
        }
    }

    fn leaves_out(&self, rules: &Rules, path: &Path, is_folder: bool) -> bool {
        match self.left_out.matched(path, is_folder) {
            Match::Ignore(_) => true,
            Match::Whitelist(_) => false,
            Match::None => rules.ignore(path, is_folder),
        }
    }

    fn rules_in(&mut self, folder: &Path, names: &[&str], above: Rc<Rules>) -> Rc<Rules> {
        let mut own = Vec::new();
        for path in names.iter().map(|name| folder.join(name)) {
            if !path.is_file() {
                continue;
            }
            let mut builder = GitignoreBuilder::new(folder);
            if builder.add(&path).is_some() {
                self.problem(&path, "a pattern of this ignore file cannot be read");
            }
            match builder.build() {
                Ok(rules) => own.push(rules),
                Err(_) => self.problem(&path, "the patterns of this ignore file cannot be read"),
            }
        }
        if own.is_empty() {
            above
        } else {
            Rc::new(Rules {
                own,
                above: Some(above),
            })
        }
    }

    fn problem(&mut self, path: &Path, reason: &str) {
        self.walked
            .problems
            .push((path.to_owned(), reason.to_owned()));
    }

    /// Adds the links that lead to files which are not met anyway.
    fn finish(mut self) -> Walked {
        self.links.sort();
        let mut known: BTreeSet<PathBuf> = if self.links.is_empty() {
            BTreeSet::new()
        } else {
            self.walked.files.iter().cloned().collect()
        };
        for (link, target) in self.links {
            if known.insert(target) {
                self.walked.files.push(link);
            }
        }
        self.walked
    }
}

impl Rules {
    fn ignore(&self, path: &Path, is_folder: bool) -> bool {
        let mut rules = Some(self);
        while let Some(here) = rules {
            for own in &here.own {
                match own.matched(path, is_folder) {
                    Match::Ignore(_) => return true,
                    Match::Whitelist(_) => return false,
                    Match::None => {}
                }
            }
            rules = here.above.as_deref();
        }
        false
    }
}

/// Returns how many files below a folder look like manifests.
fn manifests_below(folder: &Path) -> usize {
    let mut count = 0;
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            match entry.file_type() {
                _ if name.as_encoded_bytes().starts_with(b".") => {}
                Ok(kind) if kind.is_dir() => open.push(entry.path()),
                Ok(_) if is_manifest(&name) => count += 1,
                _ => {}
            }
        }
    }
    count
}

/// Returns whether a file of a folder has the name of a manifest; the configuration is none.
fn is_manifest(name: &OsStr) -> bool {
    let extension = Path::new(name).extension().unwrap_or_default();
    name != CONFIG
        && ["yaml", "yml", "json"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
}
