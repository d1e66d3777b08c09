//! Entries and items out of the text.

use super::{
    RefusedReason, Replacement,
    emit::Style,
    layout::Page,
    place::{Place, Refusable, Slot, colon, dash},
};
use crate::source::Span;

/// Takes what stands at a place out.
pub(super) fn remove(page: &Page<'_>, place: Place<'_>) -> Refusable<Replacement> {
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
pub(super) fn empty_out(page: &Page<'_>, place: Place<'_>, empty: &str) -> Refusable<Replacement> {
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
    let text = format!(" {empty}{}", page.lines_between(from, span.start));
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
