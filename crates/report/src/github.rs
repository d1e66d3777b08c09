//! Workflow commands of GitHub Actions.
//!
//! GitHub shows ten annotations of each sort a step and drops the rest, so the first finding of each
//! cause comes before the second of any.
//!
//! | finding | command |
//! |---|---|
//! | critical, high | `error` |
//! | medium | `warning` |
//! | low, info | `notice` |
//! | unknown verdict | one step milder than a failure, as it may be none |
//! | problem that hid a document | `error` |
//! | other problem | `warning` |

use std::{fmt::Write as _, io};

use knight_controls::{
    control::Severity,
    finding::{Finding, FindingVerdict, Report, Unread},
};
use knight_model::load::Problem;

use crate::{
    clean::clean,
    upgrade,
    words::{
        self, effect_note, folded_note, heading, problem_level, sentence, told, written_by_note,
    },
};

/// Writes a command for each problem and each finding, and one for what it all comes to.
pub(crate) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    for problem in &report.problems {
        write_problem(problem, out)?;
    }
    for unread in &report.unread {
        write_unread(unread, out)?;
    }
    let groups = report.groups();
    for finding in groups.iter().filter_map(|group| group.findings.first()) {
        write_finding(finding, out)?;
    }
    for finding in groups
        .iter()
        .flat_map(|group| group.findings.iter().skip(1))
    {
        write_finding(finding, out)?;
    }
    write_upgrade(report, out)?;
    write_closing(report, out)
}

fn write_finding(finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let place = &finding.place;
    let control = finding.control;
    let mut message = format!("{} {}", sentence(&told(finding)), sentence(control.help));
    if let Some(effect) = effect_note(finding) {
        let _ = write!(message, " {}", sentence(effect));
    }
    let title = format!("{}[{}]: {}", heading(finding), control.id, control.title);
    let notes = [folded_note(finding.folded), written_by_note(finding)];
    for note in notes.into_iter().flatten() {
        let _ = write!(message, " {}", sentence(&note));
    }
    // GitHub refuses columns that span lines, and an object of a cluster is no file of its.
    let at = if place.is_written() {
        let columns = if place.start.line == place.end.line {
            format!(",col={},endColumn={}", place.start.column, place.end.column)
        } else {
            String::new()
        };
        let (file, line, end_line) = (property(&place.file), place.start.line, place.end.line);
        format!("file={file},line={line},endLine={end_line}{columns},")
    } else {
        message = format!("{}: {message}", words::place(finding));
        String::new()
    };
    writeln!(
        out,
        "::{} {at}title={}::{}",
        command(finding),
        property(&title),
        data(&message),
    )
}

fn write_problem(problem: &Problem, out: &mut dyn io::Write) -> io::Result<()> {
    let (level, title) = (problem_level(problem), "Knight could not read this");
    if problem.line == 0 {
        return writeln!(
            out,
            "::{level} title={title}::{}",
            data(&problem.to_string())
        );
    }
    writeln!(
        out,
        "::{level} file={},line={},col={},title={title}::{}",
        property(&problem.file),
        problem.line,
        problem.column,
        data(&problem.reason),
    )
}

fn write_unread(unread: &Unread, out: &mut dyn io::Write) -> io::Result<()> {
    let level = if unread.controls.is_empty() {
        "notice"
    } else {
        "warning"
    };
    let (what, open) = (words::unread(unread), words::left_open(unread));
    let message = format!("{} {}", sentence(&what), sentence(&open));
    writeln!(
        out,
        "::{level} title={}::{}",
        property("Knight could not read this of the cluster"),
        data(&message),
    )
}

/// Writes one notice for the whole upgrade: it is about no line.
fn write_upgrade(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(upgrade) = &report.upgrade else {
        return Ok(());
    };
    let lines = upgrade::lines(upgrade).join("; ");
    let message = sentence(&format!("{}: {lines}", upgrade::headline(upgrade)));
    let title = property("Upgrade of Knative");
    writeln!(out, "::notice title={title}::{}", data(&message))
}

fn write_closing(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let summary = &report.summary;
    let claims = match report.claims.len() {
        0 => String::new(),
        count => format!(
            ", {} of exceptions that do not count",
            words::counted(count, "claim", "claims")
        ),
    };
    let message = format!(
        "{}; {}; {} not judged, {} unknown, {} suppressed, {} problems{claims}. {}",
        words::found(report),
        words::judged(report),
        words::Count(summary.not_judged),
        words::Count(summary.unknown),
        words::Count(summary.suppressed),
        words::Count(summary.problems),
        sentence(&words::basis(report)),
    );
    writeln!(
        out,
        "::notice title={}::{}",
        property("Knight"),
        data(&message)
    )
}

fn command(finding: &Finding) -> &'static str {
    match (finding.severity, finding.verdict) {
        (Severity::Critical | Severity::High, FindingVerdict::Fail) => "error",
        (Severity::Critical | Severity::High, FindingVerdict::Unknown)
        | (Severity::Medium, FindingVerdict::Fail) => "warning",
        (Severity::Medium, FindingVerdict::Unknown)
        | (Severity::Low | Severity::Info, FindingVerdict::Fail | FindingVerdict::Unknown) => {
            "notice"
        }
    }
}

/// Escapes what follows the second `::` (`actions/toolkit` `packages/core/src/command.ts`).
fn data(text: &str) -> String {
    clean(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
