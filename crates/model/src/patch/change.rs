//! One edit as one change of the text.

use serde_json::{Map as Object, Value};

use super::{
    RefusedReason, Replacement,
    emit::{self, Style},
    layout::Page,
    place::{Place, Refusable, Slot, colon, dash, indent, style_like, style_of},
    removal::{empty_out, remove},
};
use crate::{
    edit::{Change, Edit},
    path::Step,
    source::Span,
    tree::{Document, Kind, List, Map, Written},
};

/// Finds the change that makes an edit.
pub(super) fn change(document: &Document, edit: &Edit) -> Refusable<Replacement> {
    let page = Page::new(document);
    let root = Written::root(document);
    let place = Place {
        value: root,
        slot: Slot::Root,
    };
    descend(&page, place, edit.path.steps(), &edit.change)
}

fn descend(
    page: &Page<'_>,
    place: Place<'_>,
    steps: &[Step],
    change: &Change,
) -> Refusable<Replacement> {
    let Some((step, rest)) = steps.split_first() else {
        return match change {
            Change::Set(value) | Change::Default(value, _) => replace(page, place, value),
            Change::Remove => remove(page, place),
            Change::Rename(name) => rename(page, place, name),
        };
    };
    if place.value.alias {
        return Err(RefusedReason::Alias);
    }
    if rest.is_empty() && matches!(change, Change::Remove) && place.value.node.has(step) {
        // Nothing would be left: brackets stand for the empty block.
        match place.value.node.kind() {
            Kind::Map(map) if map.written().len() == 1 => return empty_out(page, place, "{}"),
            Kind::List(list) if list.len() == 1 => return empty_out(page, place, "[]"),
            _ => {}
        }
    }
    match (place.value.node.kind(), step) {
        (Kind::Map(map), Step::Key(key)) => {
            let entries = map.written();
            match entries
                .iter()
                .rposition(|entry| entry.counts && entry.key == &**key)
            {
                Some(at) => {
                    let slot = Slot::Entry(map, at);
                    descend(
                        page,
                        Place {
                            value: entries[at].value,
                            slot,
                        },
                        rest,
                        change,
                    )
                }
                // A merge brings it: its text is another map's.
                None if map.get(key).is_some() => Err(RefusedReason::Alias),
                None => insert(page, place, map, key, &made(rest, change)?),
            }
        }
        (Kind::List(list), Step::Item { index, name }) => {
            let items = list.written();
            match list.position(*index, name.as_deref()) {
                Some(at) => {
                    let slot = Slot::Item(list, at);
                    descend(
                        page,
                        Place {
                            value: items[at],
                            slot,
                        },
                        rest,
                        change,
                    )
                }
                None if *index as usize == items.len() => {
                    append(page, place, list, &made(rest, change)?)
                }
                None => Err(RefusedReason::NoPlace),
            }
        }
        (Kind::Null, _) => replace(page, place, &made(steps, change)?),
        _ => Err(RefusedReason::NoPlace),
    }
}

/// Returns the value that has to be made where `steps` lead to nothing.
fn made(steps: &[Step], change: &Change) -> Refusable<Value> {
    let (Change::Set(value) | Change::Default(value, _)) = change else {
        return Err(RefusedReason::NoPlace);
    };
    Ok(steps
        .iter()
        .rev()
        .fold(value.clone(), |value, step| match step {
            Step::Key(key) => Value::Object(Object::from_iter([(key.to_string(), value)])),
            Step::Item { .. } => Value::Array(vec![value]),
        }))
}

/// Puts a value in the place of another.
fn replace(page: &Page<'_>, place: Place<'_>, value: &Value) -> Refusable<Replacement> {
    let old = place.value;
    let new_is_scalar = !matches!(value, Value::Array(items) if !items.is_empty())
        && !matches!(value, Value::Object(entries) if !entries.is_empty());
    let style = style_of(page, place);
    let written = old.span.end > old.span.start;
    let old_is_line = !matches!(old.node.kind(), Kind::Map(_) | Kind::List(_))
        || matches!(page.byte(old.span.start), Some(b'{' | b'['));
    if written && (new_is_scalar || style != Style::Block) && (old_is_line || old.alias) {
        let text = scalar_like(page, old.span, value, style);
        return Ok(Replacement {
            span: old.span,
            text,
        });
    }
    let indent = indent(page, place);
    let layout = page.layout();
    match place.slot {
        Slot::Root => {
            let text = match value {
                Value::Object(entries) if style == Style::Block && !entries.is_empty() => {
                    emit::behind_dash(value, 0, style, layout)
                }
                _ => scalar_like(page, old.span, value, style),
            };
            Ok(Replacement {
                span: old.span,
                text,
            })
        }
        Slot::Entry(map, at) => {
            let colon = colon(page, &map.written()[at])?;
            let text = emit::behind_key(value, indent, style, layout);
            Ok(behind(page, colon + 1, old.span, text))
        }
        Slot::Item(list, at) => {
            let dash = dash(page, list, at)?;
            let text = format!(" {}", emit::behind_dash(value, indent + 2, style, layout));
            Ok(behind(page, dash + 1, old.span, text))
        }
    }
}

/// Replaces what stands between an indicator and the end of a value, comments between excepted.
fn behind(page: &Page<'_>, from: u32, old: Span, text: String) -> Replacement {
    let starts_below = text.starts_with(['\n', '\r']);
    let line_end = page.line_end(from);
    if old.start <= line_end {
        if starts_below && old.end <= line_end {
            // `key: {} # why` becomes `key: # why` with the value below.
            let tail = page.slice(old.end, line_end).trim_end();
            return Replacement {
                span: Span::new(from, line_end),
                text: format!("{tail}{text}"),
            };
        }
        return Replacement {
            span: Span::new(from, old.end.max(from)),
            text,
        };
    }
    let above = page.lines_between(from, old.start);
    if !above.contains('#') {
        return Replacement {
            span: Span::new(from, old.end),
            text,
        };
    }
    if starts_below {
        let from = from + u32::try_from(above.len()).unwrap_or(0);
        return Replacement {
            span: Span::new(from, old.end),
            text,
        };
    }
    // The value moves up to its key or dash, and the comments follow it.
    let end = page.line_end(old.end);
    let tail = page.slice(old.end, end).trim();
    let tail = if tail.is_empty() {
        String::new()
    } else {
        format!(
            "{}{:2$}{tail}",
            page.layout().line_break,
            "",
            page.column(old.start)
        )
    };
    Replacement {
        span: Span::new(from, end),
        text: format!("{text}{above}{tail}"),
    }
}

/// Writes a value on one line, in quotes of the same sort as before where there were some.
fn scalar_like(page: &Page<'_>, old: Span, value: &Value, style: Style) -> String {
    let mut text = String::new();
    let Value::String(string) = value else {
        emit::inline(&mut text, value, style);
        return text;
    };
    let plain_in_single =
        string.chars().all(|c| c == ' ' || c.is_ascii_graphic()) && style != Style::Json;
    match page.byte(old.start).filter(|_| old.end > old.start) {
        Some(b'\'') if plain_in_single => format!("'{}'", string.replace('\'', "''")),
        Some(b'"') => {
            emit::quoted(&mut text, string);
            text
        }
        _ => {
            emit::inline(&mut text, value, style);
            text
        }
    }
}

/// Adds an entry to a map.
fn insert(
    page: &Page<'_>,
    place: Place<'_>,
    map: Map<'_>,
    key: &str,
    value: &Value,
) -> Refusable<Replacement> {
    let span = place.value.span;
    let entries = map.written();
    let Some(last) = entries.last() else {
        let value = Value::Object(Object::from_iter([(key.to_owned(), value.clone())]));
        return replace(page, place, &value);
    };
    let style = page.style_inside(span);
    if style == Style::Block {
        if style_of(page, place) != Style::Block {
            return Err(RefusedReason::Layout);
        }
        let indent = page.column(entries[0].key_span.start);
        let at = page.line_end(span.end);
        let text = emit::entry(key, value, indent, style, page.layout());
        return Ok(line_behind(page, at, indent, &text));
    }
    let text = emit::entry(
        key,
        value,
        0,
        style_like(page, &entries, style),
        page.layout(),
    );
    let end = last.value.span.end.max(last.key_span.end);
    Ok(member_behind(page, end, last.key_span.start, &text))
}

/// Adds an item to a list.
fn append(
    page: &Page<'_>,
    place: Place<'_>,
    list: List<'_>,
    value: &Value,
) -> Refusable<Replacement> {
    let span = place.value.span;
    let items = list.written();
    let Some(last) = items.last() else {
        return replace(page, place, &Value::Array(vec![value.clone()]));
    };
    let style = page.style_inside(span);
    if style == Style::Block {
        let indent = page.column(span.start);
        let at = page.line_end(span.end);
        let text = format!(
            "- {}",
            emit::behind_dash(value, indent + 2, style, page.layout())
        );
        return Ok(line_behind(page, at, indent, &text));
    }
    let mut text = String::new();
    emit::inline(&mut text, value, style);
    Ok(member_behind(page, last.span.end, last.span.start, &text))
}

/// Adds a line behind the one that ends at a byte.
fn line_behind(page: &Page<'_>, at: u32, indent: usize, text: &str) -> Replacement {
    let text = format!("{}{:indent$}{text}", page.layout().line_break, "");
    Replacement {
        span: Span::new(at, at),
        text,
    }
}

/// Adds a member behind the last one between brackets, on a line of its own if that has one.
fn member_behind(page: &Page<'_>, end: u32, last_start: u32, text: &str) -> Replacement {
    let text = if page.is_first_on_line(last_start) {
        let indent = page.column(last_start);
        format!(",{}{:indent$}{text}", page.layout().line_break, "")
    } else {
        format!(", {text}")
    };
    Replacement {
        span: Span::new(end, end),
        text,
    }
}

fn rename(page: &Page<'_>, place: Place<'_>, name: &str) -> Refusable<Replacement> {
    let Slot::Entry(map, at) = place.slot else {
        return Err(RefusedReason::NoPlace);
    };
    let entry = &map.written()[at];
    let style = match page.byte(entry.key_span.start) {
        Some(b'*') => return Err(RefusedReason::Alias),
        Some(b'"' | b'\'') => Style::Json,
        _ => page.style_inside(map.node().span()),
    };
    Ok(Replacement {
        span: entry.key_span,
        text: emit::key_alone(name, style),
    })
}
