//! The native verdict of a rule, with the places that offend.

mod value;
mod walk;
mod words;

use std::{borrow::Cow, collections::BTreeMap, iter, sync::Arc};

use knight_model::{
    path::FieldPath,
    source::Span,
    tree::{Kind, Node},
};

use self::value::{
    Found, Lack, Link, Value, anchor, full_image, step_down, whole_number, wrong_type,
};

use super::{Bound, Check, Expr, Operand, Path, Remedy, RemedyChange, Scope, Sort, Test, Texts};

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
    pub label: Cow<'static, str>,
    /// Where the value came from, when nobody wrote it.
    pub origin: Option<Arc<str>>,
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
    /// Its lists of containers.
    pub lists: ContainerLists<'a>,
    /// The metadata that pods get, of any type.
    pub metadata: Option<Node<'a>>,
    /// Its path from the object.
    pub metadata_path: &'a FieldPath,
    /// Keys of the spec under which a container stands by itself.
    pub inline: &'a [String],
    /// Fields of containers that something else may supply: their absence says nothing.
    pub supplied: &'a [String],
}

/// What stands where a pod spec keeps its containers, by sort: nearly every rule asks for it.
#[derive(Clone, Copy, Debug)]
pub struct ContainerLists<'a>([Found<'a>; 3]);

impl<'a> ContainerLists<'a> {
    /// Looks for the lists of a pod spec.
    pub fn of(spec: Node<'a>) -> Self {
        let of = |sort: Sort| step_down(Some(Value::Node(spec)), None, iter::once(sort.field()));
        Self([of(Sort::Container), of(Sort::Init), of(Sort::Ephemeral)])
    }

    fn get(self, sort: Sort) -> Found<'a> {
        let [containers, init, ephemeral] = self.0;
        match sort {
            Sort::Container => containers,
            Sort::Init => init,
            Sort::Ephemeral => ephemeral,
        }
    }
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
            key: None,
            link: &object,
        },
        pod: Spot {
            value: subject.pod.map(|pod| Value::Node(pod.spec)),
            key: None,
            link: &spec,
        },
        pod_metadata: Spot {
            value: subject.pod.and_then(|pod| pod.metadata).map(Value::Node),
            key: None,
            link: &metadata,
        },
        container: None,
        item: None,
        key: None,
        lists: subject.pod.map(|pod| pod.lists),
        inline: subject.pod.map_or(&[], |pod| pod.inline),
        supplied: subject.pod.map_or(&[], |pod| pod.supplied),
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
    match step_down(Some(Value::Node(from)), None, keys.iter().copied()) {
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

/// Says that a step on the way to a pod spec is not of the type that belongs there.
pub(crate) fn wrong_step(node: Node<'_>, path: &FieldPath, wanted: &str) -> Offence {
    wrong_type(&Link::Root(path), node, None, wanted)
}

#[derive(Clone, Copy, Debug)]
struct Spot<'l, 'a> {
    value: Option<Value<'a>>,
    /// The key that leads to it, where that names it better than anything in it.
    key: Option<Span>,
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
    lists: Option<ContainerLists<'a>>,
    inline: &'l [String],
    supplied: &'l [String],
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

    /// Shortens the borrow of the links, so that a deeper one fits in.
    fn narrowed(&self) -> Scopes<'_, 'a> {
        *self
    }

    fn check(&self, check: &Check, want: bool, out: Collect<'_>) -> Verdict {
        let (path, found) = self.operand(&check.operand);
        let outcome = match found {
            Found::Absent(_) if self.is_supplied(path) => Outcome::Supplied,
            Found::Absent(_) => Outcome::Is(check.absent),
            Found::Wrong(node, _) => Outcome::WrongType(node.type_name(), "map"),
            Found::Value(value, _) => self.test(&check.test, value),
        };
        let verdict = match outcome {
            Outcome::Is(held) => verdict(held == want),
            Outcome::WrongType(..) | Outcome::NoParameter | Outcome::Supplied => Verdict::Unknown,
        };
        if let (Some(out), Verdict::Fail | Verdict::Unknown) = (out, verdict) {
            let label = match outcome {
                Outcome::WrongType(is, wanted) => {
                    format!("is of type {is} where {wanted} belongs, so it cannot be judged").into()
                }
                Outcome::NoParameter => "is judged by a parameter that has no value".into(),
                Outcome::Supplied => {
                    "is not set here: something outside the object supplies it".into()
                }
                Outcome::Is(_) => match &check.label {
                    Some(label) => label.clone(),
                    None => check
                        .words(want, matches!(found, Found::Absent(_)), self.params)
                        .into(),
                },
            };
            let remedy = (verdict == Verdict::Fail)
                .then_some(check.remedy.as_ref())
                .flatten();
            out.push(Offence {
                verdict,
                path: self.path(path),
                span: found.span(self.base()),
                label,
                origin: match found {
                    Found::Value(value, _) => value.origin(),
                    Found::Absent(_) | Found::Wrong(..) => None,
                },
                remedy: remedy.map(|remedy| self.remedy(remedy)),
            });
        }
        verdict
    }

    /// Returns the first path of the operand that is present or whose absence says nothing, or the
    /// first of all.
    fn operand<'o>(&self, operand: &'o Operand) -> (&'o Path, Found<'a>) {
        let mut first = None;
        for path in &operand.paths {
            let found = self.look_up(path);
            match found {
                Found::Absent(_) if self.is_supplied(path) => return (path, found),
                Found::Absent(_) => {
                    first.get_or_insert((path, found));
                }
                Found::Value(..) | Found::Wrong(..) => return (path, found),
            }
        }
        // INVARIANT: an operand has a path.
        first.unwrap_or_else(|| (&operand.paths[0], Found::Absent(Lack::Nowhere)))
    }

    /// Whether something else may supply the field, so that its absence says nothing.
    fn is_supplied(&self, path: &Path) -> bool {
        match (path.scope, path.keys.as_slice()) {
            (Scope::Container, [key]) => self.supplied.iter().any(|field| field == key),
            _ => false,
        }
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
            label: "is never allowed".into(),
            origin: None,
            remedy: None,
        }
    }

    fn spot(&self, scope: Scope) -> Spot<'_, 'a> {
        let nowhere = Spot {
            value: None,
            key: None,
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
        let spot = self.spot(path.scope);
        step_down(spot.value, spot.key, path.keys.iter().map(AsRef::as_ref))
    }

    /// Returns what to point at where nothing nearer is there: the pod, else the object.
    fn base(&self) -> Option<Value<'a>> {
        self.pod.value.or(self.object.value)
    }

    fn path(&self, path: &Path) -> FieldPath {
        Link::Keys(self.spot(path.scope).link, &path.keys).path()
    }

    fn remedy(&self, remedy: &Remedy) -> (FieldPath, RemedyChange) {
        (self.path(&remedy.path), remedy.change.clone())
    }

    fn test(&self, test: &Test, value: Value<'a>) -> Outcome {
        match test {
            Test::Present => Outcome::Is(true),
            Test::Equals(literal) => value.equals(literal),
            Test::OneOf(texts) => {
                self.with_texts(texts, value, |text, texts| texts.contains(&text))
            }
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
            Test::AboveZero => value.above_zero(),
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
    /// It is absent, and something outside the object supplies it.
    Supplied,
}

fn verdict(pass: bool) -> Verdict {
    if pass { Verdict::Pass } else { Verdict::Fail }
}
