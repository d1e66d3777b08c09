//! Whether a pod can have labels that some selectors select and others do not.

use std::collections::BTreeMap;

use knight_model::network::{LabelTest, Requirement, Selector};

/// What labels can be chosen so that all selectors of one list select them, and none of another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Choice {
    /// These labels, sorted.
    Labels(Vec<(Box<str>, Box<str>)>),
    /// There are none.
    Impossible,
    /// Finding out takes too long.
    TooHard,
}

/// How many combinations are tried.
const MOST_STEPS: u32 = 20_000;

/// Chooses labels.
pub(super) fn choose(wanted: &[&Selector], unwanted: &[&Selector]) -> Choice {
    if unwanted.iter().any(|selector| selector.is_everything()) {
        return Choice::Impossible;
    }
    let mut keys = Keys::default();
    for requirement in wanted.iter().flat_map(|selector| selector.requirements()) {
        keys.require(&requirement.key, Ask::of(&requirement.test, true));
    }
    if !keys.is_possible() {
        return Choice::Impossible;
    }
    let mut steps = MOST_STEPS;
    match avoid(&mut keys, unwanted, &mut steps) {
        Some(true) => Choice::Labels(keys.labels(wanted, unwanted)),
        Some(false) => Choice::Impossible,
        None => Choice::TooHard,
    }
}

/// Makes each selector fail by one of its requirements; none when it takes too long.
fn avoid<'s>(keys: &mut Keys<'s>, unwanted: &[&'s Selector], steps: &mut u32) -> Option<bool> {
    let Some((first, rest)) = unwanted.split_first() else {
        return Some(true);
    };
    for Requirement { key, test } in first.requirements() {
        *steps = steps.checked_sub(1)?;
        let before = keys.asked.get(&**key).cloned();
        keys.require(key, Ask::of(test, false));
        if keys.is_possible_for(key) && avoid(keys, rest, steps)? {
            return Some(true);
        }
        match before {
            Some(before) => keys.asked.insert(key, before),
            None => keys.asked.remove(&**key),
        };
    }
    Some(false)
}

/// What is asked of each key.
#[derive(Clone, Debug, Default)]
struct Keys<'s> {
    asked: BTreeMap<&'s str, Ask<'s>>,
}

/// What is asked of the label of one key.
#[derive(Clone, Debug)]
struct Ask<'s> {
    may_be_absent: bool,
    may_be_there: bool,
    /// The only values that it can have; any when absent.
    only: Option<Vec<&'s str>>,
    /// Values that it cannot have.
    never: Vec<&'s str>,
}

impl<'s> Ask<'s> {
    /// Returns what makes a test hold, or fail.
    fn of(test: &'s LabelTest, holds: bool) -> Self {
        let values = |values: &'s [Box<str>]| values.iter().map(|value| &**value).collect();
        let any = Self {
            may_be_absent: true,
            may_be_there: true,
            only: None,
            never: Vec::new(),
        };
        match (test, holds) {
            (LabelTest::In(list), true) | (LabelTest::NotIn(list), false) => Self {
                may_be_absent: false,
                only: Some(values(list)),
                ..any
            },
            (LabelTest::In(list), false) | (LabelTest::NotIn(list), true) => Self {
                never: values(list),
                ..any
            },
            (LabelTest::Exists, true) | (LabelTest::DoesNotExist, false) => Self {
                may_be_absent: false,
                ..any
            },
            (LabelTest::Exists, false) | (LabelTest::DoesNotExist, true) => Self {
                may_be_there: false,
                ..any
            },
        }
    }

    fn and(&mut self, other: Self) {
        self.may_be_absent &= other.may_be_absent;
        self.may_be_there &= other.may_be_there;
        self.only = match (self.only.take(), other.only) {
            (Some(own), Some(other)) => Some(
                own.into_iter()
                    .filter(|value| other.contains(value))
                    .collect(),
            ),
            (own, other) => own.or(other),
        };
        self.never.extend(other.never);
    }

    /// Returns the first of the only values that it can have.
    fn named(&self) -> Option<&'s str> {
        let only = self.only.iter().flatten().copied();
        only.into_iter().find(|value| !self.never.contains(value))
    }

    fn is_possible(&self) -> bool {
        // Where no value is asked for, there is always one that no selector names.
        let has_value = self.only.is_none() || self.named().is_some();
        self.may_be_absent || self.may_be_there && has_value
    }
}

impl<'s> Keys<'s> {
    fn require(&mut self, key: &'s str, ask: Ask<'s>) {
        match self.asked.get_mut(key) {
            Some(asked) => asked.and(ask),
            None => {
                self.asked.insert(key, ask);
            }
        }
    }

    fn is_possible(&self) -> bool {
        self.asked.values().all(Ask::is_possible)
    }

    fn is_possible_for(&self, key: &str) -> bool {
        self.asked.get(key).is_none_or(Ask::is_possible)
    }

    fn labels(&self, wanted: &[&Selector], unwanted: &[&Selector]) -> Vec<(Box<str>, Box<str>)> {
        let mut labels = Vec::new();
        for (key, ask) in &self.asked {
            if ask.may_be_absent {
                continue;
            }
            let value = match ask.named() {
                Some(value) => value.to_owned(),
                None => unnamed(key, wanted, unwanted),
            };
            labels.push((Box::from(*key), value.into()));
        }
        labels
    }
}

/// Returns a value that no selector names for a key.
fn unnamed(key: &str, wanted: &[&Selector], unwanted: &[&Selector]) -> String {
    let selectors = || wanted.iter().chain(unwanted);
    let requirements = selectors().flat_map(|selector| selector.requirements());
    let named = requirements.filter(|requirement| &*requirement.key == key);
    let named: Vec<&str> = named
        .flat_map(|requirement| match &requirement.test {
            LabelTest::In(values) | LabelTest::NotIn(values) => &**values,
            LabelTest::Exists | LabelTest::DoesNotExist => &[],
        })
        .map(|value| &**value)
        .collect();
    let values = (0..=named.len()).map(|number| format!("any-{number}"));
    let mut free = values.filter(|value| !named.contains(&value.as_str()));
    free.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selector(requirements: &[(&str, LabelTest)]) -> Selector {
        let requirements = requirements.iter().cloned();
        Selector::new(requirements.map(|(key, test)| Requirement {
            key: key.into(),
            test,
        }))
    }

    #[test]
    fn takes_back_a_choice_that_leads_nowhere() {
        let both = selector(&[("a", LabelTest::Exists), ("b", LabelTest::Exists)]);
        let without = selector(&[("a", LabelTest::DoesNotExist)]);
        let expected = vec![("a".into(), "any-0".into())];
        assert_eq!(choose(&[], &[&both, &without]), Choice::Labels(expected));
    }

    #[test]
    fn finds_no_labels_where_selectors_leave_no_room() {
        let with = selector(&[("a", LabelTest::Exists)]);
        let without = selector(&[("a", LabelTest::DoesNotExist)]);
        assert_eq!(choose(&[], &[&with, &without]), Choice::Impossible);
    }
}
