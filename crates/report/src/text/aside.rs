//! What the vendors of a cluster run in it: one line a cause.

use std::{collections::BTreeSet, io};

use knight_controls::finding::Group;

use crate::{
    Options,
    clean::clean,
    words::{Count, counted, heading},
};

/// Writes the causes, or nothing where there are none.
pub(super) fn write(
    groups: &[Group<'_>],
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    let findings: usize = groups.iter().map(|group| group.findings.len()).sum();
    writeln!(
        out,
        "The platform's own workloads have {}; `--audience platform` shows them:",
        counted(findings, "finding", "findings")
    )?;
    for group in groups.iter().take(options.places) {
        writeln!(out, "  - {}", clean(&line(group)))?;
    }
    if let more @ 1.. = groups.len().saturating_sub(options.places) {
        let causes = counted(more, "more cause", "more causes");
        writeln!(out, "  … and {causes}")?;
    }
    writeln!(out)
}

fn line(group: &Group<'_>) -> String {
    let Some(first) = group.findings.first() else {
        return String::new();
    };
    let objects: BTreeSet<_> = group.findings.iter().map(|it| &it.object).collect();
    let namespaces: BTreeSet<_> = objects
        .iter()
        .filter_map(|object| object.namespace.as_deref())
        .collect();
    let of = match (namespaces.first(), namespaces.len()) {
        (None, _) => String::new(),
        (Some(only), 1) => format!(" of {only}"),
        (Some(first), count) => format!(
            " of {first} and {}",
            counted(count - 1, "other namespace", "other namespaces")
        ),
    };
    format!(
        "{} {} {}, in {}{of}",
        Count(group.findings.len()),
        heading(first),
        first.control.id,
        counted(objects.len(), "object", "objects"),
    )
}
