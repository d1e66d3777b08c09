//! Text that no output may show: values of variables and of Secrets.

use std::borrow::Cow;

use crate::{
    object::objects,
    source::{Source, Span},
    tree::{Document, Kind, Map, Node},
};

/// Where `kubectl apply` keeps a copy of the whole object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Returns the bytes of a document that no output may show, sorted and without overlap.
///
/// These are: every literal value of every `env` list, whatever the kind; everything under
/// `stringData`, and under `data` of a Secret; and the copy of an object that `kubectl` leaves in an
/// annotation. What looks like any of these counts, so that an unknown kind gives nothing away.
pub fn secret_spans(document: &Document) -> Vec<Span> {
    let mut secrets = Secrets { spans: Vec::new() };
    secrets.walk(document.root());
    for object in objects(document).0 {
        if object.is("", "Secret")
            && let Some(map) = object.node().as_map()
        {
            secrets.hide_entry(map, "data");
            secrets.hide_entry(map, "stringData");
        }
    }
    secrets.finish()
}

/// Returns the text of a span with `*` for each character that `secrets` cover.
///
/// Line breaks stay, and so do columns. `secrets` are sorted, as [`secret_spans`] gives them.
pub fn masked<'s>(source: &'s Source, span: Span, secrets: &[Span]) -> Cow<'s, str> {
    let text = source.slice(span);
    let first = secrets.partition_point(|secret| secret.end <= span.start);
    let mut secrets = secrets
        .iter()
        .skip(first)
        .take_while(|secret| secret.start < span.end);
    let Some(mut secret) = secrets.next() else {
        return text.into();
    };
    let mut shown = String::with_capacity(text.len());
    let mut at = span.start;
    for char in text.chars() {
        while secret.end <= at {
            match secrets.next() {
                Some(next) => secret = next,
                None => break,
            }
        }
        let keep = !secret.contains(at) || matches!(char, '\n' | '\r');
        shown.push(if keep { char } else { '*' });
        at += u32::try_from(char.len_utf8()).unwrap_or(1);
    }
    shown.into()
}

/// Returns a line, counted from 1, as [`masked`] shows it.
pub fn masked_line<'s>(source: &'s Source, line: u32, secrets: &[Span]) -> Option<Cow<'s, str>> {
    Some(masked(source, source.line(line)?, secrets))
}

/// Returns whether a span touches what no output may show.
pub fn touches(span: Span, secrets: &[Span]) -> bool {
    let first = secrets.partition_point(|secret| secret.end <= span.start);
    secrets
        .get(first)
        .is_some_and(|secret| secret.start < span.end)
}

struct Secrets {
    spans: Vec<Span>,
}

impl Secrets {
    fn walk(&mut self, node: Node<'_>) {
        match node.kind() {
            Kind::Map(map) => {
                // A duplicate that YAML drops shows as much as the entry that counts.
                for entry in map.written() {
                    match entry.key {
                        key if key.eq_ignore_ascii_case("env") => {
                            self.hide_values(entry.value.node);
                        }
                        "stringData" | LAST_APPLIED => self.hide_entry(map, entry.key),
                        _ => self.walk(entry.value.node),
                    }
                }
            }
            Kind::List(list) => list.items().for_each(|item| self.walk(item)),
            Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => {}
        }
    }

    /// Hides the literal values of a list of variables, and all of what is no such list.
    fn hide_values(&mut self, env: Node<'_>) {
        let Some(list) = env.as_list() else {
            self.spans.push(env.span());
            return self.hide_inside(env);
        };
        for item in list.items() {
            let Some(map) = item.as_map() else {
                self.spans.push(item.span());
                self.hide_inside(item);
                continue;
            };
            for entry in map.written() {
                if entry.key.eq_ignore_ascii_case("value") {
                    self.hide_entry(map, entry.key);
                } else {
                    self.walk(entry.value.node);
                }
            }
        }
    }

    /// Hides the value of a key, and what the map holds that is no entry of it: a duplicate of the
    /// key that YAML drops shows as much as the value that counts.
    fn hide_entry(&mut self, map: Map<'_>, key: &str) {
        let Some(entry) = map.entry(key) else { return };
        self.spans.push(entry.value.span());
        self.hide_inside(entry.value);
        self.hide_gaps(map);
    }

    /// Hides the targets of aliases below a value, which lie elsewhere.
    fn hide_inside(&mut self, node: Node<'_>) {
        match node.kind() {
            Kind::Map(map) => map.entries().for_each(|entry| {
                self.spans.push(entry.value.span());
                self.hide_inside(entry.value);
            }),
            Kind::List(list) => list.items().for_each(|item| {
                self.spans.push(item.span());
                self.hide_inside(item);
            }),
            Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => {}
        }
    }

    fn hide_gaps(&mut self, map: Map<'_>) {
        let document = map.node().document();
        let whole = map.node().span();
        let mut known: Vec<Span> = map
            .entries()
            .flat_map(|entry| [entry.key_span, entry.value.span()])
            .collect();
        known.retain(|span| whole.start <= span.start && span.end <= whole.end);
        known.sort_unstable();
        let mut at = whole.start;
        for span in known.into_iter().chain([Span::new(whole.end, whole.end)]) {
            let gap = Span::new(at, span.start.max(at));
            // Between entries there are only marks and white space, unless something was dropped.
            if document
                .source()
                .slice(gap)
                .contains(|char: char| char.is_alphanumeric())
            {
                self.spans.push(gap);
            }
            at = at.max(span.end);
        }
    }

    fn finish(mut self) -> Vec<Span> {
        self.spans.retain(|span| span.start < span.end);
        self.spans.sort_unstable();
        self.spans.dedup_by(|next, kept| {
            let joined = next.start <= kept.end;
            if joined {
                kept.end = kept.end.max(next.end);
            }
            joined
        });
        self.spans
    }
}

#[cfg(test)]
mod tests;
