//! JSON for programs: `schemas/report.schema.json` says what stands where.

mod shape;
mod visible;

use std::io;

use serde::Serialize as _;
use serde_json::Serializer;

use knight_controls::finding::Report;

pub(crate) use shape::{Basis, Summary};
pub(crate) use visible::Visible;

/// Writes everything that the report holds.
pub(crate) fn write(report: &Report, mut out: &mut dyn io::Write) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut out, Visible::default());
    shape::Report::of(report).serialize(&mut serializer)?;
    writeln!(out)
}
