//! What is on the other side of stdout and stderr, and how to write there.

use std::{
    borrow::Cow,
    env,
    ffi::OsString,
    io::{self, BufWriter, IsTerminal as _, StdoutLock, Write as _},
    sync::OnceLock,
    time::{Duration, Instant},
};

use annotate_snippets::Renderer;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use knight_report::Colour;

/// How long work may take before it shows that it goes on.
const PATIENCE: Duration = Duration::from_millis(500);

/// When to use colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless the environment says otherwise
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The terminal, or what stands in its place.
#[derive(Debug)]
pub(crate) struct Terminal {
    color: Color,
}

impl Terminal {
    pub(crate) fn new(color: Color) -> Self {
        Self { color }
    }

    /// Returns whether what goes to stdout is coloured.
    pub(crate) fn stdout_colour(&self) -> Colour {
        self.colour(io::stdout().is_terminal())
    }

    /// Returns the renderer for what goes to stderr.
    pub(crate) fn stderr_renderer(&self) -> Renderer {
        match self.colour(io::stderr().is_terminal()) {
            Colour::Plain => Renderer::plain(),
            Colour::Styled => Renderer::styled(),
        }
    }

    fn colour(&self, is_terminal: bool) -> Colour {
        // <https://no-color.org>, <https://bixense.com/clicolors/>
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let styled = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if set("NO_COLOR") => false,
            Color::Auto if set("CLICOLOR_FORCE") => true,
            Color::Auto => is_terminal && env::var_os("TERM").is_none_or(|term| term != "dumb"),
        };
        if styled {
            Colour::Styled
        } else {
            Colour::Plain
        }
    }

    /// Returns stdout, buffered: the caller flushes it.
    pub(crate) fn stdout() -> BufWriter<StdoutLock<'static>> {
        BufWriter::with_capacity(1 << 16, io::stdout().lock())
    }

    /// Says why the program cannot do what it was asked for.
    pub(crate) fn error(message: &str) {
        Self::say("error", message);
    }

    /// Says what may be other than the user thinks.
    pub(crate) fn warning(message: &str) {
        Self::say("warning", message);
    }

    /// Says what is worth knowing and no result.
    pub(crate) fn note(message: &str) {
        Self::say("note", message);
    }

    fn say(level: &str, message: &str) {
        // Whoever closed stderr does not want to know.
        let _ = writeln!(
            io::stderr().lock(),
            "knight: {level}: {}",
            printable(message)
        );
    }
}

/// Returns the words of `--color` before the arguments are read, for help and usage errors.
pub(crate) fn early_color(arguments: &[OsString]) -> Color {
    let mut words = arguments.iter().filter_map(|argument| argument.to_str());
    let mut color = Color::Auto;
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--color") {
            Some("") => words.next(),
            Some(value) => value.strip_prefix('='),
            None if word == "--" => break,
            None => None,
        };
        color = value
            .and_then(|value| Color::from_str(value, false).ok())
            .unwrap_or(color);
    }
    color
}

/// Returns a text with the characters that steer a terminal written as escapes; line breaks stay.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let steers = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(steers) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

/// Progress of long work, shown on a terminal only, and only when it takes a while.
#[derive(Debug)]
pub(crate) struct Progress {
    started: Instant,
    steps: u64,
    /// What a step is, in the plural.
    unit: &'static str,
    visible: bool,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    /// Starts work on so many files.
    pub(crate) fn new(files: usize) -> Self {
        Self::of(files, "files")
    }

    /// Starts work of so many steps; `unit` is what a step is, in the plural.
    pub(crate) fn of(steps: usize, unit: &'static str) -> Self {
        Self {
            started: Instant::now(),
            steps: steps as u64,
            unit,
            visible: io::stderr().is_terminal(),
            bar: OnceLock::new(),
        }
    }

    /// Counts one step.
    pub(crate) fn step(&self, done: usize) {
        if let Some(bar) = self.bar() {
            bar.set_position(done as u64);
        }
    }

    /// Shows how far a step is that takes long.
    pub(crate) fn say(&self, done: usize, message: impl FnOnce() -> String) {
        if let Some(bar) = self.bar() {
            bar.set_position(done as u64);
            bar.set_message(message());
        }
    }

    /// Returns the bar, once it is time to show one.
    fn bar(&self) -> Option<&ProgressBar> {
        if !self.visible || self.started.elapsed() < PATIENCE {
            return None;
        }
        Some(self.bar.get_or_init(|| {
            let bar = ProgressBar::new(self.steps);
            let template = format!("{{pos}}/{{len}} {} {{wide_bar}} {{msg}} {{eta}}", self.unit);
            match ProgressStyle::with_template(&template) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        }))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_steers_no_terminal() {
        assert_eq!(
            printable("a\u{1b}[2Jb\u{202e}\nc"),
            "a\\u{1b}[2Jb\\u{202e}\nc"
        );
        assert_eq!(printable("plain ä"), "plain ä");
    }

    #[test]
    fn colour_is_known_before_the_arguments_are_read() {
        let of =
            |words: &[&str]| early_color(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of(&["knight", "--color", "never", "scan"]), Color::Never);
        assert_eq!(of(&["knight", "scan", "--color=always"]), Color::Always);
        assert_eq!(of(&["knight", "scan", "--", "--color=always"]), Color::Auto);
        assert_eq!(of(&["knight", "--color", "purple"]), Color::Auto);
    }
}
