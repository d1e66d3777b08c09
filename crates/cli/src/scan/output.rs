//! The reports: at most one to stdout, the others to files.

use std::{fs, io::Write as _, path::PathBuf, str::FromStr};

use anyhow::{Context as _, Result, bail};
use knight_controls::finding::Report;
use knight_report::{Colour, Format, UnknownFormat};

use super::{setup::Setup, shown::Shown};
use crate::terminal::Terminal;

/// A report: its format, and where it goes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Output {
    pub(super) format: Format,
    /// The file; stdout when there is none.
    pub(super) file: Option<PathBuf>,
}

impl FromStr for Output {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let (format, file) = match text.split_once('=') {
            Some((format, file)) => (format, Some(file)),
            None => (text, None),
        };
        let file = file.filter(|file| *file != "-").map(PathBuf::from);
        Ok(Self {
            format: format.parse()?,
            file,
        })
    }
}

/// Returns the reports to write: text to stdout when nothing is asked for.
pub(super) fn check(asked: &[Output]) -> Result<Vec<Output>> {
    if asked.is_empty() {
        return Ok(vec![Output {
            format: Format::Text,
            file: None,
        }]);
    }
    if asked.iter().filter(|output| output.file.is_none()).count() > 1 {
        bail!(
            "only one report can go to stdout: give the others files, as in `--format json=FILE`"
        );
    }
    for (at, output) in asked.iter().enumerate() {
        let Some(file) = &output.file else { continue };
        if file.as_os_str().is_empty() {
            bail!("`--format {}=` names no file", output.format);
        }
        if asked
            .iter()
            .skip(at + 1)
            .any(|other| other.file.as_ref() == Some(file))
        {
            bail!("two reports cannot both go to `{}`", file.display());
        }
    }
    Ok(asked.to_vec())
}

/// Writes the reports that go to files.
pub(super) fn write_files(setup: &Setup, report: &Report) -> Result<()> {
    let shown = Shown::new(setup);
    for output in &setup.outputs {
        let Some(file) = &output.file else { continue };
        let options = knight_report::Options {
            colour: Colour::Plain,
            ..setup.showing
        };
        let mut text = Vec::new();
        knight_report::write(output.format, report, &shown, &options, &mut text)?;
        fs::write(file, text).with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    Ok(())
}

/// Writes the report that goes to stdout, if there is one.
pub(super) fn write_stdout(setup: &Setup, report: &Report) -> Result<()> {
    if let Some(output) = setup.outputs.iter().find(|output| output.file.is_none()) {
        let shown = Shown::new(setup);
        let mut stdout = Terminal::stdout();
        knight_report::write(output.format, report, &shown, &setup.showing, &mut stdout)?;
        stdout.flush()?;
    }
    Ok(())
}
