//! The native verdict of a rule, with the places that offend.

use std::collections::BTreeMap;

use knight_model::{
    path::FieldPath,
    source::Span,
    tree::{Kind, Node},
};

use super::{
    Bound, Check, Expr, Items, Literal, Operand, Path, Remedy, RemedyChange, Says, Scope, Sort,
    Test, Texts,
};

/// The answer to a rule.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Verdict {
    /// It holds.
    Pass,
    /// Whether it holds cannot be told.
    Unknown,
    /// It does not hold.
    Fail,
}

/// The values of the parameters that rules name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params {
    /// Bounds.
    pub ints: BTreeMap<&'static str, i64>,
    /// Sets of strings.
    pub texts: BTreeMap<&'static str, Vec<String>>,
}

impl Params {
    /// Returns whether a parameter has a value.
    pub fn has(&self, name: &str) -> bool {
        self.ints.contains_key(name) || self.texts.contains_key(name)
    }
}

/// A place where a rule does not hold, or cannot be told to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Offence {
    /// `Fail` or `Unknown`.
    pub verdict: Verdict,
    /// The field, from the object.
    pub path: FieldPath,
    /// The bytes to show.
    pub span: Span,
    /// What to say there.
    pub label: String,
    /// Where the value came from, when nobody wrote it.
    pub origin: Option<String>,
    /// What would mend it, from the object.
    pub remedy: Option<(FieldPath, RemedyChange)>,
}

/// One pod of a carrier, as rules see it.
#[derive(Clone, Copy, Debug)]
pub struct PodNodes<'a> {
    /// The pod spec, a map.
    pub spec: Node<'a>,
    /// Its path from the object.
    pub spec_path: &'a FieldPath,
    /// The metadata that pods get, of any type.
    pub metadata: Option<Node<'a>>,
    /// Its path from the object.
    pub metadata_path: &'a FieldPath,
}

/// What a rule is judged on.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The object, a map.
    pub object: Node<'a>,
    /// One of its pods, for rules about pods.
    pub pod: Option<PodNodes<'a>>,
    /// The values of parameters.
    pub params: &'a Params,
}

/// Judges a rule, adding the places that offend to `offences`.
///
/// The rule has been fixed to one Kubernetes minor ([`Expr::at_minor`]).
pub fn judge(rule: &Expr, subject: &Subject<'_>, offences: &mut Vec<Offence>) -> Verdict {
    let root = FieldPath::new();
    let object = Link::Root(&root);
    let spec = subject
        .pod
        .map_or(Link::Root(&root), |pod| Link::Root(pod.spec_path));
    let metadata = subject
        .pod
        .map_or(Link::Root(&root), |pod| Link::Root(pod.metadata_path));
    let scopes = Scopes {
        params: subject.params,
        object: Spot {
            value: Some(Value::Node(subject.object)),
            link: &object,
        },
        pod: Spot {
            value: subject.pod.map(|pod| Value::Node(pod.spec)),
            link: &spec,
        },
        pod_metadata: Spot {
            value: subject.pod.and_then(|pod| pod.metadata).map(Value::Node),
            link: &metadata,
        },
        container: None,
        item: None,
        key: None,
    };
    // Most objects pass: the places are looked for only when there are any.
    match scopes.judge(rule, true, None) {
        Verdict::Pass => Verdict::Pass,
        Verdict::Fail | Verdict::Unknown => {
            let before = offences.len();
            let verdict = scopes.judge(rule, true, Some(offences));
            if offences.len() == before {
                offences.push(scopes.nowhere(verdict));
            }
            verdict
        }
    }
}

/// What a plain walk down an object finds.
#[derive(Clone, Debug)]
pub(crate) enum Step<'a> {
    /// A value that is not `null`.
    Value(Node<'a>),
    /// Nothing.
    Absent,
    /// A value that is no map, at this path, where a key should lead on.
    Wrong(Node<'a>, FieldPath),
}

/// Follows keys down from an object, with the same words for absent and wrong as rules have.
pub(crate) fn follow<'k, 'a>(from: Node<'a>, keys: impl Iterator<Item = &'k str>) -> Step<'a> {
    let keys: Vec<&str> = keys.collect();
    match step_down(Some(Value::Node(from)), keys.iter().copied()) {
        Found::Value(Value::Node(node), _) => Step::Value(node),
        Found::Value(Value::Text(..), _) | Found::Absent(_) => Step::Absent,
        Found::Wrong(node, _) => {
            // The wrong step is the last one that can be reached.
            let reached = |count: &usize| {
                let keys = keys.get(..*count).unwrap_or_default();
                from.at_path(keys)
                    .is_some_and(|found| found.span() == node.span())
            };
            let count = (0..=keys.len()).find(reached).unwrap_or(keys.len());
            Step::Wrong(node, keys.into_iter().take(count).collect())
        }
    }
}

/// Says that a step on the way to a pod spec is no map.
pub(crate) fn wrong_step(node: Node<'_>, path: FieldPath) -> Offence {
    wrong_type(&Link::Root(&path), node, None, "map")
}

#[derive(Clone, Copy, Debug)]
enum Value<'a> {
    Node(Node<'a>),
    Text(&'a str, Span),
}

/// A path from the object down to here, linked through the stack so that walking costs nothing.
#[derive(Debug)]
enum Link<'l> {
    Root(&'l FieldPath),
    Key(&'l Link<'l>, &'l str),
    Item(&'l Link<'l>, usize, Option<&'l str>),
}

#[derive(Clone, Copy, Debug)]
struct Spot<'l, 'a> {
    value: Option<Value<'a>>,
    link: &'l Link<'l>,
}

#[derive(Clone, Copy, Debug)]
struct Scopes<'l, 'a> {
    params: &'l Params,
    object: Spot<'l, 'a>,
    pod: Spot<'l, 'a>,
    pod_metadata: Spot<'l, 'a>,
    container: Option<Spot<'l, 'a>>,
    item: Option<Spot<'l, 'a>>,
    key: Option<Spot<'l, 'a>>,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug)]
enum Found<'a> {
    /// A value that is not `null`, with the key that leads to it.
    Value(Value<'a>, Option<Span>),
    /// Nothing; the span is where to say so.
    Absent(Span),
    /// A step leads through a value that is no map.
    Wrong(Node<'a>, Option<Span>),
}

type Collect<'c> = Option<&'c mut Vec<Offence>>;

impl<'a> Scopes<'_, 'a> {
    /// Judges `expr == want`.
    fn judge(&self, expr: &Expr, want: bool, out: Collect<'_>) -> Verdict {
        match expr {
            Expr::Const(value) => verdict(*value == want),
            Expr::Not(inner) => self.judge(inner, !want, out),
            Expr::All(these) if want => self.all_of(these, want, out),
            Expr::Any(these) if !want => self.all_of(these, want, out),
            Expr::All(these) | Expr::Any(these) => self.any_of(these, want, out),
            Expr::Every(items, body) => self.quantify(items, body, want, want, None, out),
            Expr::Some(items, body, says) => {
                self.quantify(items, body, want, !want, Some(says), out)
            }
            Expr::Check(check) => self.check(check, want, out),
            // A rule that was not fixed to a minor is judged by the newest.
            Expr::Since { then, .. } => self.judge(then, want, out),
        }
    }

    fn all_of(&self, these: &[Expr], want: bool, mut out: Collect<'_>) -> Verdict {
        let mut worst = Verdict::Pass;
        for this in these {
            worst = worst.max(self.judge(this, want, out.as_deref_mut()));
            if worst == Verdict::Fail && out.is_none() {
                break;
            }
        }
        worst
    }

    fn any_of(&self, these: &[Expr], want: bool, out: Collect<'_>) -> Verdict {
        let mut best = Verdict::Fail;
        let mut shown = these.last();
        for this in these {
            let verdict = self.judge(this, want, None);
            if verdict < best {
                best = verdict;
                shown = Some(this);
            }
            if best == Verdict::Pass {
                return best;
            }
        }
        if let (Some(shown), Some(_)) = (shown, &out) {
            self.judge(shown, want, out);
        }
        best
    }

    /// Judges `body == want` for all items (`every`) or for one of them.
    fn quantify(
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
        let mut at_list = None;
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
                    self.each_container(*sort, &mut visit);
                }
            }
            Items::List(path) => at_list = Some(self.each_item(path, &mut visit)),
            Items::Entries(path) => at_list = Some(self.each_entry(path, &mut visit)),
        }
        let verdict = tally.verdict();
        if let (false, Some(out)) = (every, out) {
            match verdict {
                Verdict::Pass => {}
                Verdict::Unknown => out.append(&mut unknowns),
                Verdict::Fail => {
                    let (path, span) = at_list.unwrap_or_else(|| {
                        let pod = self.pod.value.or(self.object.value);
                        (self.pod.link.path(), anchor(pod, Span::default()))
                    });
                    let label = says
                        .map(|says| says.label.to_string())
                        .filter(|label| !label.is_empty())
                        .unwrap_or_else(|| "none of these is as it must be".to_owned());
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

    fn each_container(&self, sort: Sort, visit: &mut impl FnMut(&Scopes<'_, 'a>, Option<Offence>)) {
        let key = sort.field();
        let link = Link::Key(self.pod.link, key);
        match step_down(self.pod.value, std::iter::once(key)) {
            Found::Absent(_) => {}
            Found::Wrong(node, key) => visit(self, Some(wrong_type(&link, node, key, "list"))),
            Found::Value(value, key_span) => {
                let Some(list) = value.as_node().and_then(Node::as_list) else {
                    visit(
                        self,
                        value
                            .as_node()
                            .map(|n| wrong_type(&link, n, key_span, "list")),
                    );
                    return;
                };
                for (index, node) in list.items().enumerate() {
                    let name = node.get("name").and_then(Node::as_str);
                    let link = Link::Item(&link, index, name);
                    if node.as_map().is_none() {
                        visit(self, Some(wrong_type(&link, node, None, "map")));
                        continue;
                    }
                    let spot = Spot {
                        value: Some(Value::Node(node)),
                        link: &link,
                    };
                    visit(
                        &Scopes {
                            container: Some(spot),
                            ..self.narrowed()
                        },
                        None,
                    );
                }
            }
        }
    }

    fn each_item(
        &self,
        path: &Path,
        visit: &mut impl FnMut(&Scopes<'_, 'a>, Option<Offence>),
    ) -> (FieldPath, Span) {
        let full = self.path(path);
        let link = Link::Root(&full);
        let span = match self.look_up(path) {
            Found::Absent(span) => span,
            Found::Wrong(node, key) => {
                visit(self, Some(wrong_type(&link, node, key, "map")));
                node.span()
            }
            Found::Value(value, key) => {
                if let Some(list) = value.as_node().and_then(Node::as_list) {
                    for (index, node) in list.items().enumerate() {
                        let name = node.get("name").and_then(Node::as_str);
                        let link = Link::Item(&link, index, name);
                        let spot = Spot {
                            value: Some(Value::Node(node)),
                            link: &link,
                        };
                        visit(
                            &Scopes {
                                item: Some(spot),
                                key: None,
                                ..self.narrowed()
                            },
                            None,
                        );
                    }
                } else {
                    visit(self, Some(value.wrong_type(&link, key, "list")));
                }
                value.span(key)
            }
        };
        (full.clone(), span)
    }

    fn each_entry(
        &self,
        path: &Path,
        visit: &mut impl FnMut(&Scopes<'_, 'a>, Option<Offence>),
    ) -> (FieldPath, Span) {
        let full = self.path(path);
        let link = Link::Root(&full);
        let span = match self.look_up(path) {
            Found::Absent(span) => span,
            Found::Wrong(node, key) => {
                visit(self, Some(wrong_type(&link, node, key, "map")));
                node.span()
            }
            Found::Value(value, key) => {
                if let Some(map) = value.as_node().and_then(Node::as_map) {
                    for entry in map.entries() {
                        let link = Link::Key(&link, entry.key);
                        let item = Spot {
                            value: Some(Value::Node(entry.value)),
                            link: &link,
                        };
                        let key = Value::Text(entry.key, entry.key_span);
                        let key = Spot {
                            value: Some(key),
                            link: &link,
                        };
                        let scopes = Scopes {
                            item: Some(item),
                            key: Some(key),
                            ..self.narrowed()
                        };
                        visit(&scopes, None);
                    }
                } else {
                    visit(self, Some(value.wrong_type(&link, key, "map")));
                }
                value.span(key)
            }
        };
        (full.clone(), span)
    }

    /// Shortens the borrow of the links, so that a deeper one fits in.
    fn narrowed(&self) -> Scopes<'_, 'a> {
        *self
    }

    fn check(&self, check: &Check, want: bool, out: Collect<'_>) -> Verdict {
        let (path, found) = self.operand(&check.operand);
        let (outcome, span, origin) = match found {
            Found::Absent(span) => (Outcome::Is(check.absent), span, None),
            Found::Wrong(node, key) => (
                Outcome::WrongType(node.type_name(), "map"),
                Value::Node(node).span(key),
                None,
            ),
            Found::Value(value, key) => (
                self.test(&check.test, value),
                value.span(key),
                value.origin(),
            ),
        };
        let verdict = match outcome {
            Outcome::Is(held) => verdict(held == want),
            Outcome::WrongType(..) | Outcome::NoParameter => Verdict::Unknown,
        };
        if let (Some(out), Verdict::Fail | Verdict::Unknown) = (out, verdict) {
            let label = match outcome {
                Outcome::WrongType(is, wanted) => {
                    format!("is of type {is} where {wanted} belongs, so it cannot be judged")
                }
                Outcome::NoParameter => "is judged by a parameter that has no value".to_owned(),
                Outcome::Is(_) => match &check.label {
                    Some(label) => label.to_string(),
                    None => check.words(want, matches!(found, Found::Absent(_))),
                },
            };
            let remedy = (verdict == Verdict::Fail)
                .then_some(check.remedy.as_ref())
                .flatten();
            out.push(Offence {
                verdict,
                path: self.path(path),
                span,
                label,
                origin,
                remedy: remedy.map(|remedy| self.remedy(remedy)),
            });
        }
        verdict
    }

    /// Returns the first path of the operand that is present, or the first of all.
    fn operand<'o>(&self, operand: &'o Operand) -> (&'o Path, Found<'a>) {
        let mut first = None;
        for path in &operand.paths {
            let found = self.look_up(path);
            match found {
                Found::Absent(_) => {
                    first.get_or_insert((path, found));
                }
                Found::Value(..) | Found::Wrong(..) => return (path, found),
            }
        }
        // INVARIANT: an operand has a path.
        first.unwrap_or((&operand.paths[0], Found::Absent(Span::default())))
    }

    /// Says at the pod or object what no part of it says: the rule itself never holds.
    fn nowhere(&self, verdict: Verdict) -> Offence {
        let at = if self.pod.value.is_some() {
            self.pod
        } else {
            self.object
        };
        Offence {
            verdict,
            path: at.link.path(),
            span: anchor(at.value, Span::default()),
            label: "is never allowed".to_owned(),
            origin: None,
            remedy: None,
        }
    }

    fn spot(&self, scope: Scope) -> Spot<'_, 'a> {
        let nowhere = Spot {
            value: None,
            link: self.object.link,
        };
        match scope {
            Scope::Object => self.object,
            Scope::Pod => self.pod,
            Scope::PodMetadata => self.pod_metadata,
            Scope::Container => self.container.unwrap_or(nowhere),
            Scope::Item => self.item.unwrap_or(nowhere),
            Scope::Key => self.key.unwrap_or(nowhere),
        }
    }

    fn look_up(&self, path: &Path) -> Found<'a> {
        let found = step_down(
            self.spot(path.scope).value,
            path.keys.iter().map(AsRef::as_ref),
        );
        match found {
            // What has no place of its own is said at the pod or object that lacks it.
            Found::Absent(span) if span == Span::default() => {
                let base = self.pod.value.or(self.object.value);
                Found::Absent(anchor(base, span))
            }
            Found::Absent(_) | Found::Value(..) | Found::Wrong(..) => found,
        }
    }

    fn path(&self, path: &Path) -> FieldPath {
        let mut full = self.spot(path.scope).link.path();
        for key in &path.keys {
            full.push_key(key);
        }
        full
    }

    fn remedy(&self, remedy: &Remedy) -> (FieldPath, RemedyChange) {
        (self.path(&remedy.path), remedy.change.clone())
    }

    fn test(&self, test: &Test, value: Value<'a>) -> Outcome {
        match test {
            Test::Present => Outcome::Is(true),
            Test::Equals(literal) => value.equals(literal),
            Test::OneOf(texts) => self.with_texts(texts, value, |text, texts| {
                texts.iter().any(|one| *one == text)
            }),
            Test::Matches(pattern) => match value.text() {
                Ok(text) => pattern
                    .is_match(text)
                    .map_or(Outcome::NoParameter, Outcome::Is),
                Err(outcome) => outcome,
            },
            Test::Between(least, most) => {
                match (value.int(), self.bound(*least), self.bound(*most)) {
                    (Err(outcome), _, _) => outcome,
                    (Ok(int), Some(least), Some(most)) => Outcome::Is(least <= int && int <= most),
                    (Ok(_), _, _) => Outcome::NoParameter,
                }
            }
            Test::TextBetween(least, most) => {
                match (value.text(), self.bound(*least), self.bound(*most)) {
                    (Err(outcome), _, _) => outcome,
                    (Ok(text), Some(least), Some(most)) => Outcome::Is(
                        whole_number(text).is_some_and(|int| least <= int && int <= most),
                    ),
                    (Ok(_), _, _) => Outcome::NoParameter,
                }
            }
            Test::Empty => match value.as_node().map(Node::kind) {
                Some(Kind::List(list)) => Outcome::Is(list.is_empty()),
                Some(Kind::Map(map)) => Outcome::Is(map.is_empty()),
                _ => Outcome::WrongType(value.type_name(), "list or map"),
            },
            Test::ImageBelow(texts) => self.with_texts(texts, value, |text, texts| {
                let image = full_image(text);
                texts.iter().any(|below| {
                    image
                        .strip_prefix(below)
                        .is_some_and(|rest| rest.starts_with('/'))
                })
            }),
        }
    }

    fn with_texts(
        &self,
        texts: &Texts,
        value: Value<'a>,
        test: impl Fn(&str, &[&str]) -> bool,
    ) -> Outcome {
        let text = match value.text() {
            Ok(text) => text,
            Err(outcome) => return outcome,
        };
        let texts: Vec<&str> = match texts {
            Texts::These(texts) => texts.iter().map(AsRef::as_ref).collect(),
            Texts::Param(name) => match self.params.texts.get(name) {
                Some(texts) => texts.iter().map(String::as_str).collect(),
                None => return Outcome::NoParameter,
            },
        };
        Outcome::Is(test(text, &texts))
    }

    fn bound(&self, bound: Bound) -> Option<i64> {
        match bound {
            Bound::Is(value) => Some(value),
            Bound::Param(name) => self.params.ints.get(name).copied(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Is(bool),
    /// What it is, and what belongs there.
    WrongType(&'static str, &'static str),
    NoParameter,
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

impl Link<'_> {
    fn path(&self) -> FieldPath {
        match self {
            Self::Root(path) => (*path).clone(),
            Self::Key(parent, key) => {
                let mut path = parent.path();
                path.push_key(key);
                path
            }
            Self::Item(parent, index, name) => {
                let mut path = parent.path();
                path.push_item(*index, *name);
                path
            }
        }
    }
}

impl<'a> Value<'a> {
    fn as_node(self) -> Option<Node<'a>> {
        match self {
            Self::Node(node) => Some(node),
            Self::Text(..) => None,
        }
    }

    fn type_name(self) -> &'static str {
        match self {
            Self::Node(node) => node.type_name(),
            Self::Text(..) => "string",
        }
    }

    /// Returns the bytes to show: the entry where it is short, else its key.
    fn span(self, key: Option<Span>) -> Span {
        let value = match self {
            Self::Node(node) => node.span(),
            Self::Text(_, span) => return span,
        };
        let scalar = self
            .as_node()
            .is_some_and(|node| !matches!(node.kind(), Kind::List(_) | Kind::Map(_)));
        match key {
            // The target of an alias stands elsewhere: the key is where it is used.
            Some(key) if scalar && value.start >= key.end => Span::new(key.start, value.end),
            Some(key) => key,
            None => value,
        }
    }

    fn origin(self) -> Option<String> {
        self.as_node()?.origin().map(|origin| origin.from.clone())
    }

    fn wrong_type(self, link: &Link<'_>, key: Option<Span>, wanted: &str) -> Offence {
        Offence {
            verdict: Verdict::Unknown,
            path: link.path(),
            span: self.span(key),
            label: format!(
                "is of type {} where {wanted} belongs, so it cannot be judged",
                self.type_name()
            ),
            origin: None,
            remedy: None,
        }
    }

    fn text(self) -> Result<&'a str, Outcome> {
        match self {
            Self::Text(text, _) => Ok(text),
            Self::Node(node) => node
                .as_str()
                .ok_or(Outcome::WrongType(node.type_name(), "string")),
        }
    }

    fn int(self) -> Result<i64, Outcome> {
        self.as_node()
            .and_then(Node::as_int)
            .ok_or(Outcome::WrongType(self.type_name(), "int"))
    }

    fn equals(self, literal: &Literal) -> Outcome {
        match literal {
            Literal::Bool(wanted) => match self.as_node().and_then(Node::as_bool) {
                Some(value) => Outcome::Is(value == *wanted),
                None => Outcome::WrongType(self.type_name(), "bool"),
            },
            Literal::Int(wanted) => match self.int() {
                Ok(value) => Outcome::Is(value == *wanted),
                Err(outcome) => outcome,
            },
            Literal::Text(wanted) => match self.text() {
                Ok(value) => Outcome::Is(value == wanted),
                Err(outcome) => outcome,
            },
        }
    }
}

impl Check {
    /// Makes the words for a place from the test.
    fn words(&self, want: bool, absent: bool) -> String {
        let must = if want { "must" } else { "must not" };
        let or_absent = if want && self.absent {
            "absent or "
        } else {
            ""
        };
        let said = match &self.test {
            Test::Present => format!("{must} be set"),
            Test::Equals(literal) => format!("{must} be {or_absent}{literal}"),
            Test::OneOf(Texts::These(texts)) => {
                let texts: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
                format!("{must} be {or_absent}one of {}", texts.join(", "))
            }
            Test::OneOf(Texts::Param(name)) => format!("{must} be one of the parameter `{name}`"),
            Test::Matches(pattern) => format!("{must} match `{}`", pattern.as_str()),
            Test::Between(least, most) | Test::TextBetween(least, most) => {
                format!("{must} be {or_absent}a whole number from {least} to {most}")
            }
            Test::Empty => format!("{must} be {or_absent}empty"),
            Test::ImageBelow(Texts::These(texts)) => {
                format!("{must} come from {}", texts.join(" or "))
            }
            Test::ImageBelow(Texts::Param(name)) => {
                format!("{must} come from the registries of the parameter `{name}`")
            }
        };
        if absent && want {
            format!("is not set, and {said}")
        } else {
            said
        }
    }
}

impl std::fmt::Display for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "`{value}`"),
            Self::Int(value) => write!(f, "`{value}`"),
            Self::Text(value) => write!(f, "`{value}`"),
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Is(value) => write!(f, "{value}"),
            Self::Param(name) => write!(f, "`{name}`"),
        }
    }
}

impl Sort {
    /// Returns the field of the pod spec that lists containers of this sort.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Container => "containers",
            Self::Init => "initContainers",
            Self::Ephemeral => "ephemeralContainers",
        }
    }
}

/// Follows keys down from a value.
fn step_down<'k, 'a>(start: Option<Value<'a>>, keys: impl Iterator<Item = &'k str>) -> Found<'a> {
    let mut here = match start {
        None => return Found::Absent(Span::default()),
        Some(Value::Text(text, span)) => return Found::Value(Value::Text(text, span), None),
        Some(Value::Node(node)) => node,
    };
    let mut key_span = None;
    for key in keys {
        if here.is_null() {
            return Found::Absent(key_span.unwrap_or_else(|| here.span()));
        }
        let Some(map) = here.as_map() else {
            return Found::Wrong(here, key_span);
        };
        let Some(entry) = map.entry(key) else {
            let at = key_span.unwrap_or_else(|| anchor(Some(Value::Node(here)), here.span()));
            return Found::Absent(at);
        };
        key_span = Some(entry.key_span);
        here = entry.value;
    }
    if here.is_null() {
        Found::Absent(key_span.unwrap_or_else(|| here.span()))
    } else {
        Found::Value(Value::Node(here), key_span)
    }
}

/// Returns what stands for a whole value: the name of a map, else its first key, else all of it.
fn anchor(value: Option<Value<'_>>, otherwise: Span) -> Span {
    let Some(node) = value.and_then(Value::as_node) else {
        return otherwise;
    };
    let Some(map) = node.as_map() else {
        return node.span();
    };
    if let Some(name) = map.entry("name") {
        return Value::Node(name.value).span(Some(name.key_span));
    }
    map.entries()
        .next()
        .map_or(node.span(), |first| first.key_span)
}

fn wrong_type(link: &Link<'_>, node: Node<'_>, key: Option<Span>, wanted: &str) -> Offence {
    Value::Node(node).wrong_type(link, key, wanted)
}

fn verdict(pass: bool) -> Verdict {
    if pass { Verdict::Pass } else { Verdict::Fail }
}

/// Reads a whole number as an annotation holds it: a sign and up to 18 digits.
fn whole_number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Writes out Docker Hub's short names: `nginx` is `docker.io/library/nginx`.
fn full_image(image: &str) -> String {
    match image.split_once('/') {
        Some((host, _)) if host == "localhost" || host.contains(['.', ':']) => image.to_owned(),
        Some(_) => format!("docker.io/{image}"),
        None => format!("docker.io/library/{image}"),
    }
}
