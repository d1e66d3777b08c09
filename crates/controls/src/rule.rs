//! The rule language: what must hold for one object, as a value.
//!
//! A rule is built by combinators over paths and judged in two ways that must agree: natively
//! ([`eval`], with the places that offend) and as CEL of a `ValidatingAdmissionPolicy` ([`cel`]).
//!
//! ```
//! use knight_controls::rule::{containers, container, pod, Expr};
//!
//! let host_network: Expr = pod("hostNetwork").absent_or_equals(false);
//! let privileged: Expr =
//!     containers().every(container("securityContext.privileged").absent_or_equals(false));
//! ```
//!
//! # Logic
//!
//! Verdicts are those of strong Kleene logic: true, false and unknown, where a false decides a
//! conjunction and a true decides a disjunction whatever the rest says. `null` counts as absent.
//! Whatever has another type than the rule reads is unknown, and a policy denies it.
//!
//! There is no negation of a verdict in the renderings: both judge an expression *against a
//! polarity* ("does it hold", "does it fail"), and a wrong type satisfies neither.

mod build;
pub mod cel;
pub mod eval;

use std::{borrow::Cow, sync::OnceLock};

use regex::Regex;

pub use self::build::{
    all, any, container, containers, entry_key, item, not, object, pod, pod_metadata, since, these,
    unless,
};

/// Where a path starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scope {
    /// The whole object.
    Object,
    /// The pod spec of a carrier.
    Pod,
    /// The metadata that the pods of a carrier get.
    PodMetadata,
    /// The container of the innermost [`Items::Containers`].
    Container,
    /// The item or value of the innermost [`Items::List`] or [`Items::Entries`].
    Item,
    /// The key of the innermost [`Items::Entries`].
    Key,
}

/// Keys that lead down from a [`Scope`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Path {
    /// Where it starts.
    pub scope: Scope,
    /// The keys, outermost first.
    pub keys: Vec<Cow<'static, str>>,
}

/// What a check reads: the first of its paths that is present.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Operand {
    /// The paths in the order in which they are tried.
    pub paths: Vec<Path>,
}

/// A value written in a rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Literal {
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A string.
    Text(Cow<'static, str>),
}

/// A set of strings: written in the rule, or a parameter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Texts {
    /// Written in the rule.
    These(Vec<Cow<'static, str>>),
    /// The strings of a parameter.
    Param(&'static str),
}

/// A bound on whole numbers: written in the rule, or a parameter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bound {
    /// Written in the rule.
    Is(i64),
    /// The value of a parameter.
    Param(&'static str),
}

/// A regular expression of the subset that RE2 and Rust's `regex` share; it is not anchored.
///
/// Classes such as `\d`, `\w` and `\b` mean other characters in the two and do not belong here.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: Cow<'static, str>,
    compiled: OnceLock<Option<Regex>>,
}

/// What is asked of a value that is present.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Anything but `null` will do, of any type.
    Present,
    /// It is this boolean, number or string.
    Equals(Literal),
    /// It is a string of the set.
    OneOf(Texts),
    /// It is a string that the pattern matches.
    Matches(Pattern),
    /// It is a whole number between the bounds.
    Between(Bound, Bound),
    /// It is a string that reads as a whole number between the bounds. A string that does not
    /// read as one fails: it is not unknown.
    TextBetween(Bound, Bound),
    /// It is a quantity above 0: a number, or a string that starts as one.
    AboveZero,
    /// It is a list or map without items.
    Empty,
    /// It is an image reference whose repository lies below one of these prefixes, with Docker
    /// Hub's short names written out.
    ImageBelow(Texts),
}

/// A test of one operand.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What is read.
    pub operand: Operand,
    /// What is asked of it.
    pub test: Test,
    /// Whether absence is fine.
    pub absent: bool,
    /// What the finding says at the place, when the words made from the test do not say enough.
    pub label: Option<Cow<'static, str>>,
    /// What would mend it.
    pub remedy: Option<Remedy>,
}

/// The things that a quantifier walks over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Items {
    /// The containers of the pod, of these sorts.
    Containers(&'static [Sort]),
    /// The items of a list.
    List(Path),
    /// The entries of a map.
    Entries(Path),
}

/// The sorts of containers, as the pod spec names their lists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sort {
    /// `containers`
    Container,
    /// `initContainers`, those that stay on as sidecars included
    Init,
    /// `ephemeralContainers`
    Ephemeral,
}

/// All sorts of containers.
pub const ALL_SORTS: &[Sort] = &[Sort::Container, Sort::Init, Sort::Ephemeral];

/// A statement about an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Every one holds.
    All(Vec<Self>),
    /// One of them holds. Where none does, the finding shows what the last one says.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// It holds for every item; where there is no list it holds.
    Every(Items, Box<Self>),
    /// It holds for an item. The label says what a finding shows at the list.
    Some(Items, Box<Self>, Says),
    /// A check of one operand.
    Check(Check),
    /// One statement from a Kubernetes minor on, another before it.
    Since {
        /// The first minor that the statement is of.
        minor: u16,
        /// What is asked from it on.
        then: Box<Self>,
        /// What is asked before it.
        before: Box<Self>,
    },
    /// Holds always (`true`) or never.
    Const(bool),
}

/// What a finding says and offers at a place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Says {
    /// The words at the place.
    pub label: Cow<'static, str>,
    /// What would mend it.
    pub remedy: Option<Remedy>,
}

/// A change that makes a check hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    /// What is changed.
    pub path: Path,
    /// How.
    pub change: RemedyChange,
}

/// What a [`Remedy`] does.
#[derive(Clone, Debug, PartialEq)]
pub enum RemedyChange {
    /// Sets the value.
    Set(Literal),
    /// Sets a list of strings.
    SetTexts(&'static [&'static str]),
    /// Sets a string that is known only once a place is.
    SetText(String),
    /// Takes the field out.
    Remove,
    /// Gives the key another name.
    Rename(String),
}

impl Pattern {
    /// Makes a pattern; it is compiled when it is first needed.
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            text: text.into(),
            compiled: OnceLock::new(),
        }
    }

    /// Returns the pattern as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether the pattern matches, or nothing when it is no regular expression.
    pub fn is_match(&self, text: &str) -> Option<bool> {
        let compiled = self.compiled.get_or_init(|| Regex::new(&self.text).ok());
        compiled.as_ref().map(|regex| regex.is_match(text))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Path {
    /// Makes a path of keys joined by dots.
    pub fn new(scope: Scope, keys: &'static str) -> Self {
        let keys = keys
            .split('.')
            .filter(|key| !key.is_empty())
            .map(Cow::Borrowed)
            .collect();
        Self { scope, keys }
    }
}

impl Expr {
    /// Returns the statement for one Kubernetes minor, without [`Expr::Since`].
    #[must_use]
    pub fn at_minor(&self, minor: u16) -> Self {
        match self {
            Self::All(these) => Self::All(these.iter().map(|this| this.at_minor(minor)).collect()),
            Self::Any(these) => Self::Any(these.iter().map(|this| this.at_minor(minor)).collect()),
            Self::Not(this) => Self::Not(Box::new(this.at_minor(minor))),
            Self::Every(items, body) => Self::Every(items.clone(), Box::new(body.at_minor(minor))),
            Self::Some(items, body, says) => {
                Self::Some(items.clone(), Box::new(body.at_minor(minor)), says.clone())
            }
            Self::Check(_) | Self::Const(_) => self.clone(),
            Self::Since {
                minor: first,
                then,
                before,
            } => {
                if minor >= *first {
                    then.at_minor(minor)
                } else {
                    before.at_minor(minor)
                }
            }
        }
    }

    /// Calls `f` with every check and quantifier operand below here.
    pub fn visit(&self, f: &mut impl FnMut(&Self)) {
        f(self);
        match self {
            Self::All(these) | Self::Any(these) => these.iter().for_each(|this| this.visit(f)),
            Self::Not(this) | Self::Every(_, this) | Self::Some(_, this, _) => this.visit(f),
            Self::Since { then, before, .. } => {
                then.visit(f);
                before.visit(f);
            }
            Self::Check(_) | Self::Const(_) => {}
        }
    }

    /// Calls `f` with every path that the statement reads.
    pub fn paths(&self, f: &mut impl FnMut(&Path)) {
        self.visit(&mut |expr| match expr {
            Self::Check(check) => check.operand.paths.iter().for_each(&mut *f),
            Self::Every(Items::List(path) | Items::Entries(path), _)
            | Self::Some(Items::List(path) | Items::Entries(path), ..) => f(path),
            Self::Every(Items::Containers(_), _)
            | Self::Some(Items::Containers(_), ..)
            | Self::All(_)
            | Self::Any(_)
            | Self::Not(_)
            | Self::Since { .. }
            | Self::Const(_) => {}
        });
    }

    /// Returns the names of the parameters that the statement reads, sorted.
    pub fn params(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        self.visit(&mut |expr| {
            let Self::Check(check) = expr else { return };
            match &check.test {
                Test::OneOf(texts) | Test::ImageBelow(texts) => names.extend(texts.param()),
                Test::Between(least, most) | Test::TextBetween(least, most) => {
                    names.extend(least.param());
                    names.extend(most.param());
                }
                Test::AboveZero
                | Test::Present
                | Test::Equals(_)
                | Test::Matches(_)
                | Test::Empty => {}
            }
        });
        names.sort_unstable();
        names.dedup();
        names
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

impl Texts {
    fn param(&self) -> Option<&'static str> {
        match self {
            Self::These(_) => None,
            Self::Param(name) => Some(name),
        }
    }
}

impl Bound {
    fn param(self) -> Option<&'static str> {
        match self {
            Self::Is(_) => None,
            Self::Param(name) => Some(name),
        }
    }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Literal {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&'static str> for Literal {
    fn from(value: &'static str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<i64> for Bound {
    fn from(value: i64) -> Self {
        Self::Is(value)
    }
}
