//! One cause as one diagnostic.

use std::{cmp::Reverse, collections::BTreeMap, fmt::Write as _, ops::Range};

use annotate_snippets::{
    Annotation, AnnotationKind, Group as Block, Level, Origin, Renderer, Snippet,
};

use knight_controls::{
    control::{Safety, Severity},
    finding::{Effect, Finding, FindingVerdict, Group},
};
use knight_model::place::Place;

use crate::{
    Options, Sources,
    clean::{clean, clean_line},
    words::{
        self, Count, counted, effect_note, folded_note, heading, joined, told, written_by_note,
    },
};

/// The longest line, in characters, that is shown: beyond it a line was not written for people.
const LONGEST_LINE: usize = 10_000;

/// How many namespaces are named.
const MOST: usize = 3;

/// Renders a group of findings, without a line break at the end.
pub(super) fn render(
    renderer: &Renderer,
    group: &Group<'_>,
    sources: &dyn Sources,
    options: &Options,
) -> String {
    let Some((first, others)) = group.findings.split_first() else {
        return String::new();
    };
    let control = first.control;
    let title = level(first).primary_title(control.title).id(control.id);
    let snippet = snippet(first, sources);
    // Where there is no line to write the label on, it is told.
    let message = if snippet.is_some() {
        first.message.clone()
    } else {
        told(first)
    };
    let mut block = match snippet {
        Some(snippet) => Block::with_title(title).element(snippet),
        None => Block::with_title(title).element(origin(first)),
    };
    block = block.element(Level::NOTE.message(clean(&message).into_owned()));
    for note in notes(first, others, options) {
        block = block.element(Level::NOTE.message(note));
    }
    for help in helps(group) {
        block = block.element(Level::HELP.message(help));
    }
    renderer.render(&[block])
}

fn level(finding: &Finding) -> Level<'static> {
    let level = match (finding.verdict, finding.severity) {
        (FindingVerdict::Fail, Severity::Critical | Severity::High) => Level::ERROR,
        (FindingVerdict::Unknown, _) | (FindingVerdict::Fail, Severity::Medium) => Level::WARNING,
        (FindingVerdict::Fail, Severity::Low | Severity::Info) => Level::INFO,
    };
    level.with_name(heading(finding))
}

/// Returns the line that the place starts on, marked, when it is at hand.
fn snippet(
    finding: &Finding,
    sources: &dyn Sources,
) -> Option<Snippet<'static, Annotation<'static>>> {
    let place = &finding.place;
    let line = sources.line(&place.file, place.start.line)?;
    if line.chars().nth(LONGEST_LINE).is_some() {
        return None;
    }
    let line = clean_line(&line);
    let span = marked(&line, place)?;
    let annotation = AnnotationKind::Primary
        .span(span)
        .label(clean(&finding.label).into_owned());
    Some(
        Snippet::source(line)
            .line_start(place.start.line as usize)
            .path(clean(&place.file).into_owned())
            .annotation(annotation),
    )
}

/// Returns the bytes of the place's first line that it covers, or nothing when the line has no such
/// column: then the text is not the one that was judged.
fn marked(line: &str, place: &Place) -> Option<Range<usize>> {
    let offset = |column: u32| {
        let before = (column as usize).checked_sub(1)?;
        let mut starts = line.char_indices().map(|(at, _)| at).chain([line.len()]);
        starts.nth(before)
    };
    let start = offset(place.start.column)?;
    let end = if place.end.line == place.start.line {
        offset(place.end.column)?
    } else {
        line.trim_end().len()
    };
    Some(start..end.max(start))
}

fn origin(finding: &Finding) -> Origin<'static> {
    let place = &finding.place;
    if !place.is_written() {
        return Origin::path(clean(&words::place(finding)).into_owned());
    }
    Origin::path(clean(&place.file).into_owned())
        .line(place.start.line as usize)
        .char_column(place.start.column as usize)
}

fn notes(first: &Finding, others: &[&Finding], options: &Options) -> Vec<String> {
    let mut notes = Vec::new();
    if first.verdict == FindingVerdict::Unknown {
        notes.push("this could not be judged, which is not a pass".to_owned());
    }
    if let Some(origin) = &first.origin {
        notes.push(format!(
            "nobody wrote the value: it comes from {}",
            clean(origin)
        ));
    }
    if let Some(effect) = effect_note(first) {
        let every = if others.is_empty() {
            ""
        } else {
            ", and those below"
        };
        let lead = match first.effect {
            Effect::RefusedByWebhook if first.place.is_written() => "not live: ",
            Effect::RefusedByWebhook | Effect::Live | Effect::Unknown => "",
        };
        notes.push(format!("{lead}{effect}{every}"));
    }
    notes.extend(owned(first, others));
    if !others.is_empty() {
        notes.push(elsewhere(first, others, options));
    }
    notes
}

/// Says for how many objects below them the findings stand.
fn owned(first: &Finding, others: &[&Finding]) -> Option<String> {
    if others.is_empty() {
        return folded_note(first.folded);
    }
    let each = [first].into_iter().chain(others.iter().copied());
    let objects: usize = each.map(|finding| finding.folded.objects).sum();
    let objects = counted(objects, "object", "objects");
    (first.folded.objects > 0 || others.iter().any(|finding| finding.folded.objects > 0))
        .then(|| format!("also in {objects} that these own"))
}

fn elsewhere(first: &Finding, others: &[&Finding], options: &Options) -> String {
    let mut note = format!(
        "also in {}",
        counted(others.len(), "other place", "other places")
    );
    for finding in others.iter().take(options.places) {
        note.push_str("\n- ");
        let at = if finding.place.is_written() {
            format!("{}: {}", finding.place, finding.object)
        } else {
            words::place(finding)
        };
        note.push_str(&clean(&at));
    }
    if let more @ 1.. = others.len().saturating_sub(options.places) {
        let _ = write!(note, "\n… and {} more", Count(more));
        if !first.place.is_written() {
            note.push_str(&clean(&spread(others.iter().skip(options.places))));
        }
    }
    note
}

/// Says which namespaces have most of the findings: ` in 12 namespaces, most in `a` (90)`.
fn spread<'f>(findings: impl Iterator<Item = &'f &'f Finding>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        if let Some(namespace) = finding.object.namespace.as_deref() {
            *counts.entry(namespace).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(namespace, count)| (Reverse(*count), *namespace));
    let all: Vec<String> = counts
        .iter()
        .take(MOST)
        .map(|(namespace, count)| format!("`{namespace}` ({})", Count(*count)))
        .collect();
    match counts.as_slice() {
        [] => String::new(),
        [(only, _)] => format!(" in namespace `{only}`"),
        many if many.len() <= MOST => format!(" in the namespaces {}", joined(&all)),
        many => format!(
            " in {} namespaces, most in {}",
            Count(many.len()),
            joined(&all)
        ),
    }
}

fn helps(group: &Group<'_>) -> Vec<String> {
    let mut helps = Vec::new();
    let Some(first) = group.findings.first() else {
        return helps;
    };
    helps.push(first.control.help.to_owned());
    helps.extend(written_by_note(first).map(|note| clean(&note).into_owned()));
    for (safety, command) in [
        (Safety::Safe, "`knight scan --fix` does it"),
        (
            Safety::Unsafe,
            "`knight scan --fix --unsafe-fixes` does it, and may stop or change a running workload",
        ),
    ] {
        let mut fixes = group
            .findings
            .iter()
            .filter_map(|finding| finding.fix.as_ref())
            .filter(|fix| fix.safety == safety);
        let Some(fix) = fixes.next() else { continue };
        let count = 1 + fixes.count();
        let share = if count == group.findings.len() {
            String::new()
        } else {
            format!(
                " in {} of {} places",
                Count(count),
                Count(group.findings.len())
            )
        };
        let title = clean(&fix.title()).into_owned();
        // Only files can be mended here.
        helps.push(if first.place.is_written() {
            format!("{title}: {command}{share}")
        } else {
            title
        });
    }
    helps.push(format!(
        "`knight explain {}` says why, and shows examples",
        first.control.id
    ));
    helps
}
