//! CEL expressions as trees.

use std::fmt::{self, Display, Formatter};

/// A CEL expression, kept as a tree so that it is simplified and gets no more parentheses than it
/// needs.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cel {
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
pub(super) enum Tight {
    If,
    Or,
    And,
    Not,
    Atom,
}

impl Cel {
    pub(super) fn of(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }

    pub(super) fn atom(text: impl Into<String>) -> Self {
        Self::Atom(text.into())
    }

    pub(super) fn not(inner: Self) -> Self {
        match inner {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Not(inner) => *inner,
            Self::Atom(_) | Self::And(_) | Self::Or(_) | Self::If(..) => Self::Not(Box::new(inner)),
        }
    }

    pub(super) fn and(these: impl IntoIterator<Item = Self>) -> Self {
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

    pub(super) fn or(these: impl IntoIterator<Item = Self>) -> Self {
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
    pub(super) fn guard(guard: Self, then: Self, wrong: &Self) -> Self {
        match (wrong, then) {
            (Self::False, then) => Self::and([guard, then]),
            (_, Self::If(condition, then, otherwise)) if *otherwise == *wrong => {
                Self::If(Box::new(Self::and([guard, *condition])), then, otherwise)
            }
            (_, then) => Self::If(Box::new(guard), Box::new(then), Box::new(wrong.clone())),
        }
    }

    /// `then` where a value is there and not `null`, else `otherwise`.
    pub(super) fn choose(has: String, value: &str, then: Self, otherwise: &Self) -> Self {
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

    pub(super) fn not_null(value: &str) -> Self {
        Self::atom(format!("{value} != null"))
    }

    /// Whether this is false for certain where the value is `null`.
    pub(super) fn refuses_null(&self, value: &str) -> bool {
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
            // An atom is a call, a comparison or an `in`: it stands under `&&` and `||` as it is.
            Self::True | Self::False | Self::Atom(_) => Tight::Atom,
            Self::Not(_) => Tight::Not,
            Self::And(_) => Tight::And,
            Self::Or(_) => Tight::Or,
            Self::If(..) => Tight::If,
        }
    }

    /// Writes the expression as an operand of something that binds more tightly than `than`.
    pub(super) fn within(&self, than: Tight) -> String {
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
