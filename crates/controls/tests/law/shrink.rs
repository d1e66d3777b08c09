//! The smallest object that still fails, and how it prints.

use std::fmt::Write as _;

use serde_json::Value;

/// Takes away from a value what it can while `fails` holds.
pub(crate) fn shrink(mut value: Value, fails: &mut impl FnMut(&Value) -> bool) -> Value {
    let mut tries = 400;
    let mut at = 0;
    // Each number names one thing to take away, in an order that puts the large ones first.
    while tries > 0 {
        let mut smaller = value.clone();
        if !take_away(&mut smaller, &mut at.clone(), 0) {
            break;
        }
        tries -= 1;
        if fails(&smaller) {
            value = smaller;
        } else {
            at += 1;
        }
    }
    value
}

/// Takes away the entry or item with this number; what makes an object one stays.
fn take_away(value: &mut Value, number: &mut usize, depth: usize) -> bool {
    match value {
        Value::Object(map) => {
            let keys: Vec<String> = map.keys().cloned().collect();
            for key in keys {
                let kept = match depth {
                    0 => matches!(key.as_str(), "apiVersion" | "kind" | "metadata"),
                    _ => false,
                };
                if !kept && *number == 0 {
                    map.shift_remove(&key);
                    return true;
                }
                *number -= usize::from(!kept);
                if take_away(&mut map[&key], number, depth + 1) {
                    return true;
                }
            }
            false
        }
        Value::Array(items) => {
            for at in 0..items.len() {
                if *number == 0 {
                    items.remove(at);
                    return true;
                }
                *number -= 1;
                if take_away(&mut items[at], number, depth + 1) {
                    return true;
                }
            }
            false
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Prints a value as YAML: blocks with JSON's scalars.
pub(crate) fn yaml(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text
}

fn block(value: &Value, indent: usize, text: &mut String) {
    let pad = " ".repeat(indent);
    let mut entry = |lead: String, value: &Value| {
        let empty = value
            .as_object()
            .map(serde_json::Map::is_empty)
            .or_else(|| value.as_array().map(Vec::is_empty));
        if empty == Some(false) {
            let _ = writeln!(text, "{pad}{lead}");
            block(value, indent + 2, text);
        } else {
            let _ = writeln!(text, "{pad}{lead} {value}");
        }
    };
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| entry(format!("{}:", plain(key)), value)),
        Value::Array(items) => items.iter().for_each(|item| entry("-".to_owned(), item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let _ = writeln!(text, "{pad}{value}");
        }
    }
}

fn plain(key: &str) -> String {
    if !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        key.to_owned()
    } else {
        Value::from(key).to_string()
    }
}
