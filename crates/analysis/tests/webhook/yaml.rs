//! Texts that are easy to read wrongly, read by the API server and by Knight.

use std::{fmt::Write as _, fs, path::Path, sync::Arc, time::Duration};

use knight_model::{Limits, load, source::Source};
use knight_testbed_client::{FieldValidation, wait_until};
use serde_json::{Value, json};

use crate::{bed, names};

/// Cases that Knight refuses, with a place and a reason, and that the server reads: byte order marks
/// inside of a text, line breaks of Unicode, lines of a quoted text that are not indented, and other
/// texts that are no YAML.
const ONLY_KNIGHT_REFUSES: &[&str] = &[
    "break/bom",
    "break/bom-second-line",
    "break/bom-in-value",
    "break/bom-only",
    "break/next-line",
    "break/line-separator",
    "break/paragraph-separator",
    "break/line-separator-quoted",
    "break/next-line-quoted",
    "double-quoted/escape-single-quote",
    "double-quoted/multi-line-column-zero",
    "double-quoted/only-break",
    "double-quoted/marker-inside",
    "double-quoted/end-marker-inside",
    "duplicate/bad-first-value",
    "flow/list-trailing-colon",
    "flow/list-question-start",
    "flow/list-dash",
    "key/alias-no-space",
    "single-quoted/column-zero",
    "single-quoted/marker-inside",
    "tab/spaces-tab-comment",
    "tag/no-space-before-value",
];
/// Cases that the server refuses, and that Knight reads: one merge too many for a server that counts
/// them otherwise, and a tab that YAML allows.
const ONLY_THE_SERVER_REFUSES: &[&str] = &["merge/bomb", "tab/after-explicit-value"];

struct Case {
    name: String,
    /// An object with the text of the case as its spec.
    text: String,
}

#[test]
fn objects_are_stored_as_knight_reads_their_text() {
    serve_notes();
    let cases = cases();
    let path = "/apis/law.knight.dev/v1/namespaces/default/notes";
    let stored = bed::all(&cases, |case| {
        let validation = FieldValidation::Ignore;
        let answer = bed::client().dry_run_create_yaml(path, &case.text, validation);
        answer.unwrap()
    });

    let (mut equal, mut refused) = (0, 0);
    let mut unequal = String::new();
    let (mut only_knight, mut only_server) = (Vec::new(), Vec::new());
    for (case, answer) in cases.iter().zip(&stored) {
        match (answer.is_success(), spec(&case.text)) {
            (true, Ok(ours)) => {
                let theirs = numbers(&answer.body["spec"]);
                let differences = names::differences(&theirs, &numbers(&ours));
                if differences.is_empty() {
                    equal += 1;
                } else {
                    let Case { name, text } = case;
                    let _ = writeln!(unequal, "{name}: {differences:?}\n{text}");
                }
            }
            (false, Err(_)) => refused += 1,
            (true, Err(why)) => only_knight.push((case.name.as_str(), why)),
            (false, Ok(_)) => only_server.push((case.name.as_str(), answer.message().to_owned())),
        }
    }
    let table = format!(
        "# Texts, as Knight and as the API server read them\n\n\
         | texts | read as the same | refused by both | by Knight alone | by the server alone | unequal |\n\
         |---|---|---|---|---|---|\n| {} | {equal} | {refused} | {} | {} | {} |\n",
        cases.len(),
        only_knight.len(),
        only_server.len(),
        unequal.lines().count(),
    );
    bed::write_table("yaml.md", &table);
    assert_eq!(unequal, "");
    let named = |list: &[(&str, String)]| {
        list.iter()
            .map(|(name, _)| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(named(&only_knight), ONLY_KNIGHT_REFUSES, "{only_knight:#?}");
    assert_eq!(
        named(&only_server),
        ONLY_THE_SERVER_REFUSES,
        "{only_server:#?}"
    );
    assert!(equal >= 100, "only {equal} texts are read as the same");
}

/// Serves a kind that keeps every field.
fn serve_notes() {
    let schema = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    let kind = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": "notes.law.knight.dev" },
        "spec": {
            "group": "law.knight.dev", "scope": "Namespaced",
            "names": { "plural": "notes", "singular": "note", "kind": "Note" },
            "versions": [{ "name": "v1", "served": true, "storage": true,
                "schema": { "openAPIV3Schema": schema } }],
        },
    });
    bed::client()
        .apply(&kind)
        .unwrap()
        .granted("a kind")
        .unwrap();
    wait_until(Duration::from_secs(30), "the kind to be served", || {
        let path = "/apis/law.knight.dev/v1/namespaces/default/notes";
        Ok((bed::client().get(path)?.status == 200).then_some(()))
    })
    .unwrap();
}

/// Returns the cases of the corpus, each as the spec of an object.
fn cases() -> Vec<Case> {
    let read = |file: &str| -> Vec<Value> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/yaml");
        serde_json::from_str(&fs::read_to_string(folder.join(file)).unwrap()).unwrap()
    };
    let answers = read("cases.answers.json");
    // The answers about those that nest deep are deeper than this test reads JSON, and of keys that
    // become the same string the server itself picks one at random.
    let has_no_answer = |case: &&Value| {
        let mut answers = answers.iter().filter(|answer| answer["id"] == case["name"]);
        answers.any(|answer| !answer["deep"].is_null() || !answer["ambiguous"].is_null())
    };
    let list = read("cases.json");
    list.iter()
        .filter(|case| !has_no_answer(case))
        .map(|case| {
            let field = |name: &str| case[name].as_str().unwrap();
            let lines = field("text").split_inclusive('\n');
            let indented: String = lines
                .map(|line| match line.trim_end_matches(['\n', '\r']) {
                    "" => line.to_owned(),
                    _ => format!("  {line}"),
                })
                .collect();
            Case {
                name: field("name").to_owned(),
                text: format!(
                    "apiVersion: law.knight.dev/v1\nkind: Note\nmetadata:\n  name: note\nspec:\n{indented}"
                ),
            }
        })
        .collect()
}

/// Returns the spec as Knight reads it, or why it does not.
fn spec(text: &str) -> Result<Value, String> {
    let source = Arc::new(Source::new("note.yaml", text));
    let loaded = load(&source, &Limits::default());
    let hides = loaded
        .problems
        .iter()
        .find(|problem| problem.hides_document());
    match (hides, loaded.documents.first()) {
        (Some(problem), _) => Err(problem.reason.clone()),
        (None, None) => Err("there is no document".to_owned()),
        (None, Some(document)) => {
            let object = document.root().to_json();
            Ok(object["spec"].clone())
        }
    }
}

/// Writes all numbers as JSON compares them: a server may store 1.0 as 1.
fn numbers(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.as_i64().is_none() => number
            .as_f64()
            .map_or(Value::Null, |float| format!("float {float:e}").into()),
        Value::Array(items) => items.iter().map(numbers).collect(),
        Value::Object(entries) => {
            let entries = entries.iter();
            entries
                .map(|(key, value)| (key.clone(), numbers(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
