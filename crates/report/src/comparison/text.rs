//! Comparisons for people: the new first, by cause.

use std::io;

use knight_controls::compare::{Appeared, Changed, Comparison, Fixed, NotComparable, Recorded};

use super::{
    Advice, Group, groups,
    words::{became, compared, counts, heading, help, place, told, why},
};
use crate::{
    Colour, Detail, Options,
    clean::clean,
    text::Strong,
    words::{Count, counted, sentence},
};

/// Writes what is new, worse, not comparable and fixed, and what it all comes to.
pub(super) fn write(
    comparison: &Comparison,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut text = Text {
        colour: options.colour,
        places: options.places,
        out,
    };
    text.appeared(comparison)?;
    text.worse(comparison)?;
    text.not_comparable(comparison)?;
    if options.detail == Detail::Full {
        text.fixed(comparison)?;
        text.covered(comparison)?;
        text.milder(comparison)?;
    }
    text.sentences("Not seen", "in the new scan", &comparison.unseen)?;
    let differences = comparison.differences();
    if options.detail == Detail::Full {
        text.sentences("Scans differ", "so findings may too", &differences)?;
        text.line("Compared", &compared(comparison))?;
    }
    text.line("In all", &counts(comparison))
}

struct Text<'o> {
    colour: Colour,
    places: usize,
    out: &'o mut dyn io::Write,
}

impl Text<'_> {
    fn appeared(&mut self, comparison: &Comparison) -> io::Result<()> {
        let all = groups(&comparison.appeared, |it| &*it.finding);
        self.section(
            ("New", Advice::Given),
            comparison.appeared.len(),
            &all,
            |it: &Appeared| {
                let was = if it.was_covered {
                    " (no longer covered by an exception)"
                } else {
                    ""
                };
                format!("{} {}{was}", place(&it.finding), told(&it.finding))
            },
        )
    }

    fn worse(&mut self, comparison: &Comparison) -> io::Result<()> {
        let all = groups(comparison.worse(), |it| &*it.new);
        self.section(
            ("Worse", Advice::Given),
            comparison.worse().count(),
            &all,
            changed,
        )
    }

    fn milder(&mut self, comparison: &Comparison) -> io::Result<()> {
        let all = groups(comparison.milder(), |it| &*it.new);
        self.section(
            ("Milder", Advice::Idle),
            comparison.milder().count(),
            &all,
            changed,
        )
    }

    fn not_comparable(&mut self, comparison: &Comparison) -> io::Result<()> {
        let all = groups(&comparison.not_comparable, |it| &*it.finding);
        let count = comparison.not_comparable.len();
        self.section(
            ("Not comparable", Advice::Idle),
            count,
            &all,
            |it: &NotComparable| {
                format!(
                    "{} in {} ({})",
                    place(&it.finding),
                    it.finding.object,
                    why(it)
                )
            },
        )
    }

    fn fixed(&mut self, comparison: &Comparison) -> io::Result<()> {
        let all = groups(&comparison.fixed, |it| &*it.finding);
        self.section(
            ("Fixed", Advice::Idle),
            comparison.fixed.len(),
            &all,
            |it: &Fixed| {
                let Fixed { finding, object } = it;
                format!(
                    "{} in {}{}",
                    place(finding),
                    finding.object,
                    became(*object)
                )
            },
        )
    }

    fn covered(&mut self, comparison: &Comparison) -> io::Result<()> {
        let all = groups(&comparison.covered, |it| &**it);
        let count = comparison.covered.len();
        self.section(
            ("Covered by exceptions now", Advice::Idle),
            count,
            &all,
            |it| format!("{} in {}", place(it), it.object),
        )
    }

    fn section<T>(
        &mut self,
        (lead, advice): (&str, Advice),
        count: usize,
        groups: &[Group<'_, T>],
        line: impl Fn(&T) -> String,
    ) -> io::Result<()> {
        if count == 0 {
            return Ok(());
        }
        self.line(lead, &counted(count, "finding", "findings"))?;
        for Group { first, entries } in groups {
            self.cause(first, entries.len(), advice)?;
            let more = entries.len().saturating_sub(self.places);
            for entry in entries.iter().take(self.places) {
                writeln!(self.out, "    - {}", clean(&line(entry)))?;
            }
            if more > 0 {
                writeln!(self.out, "    … and {} more", Count(more))?;
            }
        }
        writeln!(self.out)
    }

    fn cause(&mut self, first: &Recorded, count: usize, advice: Advice) -> io::Result<()> {
        let head = format!("{}[{}]", heading(first), first.control);
        let places = counted(count, "place", "places");
        writeln!(
            self.out,
            "  {}: {} ({places})",
            Strong(self.colour, &clean(&head)),
            clean(&first.title)
        )?;
        match (advice, help(first)) {
            (Advice::Given, Some(help)) => writeln!(self.out, "    {}", clean(&sentence(help))),
            (Advice::Given, None) | (Advice::Idle, _) => Ok(()),
        }
    }

    fn sentences(&mut self, lead: &str, what: &str, sentences: &[String]) -> io::Result<()> {
        if sentences.is_empty() {
            return Ok(());
        }
        self.line(lead, what)?;
        for line in sentences {
            writeln!(self.out, "  - {}", clean(line))?;
        }
        writeln!(self.out)
    }

    fn line(&mut self, lead: &str, text: &str) -> io::Result<()> {
        let lead = format!("{lead}:");
        writeln!(self.out, "{} {}", Strong(self.colour, &lead), clean(text))
    }
}

fn changed(changed: &Changed) -> String {
    let new = &changed.new;
    format!(
        "{} in {}: {}",
        place(new),
        new.object,
        changed.changes().join(", ")
    )
}
