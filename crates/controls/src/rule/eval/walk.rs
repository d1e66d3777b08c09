//! Quantifiers: containers, items and entries.

use std::borrow::Cow;

use knight_model::{source::Span, tree::Node};

use super::{
    Collect, Offence, Scopes, Spot, Verdict,
    value::{Found, Link, Value, anchor, step_down, wrong_type},
};
use crate::rule::{Expr, Items, Path, Says, Sort};

impl<'a> Scopes<'_, 'a> {
    /// Judges `body == want` for all items (`every`) or for one of them.
    pub(super) fn quantify(
        &self,
        items: &Items,
        body: &Expr,
        want: bool,
        every: bool,
        says: Option<&Says>,
        mut out: Collect<'_>,
    ) -> Verdict {
        let mut tally = Tally {
            every,
            worst: Verdict::Pass,
            best: Verdict::Fail,
        };
        let mut unknowns = Vec::new();
        // In `every` each offending item is shown; else the items only decide, and the list is
        // what is shown, or the items that cannot be told.
        let mut visit = |scopes: &Scopes<'_, 'a>, wrong: Option<Offence>| {
            let verdict = match wrong {
                Some(offence) => {
                    if let (true, Some(out)) = (every, out.as_deref_mut()) {
                        out.push(offence);
                    } else {
                        unknowns.push(offence);
                    }
                    Verdict::Unknown
                }
                None if every => scopes.judge(body, want, out.as_deref_mut()),
                None => {
                    let verdict = scopes.judge(body, want, None);
                    if verdict == Verdict::Unknown && out.is_some() {
                        scopes.judge(body, want, Some(&mut unknowns));
                    }
                    verdict
                }
            };
            tally.count(verdict);
        };
        match items {
            Items::Containers(sorts) => {
                for sort in *sorts {
                    self.each_listed(*sort, &mut visit);
                    if *sort == Sort::Container {
                        self.each_inline(&mut visit);
                    }
                }
            }
            Items::List(path) => self.each_item(path, &mut visit),
            Items::Entries(path) => self.each_entry(path, &mut visit),
        }
        let verdict = tally.verdict();
        if let (false, Some(out)) = (every, out) {
            match verdict {
                Verdict::Pass => {}
                Verdict::Unknown => out.append(&mut unknowns),
                Verdict::Fail => {
                    let (path, span) = match items {
                        Items::List(path) | Items::Entries(path) => {
                            (self.path(path), self.look_up(path).span(self.base()))
                        }
                        Items::Containers(_) => {
                            (self.pod.link.path(), anchor(self.base(), Span::default()))
                        }
                    };
                    let label = says
                        .map(|says| says.label.clone())
                        .filter(|label| !label.is_empty())
                        .unwrap_or(Cow::Borrowed("none of these is as it must be"));
                    let remedy = says.and_then(|says| says.remedy.as_ref());
                    let remedy = remedy.map(|remedy| self.remedy(remedy));
                    out.push(Offence {
                        verdict,
                        path,
                        span,
                        label,
                        origin: None,
                        remedy,
                    });
                }
            }
        }
        verdict
    }

    fn each_listed(&self, sort: Sort, visit: &mut impl FnMut(&Scopes<'_, 'a>, Option<Offence>)) {
        let key = sort.field();
        let link = Link::Key(self.pod.link, key);
        let Some(found) = self.lists.map(|lists| lists.get(sort)) else {
            return;
        };
        if matches!(found, Found::Absent(_)) {
            return;
        }
        let Some(list) = found.node().and_then(Node::as_list) else {
            return visit(self, found.wrong_type(&link, "list"));
        };
        for (index, node) in list.items().enumerate() {
            self.container(node, None, &Link::Item(&link, index, node), visit);
        }
    }

    /// Visits the containers that stand by themselves under a key of the pod spec.
    fn each_inline(&self, visit: &mut impl FnMut(&Scopes<'_, 'a>, Option<Offence>)) {
        for key in self.inline {
            let found = step_down(self.pod.value, None, std::iter::once(key.as_str()));
            if let Found::Value(Value::Node(node), key_span) = found {
                self.container(node, key_span, &Link::Key(self.pod.link, key), visit);
            }
        }
    }

    fn container(
        &self,
        node: Node<'a>,
        key: Option<Span>,
        link: &Link<'_>,
        visit: &mut impl FnMut(&Scopes<'_, 'a>, Option<Offence>),
    ) {
        if node.as_map().is_none() {
            return visit(self, Some(wrong_type(link, node, key, "map")));
        }
        let container = Some(Spot {
            value: Some(Value::Node(node)),
            key,
            link,
        });
        let scopes = Scopes {
            container,
            ..self.narrowed()
        };
        visit(&scopes, None);
    }

    fn each_item(&self, path: &Path, visit: &mut impl FnMut(&Scopes<'_, 'a>, Option<Offence>)) {
        let found = self.look_up(path);
        if matches!(found, Found::Absent(_)) {
            return;
        }
        let link = Link::Keys(self.spot(path.scope).link, &path.keys);
        let Some(list) = found.node().and_then(Node::as_list) else {
            return visit(self, found.wrong_type(&link, "list"));
        };
        for (index, node) in list.items().enumerate() {
            let link = Link::Item(&link, index, node);
            let spot = Spot {
                value: Some(Value::Node(node)),
                key: None,
                link: &link,
            };
            let scopes = Scopes {
                item: Some(spot),
                key: None,
                ..self.narrowed()
            };
            visit(&scopes, None);
        }
    }

    fn each_entry(&self, path: &Path, visit: &mut impl FnMut(&Scopes<'_, 'a>, Option<Offence>)) {
        let found = self.look_up(path);
        if matches!(found, Found::Absent(_)) {
            return;
        }
        let link = Link::Keys(self.spot(path.scope).link, &path.keys);
        let Some(map) = found.node().and_then(Node::as_map) else {
            return visit(self, found.wrong_type(&link, "map"));
        };
        for entry in map.entries() {
            let link = Link::Key(&link, entry.key);
            let item = Spot {
                value: Some(Value::Node(entry.value)),
                key: None,
                link: &link,
            };
            let key = Spot {
                value: Some(Value::Text(entry.key, entry.key_span)),
                key: None,
                link: &link,
            };
            let scopes = Scopes {
                item: Some(item),
                key: Some(key),
                ..self.narrowed()
            };
            visit(&scopes, None);
        }
    }
}

struct Tally {
    every: bool,
    worst: Verdict,
    best: Verdict,
}

impl Tally {
    fn count(&mut self, verdict: Verdict) {
        self.worst = self.worst.max(verdict);
        self.best = self.best.min(verdict);
    }

    fn verdict(&self) -> Verdict {
        if self.every { self.worst } else { self.best }
    }
}
