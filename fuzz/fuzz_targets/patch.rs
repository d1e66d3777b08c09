//! An edit of any text is refused, or gives a text that means what was intended and leaves the other
//! documents alone.
#![no_main]

use std::sync::Arc;

use arbitrary::{Arbitrary as _, Result, Unstructured};
use knight_model::{
    Limits,
    edit::{Change, Edit},
    load,
    patch::patch,
    path::FieldPath,
    source::Source,
    tree::{Document, Kind, Origin},
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

const LIMITS: Limits = Limits {
    document_bytes: 1 << 14,
    depth: 60,
    nodes: 2_000,
};

/// How many bytes choose the edit; the rest is the text.
const CHOICES: usize = 24;

#[derive(Debug)]
struct Choice {
    document: usize,
    /// Which way the path goes at each step.
    turns: [u8; 5],
    change: Change,
}

fn choice(input: &mut Unstructured<'_>) -> Result<Choice> {
    Ok(Choice {
        document: input.arbitrary::<u8>()?.into(),
        turns: input.arbitrary()?,
        change: match input.int_in_range(0..=9)? {
            0 | 1 => Change::Remove,
            2 => Change::Rename(input.arbitrary::<String>()?.into()),
            3 => Change::Default(
                value(input, 2)?,
                Origin {
                    from: "fuzzing".into(),
                },
            ),
            _ => Change::Set(value(input, 2)?),
        },
    })
}

fn value(input: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    Ok(
        match input.int_in_range(0..=if depth > 0 { 7 } else { 5 })? {
            0 => Value::Null,
            1 => Value::Bool(bool::arbitrary(input)?),
            2 => Value::from(i64::arbitrary(input)?),
            3 => Value::from(String::arbitrary(input)?),
            4 => json!("word"),
            5 => json!({}),
            6 => json!([value(input, depth - 1)?]),
            _ => json!({ "a": value(input, depth - 1)?, "b": value(input, depth - 1)? }),
        },
    )
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choices, text)) = bytes.split_at_checked(CHOICES) else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let Ok(input) = choice(&mut Unstructured::new(choices)) else {
        return;
    };
    let source = Arc::new(Source::new("fuzz.yaml", text));
    let loaded = load(&source, &LIMITS);
    if loaded.documents.is_empty() {
        return;
    }
    let at = input.document % loaded.documents.len();
    let document = &loaded.documents[at];
    let edit = Edit {
        path: path(document, &input.turns),
        change: input.change,
    };
    let Ok(patched) = patch(document, std::slice::from_ref(&edit)) else {
        return;
    };
    let intended = document.edited(std::slice::from_ref(&edit));
    assert_eq!(patched.document.root(), intended.root());

    let mut text = text.to_owned();
    for replacement in patched.replacements.iter().rev() {
        text.replace_range(replacement.span.range(), &replacement.text);
    }
    assert_eq!(text, patched.document.source().text());

    let wide = Limits {
        depth: 200,
        ..Limits::default()
    };
    let again = load(&Arc::new(Source::new("again.yaml", text)), &wide);
    let others = |documents: &[Document]| -> Vec<Value> {
        let values = documents.iter().map(|document| document.root().to_json());
        values.filter(|value| !value.is_null()).collect()
    };
    let mut expected = others(&loaded.documents);
    expected[at] = intended.root().to_json();
    expected.retain(|value| !value.is_null());
    assert_eq!(others(&again.documents), expected);
});

/// Returns a path into a document, or next to what is there.
fn path(document: &Document, turns: &[u8]) -> FieldPath {
    let mut path = FieldPath::new();
    let mut node = document.root();
    for &turn in turns {
        match node.kind() {
            Kind::Map(map) => {
                let turn = usize::from(turn) % (map.len() + 1);
                match map.entries().nth(turn) {
                    Some(entry) => {
                        path.push_key(entry.key);
                        node = entry.value;
                    }
                    None => {
                        path.push_key("new");
                        return path;
                    }
                }
            }
            Kind::List(list) => {
                let turn = usize::from(turn) % (list.len() + 1);
                path.push_item(turn, None);
                match list.items().nth(turn) {
                    Some(item) => node = item,
                    None => return path,
                }
            }
            Kind::Null => {
                path.push_key("below");
                return path;
            }
            Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => return path,
        }
    }
    path
}
