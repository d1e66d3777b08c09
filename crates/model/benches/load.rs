//! What the located tree costs on top of the parser that it is built from.
//!
//! `events` runs the parser alone over the same texts and drops what it says; `tree` loads them.
//! The tree may cost at most a quarter more.
#![expect(clippy::disallowed_methods, reason = "a bench reads its data")]

use std::{fs, path::Path, sync::Arc};

use divan::{Bencher, black_box, counter::BytesCount};
use knight_model::{Limits, load, load::Part, load::split, source::Source};
use saphyr_parser::Parser;

fn main() {
    divan::main();
}

/// The definitions of Knative's own kinds: long, deep, and with prose in them.
const FILES: &[&str] = &[
    "serving-crds.yaml",
    "eventing-crds.yaml",
    "serving-core.yaml",
];

fn text(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/knative")
        .join(file);
    fs::read_to_string(path).expect("the manifests are there")
}

#[divan::bench(args = FILES)]
fn events(bencher: Bencher<'_, '_>, file: &str) {
    let text = text(file);
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        let mut events = 0_usize;
        for part in split(&text) {
            let Part::Document(span) = part else { continue };
            let parser =
                Parser::new_from_str(text.get(span.range()).expect("spans are in the text"));
            for event in parser {
                black_box(event.expect("it is YAML"));
                events += 1;
            }
        }
        black_box(events)
    });
}

#[divan::bench(args = FILES)]
fn tree(bencher: Bencher<'_, '_>, file: &str) {
    let text = text(file);
    let source = Arc::new(Source::new(file, text.as_str()));
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| load(black_box(&source), &Limits::default()));
}

/// The same manifests as one JSON list.
#[divan::bench]
fn json(bencher: Bencher<'_, '_>) {
    let source = Arc::new(Source::new("crds.yaml", text("serving-crds.yaml")));
    let loaded = load(&source, &Limits::default());
    let items: Vec<_> = loaded
        .documents
        .iter()
        .map(|document| document.root().to_json())
        .collect();
    let list = serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": items });
    let text = serde_json::to_string_pretty(&list).expect("JSON can be printed");
    let source = Arc::new(Source::new("crds.json", text.as_str()));
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| load(black_box(&source), &Limits::default()));
}
