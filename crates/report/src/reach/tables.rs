//! Text, CSV, a graph and Markdown.

use std::{collections::BTreeSet, io};

use super::{
    Reach, Spread,
    rows::{Class, End, Row, Within, folded},
};
use crate::{
    clean::clean,
    markdown::escape::{code, prose},
};

/// Writes for people at a terminal; flows between workloads are one sorted line each and nothing else.
pub(super) fn text(reach: &Reach<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    if reach.spread == Spread::Workloads {
        for row in reach.rows() {
            let line = format!(
                "{} => {} : {}",
                name(&row.from),
                name(&row.to),
                row.connections
            );
            writeln!(out, "{}", clean(&line))?;
        }
        return Ok(());
    }
    if reach.network.objects().pods.is_empty() {
        writeln!(
            out,
            "The input has no pods, so nothing is said of who reaches whom."
        )?;
        return not_known(reach, out);
    }
    let rows = folded(reach.rows());
    let shown = shown(&rows);
    writeln!(out, "Pods that no rule tells apart:")?;
    let mut none = true;
    for (class, number) in reach.classes().iter().zip(0_u32..) {
        if shown.contains(&number) {
            none = false;
            writeln!(out, "  #{number} {}", clean(&class.label()))?;
        }
    }
    if none {
        writeln!(out, "  none")?;
    }
    writeln!(out, "Who reaches whom:")?;
    for (row, targets) in &rows {
        let line = format!(
            "{} => {} : {}{}",
            name(&row.from),
            targets_of(row, targets),
            row.connections,
            scope(row.within)
        );
        writeln!(out, "  {}", clean(&line))?;
    }
    if rows.is_empty() {
        writeln!(
            out,
            "  nobody, of the pods that are in the input and asked for"
        )?;
    }
    not_known(reach, out)
}

fn not_known(reach: &Reach<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let unknown = reach.unknown();
    if !unknown.is_empty() {
        writeln!(out, "Not known:")?;
    }
    for sentence in &unknown {
        writeln!(out, "  {}", clean(sentence))?;
    }
    Ok(())
}

/// Writes one record a flow.
pub(super) fn csv(reach: &Reach<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let classes = reach.classes();
    writeln!(out, "from,to,namespaces,certain,possible")?;
    for row in reach.rows() {
        let fields = [
            label(&row.from, &classes),
            label(&row.to, &classes),
            row.within.as_str().to_owned(),
            row.connections.certain.to_string(),
            row.connections.possible.to_string(),
        ];
        writeln!(out, "{}", fields.map(|field| quoted(&field)).join(","))?;
    }
    Ok(())
}

/// Writes a graph; what is merely possible is dashed.
pub(super) fn dot(reach: &Reach<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let classes = reach.classes();
    writeln!(out, "digraph reach {{")?;
    for row in reach.rows() {
        let dashed = if row.connections.certain.is_empty() {
            ", style=dashed"
        } else {
            ""
        };
        let words = format!("{}{}", row.connections, scope(row.within));
        writeln!(
            out,
            "  {} -> {} [label={}{dashed}];",
            escaped(&label(&row.from, &classes)),
            escaped(&label(&row.to, &classes)),
            escaped(&words)
        )?;
    }
    writeln!(out, "}}")
}

/// Writes tables for a page.
pub(super) fn markdown(reach: &Reach<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let rows = folded(reach.rows());
    if reach.spread == Spread::Classes {
        let shown = shown(&rows);
        writeln!(out, "| class | pods that no rule tells apart |\n|---|---|")?;
        for (class, number) in reach.classes().iter().zip(0_u32..) {
            if shown.contains(&number) {
                writeln!(
                    out,
                    "| {} | {} |",
                    code(&format!("#{number}")),
                    code(&class.label())
                )?;
            }
        }
        writeln!(out)?;
    }
    writeln!(out, "| from | to | connections |\n|---|---|---|")?;
    for (row, targets) in &rows {
        let connections = format!("{}{}", row.connections, scope(row.within));
        writeln!(
            out,
            "| {} | {} | {} |",
            code(&name(&row.from)),
            code(&targets_of(row, targets)),
            prose(&connections)
        )?;
    }
    let unknown = reach.unknown();
    if !unknown.is_empty() {
        writeln!(out, "\nNot known:\n")?;
        for sentence in &unknown {
            writeln!(out, "- {}", prose(sentence))?;
        }
    }
    Ok(())
}

fn shown(rows: &[(Row, Vec<u32>)]) -> BTreeSet<u32> {
    let mut shown = BTreeSet::new();
    for (row, targets) in rows {
        shown.extend(targets);
        for end in [&row.from, &row.to] {
            if let End::Class(class) = end {
                shown.insert(*class);
            }
        }
    }
    shown
}

fn name(end: &End) -> String {
    match end {
        End::Class(class) => format!("#{class}"),
        End::Party(party) => party.to_string(),
    }
}

fn targets_of(row: &Row, targets: &[u32]) -> String {
    if targets.is_empty() {
        return name(&row.to);
    }
    let targets: Vec<String> = targets.iter().map(|class| format!("#{class}")).collect();
    targets.join(", ")
}

fn label(end: &End, classes: &[Class]) -> String {
    match end {
        End::Party(party) => party.to_string(),
        End::Class(number) => match classes.get(*number as usize) {
            Some(class) => format!("#{number} {}", class.label()),
            None => format!("#{number}"),
        },
    }
}

fn scope(within: Within) -> &'static str {
    match within {
        Within::Any => "",
        Within::Same => " (in one namespace)",
        Within::Different => " (in different namespaces)",
    }
}

/// Returns a field of CSV, which no spreadsheet takes for a formula.
fn quoted(field: &str) -> String {
    let field = clean(field).replace('"', "\"\"");
    let guard = if field.starts_with(['=', '+', '-', '@']) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{field}\"")
}

/// Returns a quoted identifier of the DOT language.
fn escaped(text: &str) -> String {
    let text = clean(text).replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{text}\"")
}
