//! What every page must have.

use knight_controls::catalogue::controls;

use crate::{
    judged,
    page::{HEADINGS, Section},
    read,
};

/// Who may be cited: those who make Kubernetes and Knative, and the catalogues of the mappings.
const CITED: [&str; 14] = [
    "https://attack.mitre.org/",
    "https://github.com/cloudevents/",
    "https://github.com/knative-extensions/",
    "https://github.com/knative/",
    "https://github.com/kubernetes/",
    "https://github.com/opencontainers/",
    "https://knative.dev/",
    "https://istio.io/",
    "https://kubernetes.io/",
    "https://linkerd.io/",
    "https://man7.org/",
    "https://media.defense.gov/",
    "https://owasp.org/",
    "https://www.cisecurity.org/",
];

/// How many lines may differ between a bad example and its near miss.
const NEAR: usize = 2;

#[test]
fn pages_have_their_title_and_all_headings_in_order() {
    for control in controls() {
        let page = read(control);
        assert_eq!(page.title, control.title, "{}", control.id);
        assert_eq!(page.headings, HEADINGS, "{}", control.id);
        assert!(
            page.text.starts_with("# ") && page.text.ends_with('\n'),
            "{}",
            control.id
        );
        for heading in HEADINGS {
            assert!(
                !page.section(heading).trim().is_empty(),
                "{}: {heading}",
                control.id
            );
        }
    }
}

#[test]
fn pages_have_two_bad_examples_and_a_near_miss() {
    for control in controls() {
        let page = read(control);
        let of = |section| {
            page.examples
                .iter()
                .filter(move |example| example.section == section)
        };
        assert!(
            of(Section::Bad).count() >= 2,
            "{}: bad examples",
            control.id
        );
        let near = of(Section::Good)
            .flat_map(|good| of(Section::Bad).map(|bad| distance(&good.yaml, &bad.yaml)))
            .min();
        assert!(
            near.is_some_and(|lines| lines <= NEAR),
            "{}: the nearest good example differs in {near:?} lines from a bad one",
            control.id
        );
    }
}

#[test]
fn yaml_of_pages_is_read_without_a_problem() {
    for control in controls() {
        let page = read(control);
        for block in page
            .blocks
            .iter()
            .filter(|block| block.info.starts_with("yaml"))
        {
            let loaded = judged::read(&page.text[block.span.clone()]);
            assert!(
                !loaded.documents.is_empty(),
                "{} line {}",
                control.id,
                block.line
            );
        }
        for block in &page.blocks {
            let known = ["yaml", "yaml parameters", "findings", "shell", "text"];
            assert!(
                known.contains(&block.info.as_str()),
                "{} line {}",
                control.id,
                block.line
            );
        }
    }
}

#[test]
fn pages_cite_only_those_who_know() {
    for control in controls() {
        let page = read(control);
        let references = page.section("References");
        let links: Vec<&str> = references.lines().filter_map(link).collect();
        assert!(!links.is_empty(), "{} cites nobody", control.id);
        for line in references.lines().filter(|line| !line.trim().is_empty()) {
            let cited =
                link(line).is_some_and(|link| CITED.iter().any(|who| link.starts_with(who)));
            assert!(cited, "{}: {line}", control.id);
        }
    }
}

/// Returns the address of `- [words](address)`.
fn link(line: &str) -> Option<&str> {
    let (_, rest) = line.strip_prefix("- [")?.split_once("](")?;
    rest.strip_suffix(')')
}

/// Counts the lines that only one of two texts has, or that differ, whichever is more: the size of
/// the smallest edit that leaves common lines in order.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in b.iter().enumerate() {
            let changed = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
