//! What fixes would change, as a unified diff with secret values masked.

use std::io::Write as _;

use anyhow::Result;
use knight_report::Colour;
use similar::{ChangeTag, TextDiff};

use super::MendedFile;
use crate::{
    scan::shown::MaskedFile,
    terminal::{Terminal, printable},
};

/// Prints the changes of every file.
pub(super) fn write(files: &[MendedFile], terminal: &Terminal) -> Result<()> {
    let colour = terminal.stdout_colour();
    let mut out = Terminal::stdout();
    for file in files {
        let name = printable(&file.input.name).into_owned();
        let before = MaskedFile::of_text(&name, file.before.text()).masked();
        let after = MaskedFile::of_text(&name, &file.after).masked();
        let diff = TextDiff::from_lines(before.as_str(), after.as_str());
        writeln!(out, "{}", painted(colour, "1", &format!("--- a/{name}")))?;
        writeln!(out, "{}", painted(colour, "1", &format!("+++ b/{name}")))?;
        for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
            writeln!(out, "{}", painted(colour, "36", &hunk.header().to_string()))?;
            for change in hunk.iter_changes() {
                let (sign, paint) = match change.tag() {
                    ChangeTag::Equal => (' ', ""),
                    ChangeTag::Delete => ('-', "31"),
                    ChangeTag::Insert => ('+', "32"),
                };
                let line = change.value();
                let text = printable(line.trim_end_matches(['\n', '\r'])).into_owned();
                let end = if line.ends_with("\r\n") { "\r\n" } else { "\n" };
                write!(
                    out,
                    "{}{end}",
                    painted(colour, paint, &format!("{sign}{text}"))
                )?;
                if change.missing_newline() {
                    writeln!(out, "\\ No newline at end of file")?;
                }
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn painted(colour: Colour, paint: &str, text: &str) -> String {
    match colour {
        Colour::Styled if !paint.is_empty() => format!("\u{1b}[{paint}m{text}\u{1b}[0m"),
        Colour::Styled | Colour::Plain => text.to_owned(),
    }
}
