//! Any bytes are read, or refused with a problem, in bounded memory; what is read lies in the text,
//! and printed as JSON it reads as the same value again.
#![no_main]

use std::sync::Arc;

use knight_model::{
    Limits, load,
    load::decode,
    source::Source,
    tree::{Kind, Node},
};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

const LIMITS: Limits = Limits {
    document_bytes: 1 << 16,
    depth: 100,
    nodes: 10_000,
};

fuzz_target!(|bytes: &[u8]| {
    let Ok(source) = decode("fuzz.yaml", bytes) else {
        return;
    };
    let source = Arc::new(source);
    let loaded = load(&source, &LIMITS);
    for problem in &loaded.problems {
        assert!(problem.line > 0 && problem.column > 0 && !problem.reason.is_empty());
    }
    let mut before = 0;
    for document in &loaded.documents {
        let span = document.span();
        assert!(span.start >= before, "documents are in order");
        before = span.end;
        assert!(source.text().get(span.range()).is_some());
        in_text(document.root(), source.text(), 0);
        for comment in document.comments().iter() {
            assert!(source.text()[comment.span.range()].starts_with('#'));
        }
        assert_eq!(document.edited(&[]).root(), document.root());
        read_again(document.root());
    }
});

/// Every span lies in the text, on the bounds of characters, and no value is too deep.
fn in_text(node: Node<'_>, text: &str, depth: usize) {
    assert!(depth <= LIMITS.depth);
    assert!(text.get(node.span().range()).is_some());
    match node.kind() {
        Kind::Map(map) => {
            assert_eq!(map.entries().count(), map.len());
            for entry in map.entries() {
                assert!(text.get(entry.key_span.range()).is_some());
                assert_eq!(
                    map.entries().filter(|other| other.key == entry.key).count(),
                    1
                );
                in_text(entry.value, text, depth + 1);
            }
        }
        Kind::List(list) => {
            assert_eq!(list.items().count(), list.len());
            list.items().for_each(|item| in_text(item, text, depth + 1));
        }
        Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => {}
    }
}

fn read_again(node: Node<'_>) {
    let value = json!({ "value": node.to_json() });
    let source = Arc::new(Source::new("again.json", value.to_string()));
    let loaded = load(
        &source,
        &Limits {
            depth: LIMITS.depth + 1,
            ..Limits::default()
        },
    );
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.documents.len(), 1);
    assert_eq!(loaded.documents[0].root().to_json(), value);
}
