//! Which labels are selected by what, for all selectors at once.
//!
//! Only keys that some selector asks for count, and of their values only those that some selector
//! names: all others are one. What is equal then is looked at once.

use knight_model::network::{Answer, Label, LabelTest, Labels, Selector, UnknownKeys};

use super::{
    Bound,
    set::{Interner, Map, Set, index},
};

/// A selector, by number.
pub(super) type SelectorId = u32;

/// Labels as far as selectors ask for them, by number.
pub(super) type LabelsId = u32;

/// Collects selectors, then labels.
#[derive(Clone, Debug)]
pub(super) struct MatchingBuilder<'a> {
    selectors: Interner<&'a Selector>,
    keys: Map<&'a str, Key<'a>>,
    names: Vec<&'a str>,
    labels: Interner<Vec<(u32, Value)>>,
}

#[derive(Clone, Debug)]
struct Key<'a> {
    number: u32,
    values: Map<&'a str, u32>,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Value {
    Named(u32),
    /// A value that no selector names.
    Other,
    Unknown,
}

/// Which labels are selected by what.
#[derive(Clone, Debug, Default)]
pub(super) struct Matching {
    matches: Vec<Match>,
}

#[derive(Clone, Debug, Default)]
struct Match {
    everything: bool,
    /// Those that are selected for certain.
    certain: Set,
    /// Those that may be, certain ones too; empty when these are the same.
    possible: Option<Set>,
}

impl<'a> MatchingBuilder<'a> {
    pub(super) fn new() -> Self {
        Self {
            selectors: Interner::default(),
            keys: Map::default(),
            names: Vec::new(),
            labels: Interner::default(),
        }
    }

    /// Adds a selector; all of them must be there before any labels.
    pub(super) fn selector(&mut self, selector: &'a Selector) -> SelectorId {
        if let Some(number) = self.selectors.find(&selector) {
            return number;
        }
        for requirement in selector.requirements() {
            let next = index(self.names.len());
            let key = self.keys.entry(&requirement.key).or_insert_with(|| {
                self.names.push(&requirement.key);
                Key {
                    number: next,
                    values: Map::default(),
                }
            });
            if let LabelTest::In(values) | LabelTest::NotIn(values) = &requirement.test {
                for value in values {
                    let next = index(key.values.len());
                    key.values.entry(value).or_insert(next);
                }
            }
        }
        self.selectors.number(selector)
    }

    /// Adds labels.
    pub(super) fn labels(&mut self, labels: &'a Labels) -> LabelsId {
        let mut found = Vec::new();
        for (name, value) in labels.pairs() {
            if let Some(key) = self.keys.get(name) {
                let value = key.values.get(value).copied();
                found.push((key.number, value.map_or(Value::Other, Value::Named)));
            }
        }
        let unknown: &[&str] = match labels.unknown() {
            UnknownKeys::None => &[],
            UnknownKeys::These(keys) => keys,
            UnknownKeys::Any => &self.names,
        };
        for name in unknown {
            if let Some(key) = self.keys.get(name)
                && labels.label(name) == Label::Unknown
            {
                found.push((key.number, Value::Unknown));
            }
        }
        found.sort_unstable();
        self.labels.number(found)
    }

    /// Returns the selectors by their numbers.
    pub(super) fn selectors(&self) -> Vec<&'a Selector> {
        self.selectors.items().to_vec()
    }

    /// Matches all selectors with all labels.
    pub(super) fn build(self) -> Matching {
        let all = self.labels.items();
        // Which labels have a value for a key, and which have any or may have one.
        let mut by_value: Map<(u32, u32), Vec<u32>> = Map::default();
        let mut by_key: Vec<Vec<u32>> = vec![Vec::new(); self.names.len()];
        let mut unknown: Vec<Vec<u32>> = vec![Vec::new(); self.names.len()];
        for (labels, number) in all.iter().zip(0..) {
            for &(key, value) in labels {
                if let Some(by_key) = by_key.get_mut(key as usize) {
                    by_key.push(number);
                }
                match value {
                    Value::Named(value) => by_value.entry((key, value)).or_default().push(number),
                    Value::Other => {}
                    Value::Unknown => {
                        if let Some(unknown) = unknown.get_mut(key as usize) {
                            unknown.push(number);
                        }
                    }
                }
            }
        }
        let candidates = |test: &Test| -> Option<Vec<u32>> {
            match test {
                Test::In(key, values) => {
                    let mut found: Vec<u32> = values
                        .iter()
                        .filter_map(|value| by_value.get(&(*key, *value)))
                        .chain(unknown.get(*key as usize))
                        .flatten()
                        .copied()
                        .collect();
                    found.sort_unstable();
                    Some(found)
                }
                Test::Exists(key) => by_key.get(*key as usize).cloned(),
                Test::NotIn(..) | Test::DoesNotExist(_) => None,
            }
        };
        let match_of = |selector: &&Selector| {
            if selector.is_everything() {
                return Match {
                    everything: true,
                    ..Match::default()
                };
            }
            let tests = self.tests(selector);
            let fewest = tests.iter().filter_map(candidates).min_by_key(Vec::len);
            let candidates = fewest.unwrap_or_else(|| (0..index(all.len())).collect());
            let mut certain = Vec::new();
            let mut possible = Vec::new();
            for number in candidates {
                let Some(labels) = all.get(number as usize) else {
                    continue;
                };
                let answer = tests.iter().map(|test| test.holds_for(labels)).min();
                match answer.unwrap_or(Answer::Yes) {
                    Answer::No => {}
                    Answer::Maybe => possible.push(number),
                    Answer::Yes => {
                        certain.push(number);
                        possible.push(number);
                    }
                }
            }
            let open = possible.len() > certain.len();
            Match {
                everything: false,
                certain: Set::new(certain, all.len()),
                possible: open.then(|| Set::new(possible, all.len())),
            }
        };
        Matching {
            matches: self.selectors.items().iter().map(match_of).collect(),
        }
    }

    fn tests(&self, selector: &Selector) -> Vec<Test> {
        let requirements = selector.requirements().iter();
        requirements
            .filter_map(|requirement| {
                let key = self.keys.get(&*requirement.key)?;
                let numbers = |values: &[Box<str>]| {
                    let numbers = values.iter().filter_map(|value| key.values.get(&**value));
                    let mut numbers: Vec<u32> = numbers.copied().collect();
                    numbers.sort_unstable();
                    numbers
                };
                Some(match &requirement.test {
                    LabelTest::In(values) => Test::In(key.number, numbers(values)),
                    LabelTest::NotIn(values) => Test::NotIn(key.number, numbers(values)),
                    LabelTest::Exists => Test::Exists(key.number),
                    LabelTest::DoesNotExist => Test::DoesNotExist(key.number),
                })
            })
            .collect()
    }
}

/// A requirement in numbers.
#[derive(Clone, Debug)]
enum Test {
    In(u32, Vec<u32>),
    NotIn(u32, Vec<u32>),
    Exists(u32),
    DoesNotExist(u32),
}

impl Test {
    fn holds_for(&self, labels: &[(u32, Value)]) -> Answer {
        let (Self::In(key, _) | Self::NotIn(key, _) | Self::Exists(key) | Self::DoesNotExist(key)) =
            self;
        let found = labels.binary_search_by_key(key, |&(key, _)| key).ok();
        let value = found.and_then(|at| labels.get(at)).map(|&(_, value)| value);
        let named = |values: &[u32]| match value {
            Some(Value::Named(value)) => values.binary_search(&value).is_ok(),
            Some(Value::Other | Value::Unknown) | None => false,
        };
        if value == Some(Value::Unknown) {
            return Answer::Maybe;
        }
        Answer::from(match self {
            Self::In(_, values) => named(values),
            Self::NotIn(_, values) => !named(values),
            Self::Exists(_) => value.is_some(),
            Self::DoesNotExist(_) => value.is_none(),
        })
    }
}

impl Matching {
    /// Returns how many selectors there are.
    pub(super) fn len(&self) -> usize {
        self.matches.len()
    }

    /// Returns whether a selector selects labels.
    pub(super) fn selects(&self, selector: SelectorId, labels: LabelsId) -> Answer {
        let Some(found) = self.matches.get(selector as usize) else {
            return Answer::No;
        };
        if found.everything || found.certain.contains(labels) {
            Answer::Yes
        } else if found
            .possible
            .as_ref()
            .is_some_and(|set| set.contains(labels))
        {
            Answer::Maybe
        } else {
            Answer::No
        }
    }

    /// Returns whether a selector selects everything because it asks nothing.
    pub(super) fn is_everything(&self, selector: SelectorId) -> bool {
        self.matches
            .get(selector as usize)
            .is_some_and(|found| found.everything)
    }

    /// Returns the labels that a selector that asks something selects.
    pub(super) fn selected(&self, selector: SelectorId, bound: Bound) -> Option<&Set> {
        let found = self.matches.get(selector as usize)?;
        match (bound, &found.possible) {
            _ if found.everything => None,
            (Bound::Possible, Some(possible)) => Some(possible),
            (Bound::Possible, None) | (Bound::Certain, _) => Some(&found.certain),
        }
    }
}
