//! Text for people, in the manner of rustc.

mod aside;
mod closing;
mod diagnostic;

use std::{fmt, io};

use annotate_snippets::{
    Group, Level, Renderer,
    renderer::{DEFAULT_EMPHASIS_STYLE, DEFAULT_TERM_WIDTH},
};

use knight_controls::finding::{Group as Cause, Report, WhyUnread};

use crate::{
    Colour, Detail, Options, Sources,
    clean::clean,
    words::{self, counted},
};

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
    let (aside, shown): (Vec<_>, Vec<_>) = report
        .groups()
        .into_iter()
        .partition(|group| is_aside(report, group));
    for group in shown {
        let text = diagnostic::render(&renderer, &group, sources, options);
        writeln!(out, "{text}\n")?;
    }
    aside::write(&aside, options, out)?;
    match options.detail {
        Detail::Quiet => closing::write_line(report, out),
        Detail::Full => {
            write_problems(report, &renderer, out)?;
            write_unread(report, &renderer, options, out)?;
            closing::write(report, options, out)
        }
    }
}

/// Returns whether a cause is only told in a line: what the vendors of a cluster run in it, unless
/// it was asked for.
fn is_aside(report: &Report, group: &Cause<'_>) -> bool {
    let mut findings = group.findings.iter();
    report.basis.audience.is_none() && findings.all(|finding| finding.is_of_the_system())
}

/// Writes a block for each list of a cluster that could not be read.
fn write_unread(
    report: &Report,
    renderer: &Renderer,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    // What leaves a control open comes first.
    let (open, idle): (Vec<_>, Vec<_>) = report
        .unread
        .iter()
        .partition(|unread| !unread.controls.is_empty());
    for unread in open.iter().chain(&idle).take(options.places) {
        let level = if unread.controls.is_empty() {
            Level::INFO
        } else {
            Level::WARNING
        };
        let help = match unread.why {
            WhyUnread::Refused => {
                "`knight scan --print-role` prints a role that may read all that Knight reads, and \
                 no Secret"
            }
            WhyUnread::Failed => "scan again: nothing of this list was judged",
        };
        let title = clean(&words::unread(unread)).into_owned();
        let block = Group::with_title(level.primary_title(title))
            .element(Level::NOTE.message(words::left_open(unread)))
            .element(Level::HELP.message(help));
        writeln!(out, "{}\n", renderer.render(&[block]))?;
    }
    if let more @ 1.. = report.unread.len().saturating_sub(options.places) {
        let lists = counted(more, "more list", "more lists");
        writeln!(out, "… and {lists} could not be read\n")?;
    }
    Ok(())
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
