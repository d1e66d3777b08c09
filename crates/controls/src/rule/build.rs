//! The combinators that rules are built by.

use std::borrow::Cow;

use super::{
    ALL_SORTS, Bound, Check, Expr, Items, Literal, Operand, Path, Pattern, Remedy, RemedyChange,
    Says, Scope, Test, Texts,
};

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
    pub fn matches(self, pattern: impl Into<Cow<'static, str>>) -> Expr {
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

    /// It is a quantity above 0.
    pub fn above_zero(self) -> Expr {
        self.check(Test::AboveZero, false)
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
}
