//! Fixes: the files as they would be, and how they come to be so.

mod diff;
mod write;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::Result;
use knight_controls::{
    control::Safety,
    finding::{Finding, Fix, Report},
};
use knight_model::{
    Limits,
    patch::{RefusedReason, patch},
    source::{Source, Span},
    tree::Document,
};

use super::{documents::Text, pass::Scan, setup::Setup};
use crate::{source::Input, terminal::Terminal};

/// How often fixes may make way for others.
const ROUNDS: usize = 4;

/// Which fixes are made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Which {
    /// Those that cannot stop or change a running workload.
    Safe,
    /// The others too.
    All,
}

/// What fixing comes to.
#[derive(Debug, Default)]
struct Mended {
    files: Vec<MendedFile>,
    /// Fixes that were not made, and why.
    dropped: Vec<String>,
}

/// A file with fixes made.
#[derive(Debug)]
struct MendedFile {
    input: Input,
    before: Arc<Source>,
    after: String,
    fixes: usize,
}

/// Fixes files and scans them again, until nothing more can be fixed; returns what is left.
pub(super) fn fix(setup: &Setup, mut report: Report, which: Which) -> Report {
    let mut fixes = 0;
    let mut files = BTreeSet::new();
    for _ in 0..ROUNDS {
        let mended = mend(setup, &report, which);
        let mut dropped = mended.dropped;
        let before = fixes;
        for file in &mended.files {
            match write::write(file, setup.base()) {
                Ok(()) => {
                    fixes += file.fixes;
                    files.insert(Arc::clone(&file.input.name));
                }
                Err(error) => {
                    dropped.push(format!("`{}` was not fixed: {error:#}", file.input.name));
                }
            }
        }
        if fixes == before {
            report.notes.extend(dropped);
            break;
        }
        report = Scan::new(setup).run().report;
    }
    Terminal::note(&format!(
        "made {} in {}",
        counted(fixes, "fix", "fixes"),
        counted(files.len(), "file", "files")
    ));
    report
}

/// Prints what [`fix`] would change in its first round.
pub(super) fn diff(
    setup: &Setup,
    report: &Report,
    which: Which,
    terminal: &Terminal,
) -> Result<()> {
    let mended = mend(setup, report, which);
    diff::write(&mended.files, terminal)?;
    mended
        .dropped
        .iter()
        .for_each(|dropped| Terminal::note(dropped));
    let fixes = mended.files.iter().map(|file| file.fixes).sum();
    Terminal::note(&format!(
        "{} could be made in {}",
        counted(fixes, "fix", "fixes"),
        counted(mended.files.len(), "file", "files")
    ));
    Ok(())
}

/// Makes the fixes of a report in memory.
fn mend(setup: &Setup, report: &Report, which: Which) -> Mended {
    let inputs = setup.inputs();
    let mut by_file: BTreeMap<&str, BTreeMap<usize, Vec<&Finding>>> = BTreeMap::new();
    for finding in &report.findings {
        // An object of a cluster is mended where it comes from.
        let Some(fix) = finding.fix.as_ref().filter(|_| finding.place.is_written()) else {
            continue;
        };
        if fix.safety == Safety::Unsafe && which == Which::Safe {
            continue;
        }
        let of_file = by_file.entry(&finding.place.file).or_default();
        of_file.entry(fix.document).or_default().push(finding);
    }
    let mut mended = Mended::default();
    for (name, documents) in by_file {
        let Some(input) = inputs.get(name) else {
            continue;
        };
        match setup.reader.read(input) {
            Ok(source) => mended.file(input, &source, documents),
            Err(problem) => mended.dropped.push(problem.to_string()),
        }
    }
    mended
}

impl Mended {
    fn file(
        &mut self,
        input: &Input,
        source: &Arc<Source>,
        mut wanted: BTreeMap<usize, Vec<&Finding>>,
    ) {
        let mut changed: Vec<(Span, String)> = Vec::new();
        let mut fixes = 0;
        let read = Text::new(Arc::clone(source)).read_some(&Limits::default(), |_| true);
        for read in read {
            let (Some(document), Some(findings)) = (read.document, wanted.remove(&read.index))
            else {
                continue;
            };
            let (text, made) = self.document(&document, findings);
            if made > 0 {
                fixes += made;
                changed.push((document.span(), text));
            }
        }
        if fixes > 0 {
            self.files.push(MendedFile {
                input: input.clone(),
                before: Arc::clone(source),
                after: splice(source.text(), &changed),
                fixes,
            });
        }
    }

    /// Makes fixes in one document, the last in the text first: what one takes out of a list cannot
    /// move what another is about.
    fn document(&mut self, document: &Document, mut findings: Vec<&Finding>) -> (String, usize) {
        findings.sort_by_key(|finding| (Reverse(&finding.place), finding.control.id));
        let mut now = document.clone();
        let mut made = 0;
        for finding in findings {
            let edits: Vec<_> = finding.fix.iter().map(Fix::edit).collect();
            match patch(&now, &edits) {
                Ok(patched) => {
                    now = patched.document;
                    made += 1;
                }
                // Another fix did the same.
                Err(refused) if made > 0 && refused.reason == RefusedReason::NothingToDo => {}
                Err(refused) => self.dropped.push(format!(
                    "`{}` at {} was not fixed: {}",
                    finding.control.id, finding.place, refused.reason
                )),
            }
        }
        (now.source().slice(now.span()).to_owned(), made)
    }
}

/// Returns a text with stretches of it replaced, which are in order and do not overlap.
fn splice(text: &str, changed: &[(Span, String)]) -> String {
    let mut spliced = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for (span, new) in changed {
        spliced.push_str(text.get(at..span.range().start).unwrap_or_default());
        spliced.push_str(new);
        at = span.range().end;
    }
    spliced.push_str(text.get(at..).unwrap_or_default());
    spliced
}

pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
