//! What the findings come to.

use std::{cmp::Reverse, collections::BTreeMap, fmt::Write as _, io};

use knight_controls::finding::{FindingVerdict, NotJudged, NotJudgedReason, Report};

use super::Strong;
use crate::{
    Colour, Options,
    clean::clean,
    first, upgrade,
    words::{self, Count, counted, cover, covered_by, why_not_judged},
};

/// Writes the closing lines, each led by what it is about.
pub(super) fn write(report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let mut closing = Closing {
        colour: options.colour,
        places: options.places,
        out,
    };
    closing.first(report)?;
    closing.found(report)?;
    closing.read(report)?;
    closing.not_judged(report)?;
    closing.unknown(report)?;
    closing.suppressed(report)?;
    closing.exceptions(report)?;
    closing.claims(report)?;
    closing.upgrade(report)?;
    closing.line("Basis", &words::basis(report))?;
    for note in &report.notes {
        closing.line("Note", note)?;
    }
    Ok(())
}

/// Writes everything that is counted on one line.
pub(super) fn write_line(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let summary = &report.summary;
    let mut parts = vec![words::found(report)];
    for (count, one, many) in [
        (summary.unknown, "unknown verdict", "unknown verdicts"),
        (
            summary.suppressed,
            "suppressed finding",
            "suppressed findings",
        ),
        (summary.problems, "problem", "problems"),
        (report.unread.len(), "unread list", "unread lists"),
        (
            report.exceptions.len(),
            "exception that needs a look",
            "exceptions that need a look",
        ),
        (
            report.claims.len(),
            "claim that does not count",
            "claims that do not count",
        ),
    ] {
        if count > 0 {
            parts.push(counted(count, one, many));
        }
    }
    let mut judged = words::judged(report);
    if summary.not_judged > 0 {
        let _ = write!(judged, ", {} not", Count(summary.not_judged));
    }
    writeln!(out, "{}; {judged}.", parts.join(", "))
}

struct Closing<'o> {
    colour: Colour,
    places: usize,
    out: &'o mut dyn io::Write,
}

impl Closing<'_> {
    fn first(&mut self, report: &Report) -> io::Result<()> {
        let steps = first::steps(report);
        for (at, step) in steps.iter().enumerate() {
            let lead = if at == 0 { "First" } else { "Then" };
            let because = if step.decides_for_others {
                "; it decides for the workloads of everyone"
            } else {
                ""
            };
            let text = format!(
                "{} in {}{}{because}",
                step.what(),
                step.object,
                step.others()
            );
            self.line(lead, &text)?;
        }
        if !steps.is_empty() {
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn found(&mut self, report: &Report) -> io::Result<()> {
        if report.summary.judged == 0 {
            return writeln!(self.out, "{}.", words::judged(report));
        }
        let found = match report.summary.findings {
            0 => "no finding".to_owned(),
            1.. => words::found(report),
        };
        let refused = report
            .findings
            .iter()
            .filter(|finding| finding.verdict == FindingVerdict::Fail && words::is_refused(finding))
            .count();
        let refused = match refused {
            0 => String::new(),
            count => format!(
                "; {} in objects that Knative's webhook refuses",
                Count(count)
            ),
        };
        let folded = match report.summary.folded {
            0 => String::new(),
            count => format!("; {} more in what their objects own", Count(count)),
        };
        self.line(
            "Found",
            &format!("{found}{refused}{folded}; {}", words::judged(report)),
        )
    }

    fn read(&mut self, report: &Report) -> io::Result<()> {
        let mut text = words::read(report);
        let broken = report
            .problems
            .iter()
            .filter(|problem| problem.hides_document())
            .count();
        if broken > 0 {
            let problems = counted(broken, "problem", "problems");
            let _ = write!(text, "; {problems} above hid what could not be read");
        }
        self.line("Read", &text)
    }

    fn not_judged(&mut self, report: &Report) -> io::Result<()> {
        if report.not_judged.is_empty() {
            return Ok(());
        }
        let objects = counted(report.summary.not_judged, "object", "objects");
        let kinds = counted(report.not_judged.len(), "kind", "kinds");
        if report.summary.files == 0 {
            return self.line("Not judged", &in_one_line(report, &objects));
        }
        self.line("Not judged", &format!("{objects} of {kinds}"))?;
        let lines = report.not_judged.iter().map(|entry| {
            let first = match entry.count {
                1 => format!("at {}", entry.first),
                _ => format!("the first at {}", entry.first),
            };
            let (kind, api_version) = (&entry.kind, &entry.api_version);
            let why = why_not_judged(entry.reason);
            format!(
                "{} {kind} of {api_version}: {why} ({first})",
                Count(entry.count)
            )
        });
        self.list(lines, "kinds")
    }

    fn unknown(&mut self, report: &Report) -> io::Result<()> {
        if report.summary.unknown == 0 {
            return Ok(());
        }
        let mut by_control: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &report.findings {
            match finding.verdict {
                FindingVerdict::Unknown => *by_control.entry(finding.control.id).or_default() += 1,
                FindingVerdict::Fail => {}
            }
        }
        let verdicts = counted(report.summary.unknown, "verdict", "verdicts");
        self.line("Unknown", &format!("{verdicts}, none of them a pass"))?;
        let lines = by_control
            .iter()
            .map(|(id, count)| format!("{} of {id}", Count(*count)));
        self.list(lines, "controls")
    }

    fn suppressed(&mut self, report: &Report) -> io::Result<()> {
        if report.suppressed.is_empty() {
            return Ok(());
        }
        let mut by_means: BTreeMap<&str, usize> = BTreeMap::new();
        for suppressed in &report.suppressed {
            *by_means.entry(cover(&suppressed.by)).or_default() += 1;
        }
        let means: Vec<_> = by_means
            .iter()
            .map(|(by, count)| format!("{} by {by}", Count(*count)))
            .collect();
        let findings = counted(report.summary.suppressed, "finding", "findings");
        self.line(
            "Suppressed",
            &format!("{findings}: {}", words::joined(&means)),
        )?;
        let lines = report.suppressed.iter().map(|suppressed| {
            let finding = &suppressed.finding;
            let mut by = cover(&suppressed.by).to_owned();
            if let Some(place) = covered_by(&suppressed.by).1 {
                let _ = write!(by, " at {place}");
            }
            let (id, place, object) = (finding.control.id, &finding.place, &finding.object);
            format!(
                "{id} at {place} in {object}, by {by}: {}",
                suppressed.reason
            )
        });
        self.list(lines, "findings")
    }

    fn exceptions(&mut self, report: &Report) -> io::Result<()> {
        if report.exceptions.is_empty() {
            return Ok(());
        }
        let count = report.exceptions.len();
        self.line("Exceptions", &counted(count, "needs a look", "need a look"))?;
        let lines = report
            .exceptions
            .iter()
            .map(|note| format!("{}: {}", note.place, note.message));
        self.list(lines, "exceptions")
    }

    fn claims(&mut self, report: &Report) -> io::Result<()> {
        if report.claims.is_empty() {
            return Ok(());
        }
        let claims = counted(report.claims.len(), "exception", "exceptions");
        let text = format!(
            "{claims} by annotations, which do not count in a cluster: only knight.yaml allows"
        );
        self.line("Claimed", &text)?;
        self.list(report.claims.iter().map(words::claim), "claims")
    }

    fn upgrade(&mut self, report: &Report) -> io::Result<()> {
        let Some(upgrade) = &report.upgrade else {
            return Ok(());
        };
        self.line("Upgrade", &upgrade::headline(upgrade))?;
        // It is for planning: nothing of it is left out.
        for line in upgrade::lines(upgrade) {
            writeln!(self.out, "  - {}", clean(&line))?;
        }
        Ok(())
    }

    fn line(&mut self, lead: &str, text: &str) -> io::Result<()> {
        writeln!(
            self.out,
            "{} {}",
            Strong(self.colour, &format!("{lead}:")),
            clean(text)
        )
    }

    fn list(&mut self, lines: impl ExactSizeIterator<Item = String>, what: &str) -> io::Result<()> {
        let more = lines.len().saturating_sub(self.places);
        for line in lines.take(self.places) {
            // The dash keeps a hostile name from starting the line, where workflow commands stand.
            writeln!(self.out, "  - {}", clean(&line))?;
        }
        if more > 0 {
            writeln!(self.out, "  … and {} more {what}", Count(more))?;
        }
        Ok(())
    }
}

/// Returns what of a cluster was not judged: it is full of kinds that no control is about.
fn in_one_line(report: &Report, objects: &str) -> String {
    let mut by_reason: BTreeMap<NotJudgedReason, Vec<&NotJudged>> = BTreeMap::new();
    for entry in &report.not_judged {
        by_reason.entry(entry.reason).or_default().push(entry);
    }
    let reasons = by_reason.into_iter().map(|(reason, mut kinds)| {
        kinds.sort_by_key(|entry| Reverse(entry.count));
        let shown: Vec<String> = kinds
            .iter()
            .take(KINDS)
            .map(|entry| format!("{} {}", Count(entry.count), entry.kind))
            .collect();
        let more = match kinds.len().saturating_sub(KINDS) {
            0 => String::new(),
            more => format!(" and {} more", Count(more)),
        };
        format!("{} ({}{more})", why_not_judged(reason), shown.join(", "))
    });
    let reasons: Vec<String> = reasons.collect();
    format!("{objects}: {}", reasons.join("; "))
}

/// How many kinds are named for each reason.
const KINDS: usize = 4;
