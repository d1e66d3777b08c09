//! The CEL of a rule: true exactly when the native verdict is `Pass`.
//!
//! CEL lets a wrong type through (`has("text".y)` is false, `"true" == true` is false, `all` over a
//! map walks its keys), so every step down and every test is guarded by the type that it reads. A
//! guard that fails makes the expression false: the policy denies what the rule cannot judge.
//! Nothing here can fail at run time, so no verdict leans on how CEL absorbs errors.

use std::fmt::{self, Display, Formatter};

use super::{
    ALL_SORTS, Bound, Check, Expr, Items, Literal, Operand, Path, Scope, Sort, Test, Texts,
};

/// The CEL of what must hold for one pod (with the variable `pod`) or one object (`object`).
pub fn render(rule: &Expr) -> String {
    let names = Names { container: None, item: None, key: None, depth: 0 };
    Cel::and(guards(rule).into_iter().chain([names.render(rule, true)])).to_string()
}

/// The CEL of a field of a map that is there; absent reads as `null`, and all but the last key are
/// there.
pub(crate) fn at(keys: &[String], from: &str) -> String {
    let Some((last, keys)) = keys.split_last() else { return from.to_owned() };
    let map = keys.iter().fold(from.to_owned(), |map, key| field(&map, key).1);
    optional(&map, last)
}

/// Where the pods of a kind are, for [`pod_variables`].
#[derive(Clone, Copy, Debug)]
pub struct PodPlace<'a> {
    /// The kind, as `object.kind` says it.
    pub kind: &'a str,
    /// The path of the pod spec, keys joined by dots.
    pub spec: &'a str,
    /// The path of the metadata that pods get, where the kind has one.
    pub metadata: Option<&'a str>,
}

/// The CEL variables through which a policy reads pods, in the order of their definition.
///
/// `readable` says whether every step to a pod spec is a map; `specs` are the pod specs with their
/// metadata; `pods` adds the containers of all three sorts as one list, with `listed` saying
/// whether each sort that is there is a list.
pub fn pod_variables(places: &[PodPlace<'_>]) -> Vec<(&'static str, String)> {
    let mut readable = Vec::new();
    let mut specs = Vec::new();
    // Kinds that keep their pods in the same places share a branch.
    let mut kinds: Vec<&str> = places.iter().map(|place| place.kind).collect();
    kinds.dedup();
    let mut shapes: Vec<(Vec<(&str, Option<&str>)>, Vec<&str>)> = Vec::new();
    for kind in kinds {
        let shape: Vec<(&str, Option<&str>)> = places
            .iter()
            .filter(|place| place.kind == kind)
            .map(|place| (place.spec, place.metadata))
            .collect();
        match shapes.iter_mut().find(|(known, _)| *known == shape) {
            Some((_, kinds)) => kinds.push(kind),
            None => shapes.push((shape, vec![kind])),
        }
    }
    for (shape, kinds) in &shapes {
        let of_kind = match kinds.as_slice() {
            [kind] => format!("object.kind == {}", quoted(kind)),
            kinds => format!("object.kind in {}", list(kinds.iter().copied())),
        };
        let each = shape.iter().map(|(spec, _)| {
            let keys: Vec<&str> = spec.split('.').collect();
            Way { absent: Cel::True, wrong: Cel::False }
                .down("object", &keys, &|spec| Cel::atom(format!("type({spec}) == map")))
        });
        readable.push((of_kind.clone(), Cel::and(each).to_string()));
        let each: Vec<String> = shape
            .iter()
            .map(|(spec, metadata)| {
                let spec: Vec<&str> = spec.split('.').collect();
                let metadata: Vec<&str> = metadata.iter().flat_map(|m| m.split('.')).collect();
                let metadata = if metadata.is_empty() {
                    Cel::atom("dyn(null)")
                } else { Way { absent: Cel::atom("dyn(null)"), wrong: Cel::atom("dyn(null)") }
                    .down("object", &metadata, &|found| Cel::atom(format!("dyn({found})")))
                };
                Way { absent: Cel::atom("[]"), wrong: Cel::atom("[]") }
                    .down("object", &spec, &|spec| {
                        Cel::If(
                            Box::new(Cel::atom(format!("type({spec}) == map"))),
                            Box::new(Cel::atom(format!(
                                r#"[{{"spec": dyn({spec}), "metadata": {metadata}}}]"#
                            ))),
                            Box::new(Cel::atom("[]")),
                        )
                    })
                    .within(Tight::If)
            })
            .collect();
        specs.push((of_kind, each.join(" + ")));
    }
    let choose = |branches: Vec<(String, String)>, otherwise: &str| {
        let mut cel = String::new();
        for (condition, value) in branches {
            cel.push_str(&format!("{condition} ? ({value}) : "));
        }
        cel + otherwise
    };
    let of_sort = |sort: &Sort| {
        let field = sort.field();
        format!("(has(s.spec.{field}) && type(s.spec.{field}) == list ? s.spec.{field} : [])")
    };
    let listed = |sort: &Sort| {
        let field = sort.field();
        format!(
            "(!has(s.spec.{field}) || s.spec.{field} == null || type(s.spec.{field}) == list)"
        )
    };
    let lists: Vec<String> = ALL_SORTS.iter().map(of_sort).collect();
    let listed: Vec<String> = ALL_SORTS.iter().map(listed).collect();
    let pods = format!(
        r#"variables.specs.map(s, {{"spec": s.spec, "metadata": s.metadata, "containers": dyn({}), "listed": dyn({})}})"#,
        lists.join(" + "),
        listed.join(" && ")
    );
    vec![
        ("readable", choose(readable, "true")),
        ("specs", choose(specs, "[]")),
        ("pods", pods),
    ]
}

/// A parameter that is missing, or not of its type, denies.
fn guards(rule: &Expr) -> Vec<Cel> {
    let mut ints = Vec::new();
    let mut texts = Vec::new();
    rule.visit(&mut |expr| {
        let Expr::Check(check) = expr else { return };
        match &check.test {
            Test::Between(least, most) | Test::TextBetween(least, most) => {
                ints.extend(least.param());
                ints.extend(most.param());
            }
            Test::OneOf(set) | Test::ImageBelow(set) => texts.extend(set.param()),
            Test::Present | Test::Equals(_) | Test::Matches(_) | Test::Empty => {}
        }
    });
    ints.sort_unstable();
    ints.dedup();
    texts.sort_unstable();
    texts.dedup();
    let mut guards = Vec::new();
    if !ints.is_empty() || !texts.is_empty() {
        guards.push(Cel::atom("params != null"));
        guards.push(Cel::atom("has(params.data)"));
    }
    for name in ints {
        let name = quoted(name);
        guards.push(Cel::atom(format!("{name} in params.data")));
        guards.push(Cel::atom(format!("params.data[{name}].matches({WHOLE_NUMBER})")));
    }
    for name in texts {
        guards.push(Cel::atom(format!("{} in params.data", quoted(name))));
    }
    guards
}

/// What reads as a whole number: the twin of the native reading.
const WHOLE_NUMBER: &str = "'^[+-]?[0-9]{1,18}$'";

/// The CEL names of the scopes.
#[derive(Clone, Debug)]
struct Names {
    container: Option<String>,
    item: Option<String>,
    key: Option<String>,
    depth: usize,
}

impl Names {
    /// Renders "`expr == want`, and nothing in the way of telling".
    fn render(&self, expr: &Expr, want: bool) -> Cel {
        match expr {
            Expr::Const(value) => Cel::of(*value == want),
            Expr::Not(inner) => self.render(inner, !want),
            Expr::All(these) if want => Cel::and(these.iter().map(|e| self.render(e, want))),
            Expr::Any(these) if !want => Cel::and(these.iter().map(|e| self.render(e, want))),
            Expr::All(these) | Expr::Any(these) => {
                Cel::or(these.iter().map(|e| self.render(e, want)))
            }
            Expr::Every(items, body) => self.quantify(items, body, want, want),
            Expr::Some(items, body, _) => self.quantify(items, body, want, !want),
            Expr::Check(check) => self.check(check, want),
            Expr::Since { then, .. } => self.render(then, want),
        }
    }

    fn quantify(&self, items: &Items, body: &Expr, want: bool, every: bool) -> Cel {
        let macro_name = if every { "all" } else { "exists" };
        match items {
            Items::Containers(sorts) => {
                let name = self.fresh("c");
                let inner = Self { container: Some(name.clone()), depth: self.depth + 1, ..self.clone() };
                let is_map = Cel::atom(format!("type({name}) == map"));
                let body = Cel::and([is_map, inner.render(body, want)]);
                if *sorts == ALL_SORTS {
                    let walk = Cel::atom(format!("pod.containers.{macro_name}({name}, {body})"));
                    return if every { Cel::and([Cel::atom("pod.listed"), walk]) } else { walk };
                }
                let each = sorts.iter().map(|sort| {
                    Way { absent: Cel::of(every), wrong: Cel::False }.down(
                        "pod.spec",
                        &[sort.field()],
                        &|found| {
                            Cel::and([
                                Cel::atom(format!("type({found}) == list")),
                                Cel::atom(format!("{found}.{macro_name}({name}, {body})")),
                            ])
                        },
                    )
                });
                if every { Cel::and(each) } else { Cel::or(each) }
            }
            Items::List(path) => {
                let name = self.fresh("i");
                let inner = Self {
                    item: Some(name.clone()),
                    key: None,
                    depth: self.depth + 1,
                    ..self.clone()
                };
                let body = inner.render(body, want);
                self.down(path, Cel::of(every), &|found| {
                    Cel::and([
                        Cel::atom(format!("type({found}) == list")),
                        Cel::atom(format!("{found}.{macro_name}({name}, {body})")),
                    ])
                })
            }
            Items::Entries(path) => {
                let name = self.fresh("k");
                self.down(path, Cel::of(every), &|found| {
                    let inner = Self {
                        item: Some(format!("{found}[{name}]")),
                        key: Some(name.clone()),
                        depth: self.depth + 1,
                        ..self.clone()
                    };
                    let body = inner.render(body, want);
                    Cel::and([
                        Cel::atom(format!("type({found}) == map")),
                        Cel::atom(format!("{found}.{macro_name}({name}, {body})")),
                    ])
                })
            }
        }
    }

    fn fresh(&self, stem: &str) -> String {
        if self.depth == 0 { stem.to_owned() } else { format!("{stem}{}", self.depth) }
    }

    fn check(&self, check: &Check, want: bool) -> Cel {
        self.operand(&check.operand, Cel::of(check.absent == want), &|found| {
            test(&check.test, found, want)
        })
    }

    /// The first path that is present decides.
    fn operand(&self, operand: &Operand, absent: Cel, found: &dyn Fn(&str) -> Cel) -> Cel {
        operand.paths.iter().rev().fold(absent, |absent, path| self.down(path, absent, found))
    }

    fn down(&self, path: &Path, absent: Cel, found: &dyn Fn(&str) -> Cel) -> Cel {
        let keys: Vec<&str> = path.keys.iter().map(AsRef::as_ref).collect();
        let way = Way { absent, wrong: Cel::False };
        // Objects, pod specs and containers are known to be maps, keys to be strings.
        match path.scope {
            Scope::Object => way.down("object", &keys, found),
            Scope::Pod => way.down("pod.spec", &keys, found),
            Scope::Container => match &self.container {
                Some(name) => way.down(name, &keys, found),
                None => Cel::False,
            },
            Scope::PodMetadata => way.from_anything("pod.metadata", &keys, found),
            Scope::Item => match &self.item {
                Some(name) => way.from_anything(name, &keys, found),
                None => Cel::False,
            },
            Scope::Key => self.key.as_deref().map_or(Cel::False, found),
        }
    }
}

/// What holds where a step down finds nothing, or no map to step into.
#[derive(Clone, Debug)]
struct Way {
    absent: Cel,
    wrong: Cel,
}

impl Way {
    /// Follows keys down from an expression of any type.
    fn from_anything(&self, from: &str, keys: &[&str], found: &dyn Fn(&str) -> Cel) -> Cel {
        let there = if keys.is_empty() {
            found(from)
        } else {
            Cel::guard(
                Cel::atom(format!("type({from}) == map")),
                self.down(from, keys, found),
                &self.wrong,
            )
        };
        Cel::choose(vec![Cel::atom(format!("{from} != null"))], there, &self.absent)
    }

    /// Follows keys down from an expression that is a map.
    fn down(&self, from: &str, keys: &[&str], found: &dyn Fn(&str) -> Cel) -> Cel {
        let Some((key, rest)) = keys.split_first() else { return found(from) };
        let (has, here) = field(from, key);
        let there = if rest.is_empty() {
            found(&here)
        } else {
            Cel::guard(
                Cel::atom(format!("type({here}) == map")),
                self.down(&here, rest, found),
                &self.wrong,
            )
        };
        Cel::choose(vec![Cel::atom(has), Cel::atom(format!("{here} != null"))], there, &self.absent)
    }
}

fn test(test: &Test, value: &str, want: bool) -> Cel {
    let is = |name: &str| Cel::atom(format!("type({value}) == {name}"));
    let wanted = |cel: Cel| if want { cel } else { Cel::not(cel) };
    match test {
        Test::Present => Cel::of(want),
        Test::Equals(literal) => {
            let (name, text) = match literal {
                Literal::Bool(value) => ("bool", value.to_string()),
                Literal::Int(value) => ("int", value.to_string()),
                Literal::Text(value) => ("string", quoted(value)),
            };
            let operator = if want { "==" } else { "!=" };
            Cel::and([is(name), Cel::atom(format!("{value} {operator} {text}"))])
        }
        Test::OneOf(texts) => {
            Cel::and([is("string"), wanted(Cel::atom(format!("{value} in {}", texts.cel())))])
        }
        Test::Matches(pattern) => {
            let pattern = quoted(pattern.as_str());
            Cel::and([is("string"), wanted(Cel::atom(format!("{value}.matches({pattern})")))])
        }
        Test::Between(least, most) => Cel::and([is("int"), wanted(between(value, least, most))]),
        Test::TextBetween(least, most) => {
            let reads = Cel::atom(format!("{value}.matches({WHOLE_NUMBER})"));
            let within = between(&format!("int({value})"), least, most);
            Cel::and([is("string"), wanted(Cel::and([reads, within]))])
        }
        Test::Empty => {
            let empty = if want { "==" } else { "!=" };
            Cel::and([
                Cel::or([is("list"), is("map")]),
                Cel::atom(format!("size({value}) {empty} 0")),
            ])
        }
        Test::ImageBelow(texts) => {
            let full = format!(
                "({value}.matches('^[^/]*[.:][^/]*/|^localhost/') ? {value} : \
                 {value}.contains('/') ? 'docker.io/' + {value} : 'docker.io/library/' + {value})"
            );
            let below = format!("{}.exists(r, {full}.startsWith(r + '/'))", texts.cel());
            Cel::and([is("string"), wanted(Cel::atom(below))])
        }
    }
}

fn between(value: &str, least: &Bound, most: &Bound) -> Cel {
    Cel::and([
        Cel::atom(format!("{value} >= {}", least.cel())),
        Cel::atom(format!("{value} <= {}", most.cel())),
    ])
}

impl Texts {
    fn cel(&self) -> String {
        match self {
            Self::These(texts) => list(texts.iter().map(AsRef::as_ref)),
            Self::Param(name) => format!("params.data[{}].split(',')", quoted(name)),
        }
    }
}

impl Bound {
    fn cel(self) -> String {
        match self {
            Self::Is(value) => value.to_string(),
            Self::Param(name) => format!("int(params.data[{}])", quoted(name)),
        }
    }
}

/// Returns how to ask for a key of a map, and how to read it.
fn field(map: &str, key: &str) -> (String, String) {
    if is_identifier(key) {
        (format!("has({map}.{key})"), format!("{map}.{key}"))
    } else {
        let key = quoted(key);
        (format!("{key} in {map}"), format!("{map}[{key}]"))
    }
}

/// Returns a key of a map, absent as `null`.
fn optional(map: &str, key: &str) -> String {
    if is_identifier(key) {
        format!("{map}.?{key}.orValue(null)")
    } else {
        format!("{map}[?{}].orValue(null)", quoted(key))
    }
}

fn is_identifier(key: &str) -> bool {
    // https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
    const RESERVED: [&str; 22] = [
        "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import",
        "in", "let", "loop", "namespace", "null", "package", "return", "true", "var", "void",
        "while", "__",
    ];
    let mut bytes = key.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !RESERVED.contains(&key)
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.map(quoted).collect();
    format!("[{}]", texts.join(", "))
}

/// Writes a CEL string literal.
fn quoted(text: &str) -> String {
    let mut cel = String::with_capacity(text.len() + 2);
    cel.push('"');
    for char in text.chars() {
        match char {
            '"' => cel.push_str("\\\""),
            '\\' => cel.push_str("\\\\"),
            '\n' => cel.push_str("\\n"),
            '\r' => cel.push_str("\\r"),
            '\t' => cel.push_str("\\t"),
            control if control.is_control() => {
                cel.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            char => cel.push(char),
        }
    }
    cel.push('"');
    cel
}

/// A CEL expression, kept as a tree so that it is simplified and gets no more parentheses than it
/// needs.
#[derive(Clone, Debug, PartialEq)]
enum Cel {
    True,
    False,
    Atom(String),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
    If(Box<Self>, Box<Self>, Box<Self>),
}

/// How tightly an operator binds, loosest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Tight {
    If,
    Or,
    And,
    Not,
    Atom,
}

impl Cel {
    fn of(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }

    fn atom(text: impl Into<String>) -> Self {
        Self::Atom(text.into())
    }

    fn not(inner: Self) -> Self {
        match inner {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Not(inner) => *inner,
            Self::Atom(_) | Self::And(_) | Self::Or(_) | Self::If(..) => Self::Not(Box::new(inner)),
        }
    }

    fn and(these: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for this in these {
            match this {
                Self::True => {}
                Self::False => return Self::False,
                Self::And(inner) => flat.extend(inner),
                Self::Atom(_) | Self::Not(_) | Self::Or(_) | Self::If(..) => flat.push(this),
            }
        }
        match flat.len() {
            0 => Self::True,
            1 => flat.remove(0),
            _ => Self::And(flat),
        }
    }

    fn or(these: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for this in these {
            match this {
                Self::False => {}
                Self::True => return Self::True,
                Self::Or(inner) => flat.extend(inner),
                Self::Atom(_) | Self::Not(_) | Self::And(_) | Self::If(..) => flat.push(this),
            }
        }
        match flat.len() {
            0 => Self::False,
            1 => flat.remove(0),
            _ => Self::Or(flat),
        }
    }

    /// `then` where the guard holds, else `wrong`.
    fn guard(guard: Self, then: Self, wrong: &Self) -> Self {
        match wrong {
            Self::False => Self::and([guard, then]),
            _ => Self::If(Box::new(guard), Box::new(then), Box::new(wrong.clone())),
        }
    }

    /// `then` where all conditions hold, else `otherwise`.
    fn choose(conditions: Vec<Self>, then: Self, otherwise: &Self) -> Self {
        match otherwise {
            Self::False => Self::and(conditions.into_iter().chain([then])),
            Self::True => {
                let negated = conditions.into_iter().map(|condition| match condition {
                    // `!(x != null)` reads better as `x == null`.
                    Self::Atom(text) => match text.strip_suffix(" != null") {
                        Some(value) => Self::Atom(format!("{value} == null")),
                        None => Self::not(Self::Atom(text)),
                    },
                    other => Self::not(other),
                });
                Self::or(negated.chain([then]))
            }
            other => {
                if then == *other {
                    return then;
                }
                Self::If(
                    Box::new(Self::and(conditions)),
                    Box::new(then),
                    Box::new(other.clone()),
                )
            }
        }
    }

    fn tight(&self) -> Tight {
        match self {
            Self::True | Self::False => Tight::Atom,
            // An atom is a call, a comparison or an `in`: it stands under `&&` and `||` as it is.
            Self::Atom(_) => Tight::Atom,
            Self::Not(_) => Tight::Not,
            Self::And(_) => Tight::And,
            Self::Or(_) => Tight::Or,
            Self::If(..) => Tight::If,
        }
    }

    /// Writes the expression as an operand of something that binds more tightly than `than`.
    fn within(&self, than: Tight) -> String {
        if self.tight() <= than { format!("({self})") } else { self.to_string() }
    }
}

impl Display for Cel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let join = |these: &[Self], than, operator: &str| {
            let these: Vec<String> = these.iter().map(|this| this.within(than)).collect();
            these.join(operator)
        };
        match self {
            Self::True => f.write_str("true"),
            Self::False => f.write_str("false"),
            Self::Atom(text) => f.write_str(text),
            // `in` and comparisons bind less tightly than `!`.
            Self::Not(inner) => match inner.as_ref() {
                Self::Atom(text) if is_call(text) => write!(f, "!{text}"),
                inner => write!(f, "!({inner})"),
            },
            Self::And(these) => f.write_str(&join(these, Tight::Or, " && ")),
            Self::Or(these) => f.write_str(&join(these, Tight::If, " || ")),
            Self::If(condition, then, otherwise) => {
                write!(f, "{} ? {} : {otherwise}", condition.within(Tight::If), then.within(Tight::If))
            }
        }
    }
}

/// Returns whether an atom is one call or selection, so that `!` may stand before it.
fn is_call(text: &str) -> bool {
    !text.contains(" in ") && !text.contains(" == ") && !text.contains(" != ")
        && !text.contains(" >= ") && !text.contains(" <= ") && !text.contains(" ? ")
        && !text.contains(" && ") && !text.contains(" || ")
}
