//! Comparisons for comments of pull requests and step summaries.

use std::{fmt::Write as _, io};

use knight_controls::compare::{Appeared, Changed, Comparison, Fixed, NotComparable};

use super::{
    Advice, Group, groups,
    words::{became, compared, counts, heading, headline, help, place, told, why},
};
use crate::{
    Options,
    markdown::escape::{code, prose},
    words::{Count, counted, sentence},
};

/// The bytes from which on groups are counted instead of shown: GitHub refuses a comment of more
/// than 65,536 characters, and the rest needs room too.
const GROUPS_END: usize = 40_000;

/// Writes headline, what is new, worse, not comparable and fixed, and in what the scans differ.
pub(super) fn write(
    comparison: &Comparison,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut text = Text {
        text: String::new(),
        places: options.places,
    };
    text.line(&format!("## Knight: {}", headline(comparison)));
    text.line(&sentence(&counts(comparison)));
    let worse: Vec<_> = comparison.worse().collect();
    text.section(
        ("New", Advice::Given),
        &groups(&comparison.appeared, |it| &*it.finding),
        appeared,
    );
    text.section(
        ("Worse", Advice::Given),
        &groups(worse, |it| &*it.new),
        changed,
    );
    let all = groups(&comparison.not_comparable, |it| &*it.finding);
    text.section(("Not comparable", Advice::Idle), &all, not_comparable);
    text.sentences("Not seen in the new scan", &comparison.unseen);
    text.section(
        ("Fixed", Advice::Idle),
        &groups(&comparison.fixed, |it| &*it.finding),
        fixed,
    );
    let all = groups(&comparison.covered, |it| &**it);
    text.section(("Covered by exceptions now", Advice::Idle), &all, |it| {
        format!("{} in {}", code(&place(it)), code(&it.object.to_string()))
    });
    let milder: Vec<_> = comparison.milder().collect();
    text.section(
        ("Milder", Advice::Idle),
        &groups(milder, |it| &*it.new),
        changed,
    );
    text.sentences("The scans differ", &comparison.differences());
    text.line(&format!(
        "<sub>{}</sub>",
        prose(&sentence(&compared(comparison)))
    ));
    out.write_all(text.text.trim_end().as_bytes())?;
    writeln!(out)
}

struct Text {
    text: String,
    places: usize,
}

impl Text {
    /// Adds a paragraph.
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push_str("\n\n");
    }

    fn section<T>(
        &mut self,
        (title, advice): (&str, Advice),
        groups: &[Group<'_, T>],
        line: impl Fn(&T) -> String,
    ) {
        if groups.is_empty() {
            return;
        }
        self.line(&format!("### {title}"));
        for (at, Group { first, entries }) in groups.iter().enumerate() {
            if self.text.len() > GROUPS_END {
                let more = counted(groups.len() - at, "more cause", "more causes");
                self.line(&format!("… and {more}, left out to keep this short."));
                return;
            }
            let places = counted(entries.len(), "place", "places");
            let (id, title) = (code(&first.control), prose(&first.title));
            let heading = heading(first);
            self.line(&format!(
                "<details><summary><b>{heading}</b> {id}: {title} ({places})</summary>"
            ));
            if advice == Advice::Given
                && let Some(help) = help(first)
            {
                self.line(&prose(&sentence(help)));
            }
            for entry in entries.iter().take(self.places) {
                let _ = writeln!(self.text, "- {}", line(entry));
            }
            let more = entries.len().saturating_sub(self.places);
            if more > 0 {
                let _ = writeln!(self.text, "- … and {} more", Count(more));
            }
            self.text.push('\n');
            self.line("</details>");
        }
    }

    fn sentences(&mut self, title: &str, sentences: &[String]) {
        if sentences.is_empty() {
            return;
        }
        self.line(&format!("### {title}"));
        for line in sentences {
            let _ = writeln!(self.text, "- {}", prose(&sentence(line)));
        }
        self.text.push('\n');
    }
}

fn appeared(it: &Appeared) -> String {
    let was = if it.was_covered {
        " (no longer covered by an exception)"
    } else {
        ""
    };
    format!(
        "{} {}{was}",
        code(&place(&it.finding)),
        prose(&told(&it.finding))
    )
}

fn changed(it: &Changed) -> String {
    let changes = prose(&it.changes().join(", "));
    format!(
        "{} {}: {changes}",
        code(&place(&it.new)),
        prose(&told(&it.new))
    )
}

fn not_comparable(it: &NotComparable) -> String {
    let object = code(&it.finding.object.to_string());
    format!(
        "{} in {object}: {}",
        code(&place(&it.finding)),
        prose(&why(it))
    )
}

fn fixed(it: &Fixed) -> String {
    let object = code(&it.finding.object.to_string());
    format!(
        "{} in {object}{}",
        code(&place(&it.finding)),
        became(it.object)
    )
}
