//! The value of a setting that holds, and where it comes from.

use knight_facts::settings::{self as facts, Component, ConfigMap, Empty, Setting, UnknownValue};

use super::{Definition, SettingSource, Settings, Trouble, Written, value};

/// The value of a setting that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective<'s> {
    /// What is known of the setting.
    pub setting: &'static Setting,
    /// The value as Knative understands it; absent when there is none.
    pub value: Option<Box<str>>,
    /// Where it comes from.
    pub from: ValueFrom<'s>,
    /// What is written but does not hold as it stands.
    pub trouble: Option<(&'s Written, Trouble)>,
    config_map: &'static ConfigMap,
    /// The object that speaks of the `ConfigMap` at all.
    defined: Option<&'s Definition>,
}

/// Where the value of a setting comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueFrom<'s> {
    /// The setting's own key.
    Written(&'s Definition, &'s Written),
    /// A legacy spelling of the key.
    Alias {
        /// The legacy spelling.
        key: &'static str,
        /// The object that holds it.
        by: &'s Definition,
        /// What is written.
        written: &'s Written,
    },
    /// Knative's own default.
    Default,
    /// The value of another setting, which holds where this one is absent.
    Setting(Box<Effective<'s>>),
}

/// Returns the value of the setting, if the version of Knative knows it.
pub(super) fn of<'s>(
    settings: &'s Settings,
    component: Component,
    config_map: &str,
    key: &str,
) -> Option<Effective<'s>> {
    let map = facts::settings_of(component, config_map)?;
    let setting = map.setting(key)?;
    let version = settings.version();
    if !map.range().contains(version) || !setting.range().contains(version) {
        return None;
    }
    let definitions = settings.definitions(component, config_map);
    Some(within(settings, definitions, map, setting, key))
}

/// Returns the values that hold for each of the objects that say most of the setting.
///
/// Where several objects of one kind write it, which one the cluster has cannot be told: each of
/// them is judged by itself. There are none when no object of the input speaks of the `ConfigMap`.
pub(super) fn each<'s>(
    settings: &'s Settings,
    component: Component,
    config_map: &str,
    key: &str,
) -> Vec<Effective<'s>> {
    let definitions = settings.definitions(component, config_map);
    if definitions.is_empty() {
        return Vec::new();
    }
    let Some(one) = of(settings, component, config_map, key) else {
        return Vec::new();
    };
    let aliases = &one.setting.aliases;
    let writes = |by: &&Definition| {
        by.written.contains_key(key) || aliases.iter().any(|key| by.written.contains_key(&**key))
    };
    let Some(first) = definitions.iter().find(writes) else {
        return vec![one];
    };
    let same = definitions
        .iter()
        .filter(|by| by.source == first.source && writes(by));
    same.map(|by| {
        let only = std::slice::from_ref(by);
        within(settings, only, one.config_map, one.setting, key)
    })
    .collect()
}

/// Returns the value that holds where nothing but these definitions says anything.
fn within<'s>(
    settings: &'s Settings,
    definitions: &'s [Definition],
    map: &'static ConfigMap,
    setting: &'static Setting,
    key: &str,
) -> Effective<'s> {
    let find = |key: &str| {
        definitions
            .iter()
            .find_map(|by| Some((by, by.written.get(key)?)))
            .filter(|(_, written)| !stands_for_default(setting, written))
    };
    let own = find(key).map(|(by, written)| (ValueFrom::Written(by, written), written));
    let found = own.or_else(|| {
        setting.aliases.iter().find_map(|alias| {
            let (by, written) = find(alias)?;
            Some((
                ValueFrom::Alias {
                    key: alias,
                    by,
                    written,
                },
                written,
            ))
        })
    });
    let defined = definitions.first();
    let new = |value, from, trouble| Effective {
        setting,
        value,
        from,
        trouble,
        config_map: map,
        defined,
    };
    let trouble = match found {
        None => None,
        Some((from, written)) => match judge(setting, written) {
            Ok(value) => return new(Some(value), from, None),
            Err(Trouble::Kept) => {
                return new(written.value.clone(), from, Some((written, Trouble::Kept)));
            }
            Err(Trouble::ReadAs(value)) => {
                let trouble = Trouble::ReadAs(value.clone());
                return new(Some(value), from, Some((written, trouble)));
            }
            Err(trouble @ (Trouble::Ignored | Trouble::Refused | Trouble::NotText)) => {
                Some((written, trouble))
            }
        },
    };
    // A setting that stands in for itself would have no end; the facts have no such row.
    let other = setting
        .default_from
        .as_deref()
        .filter(|other| *other != key);
    match other.and_then(|other| of(settings, map.component, &map.name, other)) {
        Some(other) => new(
            other.value.clone(),
            ValueFrom::Setting(Box::new(other)),
            trouble,
        ),
        None => new(
            setting.default.as_deref().map(Into::into),
            ValueFrom::Default,
            trouble,
        ),
    }
}

/// Returns whether what is written means the same as no key at all.
pub(super) fn stands_for_default(setting: &Setting, written: &Written) -> bool {
    setting.empty == Empty::Default && written.value.as_deref() == Some("")
}

/// Returns the value as Knative understands it, or what it does instead.
pub(super) fn judge(setting: &Setting, written: &Written) -> Result<Box<str>, Trouble> {
    let text = written.value.as_deref().ok_or(Trouble::NotText)?;
    if let Some(value) = value::read(setting, text) {
        return Ok(value);
    }
    match &setting.unknown {
        UnknownValue::Accepted => Ok(text.into()),
        UnknownValue::Rejected => Err(Trouble::Refused),
        UnknownValue::Ignored => Err(Trouble::Ignored),
        UnknownValue::Kept => Err(Trouble::Kept),
        UnknownValue::ReadAs(value) => Err(Trouble::ReadAs(value.as_str().into())),
    }
}

impl<'s> Effective<'s> {
    /// Returns the `ConfigMap` that the setting is of.
    pub fn config_map(&self) -> &'static ConfigMap {
        self.config_map
    }

    /// Returns the object that writes the value, else one that speaks of the `ConfigMap` at all.
    pub fn definition(&self) -> Option<&'s Definition> {
        match &self.from {
            ValueFrom::Written(by, _) | ValueFrom::Alias { by, .. } => Some(by),
            ValueFrom::Default | ValueFrom::Setting(_) => self.defined,
        }
    }

    /// Returns where the value comes from, as a phrase that fits behind "comes from".
    pub fn origin(&self) -> String {
        let key = &self.setting.key;
        match &self.from {
            ValueFrom::Written(by, written) => self.quote(key, by, written),
            ValueFrom::Alias { key, by, written } => self.quote(key, by, written),
            ValueFrom::Default => {
                let ConfigMap {
                    name, namespace, ..
                } = self.config_map;
                match self.defined {
                    Some(by) => format!(
                        "Knative's default of `{key}`, which {name} ({}) leaves as it is",
                        by.place
                    ),
                    None => format!(
                        "Knative's default of `{key}` (no ConfigMap {namespace}/{name} in the input)"
                    ),
                }
            }
            ValueFrom::Setting(other) => {
                format!("{}, which holds where `{key}` is absent", other.origin())
            }
        }
    }

    fn quote(&self, key: &str, by: &Definition, written: &Written) -> String {
        let ConfigMap {
            name, namespace, ..
        } = self.config_map;
        let value = shortened(written.value.as_deref().unwrap_or("?"));
        let place = &written.place;
        match by.source {
            SettingSource::ConfigMap => {
                format!("`{key}: {value}` in ConfigMap {namespace}/{name} ({place})")
            }
            SettingSource::Operator => {
                format!("`{key}: {value}` for {name} in {} ({place})", by.object)
            }
        }
    }
}

/// Cuts a value to what fits a sentence.
fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
