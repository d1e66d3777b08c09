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

pub mod cel;
pub mod eval;

use std::{borrow::Cow, sync::OnceLock};

use regex::Regex;

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

/// A path of the whole object.
pub fn object(keys: &'static str) -> Operand {
    Operand::of(Scope::Object, keys)
}

/// A path of the pod spec.
pub fn pod(keys: &'static str) -> Operand {
    Operand::of(Scope::Pod, keys)
}

/// A path of the metadata that pods get.
pub fn pod_metadata(keys: &'static str) -> Operand {
    Operand::of(Scope::PodMetadata, keys)
}

/// A path of the container at hand.
pub fn container(keys: &'static str) -> Operand {
    Operand::of(Scope::Container, keys)
}

/// A path of the item at hand; no keys are the item itself.
pub fn item(keys: &'static str) -> Operand {
    Operand::of(Scope::Item, keys)
}

/// The key of the entry at hand.
pub fn entry_key() -> Operand {
    Operand::of(Scope::Key, "")
}

/// All containers of the pod: ordinary, init and ephemeral ones.
pub fn containers() -> Items {
    Items::Containers(ALL_SORTS)
}

/// Every one of these holds.
pub fn all(these: impl Into<Vec<Expr>>) -> Expr {
    Expr::All(these.into())
}

/// One of these holds; the last is what a finding shows.
pub fn any(these: impl Into<Vec<Expr>>) -> Expr {
    Expr::Any(these.into())
}

/// It does not hold.
pub fn not(this: Expr) -> Expr {
    Expr::Not(Box::new(this))
}

/// Holds where `condition` does, and else asks `then`.
pub fn unless(condition: Expr, then: Expr) -> Expr {
    Expr::Any(vec![condition, then])
}

/// Asks `then` from a Kubernetes minor on, and nothing before it.
pub fn since(minor: u16, then: Expr) -> Expr {
    Expr::Since {
        minor,
        then: Box::new(then),
        before: Box::new(Expr::Const(true)),
    }
}

/// Strings written in a rule.
pub fn these(texts: &[&'static str]) -> Texts {
    Texts::These(texts.iter().map(|&text| Cow::Borrowed(text)).collect())
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

impl Operand {
    fn of(scope: Scope, keys: &'static str) -> Self {
        Self {
            paths: vec![Path::new(scope, keys)],
        }
    }

    /// Adds one key that may hold any characters, such as that of an annotation.
    #[must_use]
    pub fn key(mut self, key: &'static str) -> Self {
        if let Some(path) = self.paths.last_mut() {
            path.keys.push(Cow::Borrowed(key));
        }
        self
    }

    /// Reads another place where this one is absent: `container(…).or(pod(…))`.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.paths.extend(other.paths);
        self
    }

    /// The items of the list that is here.
    pub fn items(self) -> Items {
        Items::List(self.first())
    }

    /// The entries of the map that is here.
    pub fn entries(self) -> Items {
        Items::Entries(self.first())
    }

    fn first(self) -> Path {
        // INVARIANT: an operand is made with one path and only grows.
        self.paths
            .into_iter()
            .next()
            .unwrap_or_else(|| Path::new(Scope::Object, ""))
    }

    fn check(self, test: Test, absent: bool) -> Expr {
        Expr::Check(Check {
            operand: self,
            test,
            absent,
            label: None,
            remedy: None,
        })
    }

    /// It is there.
    pub fn present(self) -> Expr {
        self.check(Test::Present, false)
    }

    /// It is not there.
    pub fn absent(self) -> Expr {
        let path = self.paths.first().cloned();
        let mut check = Check {
            operand: self,
            test: Test::Present,
            absent: false,
            label: None,
            remedy: None,
        };
        check.remedy = path.map(|path| Remedy {
            path,
            change: RemedyChange::Remove,
        });
        not(Expr::Check(check))
    }

    /// It is there and equals the value.
    pub fn equals(self, literal: impl Into<Literal>) -> Expr {
        self.check(Test::Equals(literal.into()), false)
    }

    /// It is absent or equals the value.
    pub fn absent_or_equals(self, literal: impl Into<Literal>) -> Expr {
        self.check(Test::Equals(literal.into()), true)
    }

    /// It is a string of the set.
    pub fn one_of(self, texts: Texts) -> Expr {
        self.check(Test::OneOf(texts), false)
    }

    /// It is absent or a string of the set.
    pub fn absent_or_one_of(self, texts: Texts) -> Expr {
        self.check(Test::OneOf(texts), true)
    }

    /// It is a string that the pattern matches.
    pub fn matches(self, pattern: &'static str) -> Expr {
        self.check(Test::Matches(Pattern::new(pattern)), false)
    }

    /// It is absent or a string that the pattern matches.
    pub fn absent_or_matches(self, pattern: &'static str) -> Expr {
        self.check(Test::Matches(Pattern::new(pattern)), true)
    }

    /// It is a whole number between the bounds.
    pub fn between(self, least: impl Into<Bound>, most: impl Into<Bound>) -> Expr {
        self.check(Test::Between(least.into(), most.into()), false)
    }

    /// It is absent or a whole number between the bounds.
    pub fn absent_or_between(self, least: impl Into<Bound>, most: impl Into<Bound>) -> Expr {
        self.check(Test::Between(least.into(), most.into()), true)
    }

    /// It is a string that reads as a whole number between the bounds.
    pub fn text_between(self, least: impl Into<Bound>, most: impl Into<Bound>) -> Expr {
        self.check(Test::TextBetween(least.into(), most.into()), false)
    }

    /// It is absent or a string that reads as a whole number between the bounds.
    pub fn absent_or_text_between(self, least: impl Into<Bound>, most: impl Into<Bound>) -> Expr {
        self.check(Test::TextBetween(least.into(), most.into()), true)
    }

    /// It is absent, or a list or map without items.
    pub fn absent_or_empty(self) -> Expr {
        self.check(Test::Empty, true)
    }

    /// It is an image reference below one of the prefixes.
    pub fn image_below(self, prefixes: Texts) -> Expr {
        self.check(Test::ImageBelow(prefixes), false)
    }
}

impl Items {
    /// It holds for every one of them.
    pub fn every(self, body: Expr) -> Expr {
        Expr::Every(self, Box::new(body))
    }

    /// It holds for one of them at least; `label` is what a finding shows at the list.
    pub fn some(self, body: Expr, label: &'static str) -> Expr {
        let says = Says {
            label: Cow::Borrowed(label),
            remedy: None,
        };
        Expr::Some(self, Box::new(body), says)
    }
}

impl Expr {
    /// Says this at the place instead of words made from the test.
    #[must_use]
    pub fn label(mut self, label: &'static str) -> Self {
        if let Some(check) = self.check_mut() {
            check.label = Some(Cow::Borrowed(label));
        } else if let Self::Some(_, _, says) = &mut self {
            says.label = Cow::Borrowed(label);
        }
        self
    }

    /// Offers to set the operand's first path to a value.
    #[must_use]
    pub fn fix_set(self, literal: impl Into<Literal>) -> Self {
        self.fix(RemedyChange::Set(literal.into()))
    }

    /// Offers to set the operand's first path to a list of strings.
    #[must_use]
    pub fn fix_set_list(self, texts: &'static [&'static str]) -> Self {
        self.fix(RemedyChange::SetTexts(texts))
    }

    /// Offers to take the operand's first path out.
    #[must_use]
    pub fn fix_remove(self) -> Self {
        self.fix(RemedyChange::Remove)
    }

    fn fix(mut self, change: RemedyChange) -> Self {
        if let Some(check) = self.check_mut() {
            check.remedy = check
                .operand
                .paths
                .first()
                .cloned()
                .map(|path| Remedy { path, change });
        } else if let Self::Some(Items::List(path) | Items::Entries(path), _, says) = &mut self {
            says.remedy = Some(Remedy {
                path: path.clone(),
                change,
            });
        }
        self
    }

    fn check_mut(&mut self) -> Option<&mut Check> {
        match self {
            Self::Check(check) => Some(check),
            Self::Not(inner) => inner.check_mut(),
            Self::All(_)
            | Self::Any(_)
            | Self::Every(..)
            | Self::Some(..)
            | Self::Since { .. }
            | Self::Const(_) => None,
        }
    }

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
                Test::Present | Test::Equals(_) | Test::Matches(_) | Test::Empty => {}
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
