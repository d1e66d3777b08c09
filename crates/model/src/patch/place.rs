//! Where an edit goes, and what stands around it.

use super::{RefusedReason, emit::Style, layout::Page};
use crate::{
    source::Span,
    tree::{List, Map, Written, WrittenEntry},
};

/// What a step of an edit gives, or why it cannot.
pub(super) type Refusable<T> = Result<T, RefusedReason>;

/// A value and what holds it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) value: Written<'a>,
    pub(super) slot: Slot<'a>,
}

/// What holds a value.
#[derive(Clone, Copy)]
pub(super) enum Slot<'a> {
    Root,
    /// The map and the number of the entry in its text.
    Entry(Map<'a>, usize),
    /// The list and the number of the item.
    Item(List<'a>, usize),
}

/// Returns how new text is written in the place of a value.
pub(super) fn style_of(page: &Page<'_>, place: Place<'_>) -> Style {
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
pub(super) fn style_like(page: &Page<'_>, entries: &[WrittenEntry<'_>], style: Style) -> Style {
    let quoted = entries
        .iter()
        .all(|entry| page.byte(entry.key_span.start) == Some(b'"'));
    if quoted { Style::Json } else { style }
}

/// Returns the column of what holds a value: that of its key or of its dash.
pub(super) fn indent(page: &Page<'_>, place: Place<'_>) -> usize {
    match place.slot {
        Slot::Root => 0,
        Slot::Entry(map, at) => page.column(map.written()[at].key_span.start),
        Slot::Item(list, _) => page.column(list.node().span().start),
    }
}

/// Returns the `:` behind a key.
pub(super) fn colon(page: &Page<'_>, entry: &WrittenEntry<'_>) -> Refusable<u32> {
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
pub(super) fn dash(page: &Page<'_>, list: List<'_>, at: usize) -> Refusable<u32> {
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
