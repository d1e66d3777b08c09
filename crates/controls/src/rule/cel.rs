//! The CEL of a rule: true exactly when the native verdict is `Pass`.
//!
//! CEL lets a wrong type through (`has("text".y)` is false, `"true" == true` is false, `all` over a
//! map walks its keys), so every step down and every test is guarded by the type that it reads. A
//! guard that fails makes the expression false: the policy denies what the rule cannot judge.
//! Nothing here can fail at run time, so no verdict leans on how CEL absorbs errors.

use std::{
    collections::BTreeSet,
    fmt::{self, Display, Formatter},
};

use super::{
    ALL_SORTS, Bound, Check, Expr, Items, Literal, Operand, Path, Scope, Sort, Test, Texts,
};

/// The CEL of what must hold for one pod (with the variable `pod`) or one object (`object`).
///
/// It stands behind [`parameters`], and for pods behind the variables of [`pod_variables`].
pub(crate) fn render(rule: &Expr) -> String {
    let names = Names {
        container: None,
        item: None,
        key: None,
        used: Vec::new(),
    };
    names.render(rule, true).to_string()
}

/// The CEL of a field of a map that is there; absent reads as `null`, and all but the last key are
/// there.
pub(crate) fn at(keys: &[String], from: &str) -> String {
    let Some((last, keys)) = keys.split_last() else {
        return from.to_owned();
    };
    let map = keys
        .iter()
        .fold(from.to_owned(), |map, key| field(&map, key).1);
    optional(&map, last)
}

/// Where the pods of a kind are, for [`pod_variables`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct PodPlace<'a> {
    /// The kind, as `object.kind` says it.
    pub(crate) kind: &'a str,
    /// The path of the pod spec, keys joined by dots.
    pub(crate) spec: &'a str,
    /// The path of the metadata that pods get, where the kind has one.
    pub(crate) metadata: Option<&'a str>,
}

/// The CEL variables through which a policy reads pods, in the order of their definition.
///
/// `readable` says whether every step to a pod spec is a map. `pods` are the pod specs that are
/// there; with their metadata, and with the containers of all three sorts as one list, where the
/// rule reads those. `listed` says whether each sort that is there is a list.
pub(crate) fn pod_variables(places: &[PodPlace<'_>], rule: &Expr) -> Vec<(&'static str, String)> {
    let (with_metadata, with_containers) = (reads_metadata(rule), walks_containers(rule));
    let mut readable = String::new();
    let mut specs = String::new();
    for (kinds, places) in shapes(places) {
        let of_kind = match kinds.as_slice() {
            [kind] => format!("object.kind == {}", quoted(kind)),
            kinds => format!("object.kind in {}", list(kinds.iter().copied())),
        };
        let ways: Vec<Place<'_>> = places
            .iter()
            .map(|place| (place.spec.split('.').collect(), *place))
            .collect();
        let maps = maps_on_the_way("object", &ways).within(Tight::If);
        readable.push_str(&format!("{of_kind} ? {maps} :\n"));
        let found = spec_lists("object", &ways, with_metadata).within(Tight::If);
        specs.push_str(&format!("{of_kind} ? {found} :\n"));
    }
    readable.push_str("true");
    specs.push_str("[]");
    if !with_containers {
        return vec![("readable", readable), ("pods", specs)];
    }
    let of_sort = |sort: &Sort| {
        let field = format!("s.spec.{}", sort.field());
        format!("(has({field}) && type({field}) == list ? {field} : [])")
    };
    let listed = |sort: &Sort| {
        let field = format!("s.spec.{}", sort.field());
        format!("(!has({field}) || {field} == null || type({field}) == list)")
    };
    let containers: Vec<String> = ALL_SORTS.iter().map(of_sort).collect();
    let listed: Vec<String> = ALL_SORTS.iter().map(listed).collect();
    let metadata = if with_metadata {
        r#""metadata": s.metadata, "#
    } else {
        ""
    };
    let pods = format!(
        r#"variables.specs.map(s, {{"spec": s.spec, {metadata}"containers": dyn({}), "listed": dyn({})}})"#,
        containers.join(" + "),
        listed.join(" && ")
    );
    vec![("readable", readable), ("specs", specs), ("pods", pods)]
}

/// Groups kinds that keep their pods in the same places.
fn shapes<'p, 'a>(places: &'p [PodPlace<'a>]) -> Vec<(Vec<&'a str>, Vec<&'p PodPlace<'a>>)> {
    let mut kinds: Vec<&str> = places.iter().map(|place| place.kind).collect();
    kinds.dedup();
    let mut shapes: Vec<(Vec<&str>, Vec<&PodPlace<'_>>)> = Vec::new();
    for kind in kinds {
        let of_kind: Vec<_> = places.iter().filter(|place| place.kind == kind).collect();
        let paths = |places: &[&PodPlace<'a>]| {
            places
                .iter()
                .map(|place| (place.spec, place.metadata))
                .collect::<Vec<_>>()
        };
        match shapes
            .iter_mut()
            .find(|(_, known)| paths(known) == paths(&of_kind))
        {
            Some((kinds, _)) => kinds.push(kind),
            None => shapes.push((vec![kind], of_kind)),
        }
    }
    shapes
}

/// What leads to a pod spec from here on, and the whole of it.
type Place<'p> = (Vec<&'p str>, &'p PodPlace<'p>);

/// Whether everything on the way to these pod specs is a map, as far as it is there.
fn maps_on_the_way(from: &str, places: &[Place<'_>]) -> Cel {
    let way = Way {
        absent: Cel::True,
        wrong: Cel::False,
    };
    Cel::and(by_first_key(places).into_iter().map(|(key, rest)| {
        way.down(from, &[key], &|here| {
            Cel::and([
                Cel::atom(format!("type({here}) == map")),
                maps_on_the_way(here, &rest),
            ])
        })
    }))
}

/// The list of the pod specs at these places.
fn spec_lists(from: &str, places: &[Place<'_>], with_metadata: bool) -> Cel {
    let none = Cel::atom("[]");
    let way = Way {
        absent: none.clone(),
        wrong: none.clone(),
    };
    let lists = by_first_key(places).into_iter().map(|(key, rest)| {
        way.down(from, &[key], &|here| {
            let found = match places.iter().find(|(keys, _)| *keys == [key]) {
                Some((_, place)) if with_metadata => {
                    let metadata = metadata_beside(from, place);
                    Cel::atom(format!(r#"[{{"spec": {here}, "metadata": {metadata}}}]"#))
                }
                Some(_) => Cel::atom(format!(r#"[{{"spec": {here}}}]"#)),
                None => spec_lists(here, &rest, with_metadata),
            };
            Cel::guard(Cel::atom(format!("type({here}) == map")), found, &none)
        })
    });
    let mut lists: Vec<Cel> = lists.collect();
    if lists.len() == 1 {
        return lists.remove(0);
    }
    let lists: Vec<String> = lists.iter().map(|list| list.within(Tight::If)).collect();
    Cel::atom(lists.join(" + "))
}

/// The metadata that pods get; it stands beside their spec, in a map that is known to be one.
fn metadata_beside(map: &str, place: &PodPlace<'_>) -> String {
    let key = place
        .metadata
        .map(|path| path.rsplit('.').next().unwrap_or(path));
    key.map_or_else(|| "dyn(null)".to_owned(), |key| optional(map, key))
}

fn by_first_key<'p>(places: &[Place<'p>]) -> Vec<(&'p str, Vec<Place<'p>>)> {
    let mut groups: Vec<(&str, Vec<Place<'_>>)> = Vec::new();
    for (keys, place) in places {
        let Some((first, rest)) = keys.split_first() else {
            continue;
        };
        let rest = (rest.to_vec(), *place);
        match groups.iter_mut().find(|(key, _)| key == first) {
            Some((_, group)) => group.push(rest),
            None => groups.push((first, vec![rest])),
        }
    }
    groups
}

fn reads_metadata(rule: &Expr) -> bool {
    let mut reads = false;
    rule.paths(&mut |path| reads |= path.scope == Scope::PodMetadata);
    reads
}

fn walks_containers(rule: &Expr) -> bool {
    let mut walks = false;
    rule.visit(&mut |expr| {
        if let Expr::Every(Items::Containers(sorts), _) | Expr::Some(Items::Containers(sorts), ..) =
            expr
        {
            walks |= *sorts == ALL_SORTS;
        }
    });
    walks
}

/// The CEL that denies where a parameter of the rule is missing, or not of its type; none for a
/// rule without parameters.
pub(crate) fn parameters(rule: &Expr) -> Vec<String> {
    let mut ints = BTreeSet::new();
    let mut texts = BTreeSet::new();
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
    let mut guards = Vec::new();
    if !ints.is_empty() || !texts.is_empty() {
        guards.extend(["params != null".to_owned(), "has(params.data)".to_owned()]);
    }
    for name in ints {
        let name = quoted(name);
        guards.push(format!("{name} in params.data"));
        guards.push(format!("params.data[{name}].matches({WHOLE_NUMBER})"));
    }
    guards.extend(
        texts
            .into_iter()
            .map(|name| format!("{} in params.data", quoted(name))),
    );
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
    /// The variables of the macros around.
    used: Vec<String>,
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
        let walk = |found: &str, of: &str, name: &str, body: &Cel| {
            Cel::and([
                Cel::atom(format!("type({found}) == {of}")),
                Cel::atom(format!("{found}.{macro_name}({name}, {body})")),
            ])
        };
        match items {
            Items::Containers(sorts) => {
                let (name, mut inner) = self.with_variable("container");
                inner.container = Some(name.clone());
                let is_map = Cel::atom(format!("type({name}) == map"));
                let body = Cel::and([is_map, inner.render(body, want)]);
                if *sorts == ALL_SORTS {
                    let walk = Cel::atom(format!("pod.containers.{macro_name}({name}, {body})"));
                    return if every {
                        Cel::and([Cel::atom("pod.listed"), walk])
                    } else {
                        walk
                    };
                }
                let each = sorts.iter().map(|sort| {
                    let way = Way {
                        absent: Cel::of(every),
                        wrong: Cel::False,
                    };
                    way.down("pod.spec", &[sort.field()], &|found| {
                        walk(found, "list", &name, &body)
                    })
                });
                if every { Cel::and(each) } else { Cel::or(each) }
            }
            Items::List(path) => {
                let (name, mut inner) = self.with_variable(item_name(path));
                inner.item = Some(name.clone());
                inner.key = None;
                let body = inner.render(body, want);
                self.down(path, Cel::of(every), &|found| {
                    walk(found, "list", &name, &body)
                })
            }
            Items::Entries(path) => {
                let (name, mut inner) = self.with_variable(item_name(path));
                inner.key = Some(name.clone());
                self.down(path, Cel::of(every), &|found| {
                    let inner = Self {
                        item: Some(format!("{found}[{name}]")),
                        ..inner.clone()
                    };
                    walk(found, "map", &name, &inner.render(body, want))
                })
            }
        }
    }

    /// Returns a name for the variable of a macro, and the names inside it.
    fn with_variable(&self, stem: &str) -> (String, Self) {
        let mut name = stem.to_owned();
        let mut count = 1;
        while self.used.contains(&name) {
            count += 1;
            name = format!("{stem}{count}");
        }
        let mut inner = self.clone();
        inner.used.push(name.clone());
        (name, inner)
    }

    fn check(&self, check: &Check, want: bool) -> Cel {
        let absent = Cel::of(check.absent == want);
        self.operand(&check.operand, &absent, &|found| {
            test(&check.test, found, want)
        })
    }

    /// The first path that is present decides.
    fn operand(&self, operand: &Operand, absent: &Cel, found: &dyn Fn(&str) -> Cel) -> Cel {
        let Some((last, paths)) = operand.paths.split_last() else {
            return absent.clone();
        };
        let last = self.down(last, absent.clone(), found);
        paths.iter().rev().fold(last, |otherwise, path| {
            if let Cel::True | Cel::False = otherwise {
                return self.down(path, otherwise, found);
            }
            let absent = self.down(path, Cel::True, &|_| Cel::False);
            let there = self.down(path, Cel::False, found);
            Cel::If(Box::new(absent), Box::new(otherwise), Box::new(there))
        })
    }

    fn down(&self, path: &Path, absent: Cel, found: &dyn Fn(&str) -> Cel) -> Cel {
        let keys: Vec<&str> = path.keys.iter().map(AsRef::as_ref).collect();
        let way = Way {
            absent,
            wrong: Cel::False,
        };
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

/// Returns what to call an item of a list or a key of a map: the singular of what that is called.
fn item_name(path: &Path) -> &str {
    // Names with a meaning in policies or in CEL, which a variable would hide.
    const TAKEN: [&str; 14] = [
        "bool",
        "bytes",
        "container",
        "double",
        "duration",
        "int",
        "list",
        "map",
        "object",
        "param",
        "pod",
        "string",
        "timestamp",
        "uint",
    ];
    let singular = path.keys.last().and_then(|key| key.strip_suffix('s'));
    let fits = |name: &&str| is_identifier(name) && !TAKEN.contains(name);
    singular.filter(fits).unwrap_or("item")
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
        match &self.absent {
            absent if there == *absent => there,
            Cel::True => Cel::or([Cel::atom(format!("{from} == null")), there]),
            Cel::False if there.refuses_null(from) => there,
            absent => Cel::guard(Cel::not_null(from), there, absent),
        }
    }

    /// Follows keys down from an expression that is a map.
    fn down(&self, from: &str, keys: &[&str], found: &dyn Fn(&str) -> Cel) -> Cel {
        let Some((key, rest)) = keys.split_first() else {
            return found(from);
        };
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
        Cel::choose(has, &here, there, &self.absent)
    }
}

fn test(test: &Test, value: &str, want: bool) -> Cel {
    let is = |name: &str| Cel::atom(format!("type({value}) == {name}"));
    let wanted = |cel: Cel| if want { cel } else { Cel::not(cel) };
    match test {
        Test::Present => Cel::of(want),
        // Values of different types are unequal, so what equals a boolean or a string is one. With
        // numbers it is not so: an int can equal a double.
        Test::Equals(Literal::Bool(wanted)) => Cel::atom(format!("{value} == {}", *wanted == want)),
        Test::Equals(Literal::Text(text)) if want => {
            Cel::atom(format!("{value} == {}", quoted(text)))
        }
        Test::Equals(Literal::Text(text)) => Cel::and([
            is("string"),
            Cel::atom(format!("{value} != {}", quoted(text))),
        ]),
        Test::Equals(Literal::Int(int)) => {
            let operator = if want { "==" } else { "!=" };
            Cel::and([is("int"), Cel::atom(format!("{value} {operator} {int}"))])
        }
        Test::OneOf(texts) => {
            let among = Cel::atom(format!("{value} in {}", texts.cel()));
            if want {
                among
            } else {
                Cel::and([is("string"), Cel::not(among)])
            }
        }
        Test::Matches(pattern) => {
            let pattern = quoted(pattern.as_str());
            Cel::and([
                is("string"),
                wanted(Cel::atom(format!("{value}.matches({pattern})"))),
            ])
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
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "namespace",
        "null",
        "package",
        "return",
        "true",
        "var",
        "void",
        "while",
        "__",
    ];
    let mut bytes = key.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
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
        drop_repeated(&mut flat);
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
        drop_repeated(&mut flat);
        match flat.len() {
            0 => Self::False,
            1 => flat.remove(0),
            _ => Self::Or(flat),
        }
    }

    /// `then` where the guard holds, else `wrong`.
    fn guard(guard: Self, then: Self, wrong: &Self) -> Self {
        match (wrong, then) {
            (Self::False, then) => Self::and([guard, then]),
            (_, Self::If(condition, then, otherwise)) if *otherwise == *wrong => {
                Self::If(Box::new(Self::and([guard, *condition])), then, otherwise)
            }
            (_, then) => Self::If(Box::new(guard), Box::new(then), Box::new(wrong.clone())),
        }
    }

    /// `then` where a value is there and not `null`, else `otherwise`.
    fn choose(has: String, value: &str, then: Self, otherwise: &Self) -> Self {
        let there = Self::atom(has);
        if then == *otherwise {
            return then;
        }
        match (otherwise, then) {
            (Self::True, then) => Self::or([
                Self::not(there),
                Self::atom(format!("{value} == null")),
                then,
            ]),
            (Self::False, then) if then.refuses_null(value) => Self::and([there, then]),
            (Self::False, then) => Self::and([there, Self::not_null(value), then]),
            // Two ways to the same end are one condition.
            (_, Self::If(condition, then, otherwise_too)) if *otherwise_too == *otherwise => {
                let conditions = if condition.refuses_null(value) {
                    Self::and([there, *condition])
                } else {
                    Self::and([there, Self::not_null(value), *condition])
                };
                Self::If(Box::new(conditions), then, otherwise_too)
            }
            (_, then) => {
                let conditions = Self::and([there, Self::not_null(value)]);
                Self::If(
                    Box::new(conditions),
                    Box::new(then),
                    Box::new(otherwise.clone()),
                )
            }
        }
    }

    fn not_null(value: &str) -> Self {
        Self::atom(format!("{value} != null"))
    }

    /// Whether this is false for certain where the value is `null`.
    fn refuses_null(&self, value: &str) -> bool {
        match self {
            Self::Atom(text) => {
                let compared = text.strip_prefix(value).is_some_and(|rest| {
                    rest.starts_with(" in ") || (rest.starts_with(" == ") && rest != " == null")
                });
                compared || text.starts_with(&format!("type({value}) == "))
            }
            Self::And(these) => these.first().is_some_and(|first| first.refuses_null(value)),
            Self::False => true,
            Self::True | Self::Not(_) | Self::Or(_) | Self::If(..) => false,
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
        if self.tight() <= than {
            format!("({self})")
        } else {
            self.to_string()
        }
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
                write!(
                    f,
                    "{} ? {} : {otherwise}",
                    condition.within(Tight::If),
                    then.within(Tight::If)
                )
            }
        }
    }
}

/// Drops the parts that stand further in front already.
fn drop_repeated(parts: &mut Vec<Cel>) {
    let mut kept: Vec<Cel> = Vec::with_capacity(parts.len());
    for part in parts.drain(..) {
        if !kept.contains(&part) {
            kept.push(part);
        }
    }
    *parts = kept;
}

/// Returns whether an atom is one call or selection, so that `!` may stand before it.
fn is_call(text: &str) -> bool {
    !text.contains(" in ")
        && !text.contains(" == ")
        && !text.contains(" != ")
        && !text.contains(" >= ")
        && !text.contains(" <= ")
        && !text.contains(" ? ")
        && !text.contains(" && ")
        && !text.contains(" || ")
}
