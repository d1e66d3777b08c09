//! Laws of reading.

use std::sync::Arc;

use knight_model::{
    Limits, load,
    source::{Source, Span},
    tree::{Document, Kind, Node},
};
use proptest::prelude::*;
use serde_json::Value;

use super::{
    answers::{self, Answer},
    printing::{self, Look},
    reading,
};

/// Reads the one document of a text.
pub(crate) fn read(text: &str) -> Document {
    let source = Arc::new(Source::new("a.yaml", text));
    let mut loaded = load(&source, &Limits::default());
    assert_eq!(loaded.problems, [], "{text}");
    assert_eq!(loaded.documents.len(), 1, "{text}");
    loaded.documents.remove(0)
}

/// Reads any text, and checks what holds for all of them.
pub(crate) fn read_anything(text: &str) {
    let source = Arc::new(Source::new("a.yaml", text));
    let loaded = load(
        &source,
        &Limits {
            nodes: 10_000,
            ..Limits::default()
        },
    );
    for document in &loaded.documents {
        assert!(text.get(document.span().range()).is_some());
        walk(document.root(), text);
        for comment in document.comments().iter() {
            assert!(
                text.get(comment.span.range())
                    .is_some_and(|text| text.starts_with('#'))
            );
        }
        assert_eq!(document.edited(&[]).root(), document.root());
    }
    for problem in &loaded.problems {
        assert!(problem.line > 0 && problem.column > 0 && !problem.reason.is_empty());
    }
}

fn walk(node: Node<'_>, text: &str) {
    let in_text = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
    in_text(node.span());
    match node.kind() {
        Kind::Map(map) => {
            assert_eq!(map.entries().count(), map.len());
            map.entries().for_each(|entry| {
                in_text(entry.key_span);
                assert_eq!(map.get(entry.key).map(Node::span), Some(entry.value.span()));
                walk(entry.value, text);
            });
        }
        Kind::List(list) => {
            assert_eq!(list.items().count(), list.len());
            list.items().for_each(|item| walk(item, text));
        }
        Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => {}
    }
}

fn check_round_trip(value: &Value, mut look: Look) {
    let text = printing::print(value, &mut look);
    let document = read(&text);
    assert_eq!(&document.root().to_json(), value, "{text}");
    read_anything(&text);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn reads_what_was_printed(value in printing::documents(), look in printing::looks()) {
        check_round_trip(&value, look);
    }

    #[test]
    fn reads_json_as_it_is(value in printing::documents(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        prop_assert_eq!(read(&text.expect("JSON can be printed")).root().to_json(), value);
    }

    #[test]
    fn stands_any_text(text in "\\PC{0,60}") {
        read_anything(&text);
    }

    #[test]
    fn stands_any_mutation(
        value in printing::documents(),
        look in printing::looks(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), "[-:{}\\[\\],#|>&*!?%'\" \t\n\u{85}é]{0,3}"), 1..6),
    ) {
        let mut look = look;
        let mut text: Vec<char> = printing::print(&value, &mut look).chars().collect();
        for (at, new) in cuts {
            let at = at.index(text.len() + 1);
            let end = (at + 1).min(text.len());
            text.splice(at..end, new.chars());
        }
        read_anything(&text.into_iter().collect::<String>());
    }
}

#[test]
fn kubernetes_reads_what_was_printed_alike() {
    use proptest::{strategy::ValueTree as _, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let texts: Vec<_> = (0..2000)
        .map(|_| {
            let (value, mut look) = (printing::documents(), printing::looks())
                .new_tree(&mut runner)
                .expect("a document can be made")
                .current();
            printing::print(&value, &mut look)
        })
        .collect();
    for (text, answer) in texts.iter().zip(answers::values("yaml", &texts)) {
        let ours = reading::tagged(read(text).root());
        assert_eq!(
            answer,
            Answer::Read {
                value: Some(ours),
                strict: None
            },
            "{text}"
        );
    }
}
