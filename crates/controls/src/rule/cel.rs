//! The CEL of a rule: true exactly when the native verdict is `Pass`.
//!
//! CEL lets a wrong type through (`has("text".y)` is false, `"true" != true` is true, `1 == 1.0` is
//! true, `all` over a map walks its keys), so every step down, and every test that another type
//! could pass, is guarded by the type that it reads. A guard that fails makes the expression false:
//! the policy denies what the rule cannot judge. Nothing here can fail at run time, so no verdict
//! leans on how CEL absorbs errors.

mod pods;
mod text;
mod tree;

use std::collections::BTreeSet;

pub(crate) use self::{
    pods::{PodPlace, Pods},
    text::{at, quoted},
};
use self::{
    text::{field, is_identifier, list},
    tree::Cel,
};
use super::{
    ALL_SORTS, Bound, Check, Expr, Items, Literal, Operand, Path, Scope, Sort, Test, Texts,
};

/// The CEL of what must hold for an `object`.
///
/// It stands behind [`parameters`].
pub(crate) fn of_object(rule: &Expr) -> String {
    Names::default().render(rule, true).to_string()
}

/// The CEL of what must hold for one of these pods, with the variable `pod`.
///
/// It stands behind [`parameters`] and the variables of [`Pods`].
pub(crate) fn of_pod(rule: &Expr, pods: &Pods<'_>) -> String {
    let names = Names {
        inline: pods.inline,
        supplied: pods.supplied.iter().copied().map(str::to_owned).collect(),
        ..Names::default()
    };
    names.render(rule, true).to_string()
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
            Test::AboveZero | Test::Present | Test::Equals(_) | Test::Matches(_) | Test::Empty => {}
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

/// What starts as a number above 0: the twin of the native reading.
const ABOVE_ZERO: &str = "'^[+]?[0.]*[1-9]'";
/// What reads as a whole number: the twin of the native reading.
const WHOLE_NUMBER: &str = "'^[+-]?[0-9]{1,18}$'";

/// The CEL names of the scopes, and what pods have.
#[derive(Clone, Debug, Default)]
struct Names {
    container: Option<String>,
    item: Option<String>,
    key: Option<String>,
    /// The variables of the macros around.
    used: Vec<String>,
    /// Whether pods have `inline` containers.
    inline: bool,
    /// The fields of containers that `supplied` of a pod may name.
    supplied: Vec<String>,
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
                let way = Way {
                    absent: Cel::of(every),
                    wrong: Cel::False,
                };
                let of_sort = |sort: &Sort| {
                    way.down("pod.spec", &[sort.field()], &|found| {
                        walk(found, "list", &name, &body)
                    })
                };
                let inline = (self.inline && sorts.contains(&Sort::Container))
                    .then(|| Cel::atom(format!("pod.inline.{macro_name}({name}, {body})")));
                let each = sorts.iter().map(of_sort).chain(inline);
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
        let last = self.down(last, self.unless_supplied(last, absent.clone()), found);
        paths.iter().rev().fold(last, |otherwise, path| {
            let otherwise = self.unless_supplied(path, otherwise);
            if let Cel::True | Cel::False = otherwise {
                return self.down(path, otherwise, found);
            }
            let absent = self.down(path, Cel::True, &|_| Cel::False);
            let there = self.down(path, Cel::False, found);
            Cel::If(Box::new(absent), Box::new(otherwise), Box::new(there))
        })
    }

    /// What the absence of a path means, where nothing else may supply what it leads to.
    fn unless_supplied(&self, path: &Path, absent: Cel) -> Cel {
        match (path.scope, path.keys.as_slice()) {
            (Scope::Container, [key]) if self.supplied.iter().any(|field| field == key) => {
                let supplied = Cel::atom(format!("{} in pod.supplied", quoted(key)));
                Cel::and([Cel::not(supplied), absent])
            }
            _ => absent,
        }
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
            Scope::PodMetadata => way.down_from_anything("pod.metadata", &keys, found),
            Scope::Item => match &self.item {
                Some(name) => way.down_from_anything(name, &keys, found),
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
    fn down_from_anything(&self, from: &str, keys: &[&str], found: &dyn Fn(&str) -> Cel) -> Cel {
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
        Test::AboveZero => {
            let matches = Cel::atom(format!("{value}.matches({ABOVE_ZERO})"));
            let above = if want { ">" } else { "<=" };
            Cel::or([
                Cel::and([is("int"), Cel::atom(format!("{value} {above} 0"))]),
                Cel::and([is("double"), Cel::atom(format!("{value} {above} 0.0"))]),
                Cel::and([is("string"), wanted(matches)]),
            ])
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
