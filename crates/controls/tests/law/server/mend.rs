//! Mending objects by what the server says against them.
//!
//! Generated objects are made around what a rule reads, and know nothing of schemas. Most are refused
//! before a policy sees them; what is left when the offending values are taken out is judged.

use std::{cmp::Reverse, sync::LazyLock};

use regex::Regex;
use serde_json::{Value, json};

use knight_testbed_client::{Answer, Cause};

use super::fit::filler;

/// A step of a path in a message.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
}

/// Takes out of an object, or fills in, what the server complained about. Returns whether anything
/// changed.
pub(crate) fn mend(object: &mut Value, refusal: &Answer) -> bool {
    let before = object.clone();
    let mut causes = refusal.causes();
    // Later items of a list first, so that the indices of earlier ones stay right.
    causes.sort_by_key(|cause| Reverse(natural(&cause.field)));
    for cause in &causes {
        correct(object, cause);
    }
    for field in unknown_fields(refusal.message()) {
        remove(object, &steps(&field));
    }
    if let Some((sort, path)) = wrong_type(refusal.message()) {
        remove_typed(object, &path, &sort);
    }
    if refusal.message().contains("quantities must match") {
        remove_quantities(object);
    }
    if *object == before {
        for field in forbidden_by_webhook(refusal.message()) {
            remove(object, &steps(&field));
        }
    }
    *object != before
}

/// Returns the fields that strict decoding does not know.
fn unknown_fields(message: &str) -> Vec<String> {
    static FIELD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(?:unknown|duplicate) field "([^"]+)""#).expect("it is"));
    let mut fields: Vec<String> = FIELD
        .captures_iter(message)
        .map(|found| found[1].to_owned())
        .collect();
    fields.sort_by_key(|field| Reverse(natural(field)));
    fields
}

/// Returns the sort of value that a Go type could not hold, and the keys that lead to it.
fn wrong_type(message: &str) -> Option<(String, Vec<String>)> {
    static FIELD: LazyLock<Regex> = LazyLock::new(|| {
        let text = r"cannot unmarshal (\w+)(?: \S+)? into Go struct field \w+\.([\w.]+) of type";
        Regex::new(text).expect("it is")
    });
    let found = FIELD.captures(message)?;
    // The types that are embedded in others are named like steps, but no key of the API starts so.
    let key = |step: &&str| !step.starts_with(|first: char| first.is_ascii_uppercase());
    let mut keys: Vec<String> = found[2].split('.').filter(key).map(str::to_owned).collect();
    // The metadata of custom resources is decoded by itself.
    if message.contains("field ObjectMeta.") && keys[0] != "metadata" {
        keys.insert(0, "metadata".to_owned());
    }
    Some((found[1].to_owned(), keys))
}

/// Returns the fields that a webhook of Knative names, in whatever words.
fn forbidden_by_webhook(message: &str) -> Vec<String> {
    static FIELDS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\bspec\.[\w.\[\]*/-]+").expect("it is"));
    let mut fields: Vec<String> = FIELDS
        .find_iter(message)
        .map(|found| found.as_str().replace("[*]", "[0]"))
        .collect();
    fields.sort_by_key(|field| Reverse(natural(field)));
    fields
}

/// Returns a key that sorts numbers by value.
fn natural(field: &str) -> Vec<(String, usize)> {
    steps(field)
        .into_iter()
        .map(|step| match step {
            Step::Key(key) => (key, 0),
            Step::Index(index) => (String::new(), index),
        })
        .collect()
}

/// Reads `spec.containers[0].resources.limits[cpu]`.
fn steps(field: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = field;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (key, after) = inner.split_once(']').unwrap_or((inner, ""));
            steps.push(match key.parse() {
                Ok(index) => Step::Index(index),
                Err(_) => Step::Key(key.trim_matches('"').to_owned()),
            });
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            if !key.is_empty() {
                steps.push(Step::Key(key.to_owned()));
            }
            rest = after;
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    steps
}

fn correct(object: &mut Value, cause: &Cause) {
    // Checks of templates name their annotations so.
    let field = cause
        .field
        .replace("template.annotations", "template.metadata.annotations")
        .replace("template.labels", "template.metadata.labels");
    let steps = steps(&field);
    let Some(Step::Key(last)) = steps.last() else {
        remove(object, &steps);
        return;
    };
    if cause.message.starts_with("Required value") {
        match (filler(last), at(object, &steps[..steps.len() - 1])) {
            (Some(value), Some(Value::Object(parent))) if parent.get(last) != Some(&value) => {
                parent.insert(last.clone(), value);
            }
            _ => remove(object, &steps),
        }
        return;
    }
    if cause.message.starts_with("Duplicate value") {
        remove(object, &steps[..steps.len() - 1]);
        return;
    }
    if last == "serviceAccountName" {
        // The field's former name fills it in.
        let former = Step::Key("serviceAccount".to_owned());
        let mut former_steps = steps[..steps.len() - 1].to_vec();
        former_steps.push(former);
        remove(object, &former_steps);
    }
    if let Some((_, wanted)) = cause.message.split_once("must be of type ")
        && filler(last).is_some()
        && let Some(there) = at(object, &steps)
    {
        let empty = match wanted.split(':').next() {
            Some("array") => json!([]),
            Some("object") => json!({}),
            _ => json!("a"),
        };
        if *there != empty {
            *there = empty;
            return;
        }
    }
    if matches!(
        last.as_str(),
        "annotations" | "labels" | "matchLabels" | "data"
    ) && let Some(Value::Object(map)) = at(object, &steps)
    {
        let before = map.len();
        let named = |text: &str| cause.message.contains(&json!(text).to_string());
        map.retain(|key, value| !named(key) && !value.as_str().is_some_and(named));
        if map.len() < before {
            return;
        }
    }
    remove(object, &steps);
}

fn at<'v>(object: &'v mut Value, steps: &[Step]) -> Option<&'v mut Value> {
    steps.iter().try_fold(object, |here, step| match step {
        Step::Key(key) => here.get_mut(key),
        Step::Index(index) => here.get_mut(index),
    })
}

/// Removes what stands at a path, or the innermost that does; never all that makes a pod one.
fn remove(object: &mut Value, steps: &[Step]) {
    for length in (1..=steps.len()).rev() {
        let (parent, last) = (&steps[..length - 1], &steps[length - 1]);
        let frame = [
            "spec",
            "template",
            "metadata",
            "jobTemplate",
            "job",
            "containers",
        ];
        let outermost =
            length < steps.len() && matches!(last, Step::Key(key) if frame.contains(&key.as_str()));
        if outermost {
            return;
        }
        match (at(object, parent), last) {
            (Some(Value::Object(map)), Step::Key(key)) if map.contains_key(key) => {
                map.shift_remove(key);
                return;
            }
            (Some(Value::Array(items)), Step::Index(index)) if *index < items.len() => {
                items.remove(*index);
                return;
            }
            _ => {}
        }
    }
}

/// Removes the values of one sort below these keys, through all lists.
fn remove_typed(value: &mut Value, keys: &[String], sort: &str) {
    match (value, keys) {
        (Value::Array(items), []) => items.retain(|item| sort_of(item) != sort),
        (Value::Object(map), []) => map.retain(|_, entry| sort_of(entry) != sort),
        (Value::Array(items), keys) => {
            for item in items {
                remove_typed(item, keys, sort);
            }
        }
        (Value::Object(map), [key, rest @ ..]) => {
            let wrong = rest.is_empty() && map.get(key).is_some_and(|there| sort_of(there) == sort);
            if wrong {
                map.shift_remove(key);
            } else if let Some(there) = map.get_mut(key) {
                remove_typed(there, rest, sort);
            }
        }
        (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_), _) => {}
    }
}

/// Removes what is no quantity where one belongs; the message does not say where.
fn remove_quantities(value: &mut Value) {
    static QUANTITY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[+-]?[0-9]+(\.[0-9]+)?([KMGTPE]i|[numkMGTPE]?|e[0-9]+)$").expect("it is")
    });
    let fits = |value: &Value| match value {
        Value::String(text) => QUANTITY.is_match(text),
        Value::Number(_) | Value::Null => true,
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    };
    match value {
        Value::Object(map) => {
            map.retain(|key, entry| {
                if let (true, Some(entries)) = (
                    ["limits", "requests"].contains(&key.as_str()),
                    entry.as_object_mut(),
                ) {
                    entries.retain(|_, quantity| fits(quantity));
                }
                key != "sizeLimit" || fits(entry)
            });
            map.values_mut().for_each(remove_quantities);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_quantities),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns what Go's decoder calls a value.
fn sort_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[test]
fn reads_the_paths_of_messages() {
    let key = |text: &str| Step::Key(text.to_owned());
    assert_eq!(
        steps("spec.containers[10].resources.limits[a.b/c].x"),
        [
            key("spec"),
            key("containers"),
            Step::Index(10),
            key("resources"),
            key("limits"),
            key("a.b/c"),
            key("x"),
        ]
    );
}

#[test]
fn takes_out_what_the_server_names() {
    let refusal = |message: &str, causes: Value| Answer {
        status: 422,
        body: json!({"message": message, "details": {"causes": causes}}),
        warnings: Vec::new(),
    };
    let mut object = json!({"spec": {"a": [1, 2, 3], "b": {"c": "x", "d": 1}, "e": true}});
    let causes = json!([
        {"field": "spec.a[0]", "message": "Invalid value: 1"},
        {"field": "spec.a[2]", "message": "Invalid value: 3"},
    ]);
    assert!(mend(&mut object, &refusal("", causes)));
    let message = r#"strict decoding error: unknown field "spec.b.d", unknown field "spec.e""#;
    assert!(mend(&mut object, &refusal(message, json!([]))));
    let message = "json: cannot unmarshal string into Go struct field B.spec.b.c of type bool";
    assert!(mend(&mut object, &refusal(message, json!([]))));
    assert_eq!(object, json!({"spec": {"a": [2], "b": {}}}));
    assert!(!mend(&mut object, &refusal("no", json!([]))));
}
