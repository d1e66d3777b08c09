//! Comparisons as workflow commands of GitHub Actions: what is new or worse, and one closing notice.

use std::io;

use knight_controls::{
    compare::{Comparison, Recorded},
    control::Severity,
    finding::FindingVerdict,
};

use super::words::{counts, heading, help, place, told, why};
use crate::{clean::clean, words::sentence};

/// Writes a command for each finding that is new, worse or not comparable.
pub(super) fn write(comparison: &Comparison, out: &mut dyn io::Write) -> io::Result<()> {
    for it in &comparison.appeared {
        write_finding(&it.finding, "new", &told(&it.finding), out)?;
    }
    for it in comparison.worse() {
        let message = format!("{}; {}", told(&it.new), it.changes().join(", "));
        write_finding(&it.new, "worse", &message, out)?;
    }
    for it in &comparison.not_comparable {
        let message = format!("{}; {}", told(&it.finding), why(it));
        write_finding(&it.finding, "not comparable", &message, out)?;
    }
    for unseen in &comparison.unseen {
        let (title, text) = (
            property("Knight could not see this"),
            data(&sentence(unseen)),
        );
        writeln!(out, "::warning title={title}::{text}")?;
    }
    for difference in comparison.differences() {
        let (title, text) = (property("The scans differ"), data(&sentence(&difference)));
        writeln!(out, "::notice title={title}::{text}")?;
    }
    let closing = sentence(&counts(comparison));
    writeln!(
        out,
        "::notice title={}::{}",
        property("Knight"),
        data(&closing)
    )
}

fn write_finding(
    finding: &Recorded,
    what: &str,
    message: &str,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let at = &finding.place;
    let help = help(finding).map(sentence).unwrap_or_default();
    let title = format!(
        "{what}: {}[{}]: {}",
        heading(finding),
        finding.control,
        finding.title
    );
    let title = property(&title);
    // An object of a cluster is no file that GitHub could show.
    if at.is_written() {
        let message = data(&format!("{} {help}", sentence(message)));
        writeln!(
            out,
            "::{} file={},line={},endLine={},title={title}::{message}",
            command(finding),
            property(&at.file),
            at.start.line,
            at.end.line,
        )
    } else {
        let message = data(&format!("{}: {} {help}", place(finding), sentence(message)));
        writeln!(out, "::{} title={title}::{message}", command(finding))
    }
}

fn command(finding: &Recorded) -> &'static str {
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
