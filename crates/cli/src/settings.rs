//! `knight.yaml`, read and complained about.

use std::{fs, io::Write as _, path::Path, sync::Arc};

use annotate_snippets::{AnnotationKind, Level, Snippet};
use anyhow::{Result, anyhow};
use ignore::gitignore::GitignoreBuilder;
use knight_controls::{
    config::{self, Config, Mistake, PathPattern},
    exceptions::{Day, Exception},
};
use knight_model::{load::decode, source::Source};

use crate::{
    source::why,
    terminal::{Terminal, printable},
};

/// The longest line that is shown with a mistake.
const LONGEST_LINE: usize = 1000;

/// Reads the configuration under a name; nothing when it is wrong, which is said on stderr.
pub(crate) fn read(
    path: &Path,
    name: &str,
    today: Day,
    terminal: &Terminal,
) -> Result<Option<Config>> {
    let bytes = fs::read(path).map_err(|error| anyhow!("`{}`: {}", path.display(), why(&error)))?;
    let source = Arc::new(decode(name, &bytes).map_err(|problem| anyhow!("{problem}"))?);
    let mistakes = match config::read(&source) {
        Ok(config) => {
            let mut mistakes = wrong_patterns(&config.ignored_paths);
            mistakes.extend(expired(&config.exceptions, today));
            if mistakes.is_empty() {
                return Ok(Some(config));
            }
            mistakes
        }
        Err(mistakes) => mistakes,
    };
    let renderer = terminal.stderr_renderer();
    let mut stderr = std::io::stderr().lock();
    for mistake in &mistakes {
        // Whoever closed stderr does not want to know.
        let _ = writeln!(stderr, "{}\n", renderer.render(&[block(&source, mistake)]));
    }
    let count = match mistakes.len() {
        1 => "1 mistake".to_owned(),
        many => format!("{many} mistakes"),
    };
    let _ = writeln!(stderr, "knight: error: {count} in `{}`", printable(name));
    Ok(None)
}

/// Returns the exceptions whose last day is over: they are for someone to renew or take out.
fn expired(exceptions: &[Exception], today: Day) -> impl Iterator<Item = Mistake> {
    exceptions
        .iter()
        .filter(move |exception| exception.until.is_some_and(|until| until < today))
        .filter_map(move |exception| {
            Some(Mistake {
                place: exception.place.clone(),
                message: exception.invalid(today)?,
                label: Some("renew it with a later `until`, or take it out".to_owned()),
            })
        })
}

/// Returns the patterns of files that ignore files would not take either.
fn wrong_patterns(patterns: &[PathPattern]) -> Vec<Mistake> {
    let wrong = |pattern: &PathPattern| {
        let added = GitignoreBuilder::new("")
            .add_line(None, &pattern.text)
            .map(|_| ());
        added.err().map(|error| Mistake {
            place: pattern.place.clone(),
            message: "this is no pattern of files".to_owned(),
            label: Some(match error {
                ignore::Error::Glob { err, .. } => err,
                other => other.to_string(),
            }),
        })
    };
    patterns.iter().filter_map(wrong).collect()
}

fn block<'a>(source: &Source, mistake: &'a Mistake) -> annotate_snippets::Group<'a> {
    let title = Level::ERROR.primary_title(printable(&mistake.message));
    let place = &mistake.place;
    let line = source
        .line(place.start.line)
        .map(|span| (span, source.slice(span)));
    let Some((span, text)) = line.filter(|(_, text)| text.len() <= LONGEST_LINE) else {
        return annotate_snippets::Group::with_title(title);
    };
    // A character of one byte for each that steers, so that places stay.
    let shown: String = text
        .chars()
        .map(|c| if c.is_ascii_control() { ' ' } else { c })
        .collect();
    let start = (place.span.start.saturating_sub(span.start) as usize).min(shown.len());
    let end = (place.span.end.saturating_sub(span.start) as usize).clamp(start, shown.len());
    let (start, end) = (floor(&shown, start), floor(&shown, end));
    let annotation = AnnotationKind::Primary.span(start..end);
    let annotation = match &mistake.label {
        Some(label) => annotation.label(printable(label)),
        None => annotation,
    };
    let snippet = Snippet::source(shown)
        .line_start(place.start.line as usize)
        .path(printable(source.name()).into_owned())
        .annotation(annotation);
    annotate_snippets::Group::with_title(title).element(snippet)
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
