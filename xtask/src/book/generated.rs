//! The chapters that follow from the catalogue.

use std::{collections::BTreeMap, fmt::Write as _};

use knight_controls::{
    catalogue::{FAMILIES, controls},
    control::{Audience, Control, Rule},
};

use super::{Files, flows};

/// Returns every generated file, for a book that begins with these chapters.
pub(super) fn files(written: &[(&str, &str)]) -> Files {
    let mut files = Files::new();
    files.insert("SUMMARY.md".to_owned(), summary(written));
    files.insert("flows.md".to_owned(), flows::chapter());
    files.insert("controls.md".to_owned(), catalogue());
    files.insert("mappings.md".to_owned(), mappings());
    files.extend(controls().map(|control| (file(control), chapter(control))));
    files
}

fn summary(written: &[(&str, &str)]) -> String {
    let mut text = "# Summary\n\n".to_owned();
    for (at, (name, title)) in written.iter().enumerate() {
        // The first chapter has no number.
        let (bullet, end) = if at == 0 { ("", "\n\n") } else { ("- ", "\n") };
        let _ = write!(text, "{bullet}[{title}]({name}){end}");
    }
    text.push_str("- [Flows](flows.md)\n- [The controls](controls.md)\n");
    for control in FAMILIES.iter().flat_map(|family| family.controls) {
        let _ = writeln!(text, "  - [{}]({})", control.id, file(control));
    }
    text.push_str("- [Index by mapping](mappings.md)\n");
    text
}

fn catalogue() -> String {
    let mut text = "# The controls\n\n\
        Each control is one thing that must hold. Its chapter is its test as well: every example is \
        judged, and gives exactly the findings that stand below it. `--select` and `--ignore` take the \
        names of controls and of families.\n"
        .to_owned();
    for family in FAMILIES {
        let _ = write!(
            text,
            "\n## {}\n\n| control | finds | severity | profiles |\n|---|---|---|---|\n",
            family.name
        );
        for control in family.controls {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                link(control),
                control.title,
                control.severity,
                profiles(control)
            );
        }
    }
    text
}

fn chapter(control: &Control) -> String {
    let (title, page) = control.page.split_once('\n').unwrap_or((control.page, ""));
    let mut rows = vec![
        ("id", format!("`{}`", control.id)),
        ("severity", control.severity.to_string()),
        ("confidence", control.confidence.to_string()),
        (
            "who mends it",
            match control.audience {
                Audience::Platform => "the platform".to_owned(),
                Audience::Owner => "whoever owns the namespace".to_owned(),
            },
        ),
        ("profiles", profiles(control)),
        ("judges", judges(control)),
        (
            "threats",
            list(
                control
                    .threats
                    .iter()
                    .map(|threat| threat.as_str().to_owned()),
            ),
        ),
        (
            "mappings",
            list(
                control
                    .mappings
                    .iter()
                    .map(|mapping| format!("`{mapping}`")),
            ),
        ),
        (
            "parameters",
            list(parameters(control).iter().map(|name| format!("`{name}`"))),
        ),
        (
            "silent where these find",
            list(control.yields_to.iter().map(|id| format!("`{id}`"))),
        ),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    let mut text = format!("{title}\n\n| | |\n|---|---|\n");
    for (name, value) in rows {
        let _ = writeln!(text, "| {name} | {value} |");
    }
    let _ = write!(text, "\n**In short:** {}.\n{page}", control.help);
    text
}

/// Returns what a control looks at.
fn judges(control: &Control) -> String {
    match (control.rule)() {
        Rule::Object(_) => "each object, as admitted",
        Rule::Written(_) => "the text of each object",
        Rule::Cluster(_) => "all objects together",
    }
    .to_owned()
}

fn parameters(control: &Control) -> Vec<&'static str> {
    match (control.rule)() {
        Rule::Object(rule) => rule.holds.params(),
        Rule::Written(_) | Rule::Cluster(_) => Vec::new(),
    }
}

/// The catalogues that mappings refer to, with what is said of each.
const CATALOGUES: [(&str, &str); 6] = [
    (
        "pss",
        "[Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/) \
         of Kubernetes. `pss/restricted` selects the controls of `pss/baseline` too.",
    ),
    (
        "cis",
        "[CIS Kubernetes Benchmark](https://www.cisecurity.org/benchmark/kubernetes), by its numbers.",
    ),
    (
        "nsa",
        "[Kubernetes Hardening Guide]\
         (https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF) \
         of NSA and CISA, by its chapters.",
    ),
    (
        "owasp",
        "[OWASP Kubernetes Top Ten](https://owasp.org/www-project-kubernetes-top-ten/) of 2022.",
    ),
    (
        "mitre",
        "[MITRE ATT&CK](https://attack.mitre.org/), by technique.",
    ),
    ("stride", "STRIDE: what an attacker gets out of it."),
];

fn mappings() -> String {
    let mut by_mapping: BTreeMap<(&str, Vec<Part<'_>>, &str), Vec<&Control>> = BTreeMap::new();
    for control in controls() {
        let threats = control.threats.iter().map(|threat| threat.mapping());
        for mapping in control.mappings.iter().copied().chain(threats) {
            let (catalogue, rest) = mapping.split_once('/').unwrap_or((mapping, ""));
            by_mapping
                .entry((catalogue, numbers(rest), mapping))
                .or_default()
                .push(control);
        }
    }
    let mut text = "# Index by mapping\n\n\
        What other catalogues ask for, and the controls that look for it. `--select` and `--ignore` take \
        each of these words and their first parts, such as `cis/5.2.5`, `cis` or `stride/spoofing`. A control in this \
        table is evidence for an item, not the whole of it.\n"
        .to_owned();
    for (catalogue, about) in CATALOGUES {
        let _ = write!(
            text,
            "\n## {catalogue}\n\n{about}\n\n| mapping | controls |\n|---|---|\n"
        );
        for ((of, _, mapping), controls) in &by_mapping {
            if *of == catalogue {
                let links = list(controls.iter().map(|control| link(control)));
                let _ = writeln!(text, "| `{mapping}` | {links} |");
            }
        }
    }
    text
}

/// A part of a mapping, so that `5.2.10` comes behind `5.2.9`.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
enum Part<'m> {
    Number(u32),
    Word(&'m str),
}

fn numbers(mapping: &str) -> Vec<Part<'_>> {
    mapping
        .split('.')
        .map(|part| part.parse().map_or(Part::Word(part), Part::Number))
        .collect()
}

fn profiles(control: &Control) -> String {
    list(
        control
            .profiles
            .iter()
            .map(|profile| profile.as_str().to_owned()),
    )
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn link(control: &Control) -> String {
    format!("[`{}`]({})", control.id, file(control))
}

fn file(control: &Control) -> String {
    format!("controls/{}/{}.md", control.family(), control.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mapping_has_its_catalogue() {
        let known: Vec<&str> = CATALOGUES.iter().map(|(name, _)| *name).collect();
        for mapping in controls().flat_map(|control| control.mappings) {
            let catalogue = mapping.split('/').next().unwrap();
            assert!(known.contains(&catalogue), "{mapping}");
            assert!(
                mappings().contains(&format!("| `{mapping}` |")),
                "{mapping}"
            );
        }
    }

    #[test]
    fn numbers_sort_as_numbers() {
        assert!(numbers("5.2.9") < numbers("5.2.10"));
        assert!(numbers("5.2.13") < numbers("5.4.1"));
    }
}
