//! One edit as one change of the text.

use serde_json::{Map as Object, Value};

use super::{
    RefusedReason, Replacement,
    emit::{self, Style},
    layout::Page,
};
use crate::{
    edit::{Change, Edit},
    path::Step,
    source::Span,
    tree::{Document, Kind, List, Map, Written, WrittenEntry},
};

type Refusable<T> = Result<T, RefusedReason>;

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

/// A value and what holds it.
#[derive(Clone, Copy)]
struct Place<'a> {
    value: Written<'a>,
    slot: Slot<'a>,
}

/// What holds a value.
#[derive(Clone, Copy)]
enum Slot<'a> {
    Root,
    /// The map and the number of the entry in its text.
    Entry(Map<'a>, usize),
    /// The list and the number of the item.
    Item(List<'a>, usize),
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

/// Replaces what stands between an indicator and the end of a value.
///
/// A comment behind the indicator stays on its line where the new value starts on the next one.
fn behind(page: &Page<'_>, from: u32, old: Span, text: String) -> Replacement {
    let first_line = page.slice(from, page.line_end(from));
    let old_ends_here = old.end <= page.line_end(from);
    let starts_below = text.starts_with(['\n', '\r']);
    if starts_below && old_ends_here {
        // `key: {} # why` becomes `key: # why` with the value below.
        let tail = page.slice(old.end, page.line_end(from));
        let tail = if tail.trim().is_empty() { "" } else { tail };
        let span = Span::new(from, page.line_end(from));
        return Replacement {
            span,
            text: format!("{tail}{text}"),
        };
    }
    let comment = first_line.trim_start().starts_with('#');
    if !starts_below && !old_ends_here && comment {
        // A comment may stand behind a value that moves up to its line.
        let text = format!("{text} {}", first_line.trim());
        return Replacement {
            span: Span::new(from, old.end),
            text,
        };
    }
    if starts_below && !old_ends_here && comment {
        let from = page.line_end(from);
        return Replacement {
            span: Span::new(from, old.end.max(from)),
            text,
        };
    }
    Replacement {
        span: Span::new(from, old.end.max(from)),
        text,
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

fn remove(page: &Page<'_>, place: Place<'_>) -> Refusable<Replacement> {
    match place.slot {
        Slot::Root => Err(RefusedReason::NoPlace),
        Slot::Entry(map, at) => {
            let entries = map.written();
            let entry = &entries[at];
            let end = entry.value.span.end.max(entry.key_span.end);
            let start = entry.key_span.start;
            let next = entries.get(at + 1).map(|next| next.key_span.start);
            let before = at.checked_sub(1).map(|before| &entries[before]);
            let before = before.map(|before| before.value.span.end.max(before.key_span.end));
            let span = map.node().span();
            take_out(page, span, Span::new(start, end), before, next)
        }
        Slot::Item(list, at) => {
            let items = list.written();
            let span = list.node().span();
            let block = page.style_inside(span) == Style::Block;
            let start = |at: usize| {
                if block {
                    dash(page, list, at)
                } else {
                    Ok(items[at].span.start)
                }
            };
            let next = if at + 1 < items.len() {
                Some(start(at + 1)?)
            } else {
                None
            };
            let first = start(at)?;
            let end = items[at].span.end.max(first + u32::from(block));
            let before = at.checked_sub(1).map(|before| items[before].span.end);
            take_out(page, span, Span::new(first, end), before, next)
        }
    }
}

/// Takes the only member out of a map or list.
fn empty_out(page: &Page<'_>, place: Place<'_>, empty: &str) -> Refusable<Replacement> {
    let span = place.value.span;
    let from = match place.slot {
        _ if page.style_inside(span) != Style::Block => None,
        Slot::Root => None,
        Slot::Entry(map, at) => Some(colon(page, &map.written()[at])? + 1),
        Slot::Item(list, at) => Some(dash(page, list, at)? + 1),
    };
    let Some(from) = from else {
        return Ok(Replacement {
            span,
            text: empty.to_owned(),
        });
    };
    if !page.is_first_on_line(span.start) {
        return Ok(Replacement {
            span: Span::new(from, span.end),
            text: format!(" {empty}"),
        });
    }
    // The comments above the member stay.
    let above = page.slice(from, page.line_start(span.start));
    let above = above.strip_suffix('\n').unwrap_or(above);
    let above = above.strip_suffix('\r').unwrap_or(above);
    let text = format!(" {empty}{above}");
    Ok(Replacement {
        span: Span::new(from, page.line_end(span.end)),
        text,
    })
}

/// Takes a member out of a map or list.
fn take_out(
    page: &Page<'_>,
    collection: Span,
    member: Span,
    before: Option<u32>,
    next: Option<u32>,
) -> Refusable<Replacement> {
    if page.style_inside(collection) != Style::Block {
        let span = match (before, next) {
            (_, Some(next)) => Span::new(member.start, next),
            (Some(before), None) => Span::new(before, member.end),
            (None, None) => member,
        };
        return Ok(Replacement {
            span,
            text: String::new(),
        });
    }
    if page.is_first_on_line(member.start) {
        let start = page.line_start(member.start);
        let end = page.next_line(page.line_end(member.end));
        if end == page.line_end(member.end) && start > page.document().span().start {
            // The last line has no break: the one before it goes instead.
            let back = u32::try_from(page.layout().line_break.len()).unwrap_or(1);
            return Ok(Replacement {
                span: Span::new(start - back, end),
                text: String::new(),
            });
        }
        return Ok(Replacement {
            span: Span::new(start, end),
            text: String::new(),
        });
    }
    // The first member stands behind a dash: the next one moves up to it.
    let Some(next) = next else {
        return Err(RefusedReason::Layout);
    };
    let between = page.slice(page.line_end(member.end), next);
    let span = if between.contains('#') {
        Span::new(member.start, page.line_end(member.end))
    } else {
        Span::new(member.start, next)
    };
    Ok(Replacement {
        span,
        text: String::new(),
    })
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

/// Returns how new text is written in the place of a value.
fn style_of(page: &Page<'_>, place: Place<'_>) -> Style {
    match place.slot {
        Slot::Root if page.style_inside(place.value.span) == Style::Json => Style::Json,
        Slot::Root => Style::Block,
        Slot::Entry(map, _) => inside(page, map.node().span()),
        Slot::Item(list, _) => inside(page, list.node().span()),
    }
}

/// Returns the style inside of a collection, which brackets further out can decide.
fn inside(page: &Page<'_>, collection: Span) -> Style {
    let own = page.style_inside(collection);
    if own == Style::Block && page.is_in_brackets(collection.start) {
        Style::Flow
    } else {
        own
    }
}

/// Returns the style for a new entry: keys in quotes where the others are.
fn style_like(page: &Page<'_>, entries: &[WrittenEntry<'_>], style: Style) -> Style {
    let quoted = entries
        .iter()
        .all(|entry| page.byte(entry.key_span.start) == Some(b'"'));
    if quoted { Style::Json } else { style }
}

/// Returns the column of what holds a value: that of its key or of its dash.
fn indent(page: &Page<'_>, place: Place<'_>) -> usize {
    match place.slot {
        Slot::Root => 0,
        Slot::Entry(map, at) => page.column(map.written()[at].key_span.start),
        Slot::Item(list, _) => page.column(list.node().span().start),
    }
}

/// Returns the `:` behind a key.
fn colon(page: &Page<'_>, entry: &WrittenEntry<'_>) -> Refusable<u32> {
    let mut at = entry.key_span.end;
    while let Some(byte) = page.byte(at) {
        match byte {
            b':' => return Ok(at),
            b' ' | b'\t' => at += 1,
            _ => break,
        }
    }
    Err(RefusedReason::Layout)
}

/// Returns the `-` of an item of a block list.
fn dash(page: &Page<'_>, list: List<'_>, at: usize) -> Refusable<u32> {
    let span = list.node().span();
    let Some(before) = at.checked_sub(1) else {
        return Ok(span.start);
    };
    let column = page.column(span.start);
    let items = list.written();
    let mut line = page.next_line(items[before].span.end);
    // The dash of the next item is the first one at the list's column on a line of its own.
    while line < span.end && line <= items[at].span.start {
        let text = page.slice(line, page.line_end(line));
        let blanks = text.len() - text.trim_start_matches(' ').len();
        if blanks == column && text.get(blanks..).is_some_and(|rest| rest.starts_with('-')) {
            return Ok(line + u32::try_from(blanks).unwrap_or(0));
        }
        line = page.next_line(line);
    }
    Err(RefusedReason::Layout)
}
