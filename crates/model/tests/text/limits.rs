//! Hostile texts end in a problem, fast and in bounded memory.

use std::sync::Arc;

use knight_model::{Limits, Loaded, Problem, ProblemKind, load, source::Source};

fn read(text: &str, limits: &Limits) -> Loaded {
    load(&Arc::new(Source::new("hostile.yaml", text)), limits)
}

fn kinds(loaded: &Loaded) -> Vec<ProblemKind> {
    loaded.problems.iter().map(|problem| problem.kind).collect()
}

/// Ten lists, each of which names the one before ten times.
fn bomb(levels: usize) -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..levels {
        let before = format!("*a{}, ", level - 1).repeat(10);
        text.push_str(&format!("a{level}: &a{level} [{before}]\n"));
    }
    text
}

#[test]
fn refuses_alias_bombs() {
    for levels in [10, 50] {
        let loaded = read(&bomb(levels), &Limits::default());
        assert_eq!(loaded.documents.len(), 0);
        assert_eq!(loaded.problems.len(), 1);
    }
}

#[test]
fn refuses_chains_of_aliases_that_nest_without_end() {
    let mut text = "a0: &a0 {x: 1}\n".to_owned();
    for level in 1..5000 {
        text.push_str(&format!("a{level}: &a{level} {{x: *a{}}}\n", level - 1));
    }
    let loaded = read(&text, &Limits::default());
    assert_eq!(loaded.documents.len(), 0);
    assert_eq!(loaded.problems.len(), 1);
}

#[test]
fn refuses_nesting_without_end() {
    let flow = "[".repeat(100_000);
    let block: String = (0..2000)
        .map(|depth| format!("{:depth$}a:\n", ""))
        .collect();
    let json = r#"{"a":"#.repeat(100_000);
    for text in [flow, "- ".repeat(100_000), block, json] {
        let loaded = read(&text, &Limits::default());
        assert_eq!(loaded.documents.len(), 0, "{}", &text[..20]);
        assert_eq!(kinds(&loaded), [ProblemKind::Limit], "{}", &text[..20]);
    }
}

#[test]
fn refuses_documents_that_are_too_long_and_reads_the_others() {
    let limits = Limits {
        document_bytes: 100,
        ..Limits::default()
    };
    let text = format!("a: 1\n---\nb: {}\n---\nc: 3\n", "x".repeat(200));
    let loaded = read(&text, &limits);
    assert_eq!(loaded.documents.len(), 2);
    assert_eq!(kinds(&loaded), [ProblemKind::Limit]);
    assert_eq!(loaded.problems[0].line, 2);
}

#[test]
fn refuses_documents_with_too_many_values() {
    let limits = Limits {
        nodes: 100,
        ..Limits::default()
    };
    let loaded = read(&"- a\n".repeat(200), &limits);
    assert_eq!(kinds(&loaded), [ProblemKind::Limit]);
}

#[test]
fn a_broken_document_hides_no_other() {
    let text = "a: 1\n---\nb: [\n---\nname: {{ .Values.name }}\n---\nd: *nowhere\n---\ne: 5\n";
    let loaded = read(text, &Limits::default());
    let read: Vec<_> = loaded
        .documents
        .iter()
        .map(|d| d.root().to_json().to_string())
        .collect();
    assert_eq!(read, [r#"{"a":1}"#, r#"{"e":5}"#]);
    let problems: Vec<_> = loaded.problems.iter().map(Problem::to_string).collect();
    assert_eq!(
        problems,
        [
            "hostile.yaml:4:1: a value is missing here",
            "hostile.yaml:5:7: this looks like a template (`{{ }}`): render it, then scan the result",
            "hostile.yaml:7:4: an alias names no anchor that stands before it",
        ]
    );
}

#[test]
fn names_both_places_of_a_duplicate_key() {
    let loaded = read("a: 1\nb:\n  c: 2\n  d: 3\n  c: 4\n", &Limits::default());
    assert_eq!(
        loaded.documents[0].root().to_json().to_string(),
        r#"{"a":1,"b":{"d":3,"c":4}}"#
    );
    let problems: Vec<_> = loaded.problems.iter().map(Problem::to_string).collect();
    assert_eq!(
        problems,
        [
            "hostile.yaml:5:3: this key is already set at line 3, column 3: only the later value counts"
        ]
    );
}
