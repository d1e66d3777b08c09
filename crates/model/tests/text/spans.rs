//! Every key and value knows its bytes.

use std::sync::Arc;

use knight_model::{
    Limits, ProblemKind, load,
    load::decode,
    source::Source,
    tree::{Document, Kind, Node},
};

use super::properties::read;

/// Returns the text of each key and value, in the order of a walk.
fn texts(document: &Document) -> Vec<String> {
    fn walk(node: Node<'_>, document: &Document, found: &mut Vec<String>) {
        let source = document.source();
        found.push(source.slice(node.span()).to_owned());
        match node.kind() {
            Kind::Map(map) => map.entries().for_each(|entry| {
                found.push(source.slice(entry.key_span).to_owned());
                walk(entry.value, document, found);
            }),
            Kind::List(list) => list.items().for_each(|item| walk(item, document, found)),
            Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => {}
        }
    }
    let mut found = Vec::new();
    walk(document.root(), document, &mut found);
    found
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(texts(&read(text)), expected);
}

#[test]
fn scalars_cover_their_text_with_its_quotes() {
    check("a: b # c\n", &["a: b", "a", "b"]);
    check(
        "'a''': \"b\\\"\" # \"\n",
        &["'a''': \"b\\\"\"", "'a'''", "\"b\\\"\""],
    );
    check(
        "a: x\n  y\nb: 1\n",
        &["a: x\n  y\nb: 1", "a", "x\n  y", "b", "1"],
    );
    check(
        "é: 'ü' # ö\n日: 本\n",
        &["é: 'ü' # ö\n日: 本", "é", "'ü'", "日", "本"],
    );
    check("a: &x !!str b\n", &["a: &x !!str b", "a", "b"]);
}

#[test]
fn block_scalars_go_from_their_mark_to_their_last_line() {
    check(
        "a: |+ # c\n  x\n\n  y\n\n# z\n",
        &["a: |+ # c\n  x\n\n  y", "a", "|+ # c\n  x\n\n  y"],
    );
    check(
        "a: &x >-\n   x\nb: 1\n",
        &["a: &x >-\n   x\nb: 1", "a", ">-\n   x", "b", "1"],
    );
    check(
        "- |\n  | x\n- >\n y\n",
        &["- |\n  | x\n- >\n y", "|\n  | x", ">\n y"],
    );
}

#[test]
fn blocks_end_with_their_last_value() {
    let text = "a:\n  b: 1\n  # c\n\n\nd:\n- x\n-  y: 2\n\n# e\n";
    check(
        text,
        &[
            "a:\n  b: 1\n  # c\n\n\nd:\n- x\n-  y: 2",
            "a",
            "b: 1",
            "b",
            "1",
            "d",
            "- x\n-  y: 2",
            "x",
            "y: 2",
            "y",
            "2",
        ],
    );
}

#[test]
fn brackets_belong_to_what_they_enclose() {
    check(
        "a: {b: [1, 'c'] } # d\n",
        &[
            "a: {b: [1, 'c'] }",
            "a",
            "{b: [1, 'c'] }",
            "b",
            "[1, 'c']",
            "1",
            "'c'",
        ],
    );
    check("{\"a\": [ ]}\n", &["{\"a\": [ ]}", "\"a\"", "[ ]"]);
    check(
        "a: [b: c]\n",
        &["a: [b: c]", "a", "[b: c]", "b: c", "b", "c"],
    );
}

#[test]
fn nothing_stands_behind_its_key_or_dash() {
    let document = read("a:\nb: # c\nd:\n- # e\n-\nf: {g, h: }\n");
    let root = document.root();
    let start = |path: &[&str]| {
        root.at_path(path)
            .map(|node| (node.span().start, node.span().end))
    };
    assert_eq!(start(&["a"]), Some((2, 2)));
    assert_eq!(start(&["b"]), Some((5, 5)));
    let items = root.get("d").and_then(Node::as_list).expect("a list");
    let places: Vec<_> = items
        .items()
        .map(|item| (item.span().start, item.span().end))
        .collect();
    assert_eq!(places, [(14, 14), (20, 20)]);
    assert_eq!(start(&["f", "g"]), Some((26, 26)));
    assert_eq!(start(&["f", "h"]), Some((30, 30)));
}

#[test]
fn aliases_and_merges_lead_to_what_they_name() {
    let document = read("a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n");
    let root = document.root();
    assert_eq!(root.get("c").map(Node::span), root.get("a").map(Node::span));
    let merged = root.get("d").and_then(Node::as_map).expect("a map");
    let keys: Vec<_> = merged
        .entries()
        .map(|entry| (entry.key, entry.key_span.start))
        .collect();
    assert_eq!(keys, [("e", 31), ("b", 7)]);
}

#[test]
fn reads_every_encoding_that_kubernetes_reads() {
    let text = "a: é\r\n";
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let little: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(utf16.iter().flat_map(|u| u.to_le_bytes()))
        .collect();
    let big: Vec<u8> = [0xFE, 0xFF]
        .into_iter()
        .chain(utf16.iter().flat_map(|u| u.to_be_bytes()))
        .collect();
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    for bytes in [text.as_bytes().to_vec(), marked, little, big] {
        let source = Arc::new(decode("a.yaml", &bytes).expect("it is text"));
        let loaded = load(&source, &Limits::default());
        assert_eq!(loaded.problems, []);
        assert_eq!(
            loaded.documents[0].root().to_json(),
            serde_json::json!({"a": "é"})
        );
    }
}

#[test]
fn refuses_bytes_that_are_no_text() {
    for (bytes, line, reason) in [
        (&b"a: 1\n\xFF\n"[..], 2, "not UTF-8 text"),
        (b"PK\x03\x04\0\0", 1, "a binary file"),
        (b"\xFF\xFEa", 1, "not UTF-16 text, though it starts as one"),
    ] {
        let problem = decode("a.yaml", bytes).expect_err("it is no text");
        assert_eq!((problem.line, problem.reason.as_str()), (line, reason));
        assert_eq!(problem.kind, ProblemKind::Encoding);
    }
}

#[test]
fn counts_what_holds_nothing() {
    let loaded = load(
        &Arc::new(Source::new("a.yaml", "---\n# a\n---\nnull\n---\nb: 1\n")),
        &Limits::default(),
    );
    assert_eq!((loaded.documents.len(), loaded.empty), (1, 2));
}
