//! Settings as controls see them: the value that holds, where it stands, and how a finding says so.

use knight_facts::settings::{Component, ConfigMap, readers_of};
use knight_model::{
    object::{Object, ObjectRef},
    path::FieldPath,
    settings::{Definition, Effective, SettingSource, Settings, ValueFrom},
};

use crate::{cluster_rule::ClusterOffence, control::Control, rule::eval::Verdict, words::plain};

/// The name of a setting: the component that reads it, the `ConfigMap` and the key.
pub(crate) type Name = (Component, &'static str, &'static str);

/// A setting whose `ConfigMap` is in the input, with a value that Knative understands.
#[derive(Clone, Debug)]
pub(crate) struct Seen<'s> {
    effective: Effective<'s>,
    definition: &'s Definition,
    /// The key as it is written, or the setting's own where it is not.
    key: &'s str,
}

/// Returns whether an object says anything about settings.
pub(crate) fn reads(object: &Object<'_>) -> bool {
    let operator = object.group() == "operator.knative.dev"
        && matches!(object.kind(), "KnativeServing" | "KnativeEventing");
    let namespace = object.namespace();
    operator
        || (object.is("", "ConfigMap")
            && readers_of(&object.name().to_string())
                .any(|(_, of)| namespace.is_none_or(|namespace| namespace == of)))
}

/// Returns the values that hold of a setting, one for each object that writes it.
///
/// A value that Knative does not take as it is belongs to `setting-ignored` and is left out.
pub(crate) fn seen((component, map, key): Name, settings: &Settings) -> Vec<Seen<'_>> {
    let each = settings.effective_each(component, map, key).into_iter();
    each.filter_map(Seen::of).collect()
}

/// Returns the value that holds of a setting, where it is one that Knative understands.
pub(crate) fn seen_first((component, map, key): Name, settings: &Settings) -> Option<Seen<'_>> {
    seen((component, map, key), settings).into_iter().next()
}

impl<'s> Seen<'s> {
    fn of(effective: Effective<'s>) -> Option<Self> {
        if effective.trouble.is_some() {
            return None;
        }
        let definition = effective.definition()?;
        let key = match &effective.from {
            ValueFrom::Alias { key, .. } => key,
            ValueFrom::Written(..) | ValueFrom::Default | ValueFrom::Setting(_) => {
                effective.setting.key.as_str()
            }
        };
        Some(Self {
            effective,
            definition,
            key,
        })
    }

    /// Returns the value as Knative understands it; nothing is the empty string.
    pub(crate) fn value(&self) -> &str {
        self.effective.value.as_deref().unwrap_or_default()
    }

    /// Returns whether an object writes the value, and not Knative's default holds.
    pub(crate) fn is_written(&self) -> bool {
        matches!(
            self.effective.from,
            ValueFrom::Written(..) | ValueFrom::Alias { .. }
        )
    }

    /// Returns why the setting matters, as the facts say it.
    pub(crate) fn why(&self) -> &'static str {
        &self.effective.setting.why
    }

    /// Makes the finding: the control's words about the setting, and a label at its place.
    pub(crate) fn offence(&self, control: &Control, label: &str) -> ClusterOffence {
        let map = self.effective.config_map();
        let (what, place, path, label) = match &self.effective.from {
            ValueFrom::Written(_, written) | ValueFrom::Alias { written, .. } => (
                pair(self.key, self.value()),
                written.key_place.clone(),
                path(self.definition, map).key(self.key),
                label.to_owned(),
            ),
            ValueFrom::Default | ValueFrom::Setting(_) => {
                let default = match self.value() {
                    "" => "Knative's default, no value, holds".to_owned(),
                    value => format!("Knative's default `{}` holds", plain(value)),
                };
                (
                    format!("`{}`", plain(self.key)),
                    self.definition.place.clone(),
                    FieldPath::from_dotted("metadata.name"),
                    format!("{default}: {label}"),
                )
            }
        };
        ClusterOffence {
            verdict: Verdict::Fail,
            message: format!(
                "{what} in {} {}",
                holder(self.definition, map),
                control.says
            ),
            object: self.definition.object.clone(),
            path,
            place,
            label: label.into(),
        }
    }
}

/// Returns a key with its value as a finding quotes them: the first line of it.
pub(crate) fn pair(key: &str, value: &str) -> String {
    let mut lines = value.trim_end().lines();
    let line = plain(lines.next().unwrap_or_default());
    let more = if lines.next().is_some() { " …" } else { "" };
    format!("`{}: {line}{more}`", plain(key))
}

/// Returns how a finding names the object that defines a `ConfigMap`.
pub(crate) fn holder(definition: &Definition, map: &ConfigMap) -> String {
    match definition.source {
        SettingSource::ConfigMap => format!("ConfigMap `{}/{}`", map.namespace, map.name),
        SettingSource::Operator => {
            let ObjectRef { kind, name, .. } = &definition.object;
            format!("{kind} `{}`", plain(name))
        }
    }
}

/// Returns where in the object that defines a `ConfigMap` its keys stand.
pub(crate) fn path(definition: &Definition, map: &ConfigMap) -> FieldPath {
    match definition.source {
        SettingSource::ConfigMap => FieldPath::from_dotted("data"),
        SettingSource::Operator => {
            let name = map.name.strip_prefix("config-").unwrap_or(&map.name);
            FieldPath::from_dotted("spec.config").key(name)
        }
    }
}
