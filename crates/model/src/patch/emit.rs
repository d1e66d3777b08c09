//! Values as text.

use std::fmt::Write as _;

use serde_json::Value;

use crate::yaml::is_plain_string;

/// How text is written at a place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    /// YAML by indentation.
    Block,
    /// YAML in brackets.
    Flow,
    /// JSON.
    Json,
}

/// The line breaks and the steps of a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) line_break: &'static str,
    /// How far the items of a list stand behind their key.
    pub(super) list_step: usize,
}

/// Writes a value as what stands behind `key:`, blank or line break included.
pub(super) fn behind_key(value: &Value, indent: usize, style: Style, layout: Layout) -> String {
    let mut text = String::new();
    match value {
        Value::Object(entries) if style == Style::Block && !entries.is_empty() => {
            block_map(&mut text, value, indent + 2, layout, Lead::Line);
        }
        Value::Array(items) if style == Style::Block && !items.is_empty() => {
            block_list(&mut text, value, indent + layout.list_step, layout);
        }
        _ => {
            text.push(' ');
            inline(&mut text, value, style);
        }
    }
    text
}

/// Writes a value as what stands behind the `- ` of an item; `indent` is the column behind it.
pub(super) fn behind_dash(value: &Value, indent: usize, style: Style, layout: Layout) -> String {
    let mut text = String::new();
    match value {
        Value::Object(entries) if style == Style::Block && !entries.is_empty() => {
            block_map(&mut text, value, indent, layout, Lead::Here);
        }
        _ => inline(
            &mut text,
            value,
            if style == Style::Block {
                Style::Flow
            } else {
                style
            },
        ),
    }
    text
}

/// Writes an entry of a map; `indent` is the column of the key.
pub(super) fn entry(
    key: &str,
    value: &Value,
    indent: usize,
    style: Style,
    layout: Layout,
) -> String {
    let mut text = String::new();
    self::key(&mut text, key, style);
    text.push(':');
    text.push_str(&behind_key(value, indent, style, layout));
    text
}

/// Writes a key alone.
pub(super) fn key_alone(key: &str, style: Style) -> String {
    let mut text = String::new();
    self::key(&mut text, key, style);
    text
}

/// Writes a value on one line.
pub(super) fn inline(text: &mut String, value: &Value, style: Style) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::String(string) if style == Style::Json => quoted(text, string),
        Value::String(string) => scalar(text, string),
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                inline(text, item, flow(style));
            }
            text.push(']');
        }
        Value::Object(entries) => {
            text.push('{');
            for (at, (name, value)) in entries.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                key(text, name, flow(style));
                text.push_str(": ");
                inline(text, value, flow(style));
            }
            text.push('}');
        }
    }
}

/// Writes a string in quotes that every reader of YAML and JSON takes the same way.
pub(super) fn quoted(text: &mut String, string: &str) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\0'..='\u{1F}'
            | '\u{7F}'..='\u{9F}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{FEFF}'
            | '\u{FFFE}'
            | '\u{FFFF}' => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            character => text.push(character),
        }
    }
    text.push('"');
}

fn flow(style: Style) -> Style {
    if style == Style::Json {
        Style::Json
    } else {
        Style::Flow
    }
}

fn key(text: &mut String, key: &str, style: Style) {
    if style == Style::Json {
        quoted(text, key);
    } else {
        scalar(text, key);
    }
}

fn scalar(text: &mut String, string: &str) {
    if is_plain_string(string) {
        text.push_str(string);
    } else {
        quoted(text, string);
    }
}

/// Where the first entry of a map goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Lead {
    Line,
    Here,
}

fn block_map(text: &mut String, map: &Value, indent: usize, layout: Layout, lead: Lead) {
    for (at, (name, value)) in map.as_object().into_iter().flatten().enumerate() {
        if at > 0 || lead == Lead::Line {
            line(text, indent, layout);
        }
        text.push_str(&entry(name, value, indent, Style::Block, layout));
    }
}

fn block_list(text: &mut String, list: &Value, indent: usize, layout: Layout) {
    for item in list.as_array().into_iter().flatten() {
        line(text, indent, layout);
        text.push_str("- ");
        text.push_str(&behind_dash(item, indent + 2, Style::Block, layout));
    }
}

fn line(text: &mut String, indent: usize, layout: Layout) {
    text.push_str(layout.line_break);
    text.extend(std::iter::repeat_n(' ', indent));
}
