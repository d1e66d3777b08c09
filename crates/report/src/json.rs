//! JSON for programs: `schemas/report.schema.json` says what stands where.

mod shape;
mod upgrade;
mod visible;

use std::io;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::Serializer;

use knight_controls::finding::{Finding, Report};

pub(crate) use shape::{Basis, Summary};
pub(crate) use visible::Visible;

/// How many findings are one piece of work.
const PIECE: usize = 256;

/// How many pieces stand in memory before they are written.
const AT_ONCE: usize = 64;

/// What stands before the findings of [`shape::Findings`].
const BEFORE: &str = "{\n  \"findings\": [";

/// What stands behind them.
const BEHIND: &str = "\n  ]\n}";

/// Where the findings go in the text of [`shape::Report`]: no string holds a line break.
const GAP: &str = "\n  \"findings\": []";

/// Writes everything that the report holds.
///
/// The findings are most of it, and are made on all cores, some at a time.
pub(crate) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let mut frame = indented(&shape::Report::of(report))?;
    frame.push('\n');
    let gap = frame.split_once(GAP);
    let Some((before, behind)) = gap.filter(|_| !report.findings.is_empty()) else {
        return out.write_all(frame.as_bytes());
    };
    write!(out, "{before}\n  \"findings\": [")?;
    for (at, findings) in report.findings.chunks(AT_ONCE * PIECE).enumerate() {
        let pieces: Vec<io::Result<String>> = findings.par_chunks(PIECE).map(piece).collect();
        for (nth, piece) in pieces.into_iter().enumerate() {
            if at + nth > 0 {
                out.write_all(b",")?;
            }
            out.write_all(inner(&piece?).as_bytes())?;
        }
    }
    write!(out, "\n  ]{behind}")
}

fn piece(findings: &[Finding]) -> io::Result<String> {
    indented(&shape::Findings { findings })
}

/// Returns the findings of a piece, indented as in the report.
fn inner(piece: &str) -> &str {
    let findings = piece.strip_prefix(BEFORE);
    let findings = findings.and_then(|piece| piece.strip_suffix(BEHIND));
    findings.unwrap_or_default()
}

fn indented(value: &impl Serialize) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, Visible::default());
    value.serialize(&mut serializer)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}
