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
    finding::{Finding, FindingVerdict, Report},
};
use knight_model::load::Problem;

use crate::{
    clean::clean,
    words::{self, effect_note, heading, problem_level, sentence, told},
};

/// Writes a command for each problem and each finding, and one for what it all comes to.
pub(crate) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    for problem in &report.problems {
        write_problem(problem, out)?;
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
    write_closing(report, out)
}

fn write_finding(finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let place = &finding.place;
    let control = finding.control;
    let mut message = format!("{} {}", sentence(&told(finding)), sentence(control.help));
    if let Some(effect) = effect_note(finding.effect) {
        let _ = write!(message, " {}", sentence(effect));
    }
    let title = format!("{}[{}]: {}", heading(finding), control.id, control.title);
    // GitHub refuses columns that span lines.
    let columns = if place.start.line == place.end.line {
        format!(",col={},endColumn={}", place.start.column, place.end.column)
    } else {
        String::new()
    };
    writeln!(
        out,
        "::{} file={},line={},endLine={}{columns},title={}::{}",
        command(finding),
        property(&place.file),
        place.start.line,
        place.end.line,
        property(&title),
        data(&message),
    )
}

fn write_problem(problem: &Problem, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "::{} file={},line={},col={},title={}::{}",
        problem_level(problem),
        property(&problem.file),
        problem.line,
        problem.column,
        property("Knight could not read this"),
        data(&problem.reason),
    )
}

fn write_closing(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let summary = &report.summary;
    let message = format!(
        "{}; {}; {} not judged, {} unknown, {} suppressed, {} problems. {}",
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
