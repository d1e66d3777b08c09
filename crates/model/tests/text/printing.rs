//! Values, and YAML texts that mean them in many layouts.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// How a text is laid out, chosen by chance.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    choices: Vec<u8>,
    next: usize,
    /// Numbers the comments, so that each is known again.
    comments: usize,
    pub(crate) crlf: bool,
    pub(crate) final_break: bool,
}

impl Look {
    fn choose(&mut self, of: u8) -> u8 {
        let choice = self.choices[self.next % self.choices.len()];
        self.next += 1;
        choice % of
    }

    fn comment(&mut self) -> String {
        self.comments += 1;
        format!("# note {}", self.comments)
    }
}

/// Returns layouts.
pub(crate) fn looks() -> impl Strategy<Value = Look> {
    (
        prop::collection::vec(any::<u8>(), 1..40),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(choices, crlf, final_break)| Look {
            choices,
            next: 0,
            comments: 0,
            crlf,
            final_break,
        })
}

/// Returns strings that YAML could take for something else.
pub(crate) fn strings() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        "[a-zA-Z0-9./:_-]{0,12}",
        prop::sample::select(vec![
            "",
            " ",
            "yes",
            "no",
            "null",
            "~",
            "0644",
            "1e3",
            "1_000",
            ".5",
            "-",
            "- a",
            "a: b",
            "a #b",
            "#a",
            "{{ x }}",
            "[",
            "}",
            "*a",
            "&a",
            "!t",
            "|",
            ">",
            "%",
            "@",
            "`",
            "'",
            "\"",
            "it's",
            "a\nb",
            "a\n",
            "\n",
            "  a",
            "a  ",
            "a\tb",
            "é",
            "日本",
            "\u{1F600}",
            "---",
            "...",
            "<<",
            "=",
            "2001-01-01",
            "true",
            "0x1F",
            "\\",
            "a\\n",
            "?",
            "? a",
            ":",
            "a:",
            "\u{85}",
            "\u{2028}",
            "\u{FEFF}",
            "\u{7}",
            "a\r\nb",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,12}",
    ]
}

/// Returns values as Kubernetes has them, maps mostly.
pub(crate) fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1000_i64..1000).prop_map(Value::from),
        prop::sample::select(vec![0.5, -1.25, 1e-7, 1.5e300, 123.456]).prop_map(Value::from),
        strings().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            maps(inner),
        ]
    })
}

/// Returns maps with values of a sort.
pub(crate) fn maps(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let keys = prop_oneof![4 => "[a-z]{1,6}", 1 => strings()];
    prop::collection::vec((keys, inner), 0..5)
        .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>()))
}

/// Returns documents: maps that hold something.
pub(crate) fn documents() -> impl Strategy<Value = Value> {
    maps(values()).prop_map(|value| {
        if value == json!({}) {
            json!({"kind": "X"})
        } else {
            value
        }
    })
}

/// Prints a document.
pub(crate) fn print(value: &Value, look: &mut Look) -> String {
    let mut text = String::new();
    if look.choose(3) == 0 {
        text.push_str("---\n");
    }
    block(&mut text, value, 0, look, false);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    if !look.final_break && !text.trim_end().is_empty() {
        // A block scalar needs its line break.
        let lines: Vec<_> = text.lines().collect();
        if !lines.iter().any(|line| line.ends_with('|')) {
            text.truncate(text.trim_end_matches('\n').len());
        }
    }
    if look.crlf && !text.contains('\r') {
        text.replace('\n', "\r\n")
    } else {
        text
    }
}

/// Prints a value at the start of a line, or behind the dash of an item.
fn block(text: &mut String, value: &Value, indent: usize, look: &mut Look, behind_dash: bool) {
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 || !behind_dash {
                    if look.choose(6) == 0 {
                        text.push_str(&format!("{:indent$}{}\n", "", look.comment()));
                    }
                    if look.choose(9) == 0 {
                        text.push('\n');
                    }
                    text.push_str(&" ".repeat(indent));
                }
                scalar(text, key, look);
                text.push(':');
                behind(text, value, indent, look);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 || !behind_dash {
                    if look.choose(8) == 0 {
                        text.push_str(&format!("{:indent$}{}\n", "", look.comment()));
                    }
                    text.push_str(&" ".repeat(indent));
                }
                text.push('-');
                let inline = item.as_object().is_some_and(|map| !map.is_empty())
                    || item.as_array().is_some_and(|list| !list.is_empty());
                if inline && look.choose(3) > 0 {
                    text.push(' ');
                    block(text, item, indent + 2, look, true);
                } else {
                    behind(text, item, indent, look);
                }
            }
        }
        value => {
            text.push(' ');
            flow(text, value, look);
            end_line(text, look);
        }
    }
}

/// Prints a value behind `key:` or `-`.
fn behind(text: &mut String, value: &Value, indent: usize, look: &mut Look) {
    let collection = value.as_object().is_some_and(|map| !map.is_empty())
        || value.as_array().is_some_and(|list| !list.is_empty());
    match value {
        _ if collection && look.choose(4) > 0 => {
            end_line(text, look);
            let is_list = value.is_array() && !text.trim_end().ends_with('-');
            let step = if is_list && look.choose(2) == 0 { 0 } else { 2 };
            // A list at its key's column needs a key above it.
            let step = if step == 0 && !last_line_is_key(text) {
                2
            } else {
                step
            };
            block(text, value, indent + step, look, false);
        }
        Value::Null if look.choose(2) == 0 => end_line(text, look),
        Value::String(string) if is_block_text(string) && look.choose(2) == 0 => {
            text.push_str(if string.ends_with('\n') {
                " |\n"
            } else {
                " |-\n"
            });
            for line in string.lines() {
                text.push_str(&format!("{:1$}{line}\n", "", indent + 2));
            }
        }
        value => {
            text.push(' ');
            flow(text, value, look);
            end_line(text, look);
        }
    }
}

fn last_line_is_key(text: &str) -> bool {
    let line = text.lines().last().unwrap_or_default();
    let content = line.split(" #").next().unwrap_or_default();
    content.ends_with(':') && !line.trim_start().starts_with("- ")
}

fn is_block_text(text: &str) -> bool {
    let safe =
        |line: &str| !line.is_empty() && line.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    !text.is_empty()
        && !text.ends_with("\n\n")
        && text.lines().all(safe)
        && !text.starts_with(' ')
        && !text.contains('\r')
        && text.split('\n').all(|line| !line.ends_with(' '))
}

fn end_line(text: &mut String, look: &mut Look) {
    if look.choose(7) == 0 {
        text.push(' ');
        text.push_str(&look.comment());
    }
    text.push('\n');
}

/// Prints a value on one line.
fn flow(text: &mut String, value: &Value, look: &mut Look) {
    match value {
        Value::Object(entries) => {
            text.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                scalar(text, key, look);
                text.push_str(": ");
                flow(text, value, look);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                flow(text, item, look);
            }
            text.push(']');
        }
        Value::String(string) => scalar(text, string, look),
        Value::Null => text.push_str(["null", "~"][usize::from(look.choose(2))]),
        value => text.push_str(&value.to_string()),
    }
}

/// Prints a string: plain where that is no question, else in quotes.
fn scalar(text: &mut String, string: &str, look: &mut Look) {
    let word = string.chars().all(|c| c.is_ascii_lowercase()) && string.len() > 3;
    let word = word && !["null", "true", "false"].contains(&string);
    let printable = string
        .chars()
        .all(|c| c == ' ' || c.is_ascii_graphic() || c == 'é');
    match look.choose(3) {
        0 if word => text.push_str(string),
        1 if printable => text.push_str(&format!("'{}'", string.replace('\'', "''"))),
        _ => {
            text.push('"');
            for c in string.chars() {
                match c {
                    '"' | '\\' => text.extend(['\\', c]),
                    '\n' => text.push_str("\\n"),
                    c if c == ' ' || c.is_ascii_graphic() => text.push(c),
                    c => text.push_str(&format!("\\U{:08x}", u32::from(c))),
                }
            }
            text.push('"');
        }
    }
}
