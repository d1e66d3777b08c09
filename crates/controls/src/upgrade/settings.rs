//! Settings that mean something else in another version of Knative.

use knight_facts::settings::{ConfigMap, KeyForm, Setting, config_maps};
use knight_model::{
    place::Place,
    settings::{Settings, Trouble},
};

/// A setting that means something else.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingChange {
    /// The `ConfigMap`.
    pub config_map: &'static ConfigMap,
    /// The setting.
    pub setting: &'static Setting,
    /// Where it is written; absent when it is not.
    pub place: Option<Place>,
    /// What changes.
    pub change: SettingChanged,
}

/// What changes about a setting.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SettingChanged {
    /// It is known no longer: what is written has no effect.
    Gone,
    /// It is known from now on: what is written takes effect, else this default holds.
    Added {
        /// The value that holds; absent when there is none.
        holds: Option<Box<str>>,
    },
    /// Another value holds.
    Value {
        /// The value by the installed version.
        before: Option<Box<str>>,
        /// The value by the planned version.
        after: Option<Box<str>>,
    },
    /// What is written is no longer taken as it is.
    Refused(Trouble),
}

/// Returns what changes between two readings of the same settings, by `ConfigMap` and key.
///
/// Of a `ConfigMap` that is not in the input, nothing is said: it may not be in use.
pub(super) fn changes(before: &Settings, after: &Settings) -> Vec<SettingChange> {
    let mut changes = Vec::new();
    for config_map in config_maps() {
        let component = config_map.component;
        if !after.has(component, &config_map.name) {
            continue;
        }
        for setting in &config_map.setting {
            match setting.key_form {
                KeyForm::Exact => {}
                // Which keys there are is up to who writes them.
                KeyForm::Prefix | KeyForm::Any => continue,
            }
            let spellings = std::iter::once(&setting.key).chain(&setting.aliases);
            let place = spellings
                .filter_map(|key| after.get(component, &config_map.name, key))
                .map(|(_, written)| written.key_place.clone())
                .next();
            if let Some(change) = changed(before, after, config_map, setting, place.is_some()) {
                changes.push(SettingChange {
                    config_map,
                    setting,
                    place,
                    change,
                });
            }
        }
    }
    changes
}

fn changed(
    before: &Settings,
    after: &Settings,
    config_map: &'static ConfigMap,
    setting: &'static Setting,
    is_written: bool,
) -> Option<SettingChanged> {
    let of = |settings: &Settings| {
        let found = settings.effective(config_map.component, &config_map.name, &setting.key)?;
        Some((found.value, found.trouble.map(|(_, trouble)| trouble)))
    };
    let Some((after, trouble)) = of(after) else {
        return (is_written && of(before).is_some()).then_some(SettingChanged::Gone);
    };
    match (of(before), trouble) {
        (None, _) => Some(SettingChanged::Added { holds: after }),
        (Some((_, None)), Some(trouble)) => Some(SettingChanged::Refused(trouble)),
        (Some((before, _)), _) => {
            (before != after).then_some(SettingChanged::Value { before, after })
        }
    }
}
