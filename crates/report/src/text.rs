//! Text for people, in the manner of rustc.

mod closing;
mod diagnostic;

use std::{fmt, io};

use annotate_snippets::{
    Group, Level, Renderer,
    renderer::{DEFAULT_EMPHASIS_STYLE, DEFAULT_TERM_WIDTH},
};

use knight_controls::finding::Report;

use crate::{Colour, Detail, Options, Sources, clean::clean};

/// Writes the findings by cause, then the problems, then what it all comes to.
pub(crate) fn write(
    report: &Report,
    sources: &dyn Sources,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let renderer = match options.colour {
        Colour::Plain => Renderer::plain(),
        Colour::Styled => Renderer::styled(),
    }
    .term_width(options.width.unwrap_or(DEFAULT_TERM_WIDTH));
    for group in report.groups() {
        let text = diagnostic::render(&renderer, &group, sources, options);
        writeln!(out, "{text}\n")?;
    }
    match options.detail {
        Detail::Quiet => closing::write_line(report, out),
        Detail::Full => {
            write_problems(report, &renderer, out)?;
            closing::write(report, options, out)
        }
    }
}

fn write_problems(report: &Report, renderer: &Renderer, out: &mut dyn io::Write) -> io::Result<()> {
    for problem in &report.problems {
        let level = if problem.hides_document() {
            Level::ERROR
        } else {
            Level::WARNING
        };
        let title = clean(&problem.to_string()).into_owned();
        writeln!(
            out,
            "{}",
            renderer.render(&[Group::with_title(level.primary_title(title))])
        )?;
    }
    if !report.problems.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// A word that stands out, where there are colours.
pub(crate) struct Strong<'t>(pub(crate) Colour, pub(crate) &'t str);

impl fmt::Display for Strong<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(colour, text) = self;
        match colour {
            Colour::Plain => f.write_str(text),
            Colour::Styled => {
                write!(
                    f,
                    "{DEFAULT_EMPHASIS_STYLE}{text}{DEFAULT_EMPHASIS_STYLE:#}"
                )
            }
        }
    }
}
