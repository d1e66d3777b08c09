//! Laws of editing.

use std::collections::BTreeSet;

use knight_model::{
    edit::{Change, Edit},
    patch::{Patched, RefusedReason, patch},
    path::{FieldPath, Step},
    tree::{Document, Node, Origin},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{
    printing::{self, Look},
    properties::read,
};

fn edit(path: &str, change: Change) -> Edit {
    let mut steps = FieldPath::new();
    for key in path.split('.').filter(|key| !key.is_empty()) {
        match key.parse() {
            Ok(index) => steps.push_item(index, None),
            Err(_) => steps.push_key(key),
        }
    }
    Edit {
        path: steps,
        change,
    }
}

fn patched(text: &str, edits: &[Edit]) -> Patched {
    let patched = patch(&read(text), edits).unwrap_or_else(|refused| panic!("{refused}\n{text}"));
    check_replacements(text, &patched);
    patched
}

/// The replacements, made in the original, give the new text.
fn check_replacements(text: &str, patched: &Patched) {
    let mut built = String::new();
    let mut from = 0;
    for replacement in &patched.replacements {
        let range = replacement.span.range();
        assert!(range.start >= from, "replacements are in order");
        built.push_str(&text[from..range.start]);
        built.push_str(&replacement.text);
        from = range.end;
    }
    built.push_str(&text[from..]);
    assert_eq!(built, patched.document.source().text());
}

#[track_caller]
fn check(text: &str, path: &str, change: Change, expected: &str) {
    let patched = patched(text, &[edit(path, change)]);
    assert_eq!(patched.document.source().text(), expected);
}

#[track_caller]
fn check_refused(text: &str, path: &str, change: Change, expected: &RefusedReason) {
    let refused = patch(&read(text), &[edit(path, change)]).expect_err("the edit is refused");
    assert_eq!(&refused.reason, expected);
}

fn set(value: Value) -> Change {
    Change::Set(value)
}

#[test]
fn replaces_scalars_where_they_stand() {
    check(
        "a: 1 # why\nb: 2\n",
        "a",
        set(json!(3)),
        "a: 3 # why\nb: 2\n",
    );
    check("a: 'x'\n", "a", set(json!("it's")), "a: 'it''s'\n");
    check("a: \"x\"\n", "a", set(json!("y")), "a: \"y\"\n");
    check("a: x\n", "a", set(json!("yes")), "a: \"yes\"\n");
    check(
        "a: # why\nb: 2\n",
        "a",
        set(json!(true)),
        "a: true # why\nb: 2\n",
    );
    check(
        "a: |\n  x\n  y\nb: 2\n",
        "a",
        set(json!("z")),
        "a: z\nb: 2\n",
    );
    check("a: [1, 2]\n", "a.1", set(json!(3)), "a: [1, 3]\n");
    check("- a\n- b # c\n", "1", set(json!("d")), "- a\n- d # c\n");
}

#[test]
fn adds_keys_behind_the_last_one() {
    check(
        "a:\n  b: 1 # x\n# y\nc: 2\n",
        "a.d",
        set(json!(3)),
        "a:\n  b: 1 # x\n  d: 3\n# y\nc: 2\n",
    );
    check(
        "a:\n- b: 1\n  c: 2\n- d: 3\n",
        "a.0.e",
        set(json!(4)),
        "a:\n- b: 1\n  c: 2\n  e: 4\n- d: 3\n",
    );
    check("a: 1", "b", set(json!(2)), "a: 1\nb: 2");
    check(
        "a: 1\r\nb: 2\r\n",
        "c",
        set(json!(3)),
        "a: 1\r\nb: 2\r\nc: 3\r\n",
    );
    check("a: {b: 1}\n", "a.c", set(json!("x")), "a: {b: 1, c: x}\n");
    check(
        "a: 1\n",
        "b.c.d",
        set(json!(2)),
        "a: 1\nb:\n  c:\n    d: 2\n",
    );
    check(
        "a:\n- x\n",
        "b",
        set(json!([{"c": 1, "d": [2]}])),
        "a:\n- x\nb:\n- c: 1\n  d:\n  - 2\n",
    );
    check(
        "a:\n  - x\n",
        "b",
        set(json!(["y"])),
        "a:\n  - x\nb:\n  - \"y\"\n",
    );
}

#[test]
fn adds_keys_to_what_is_empty() {
    check(
        "a: {}\nb: 1\n",
        "a.c",
        set(json!(true)),
        "a:\n  c: true\nb: 1\n",
    );
    check(
        "a: {} # why\n",
        "a.c",
        set(json!(true)),
        "a: # why\n  c: true\n",
    );
    check(
        "a:\nb: 1\n",
        "a.c",
        set(json!(true)),
        "a:\n  c: true\nb: 1\n",
    );
    check(
        "a: null # why\n",
        "a.c.d",
        set(json!(1)),
        "a: # why\n  c:\n    d: 1\n",
    );
    check(
        "x:\n- a:\n- b: {}\n",
        "x.1.b.c",
        set(json!(1)),
        "x:\n- a:\n- b:\n    c: 1\n",
    );
    check("a: []\n", "a.0", set(json!({"b": 1})), "a:\n- b: 1\n");
    check("a: {b: {}}\n", "a.b.c", set(json!(1)), "a: {b: {c: 1}}\n");
}

#[test]
fn edits_json_as_json() {
    check(
        "{\"a\": {}}\n",
        "a.b",
        set(json!("c")),
        "{\"a\": {\"b\": \"c\"}}\n",
    );
    check(
        "{\n  \"a\": 1\n}\n",
        "b",
        set(json!([true])),
        "{\n  \"a\": 1,\n  \"b\": [true]\n}\n",
    );
    check("{\"a\": 1, \"b\": 2}", "a", Change::Remove, "{\"b\": 2}");
    check("{\"a\": 1, \"b\": 2}", "b", Change::Remove, "{\"a\": 1}");
}

#[test]
fn refuses_to_turn_yaml_into_json_that_means_something_else() {
    // With `)` the text is YAML, where `-0.0` is the whole number 0; without it, it is JSON.
    let text = r#"{"a": )0, "b": -0.0}"#;
    check_refused(text, "a", Change::Remove, &RefusedReason::Meaning);
    check(r#"{"a": )0, "b": 1}"#, "a", Change::Remove, r#"{"b": 1}"#);
}

#[test]
fn removes_entries_with_their_lines() {
    check(
        "a: 1\nb: 2 # c\nd: 3\n",
        "b",
        Change::Remove,
        "a: 1\nd: 3\n",
    );
    check(
        "a: 1\nb:\n  c: 2\n\nd: 3\n",
        "b",
        Change::Remove,
        "a: 1\n\nd: 3\n",
    );
    check("a: 1\nb: 2", "b", Change::Remove, "a: 1");
    check("- a: 1\n  b: 2\n", "0.a", Change::Remove, "- b: 2\n");
    check(
        "- a: 1 # x\n  # y\n  b: 2\n",
        "0.a",
        Change::Remove,
        "- \n  # y\n  b: 2\n",
    );
    check("a:\n  b: 1\nc: 2\n", "a.b", Change::Remove, "a: {}\nc: 2\n");
    check(
        "a: # x\n  b: 1 # y\nc: 2\n",
        "a.b",
        Change::Remove,
        "a: {} # x\nc: 2\n",
    );
    check(
        "a: {b: 1, c: 2, d: 3}\n",
        "a.c",
        Change::Remove,
        "a: {b: 1, d: 3}\n",
    );
    check("a: {b: 1}\n", "a.b", Change::Remove, "a: {}\n");
    check(
        "a:\n- x\n- y # z\n- w\n",
        "a.1",
        Change::Remove,
        "a:\n- x\n- w\n",
    );
    check("a:\n- x\nb: 1\n", "a.0", Change::Remove, "a: []\nb: 1\n");
    check(
        "a:\n- b: 1\n  c: 2\n- d: 3\n",
        "a.0",
        Change::Remove,
        "a:\n- d: 3\n",
    );
    check("a: [1, 2]\n", "a.0", Change::Remove, "a: [2]\n");
}

#[test]
fn appends_items() {
    check(
        "a:\n- x # y\nb: 1\n",
        "a.1",
        set(json!("z")),
        "a:\n- x # y\n- z\nb: 1\n",
    );
    check("a: [x]\n", "a.1", set(json!("z")), "a: [x, z]\n");
    check(
        "a:\n  - b: 1\n",
        "a.1",
        set(json!({"b": 2, "c": {}})),
        "a:\n  - b: 1\n  - b: 2\n    c: {}\n",
    );
}

#[test]
fn renames_keys() {
    check("a: 1 # x\n", "a", Change::Rename("b".into()), "b: 1 # x\n");
    check("{\"a\": 1}", "a", Change::Rename("b".into()), "{\"b\": 1}");
}

#[test]
fn leaves_the_other_documents_alone() {
    let text = "\u{FEFF}# first\na: 1\n---\n# second\nb: 2\n---\nc: 3\n";
    let source = std::sync::Arc::new(knight_model::source::Source::new("a.yaml", text));
    let loaded = knight_model::load(&source, &knight_model::Limits::default());
    let patched = patch(&loaded.documents[1], &[edit("d", set(json!(4)))]).expect("it can be made");
    check_replacements(text, &patched);
    assert_eq!(
        patched.document.source().text(),
        "\u{FEFF}# first\na: 1\n---\n# second\nb: 2\nd: 4\n---\nc: 3\n"
    );
}

#[test]
fn makes_several_edits_in_one_text() {
    let text = "a: 1\nb:\n  c: 2\n";
    let edits = [
        edit("b.d.e", set(json!(3))),
        edit("b.d.f", set(json!(4))),
        edit("a", Change::Remove),
        edit("b.c", Change::Rename("g".into())),
    ];
    let patched = patched(text, &edits);
    assert_eq!(
        patched.document.source().text(),
        "b:\n  g: 2\n  d:\n    e: 3\n    f: 4\n"
    );
    assert_eq!(patched.replacements.len(), 3);
}

#[test]
fn refuses_what_would_change_more_than_meant() {
    check_refused(
        "a: &x {b: 1}\nc: *x\n",
        "c.b",
        set(json!(2)),
        &RefusedReason::Alias,
    );
    check_refused(
        "a: &x {b: 1}\nc: *x\n",
        "a.b",
        set(json!(2)),
        &RefusedReason::Meaning,
    );
    check_refused(
        "a: &x {b: 1}\nc: {<<: *x}\n",
        "c.b",
        set(json!(2)),
        &RefusedReason::Alias,
    );
    check_refused("a: 1\n", "a.b", set(json!(2)), &RefusedReason::NothingToDo);
    check_refused("a: 1\n", "b", Change::Remove, &RefusedReason::NothingToDo);
    let text = "a:\n  b: |+\n    x\n\nc: 1\n";
    check_refused(text, "a.d", set(json!(2)), &RefusedReason::Meaning);
}

#[test]
fn makes_defaults_only_where_nothing_is() {
    let origin = Origin {
        from: "the test".into(),
    };
    let default = |value| Change::Default(value, origin.clone());
    check("a: 1\n", "b", default(json!(2)), "a: 1\nb: 2\n");
    check("a: 1\n", "a", default(json!(2)), "a: 1\n");
}

#[test]
fn an_edited_tree_says_where_defaults_come_from() {
    let document = read("spec:\n  a: 1\n");
    let origin = Origin {
        from: "the test".into(),
    };
    let edits = [edit(
        "spec.b.c",
        Change::Default(json!({"d": 2}), origin.clone()),
    )];
    let edited = document.edited(&edits);
    let node = edited
        .root()
        .at_path(&["spec", "b", "c", "d"])
        .expect("it is there");
    assert_eq!(
        node.origin(),
        Some(&origin),
        "and so has all that it brings"
    );
    let node = edited
        .root()
        .at_path(&["spec", "b", "c"])
        .expect("it is there");
    assert_eq!(node.origin(), Some(&origin));
    assert_eq!(edited.source().slice(node.span()), "spec");
    assert_eq!(
        edited.root().at_path(&["spec", "a"]).and_then(Node::origin),
        None
    );
}

/// Makes an edit in plain JSON, the naive way.
fn naive(value: &mut Value, steps: &[Step], change: &Change) {
    let Some((step, rest)) = steps.split_first() else {
        if let Change::Set(new) = change {
            *value = new.clone();
        }
        return;
    };
    match step {
        Step::Key(key) => {
            if value.is_null() && matches!(change, Change::Set(_)) {
                *value = json!({});
            }
            let Some(map) = value.as_object_mut() else {
                return;
            };
            match change {
                Change::Remove if rest.is_empty() => {
                    map.shift_remove(&**key);
                }
                Change::Rename(to) if rest.is_empty() => {
                    if !map.contains_key(&**to) && map.contains_key(&**key) {
                        let entries = std::mem::take(map).into_iter();
                        let name = |old: String| if old == **key { to.to_string() } else { old };
                        *map = entries
                            .map(|(old, value)| (name(old), value))
                            .collect::<Map<_, _>>();
                    }
                }
                Change::Set(_) => {
                    naive(
                        map.entry(key.to_string()).or_insert(Value::Null),
                        rest,
                        change,
                    );
                }
                _ => {
                    if let Some(value) = map.get_mut(&**key) {
                        naive(value, rest, change);
                    }
                }
            }
        }
        Step::Item { index, .. } => {
            let Some(list) = value.as_array_mut() else {
                return;
            };
            let index = *index as usize;
            if index < list.len() && rest.is_empty() && matches!(change, Change::Remove) {
                list.remove(index);
            } else if let Some(item) = list.get_mut(index) {
                naive(item, rest, change);
            } else if index == list.len() && matches!(change, Change::Set(_)) {
                let mut item = Value::Null;
                naive(&mut item, rest, change);
                list.push(item);
            }
        }
    }
}

/// Returns all paths of a value, and of places next to what is there.
fn paths(value: &Value) -> Vec<FieldPath> {
    fn walk(value: &Value, path: &FieldPath, found: &mut Vec<FieldPath>) {
        match value {
            Value::Object(map) => {
                found.push(path.key("added"));
                for (key, value) in map {
                    let path = path.key(key);
                    found.push(path.clone());
                    walk(value, &path, found);
                }
            }
            Value::Array(items) => {
                for index in 0..=items.len() {
                    let mut path = path.clone();
                    path.push_item(index, None);
                    found.push(path.clone());
                    if let Some(item) = items.get(index) {
                        walk(item, &path, found);
                    }
                }
            }
            Value::Null => found.push(path.key("added").key("below")),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, &FieldPath::new(), &mut found);
    found
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => printing::values().prop_map(Change::Set),
        2 => Just(Change::Remove),
        1 => "[a-z]{1,5}".prop_map(|name| Change::Rename(name.into())),
    ]
}

/// Returns the comments, and those that lie inside of what an edit takes away.
fn comments(document: &Document, lines: Option<(u32, u32)>) -> BTreeSet<String> {
    let comments = document.comments();
    let outside = |line: u32| lines.is_none_or(|(from, to)| line < from || line > to);
    comments
        .iter()
        .filter(|c| outside(c.line))
        .map(|c| c.text.to_owned())
        .collect()
}

/// Returns the lines of what stands at a path, with its key or dash.
fn lines(document: &Document, path: &FieldPath) -> Option<(u32, u32)> {
    let node = document.root().locate(path)?;
    let (step, above) = path.steps().split_last()?;
    let parent = document.root().locate(&above.iter().cloned().collect())?;
    let source = document.source();
    let line = |at| source.position(at).line;
    let start = match step {
        Step::Key(key) => line(parent.as_map()?.entry(key)?.key_span.start),
        Step::Item { .. } => {
            let column = source.position(parent.span().start).column as usize;
            let has_dash = |&line: &u32| {
                let text = source
                    .line(line)
                    .map(|span| source.slice(span))
                    .unwrap_or_default();
                text.chars().nth(column - 1) == Some('-')
            };
            (1..=line(node.span().start))
                .rev()
                .find(has_dash)
                .unwrap_or_else(|| line(node.span().start))
        }
    };
    Some((start, line(node.span().end)))
}

fn check_edit(value: &Value, mut look: Look, at: prop::sample::Index, change: Change) {
    let text = printing::print(value, &mut look);
    let document = read(&text);
    let paths = paths(value);
    let path = at.get(&paths).clone();
    let edit = Edit { path, change };
    let mut expected = value.clone();
    naive(&mut expected, edit.path.steps(), &edit.change);
    assert_eq!(
        document
            .edited(std::slice::from_ref(&edit))
            .root()
            .to_json(),
        expected,
        "{text}"
    );
    match patch(&document, std::slice::from_ref(&edit)) {
        Ok(patched) => {
            check_replacements(&text, &patched);
            let new = patched.document.source().text();
            // The new text alone is enough to read the new value.
            let again = knight_model::load(
                &std::sync::Arc::new(knight_model::source::Source::new("b.yaml", new)),
                &knight_model::Limits::default(),
            );
            assert_eq!(again.problems, [], "{edit:?}\n{text}\n{new}");
            let root = again
                .documents
                .first()
                .map(|document| document.root().to_json());
            assert_eq!(
                root.unwrap_or_default(),
                expected,
                "{edit:?}\n{text}\n{new}"
            );
            let kept = comments(&document, lines(&document, &edit.path));
            let left = comments(&patched.document, None);
            assert!(
                kept.is_subset(&left),
                "{edit:?} loses a comment\n{text}\n{new}"
            );
        }
        Err(refused) if refused.reason == RefusedReason::NothingToDo => {
            assert_eq!(&expected, value, "{edit:?}\n{text}");
        }
        Err(refused) => panic!("{refused}\n{edit:?}\n{text}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_patched_text_means_what_was_intended(
        value in printing::documents(),
        look in printing::looks(),
        at: prop::sample::Index,
        change in changes(),
    ) {
        check_edit(&value, look, at, change);
    }
}
