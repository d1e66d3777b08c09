//! `knight scan --diff OLD NEW`: what is new, what is fixed.

use std::{fs, io::Write as _, path::Path, sync::Arc};

use anyhow::{Context as _, Result, bail};
use knight_controls::compare::{Comparison, Objects, Recorded, Side, compare};
use knight_report::{Colour, ComparisonFormat, Options, is_report, read_report, write_comparison};

use super::{
    Args, FailOn, could_not_run,
    output::{self, Output},
    pass::{Scan, Scanned},
    setup::{Setup, showing},
};
use crate::{
    exit::Exit,
    source::{Input, Reader, STDIN, relative},
    terminal::{Terminal, printable},
};

/// Compares what `--diff` names and writes what it comes to.
pub(super) fn run(args: &Args, old: &Path, new: &Path, terminal: &Terminal) -> Result<Exit> {
    let outputs = output::check(&args.showing.format)?;
    for output in &outputs {
        ComparisonFormat::try_from(output.format)?;
    }
    if [old, new].iter().all(|path| path.as_os_str() == "-") {
        bail!("only one of the two can be `-`: stdin can be read but once");
    }
    let sides = (side(args, old, terminal)?, side(args, new, terminal)?);
    let (Some(old), Some(new)) = sides else {
        return Ok(Exit::CouldNotRun);
    };
    let comparison = compare(&asked_for(args, old), &asked_for(args, new));
    write(&outputs, &comparison, &showing(args, terminal))?;
    let counts = match args.judging.fail_on {
        FailOn::Level(least) => comparison.is_worse(least),
        FailOn::Never => false,
    };
    Ok(if counts { Exit::Findings } else { Exit::Clean })
}

/// Reads a report, or scans what is none; nothing when it cannot be, which is said.
fn side(args: &Args, path: &Path, terminal: &Terminal) -> Result<Option<Side>> {
    let is_stdin = path.as_os_str() == "-";
    let name = if is_stdin {
        STDIN.to_owned()
    } else {
        printable(&path.to_string_lossy()).into_owned()
    };
    let reader = Reader::new(args.known.max_file_bytes);
    if is_stdin || path.is_file() {
        let input = Input {
            name: name.as_str().into(),
            path: (!is_stdin).then(|| path.to_owned()),
            named: true,
        };
        // What cannot be read is left to the scan, which says why.
        if let Ok(source) = reader.read(&input)
            && is_report(source.text())
        {
            let side = read_report(&name, source.text()).with_context(|| format!("`{name}`"))?;
            say_what_does_not_apply(args, &name);
            return Ok(Some(side));
        }
    }
    let Some(mut setup) = Setup::of(args, &[path.to_owned()], reader, terminal)? else {
        return Ok(None);
    };
    setup.lists_objects = true;
    let scanned = Scan::new(&setup).run();
    let report = &scanned.report;
    for problem in report.problems.iter().take(args.showing.max_places) {
        Terminal::error(&format!("in `{name}`: {problem}"));
    }
    if could_not_run(args, &setup, report, scanned.failed) {
        Terminal::error(&format!(
            "`{name}` could not be read, so nothing is compared"
        ));
        return Ok(None);
    }
    let mut side = Side::of(&name, report, objects(&scanned));
    if path.is_dir() {
        let folder = fs::canonicalize(path).with_context(|| format!("`{name}`"))?;
        side.folder = Some(relative(&folder, setup.base()).into());
    }
    Ok(Some(side))
}

/// Returns the objects that were read, when each of them was listed.
fn objects(scanned: &Scanned) -> Option<Objects> {
    let whole = scanned.objects.len() == scanned.report.summary.objects;
    whole.then(|| Objects::of(&scanned.objects))
}

/// Says which options a report has no use for: what it is about was judged already.
fn say_what_does_not_apply(args: &Args, name: &str) {
    let (judging, known) = (&args.judging, &args.known);
    let given: Vec<&str> = [
        ("--profile", !judging.profile.is_empty()),
        ("--select", !judging.select.is_empty()),
        ("--ignore", !judging.ignore.is_empty()),
        ("--context", !known.context.is_empty()),
        ("--config", known.config.is_some()),
        ("--k8s-version", known.k8s_version.is_some()),
        ("--knative-version", known.knative_version.is_some()),
        ("--baseline", known.baseline.is_some()),
    ]
    .into_iter()
    .filter_map(|(option, given)| given.then_some(option))
    .collect();
    if !given.is_empty() {
        let given = given.join(", ");
        Terminal::note(&format!(
            "`{name}` is a report and is taken as it is, without {given}"
        ));
    }
}

/// Leaves out the findings that the arguments do not ask for, in a report as in a scan: else what
/// one side leaves out would look fixed.
fn asked_for(args: &Args, side: Side) -> Side {
    let judging = &args.judging;
    let wanted = |finding: &Arc<Recorded>| {
        judging
            .severity
            .is_none_or(|least| finding.severity >= least.0)
            && judging
                .audience
                .is_none_or(|only| finding.audience == only.0)
    };
    Side {
        findings: side.findings.into_iter().filter(wanted).collect(),
        covered: side.covered.into_iter().filter(wanted).collect(),
        ..side
    }
}

fn write(outputs: &[Output], comparison: &Comparison, showing: &Options) -> Result<()> {
    for output in outputs {
        let format = ComparisonFormat::try_from(output.format)?;
        if let Some(file) = &output.file {
            let options = Options {
                colour: Colour::Plain,
                ..*showing
            };
            let mut text = Vec::new();
            write_comparison(format, comparison, &options, &mut text)?;
            fs::write(file, text).with_context(|| format!("cannot write `{}`", file.display()))?;
        } else {
            let mut stdout = Terminal::stdout();
            write_comparison(format, comparison, showing, &mut stdout)?;
            stdout.flush()?;
        }
    }
    Ok(())
}
