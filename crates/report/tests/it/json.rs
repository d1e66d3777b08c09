use std::collections::BTreeSet;

use insta::assert_snapshot;
use knight_report::Format;
use serde_json::Value;

use crate::sample::{cluster, empty, full, many, upgraded, written};

const SCHEMA: &str = include_str!("../../../../schemas/report.schema.json");

#[test]
fn writes_everything_there_is() {
    assert_snapshot!(written(Format::Json, &full()));
}

#[test]
fn output_is_what_the_schema_says() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    for report in [empty(), full(), many(), upgraded(), cluster()] {
        let output: Value = serde_json::from_str(&written(Format::Json, &report)).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&output)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn schema_rejects_what_knight_never_writes() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let output: Value = serde_json::from_str(&written(Format::Json, &full())).unwrap();
    let with = |pointer: &str, value: Value| {
        let mut output = output.clone();
        *output.pointer_mut(pointer).unwrap() = value;
        output
    };
    for (pointer, value) in [
        ("/version", 2.into()),
        ("/findings/0/severity", "terrible".into()),
        ("/findings/0/verdict", "pass".into()),
        ("/findings/0/location/line", 0.into()),
        ("/findings/0/fix/safety", Value::Null),
        ("/summary/files", (-1).into()),
    ] {
        assert!(!validator.is_valid(&with(pointer, value)), "{pointer}");
    }
}

#[test]
fn schema_has_no_property_that_the_output_lacks() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut shown = BTreeSet::new();
    for report in [full(), cluster(), upgraded()] {
        let output: Value = serde_json::from_str(&written(Format::Json, &report)).unwrap();
        visit(&schema, &schema, "", &output, &mut shown);
    }
    let mut declared = BTreeSet::new();
    declare(&schema, "", &mut declared);
    assert!(declared.len() > 60, "{declared:?}");
    assert_eq!(shown, declared);
}

/// Adds the pointers of the properties that the value shows.
fn visit(root: &Value, schema: &Value, at: &str, value: &Value, shown: &mut BTreeSet<String>) {
    if let Some(target) = schema["$ref"]
        .as_str()
        .and_then(|target| target.strip_prefix('#'))
    {
        visit(
            root,
            root.pointer(target).expect("references are local"),
            target,
            value,
            shown,
        );
        return;
    }
    for (index, option) in schema["anyOf"].as_array().into_iter().flatten().enumerate() {
        if !value.is_null() && option["type"] != "null" {
            visit(root, option, &format!("{at}/anyOf/{index}"), value, shown);
        }
    }
    for item in value.as_array().into_iter().flatten() {
        visit(root, &schema["items"], &format!("{at}/items"), item, shown);
    }
    for (key, property) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(key) {
            let at = format!("{at}/properties/{key}");
            visit(root, property, &at, value, shown);
            shown.insert(at);
        }
    }
}

/// Adds the pointers of all properties of a schema.
fn declare(schema: &Value, at: &str, declared: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                if at.ends_with("/properties") {
                    declared.insert(format!("{at}/{key}"));
                }
                declare(value, &format!("{at}/{key}"), declared);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                declare(item, &format!("{at}/{index}"), declared);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn findings_made_in_pieces_are_those_made_one_by_one() {
    let all = many();
    let mut expected = Vec::new();
    for finding in &all.findings {
        let mut one = empty();
        one.findings = vec![finding.clone()];
        let output: Value = serde_json::from_str(&written(Format::Json, &one)).unwrap();
        expected.push(output["findings"][0].clone());
    }
    let text = written(Format::Json, &all);
    let output: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(output["findings"].as_array(), Some(&expected));
    // Two spaces a level, and each finding on lines of its own, whichever piece it is of.
    assert_eq!(
        text.matches("\n    {\n      \"control\": ").count(),
        expected.len()
    );
    assert_eq!(
        text.matches("\n    },\n    {\n      \"control\": ").count(),
        expected.len() - 1
    );
}
