//! What is wrong with settings.

use knight_facts::{
    KnativeVersion, Range,
    settings::{ConfigMap, KeyForm, Misspelling, Setting, UnknownKeys},
};

use super::{
    Definition, SettingSource, Settings, Written, effective,
    relation::{self, Broken},
    value,
};
use crate::place::Place;

/// What Knative does with a value that it does not take as it is.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Trouble {
    /// The default stays, and nothing is said.
    Ignored,
    /// It is stored, and matches no branch of the code.
    Kept,
    /// It is read as this value.
    ReadAs(Box<str>),
    /// The whole `ConfigMap` is refused.
    Refused,
    /// It is no string, so the API server refuses the whole `ConfigMap`.
    NotText,
}

/// A value that Knative does not take as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Invalid<'s> {
    /// The `ConfigMap`.
    pub config_map: &'static ConfigMap,
    /// The setting.
    pub setting: &'static Setting,
    /// The key, which may be a legacy spelling.
    pub key: &'s str,
    /// What is written.
    pub written: &'s Written,
    /// What becomes of it.
    pub trouble: Trouble,
    /// What does not hold between two settings, when each value is fine by itself.
    pub relation: Option<Broken>,
    /// What was probably meant.
    pub misspelling: Option<&'static Misspelling>,
}

/// A key that means nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownKey<'s> {
    /// The `ConfigMap`.
    pub config_map: &'static ConfigMap,
    /// The key.
    pub key: &'s str,
    /// What is written.
    pub written: &'s Written,
    /// Why it means nothing.
    pub why: WhyUnknown,
    /// What was probably meant.
    pub misspelling: Option<&'static Misspelling>,
}

/// Why a key means nothing.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum WhyUnknown {
    /// No version of Knative knows it.
    Never,
    /// Knative knows it from this version on.
    Since(KnativeVersion),
    /// Knative knows it no longer, from this version on.
    Until(KnativeVersion),
}

/// A `ConfigMap` that several objects define differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Ambiguous<'s> {
    /// The `ConfigMap`.
    pub config_map: &'static ConfigMap,
    /// Which kind of object defines it.
    pub source: SettingSource,
    /// Where the definitions are.
    pub places: Vec<&'s Place>,
    /// The keys that have different values; the first definition's hold.
    pub conflicts: Vec<&'s str>,
}

pub(super) fn unknown_keys(settings: &Settings) -> Vec<UnknownKey<'_>> {
    let mut found = Vec::new();
    for (config_map, definition) in settings.all() {
        if config_map.unknown_keys == UnknownKeys::Meaningful {
            continue;
        }
        for (key, written) in &definition.written {
            let Some(why) = why_unknown(settings.version(), config_map, key) else {
                continue;
            };
            let misspelling = config_map.misspelt_key(key);
            found.push(UnknownKey {
                config_map,
                key,
                written,
                why,
                misspelling,
            });
        }
    }
    found
}

pub(super) fn why_unknown(
    version: KnativeVersion,
    map: &ConfigMap,
    key: &str,
) -> Option<WhyUnknown> {
    let Some(setting) = map.setting(key).or_else(|| map.alias(key)) else {
        return Some(WhyUnknown::Never);
    };
    let outside = |range: Range<KnativeVersion>| {
        let since = range.since.filter(|&since| version < since);
        let until = range.until.filter(|&until| until <= version);
        let since = since.map(WhyUnknown::Since);
        since.or_else(|| until.map(WhyUnknown::Until))
    };
    outside(map.range()).or_else(|| outside(setting.range()))
}

pub(super) fn invalid(settings: &Settings) -> Vec<Invalid<'_>> {
    let mut found = Vec::new();
    for (config_map, definition) in settings.all() {
        for (key, written) in &definition.written {
            let Some(setting) = config_map.setting(key).or_else(|| config_map.alias(key)) else {
                continue;
            };
            if why_unknown(settings.version(), config_map, key).is_some() {
                continue;
            }
            let value = written.value.as_deref();
            let misspelling =
                value.and_then(|value| config_map.misspelt_value(&setting.key, value));
            if effective::stands_for_default(setting, written)
                || **key != *setting.key && is_overridden(definition, setting, written)
            {
                continue;
            }
            let (trouble, relation) = match effective::judge(setting, written) {
                Err(trouble) => (trouble, None),
                Ok(_) => match relation::broken(settings, config_map, setting) {
                    Some(broken) => (Trouble::Refused, Some(broken)),
                    None => continue,
                },
            };
            found.push(Invalid {
                config_map,
                setting,
                key,
                written,
                trouble,
                relation,
                misspelling,
            });
        }
    }
    found
}

/// Returns whether a value under a legacy spelling does not count because of the new one.
///
/// Knative's code still reads it, so a value that is not of the type refuses the `ConfigMap`.
fn is_overridden(definition: &Definition, setting: &Setting, written: &Written) -> bool {
    let is_of_type = |text| value::is_of_type(setting, text);
    setting.key_form == KeyForm::Exact
        && definition.written.contains_key(&*setting.key)
        && written.value.as_deref().is_some_and(is_of_type)
}

pub(super) fn ambiguous(settings: &Settings) -> Vec<Ambiguous<'_>> {
    let mut found: Vec<Ambiguous<'_>> = Vec::new();
    let all: Vec<_> = settings.all().collect();
    let same = |a: &(&ConfigMap, &Definition), b: &(&ConfigMap, &Definition)| {
        std::ptr::eq(a.0, b.0) && a.1.source == b.1.source
    };
    for group in all.chunk_by(same) {
        let [(config_map, first), ..] = group else {
            continue;
        };
        let mut keys: Vec<&str> = group
            .iter()
            .flat_map(|(_, by)| by.written.keys().map(|key| &**key))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let differs = |key: &&str| {
            let mut values = group
                .iter()
                .filter_map(|(_, by)| Some(&by.written.get(*key)?.value));
            let first = values.next();
            values.any(|value| Some(value) != first)
        };
        // A key that only one of them has counts too: which object is applied last decides.
        let differ = group
            .windows(2)
            .any(|pair| pair[0].1.values() != pair[1].1.values());
        if differ {
            let conflicts = keys.into_iter().filter(differs).collect();
            let places = group.iter().map(|(_, by)| &by.place).collect();
            found.push(Ambiguous {
                config_map,
                source: first.source,
                places,
                conflicts,
            });
        }
    }
    found
}

impl Definition {
    fn values(&self) -> Vec<(&str, Option<&str>)> {
        self.written
            .iter()
            .map(|(key, written)| (&**key, written.value.as_deref()))
            .collect()
    }
}
