//! Exceptions: findings that someone accepts, with a reason and mostly for a time.

use std::{cmp::Ordering, fmt, str::FromStr};

use knight_model::{object::ObjectRef, place::Place};
use thiserror::Error;

use crate::{
    control::Control,
    finding::{Finding, SuppressedBy},
};

/// The prefix of annotations that allow a control: `knight.dev/allow.host-network: "reason"`.
pub const ANNOTATION: &str = "knight.dev/allow.";

/// A day of the calendar.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Day {
    year: u16,
    month: u8,
    of_month: u8,
}

/// A text that is no day.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("`{0}` is not a day such as `2027-01-31`")]
pub struct InvalidDay(String);

/// One exception.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Exception {
    /// What it allows: an id, and in `knight.yaml` also a family or a mapping.
    pub control: String,
    /// The findings that it is about.
    pub scope: Scope,
    /// Why; empty when nothing was said.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Option<Day>,
    /// Where it stands.
    pub place: Place,
}

/// The findings that an exception is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Scope {
    /// Those of one object: an annotation.
    Object(ObjectRef, std::sync::Arc<str>),
    /// Those on one line of a file: a comment.
    Line(std::sync::Arc<str>, u32),
    /// Those of the objects and files that these patterns match: an entry of `knight.yaml`.
    Matching(Patterns),
}

/// Patterns with `*` for any characters; what is not given matches everything.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Patterns {
    /// Of namespaces; objects without one have the namespace "".
    pub namespace: Option<String>,
    /// Of kinds: `Service`, or with the group `Service.serving.knative.dev`.
    pub kind: Option<String>,
    /// Of names.
    pub name: Option<String>,
    /// Of paths in objects.
    pub path: Option<String>,
    /// Of files.
    pub file: Option<String>,
}

impl Exception {
    /// Reads the words of an annotation or comment: `until=2027-01-31 reason`.
    pub fn words(text: &str) -> Result<(Option<Day>, String), InvalidDay> {
        let text = text.trim();
        let Some(rest) = text.strip_prefix("until=") else {
            return Ok((None, text.to_owned()));
        };
        let (day, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        Ok((Some(day.parse()?), reason.trim().to_owned()))
    }

    /// Returns whether the exception is about a finding, whatever the day.
    pub fn covers(&self, finding: &Finding) -> bool {
        let control = finding.control;
        match &self.scope {
            Scope::Object(object, file) => {
                control.id == self.control
                    && *finding.object == *object
                    && finding.place.file == *file
            }
            Scope::Line(file, line) => {
                control.id == self.control
                    && finding.place.file == *file
                    && finding.place.start.line == *line
            }
            Scope::Matching(patterns) => control.matches(&self.control) && patterns.match_(finding),
        }
    }

    /// Returns whether the exception could be about a control that judged.
    pub fn concerns(&self, controls: &[&Control]) -> bool {
        controls
            .iter()
            .any(|control| control.matches(&self.control))
    }

    /// Returns why the exception does not count, if it does not.
    pub fn invalid(&self, today: Day) -> Option<String> {
        if self.reason.is_empty() {
            return Some(format!(
                "the exception for `{}` gives no reason",
                self.control
            ));
        }
        match self.until {
            Some(until) if until < today => Some(format!(
                "the exception for `{}` expired on {until}",
                self.control
            )),
            _ => None,
        }
    }

    /// Returns how a report names the exception.
    pub fn by(&self) -> SuppressedBy {
        match self.scope {
            Scope::Object(..) => SuppressedBy::Annotation(self.place.clone()),
            Scope::Line(..) => SuppressedBy::Comment(self.place.clone()),
            Scope::Matching(_) => SuppressedBy::Configuration(self.place.clone()),
        }
    }
}

impl Patterns {
    fn match_(&self, finding: &Finding) -> bool {
        let object = &finding.object;
        let ok = |pattern: &Option<String>, text: &str| {
            pattern.as_deref().is_none_or(|pattern| glob(pattern, text))
        };
        let full_kind = if object.group.is_empty() {
            object.kind.to_string()
        } else {
            format!("{}.{}", object.kind, object.group)
        };
        ok(
            &self.namespace,
            object.namespace.as_deref().unwrap_or_default(),
        ) && (ok(&self.kind, &object.kind) || ok(&self.kind, &full_kind))
            && ok(&self.name, &object.name)
            && (self.path.is_none() || ok(&self.path, &finding.path.to_string()))
            && ok(&self.file, &finding.place.file)
    }
}

/// Matches a pattern in which `*` stands for any characters, in time linear in both for a fixed
/// number of stars.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

impl Day {
    /// Makes a day, if the calendar has it.
    pub fn new(year: u16, month: u8, of_month: u8) -> Option<Self> {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        (1..=days).contains(&of_month).then_some(Self {
            year,
            month,
            of_month,
        })
    }
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let invalid = || InvalidDay(text.to_owned());
        let mut parts = text.split('-');
        let mut next = |len: usize| {
            parts
                .next()
                .filter(|part| part.len() == len && part.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|part| part.parse::<u16>().ok())
        };
        let (Some(year), Some(month), Some(day)) = (next(4), next(2), next(2)) else {
            return Err(invalid());
        };
        let small = |number: u16| u8::try_from(number).unwrap_or(0);
        match parts.next() {
            None => Self::new(year, small(month), small(day)).ok_or_else(invalid),
            Some(_) => Err(invalid()),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.of_month)
    }
}

/// Orders exceptions by where they stand.
pub(crate) fn by_place(a: &Exception, b: &Exception) -> Ordering {
    (&a.place, &a.control).cmp(&(&b.place, &b.control))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(
            "2027-02-28".parse::<Day>().map(|day| day.to_string()),
            Ok("2027-02-28".into())
        );
        for wrong in [
            "2027-02-29",
            "2027-13-01",
            "2027-1-1",
            "27-01-01",
            "2027-01-01-",
            "soon",
            "",
        ] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn words_hold_an_expiry_and_a_reason() {
        let day = Day::new(2027, 1, 31);
        assert_eq!(
            Exception::words("until=2027-01-31 a test"),
            Ok((day, "a test".into()))
        );
        assert_eq!(
            Exception::words(" only a reason "),
            Ok((None, "only a reason".into()))
        );
        assert_eq!(
            Exception::words("until=2027-01-31"),
            Ok((day, String::new()))
        );
        assert!(Exception::words("until=never x").is_err());
    }

    #[test]
    fn stars_stand_for_any_characters() {
        assert!(glob("team-*", "team-a"));
        assert!(glob("*", ""));
        assert!(glob("a*c*e", "abcde"));
        assert!(!glob("a*c", "abcd"));
        assert!(!glob("a", "ab"));
        assert!(!glob("ab*ba", "aba"));
    }
}
