//! What this crate reads in a text.

use std::sync::Arc;

use knight_model::{
    Limits, ProblemKind, load,
    load::{Part, read_document, split},
    source::Source,
    tree::{Kind, Node},
};
use serde_json::{Value, json};

/// What we say of the first document of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading {
    /// We refuse it.
    Refused(String),
    /// We read this value, and met so many duplicate keys.
    Read { value: Value, duplicates: usize },
}

/// Reads the first document of a text, the only one that Kubernetes' library looks at.
pub(crate) fn first(text: &str) -> Reading {
    let source = Arc::new(Source::new("case.yaml", text));
    let Some(Part::Document(span)) = split(text).into_iter().next() else {
        return Reading::Read {
            value: json!({"n": null}),
            duplicates: 0,
        };
    };
    let (document, problems) = read_document(&source, span, &Limits::default());
    match document {
        Some(document) => {
            let repeated = |kind| kind == ProblemKind::DuplicateKey;
            let duplicates = problems
                .iter()
                .filter(|problem| repeated(problem.kind))
                .count();
            Reading::Read {
                value: tagged(document.root()),
                duplicates,
            }
        }
        None => Reading::Refused(problems[0].reason.clone()),
    }
}

/// Reads all documents of a text that hold something; a `null` first for each that we
/// refuse.
pub(crate) fn all(text: &str) -> Vec<Value> {
    let loaded = load(
        &Arc::new(Source::new("case.yaml", text)),
        &Limits::default(),
    );
    let mut values: Vec<_> = loaded.documents.iter().map(|d| tagged(d.root())).collect();
    let hidden = loaded
        .problems
        .iter()
        .filter(|problem| problem.hides_document())
        .count();
    values.splice(0..0, std::iter::repeat_n(Value::Null, hidden));
    values
}

/// Encodes a value with its types, as the Go program does.
pub(crate) fn tagged(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Null => json!({"n": null}),
        Kind::Bool(value) => json!({"b": value}),
        Kind::Int(value) => json!({"i": value.to_string()}),
        Kind::Float(value) => json!({"f": number(value)}),
        Kind::Text(text) => json!({"s": text}),
        Kind::List(list) => json!({"l": list.items().map(tagged).collect::<Vec<_>>()}),
        Kind::Map(map) => {
            let mut entries: Vec<_> = map.entries().map(|e| (e.key, tagged(e.value))).collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            json!({ "m": entries })
        }
    }
}

/// Prints a float as Go's `FormatFloat(value, 'g', -1, 64)` does.
fn number(value: f64) -> String {
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific
        .split_once('e')
        .expect("`e` is in scientific notation");
    let exponent: i32 = exponent.parse().expect("an exponent is a number");
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
