//! The words that a check gives where nobody wrote better ones.

use std::fmt::{self, Display, Formatter};

use super::Params;
use crate::rule::{Bound, Check, Literal, Test, Texts};

impl Check {
    /// Makes the words for a place from the test.
    pub(super) fn words(&self, want: bool, absent: bool, params: &Params) -> String {
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
                let (least, most) = (least.words(params), most.words(params));
                format!("{must} be {or_absent}a whole number from {least} to {most}")
            }
            Test::AboveZero => format!("{must} be {or_absent}more than 0"),
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

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "`{value}`"),
            Self::Int(value) => write!(f, "`{value}`"),
            Self::Text(value) => write!(f, "`{value}`"),
        }
    }
}

impl Bound {
    fn words(self, params: &Params) -> String {
        match self {
            Self::Is(value) => value.to_string(),
            Self::Param(name) => match params.ints.get(name) {
                Some(value) => format!("{value}, the parameter `{name}`"),
                None => format!("the parameter `{name}`"),
            },
        }
    }
}
