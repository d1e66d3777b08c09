//! Markdown for comments of pull requests and step summaries.

pub(crate) mod escape;

use std::{collections::BTreeSet, fmt::Write as _, io};

use knight_controls::{
    control::Severity,
    finding::{Finding, FindingVerdict, Group, Report},
};

use self::escape::{code, prose};
use crate::{
    Options, first, upgrade,
    words::{
        self, Count, counted, cover, covered_by, effect_note, folded_note, heading, place,
        sentence, told, why_not_judged, written_by_note,
    },
};

/// The bytes from which on groups are counted instead of shown: GitHub refuses a comment of more
/// than 65,536 characters, and the rest needs room too.
const GROUPS_END: usize = 40_000;

/// Writes headline, table, groups, and what was not read or judged.
pub(crate) fn write(report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let mut text = Text {
        text: String::new(),
        places: options.places,
    };
    text.headline(report);
    text.steps(report);
    text.table(report);
    text.groups(report);
    text.problems(report);
    text.unread(report);
    text.not_judged(report);
    text.suppressed(report);
    text.exceptions(report);
    text.claims(report);
    text.upgrade(report);
    text.line(&format!("<sub>{}</sub>", prose(&words::basis(report))));
    for note in &report.notes {
        text.line(&format!("<sub>{}</sub>", prose(note)));
    }
    out.write_all(text.text.trim_end().as_bytes())?;
    writeln!(out)
}

struct Text {
    text: String,
    places: usize,
}

impl Text {
    /// Adds a paragraph.
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push_str("\n\n");
    }

    fn headline(&mut self, report: &Report) {
        let summary = &report.summary;
        let found = match summary.findings {
            0 => "no finding".to_owned(),
            count => counted(count, "finding", "findings"),
        };
        let found = match summary.documents + summary.objects {
            0 => "nothing was read".to_owned(),
            _ if summary.judged == 0 => "nothing was judged".to_owned(),
            _ => found,
        };
        self.line(&format!("## Knight: {found}"));
        let mut counts = vec![words::judged(report)];
        for (count, what) in [
            (summary.not_judged, "not judged"),
            (summary.unknown, "unknown"),
            (summary.suppressed, "suppressed"),
        ] {
            if count > 0 {
                counts.push(format!("{} {what}", Count(count)));
            }
        }
        if summary.problems > 0 {
            counts.push(counted(summary.problems, "problem", "problems"));
        }
        self.line(&format!(
            "{}. Read: {}.",
            counts.join(", "),
            words::read(report)
        ));
    }

    fn steps(&mut self, report: &Report) {
        let steps = first::steps(report);
        for (step, lead) in steps.iter().zip(["First", "Then", "Then"]) {
            let (what, others) = (step.what(), step.others());
            let object = code(&step.object.to_string());
            let _ = writeln!(self.text, "1. **{lead}:** {what} in {object}{others}");
        }
        if !steps.is_empty() {
            self.text.push('\n');
        }
    }

    fn table(&mut self, report: &Report) {
        if report.findings.is_empty() {
            return;
        }
        self.text
            .push_str("| Severity | Findings | Objects | Unknown |\n|---|--:|--:|--:|\n");
        for severity in Severity::ALL.into_iter().rev() {
            let these = || report.findings.iter().filter(|it| it.severity == severity);
            let fails = these().filter(|it| it.verdict == FindingVerdict::Fail);
            let objects: BTreeSet<_> = these().map(|it| &it.object).collect();
            let (all, fails) = (these().count(), fails.count());
            if all > 0 {
                let counts =
                    [fails, objects.len(), all - fails].map(|count| Count(count).to_string());
                let _ = writeln!(self.text, "| {severity} | {} |", counts.join(" | "));
            }
        }
        self.text.push('\n');
    }

    fn groups(&mut self, report: &Report) {
        let groups = report.groups();
        for (at, group) in groups.iter().enumerate() {
            if self.text.len() > GROUPS_END {
                let more = counted(groups.len() - at, "more cause", "more causes");
                self.line(&format!("… and {more}, left out to keep this short."));
                return;
            }
            self.group(group);
        }
    }

    fn group(&mut self, group: &Group<'_>) {
        let Some(first) = group.findings.first() else {
            return;
        };
        let control = first.control;
        let places = counted(group.findings.len(), "place", "places");
        let (heading, id, title) = (heading(first), code(control.id), prose(control.title));
        self.line(&format!(
            "<details><summary><b>{heading}</b> {id}: {title} ({places})</summary>"
        ));
        if let Some(effect) = effect_note(first) {
            self.line(&prose(&sentence(effect)));
        }
        self.line(&prose(&sentence(control.help)));
        self.list(
            group.findings.iter().copied().map(place_and_message),
            "places",
        );
        self.line("</details>");
    }

    fn problems(&mut self, report: &Report) {
        if report.problems.is_empty() {
            return;
        }
        self.line("### Problems");
        let lines = report.problems.iter().map(|problem| {
            let at = code(&match problem.line {
                0 => problem.file.to_string(),
                line => format!("{}:{line}:{}", problem.file, problem.column),
            });
            format!("{at}: {}", prose(&problem.reason))
        });
        self.list(lines, "problems");
    }

    fn unread(&mut self, report: &Report) {
        if report.unread.is_empty() {
            return;
        }
        self.line("### Not read of the cluster");
        let lines = report.unread.iter().map(|unread| {
            let (what, open) = (words::unread(unread), words::left_open(unread));
            format!("{} {}", prose(&sentence(&what)), prose(&sentence(&open)))
        });
        self.list(lines, "lists");
    }

    fn claims(&mut self, report: &Report) {
        if report.claims.is_empty() {
            return;
        }
        self.line("### Claimed exceptions that do not count");
        let lines = report
            .claims
            .iter()
            .map(|claim| prose(&words::claim(claim)));
        self.list(lines, "claims");
    }

    fn not_judged(&mut self, report: &Report) {
        if report.not_judged.is_empty() {
            return;
        }
        self.line("### Not judged");
        let lines = report.not_judged.iter().map(|entry| {
            format!(
                "{} {}: {} (first: {})",
                Count(entry.count),
                code(&format!("{} {}", entry.api_version, entry.kind)),
                prose(why_not_judged(entry.reason)),
                code(&entry.first.to_string()),
            )
        });
        self.list(lines, "kinds");
    }

    fn suppressed(&mut self, report: &Report) {
        if report.suppressed.is_empty() {
            return;
        }
        self.line("### Suppressed");
        let lines = report.suppressed.iter().map(|suppressed| {
            let finding = &suppressed.finding;
            let mut by = cover(&suppressed.by).to_owned();
            if let Some(place) = covered_by(&suppressed.by).1 {
                let _ = write!(by, " at {}", code(&place.to_string()));
            }
            let reason = prose(&suppressed.reason);
            let (id, place) = (code(finding.control.id), code(&finding.place.to_string()));
            format!("{id} at {place}, by {by}: {reason}")
        });
        self.list(lines, "findings");
    }

    fn exceptions(&mut self, report: &Report) {
        if report.exceptions.is_empty() {
            return;
        }
        self.line("### Exceptions that need a look");
        let lines = report.exceptions.iter().map(|note| {
            format!(
                "{}: {}",
                code(&note.place.to_string()),
                prose(&note.message)
            )
        });
        self.list(lines, "exceptions");
    }

    fn upgrade(&mut self, report: &Report) {
        let Some(upgrade) = &report.upgrade else {
            return;
        };
        self.line("### Upgrade");
        self.line(&prose(&sentence(&upgrade::headline(upgrade))));
        for line in upgrade::lines(upgrade) {
            let _ = writeln!(self.text, "- {}", prose(&line));
        }
        self.text.push('\n');
    }

    fn list(&mut self, lines: impl ExactSizeIterator<Item = String>, what: &str) {
        let more = lines.len().saturating_sub(self.places);
        for line in lines.take(self.places) {
            let _ = writeln!(self.text, "- {line}");
        }
        if more > 0 {
            let _ = writeln!(self.text, "- … and {} more {what}", Count(more));
        }
        self.text.push('\n');
    }
}

fn place_and_message(finding: &Finding) -> String {
    let mut text = format!("{} {}", code(&place(finding)), prose(&told(finding)));
    if let Some(note) = folded_note(finding.folded) {
        let _ = write!(text, "; {note}");
    }
    if let Some(note) = written_by_note(finding) {
        let _ = write!(text, "; {}", prose(&note));
    }
    text
}
