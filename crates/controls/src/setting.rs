//! Settings as controls see them: the value that holds, where it stands, and how a finding says so.

use std::sync::Arc;

use knight_facts::settings::{Component, ConfigMap, Setting, readers_of};
use knight_model::{
    Limits,
    load::load,
    object::{Object, ObjectRef},
    path::FieldPath,
    settings::{Definition, Effective, SettingSource, Settings, ValueFrom, Written},
    source::Source,
    tree::Document,
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

/// The API group of the objects that Knative's operator reads.
pub(crate) const OPERATOR: &str = "operator.knative.dev";

/// Returns whether an object says anything about settings.
pub(crate) fn reads(object: &Object<'_>) -> bool {
    let operator =
        object.group() == OPERATOR && matches!(object.kind(), "KnativeServing" | "KnativeEventing");
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

    /// Returns what the facts say of the setting.
    pub(crate) fn setting(&self) -> &'static Setting {
        self.effective.setting
    }

    /// Returns the values that another key of the `ConfigMap` may have where this value holds.
    ///
    /// That is the one value of the object that writes both. Where no object does, each value that
    /// some object writes may stand beside this one, else the default.
    pub(crate) fn beside(&self, key: &str, settings: &Settings) -> Vec<Box<str>> {
        let map = self.effective.config_map();
        let each = settings.effective_each(map.component, &map.name, key);
        let own = each.iter().find(|other| {
            self.is_written()
                && matches!(other.from, ValueFrom::Written(..) | ValueFrom::Alias { .. })
                && other.definition() == Some(self.definition)
        });
        match own {
            Some(own) => own.value.iter().cloned().collect(),
            None => each.into_iter().filter_map(|other| other.value).collect(),
        }
    }

    /// Makes the finding: the control's words about the setting, and a label at its place.
    pub(crate) fn offence(&self, control: &Control, label: &str) -> ClusterOffence {
        let map = self.effective.config_map();
        let (what, place, at, label) = match &self.effective.from {
            ValueFrom::Written(_, written) | ValueFrom::Alias { written, .. } => (
                pair(self.key, written.value.as_deref().unwrap_or_default()),
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
            path: at,
            place,
            label: label.into(),
        }
    }
}

/// Makes the finding on a value as it is written: the control's words about `what`, and a label.
pub(crate) fn offence_of(
    settings: &Settings,
    map: &ConfigMap,
    (key, written): (&str, &Written),
    control: &Control,
    (what, label): (&str, String),
) -> Option<ClusterOffence> {
    let definition = settings
        .definitions(map.component, &map.name)
        .iter()
        .find(|definition| definition.written.values().any(|other| other == written))?;
    Some(ClusterOffence {
        verdict: Verdict::Fail,
        message: format!("{what} in {} {}", holder(definition, map), control.says),
        object: definition.object.clone(),
        path: path(definition, map).key(key),
        place: written.key_place.clone(),
        label: label.into(),
    })
}

/// Reads a value that is YAML by itself; nothing for one that cannot be read or has nothing in it.
pub(crate) fn yaml(value: &str) -> Option<Document> {
    let source = Arc::new(Source::new("value", value));
    load(&source, &Limits::default())
        .documents
        .into_iter()
        .next()
}

/// Returns a sentence of the facts as the second half of another.
pub(crate) fn clause(sentence: &str) -> String {
    let sentence = sentence.strip_suffix('.').unwrap_or(sentence);
    let mut chars = sentence.chars();
    let Some(first) = chars.next() else {
        return String::new();
    };
    first.to_lowercase().chain(chars).collect()
}

/// Returns a key with its value as a finding quotes them: what fits of its first line.
pub(crate) fn pair(key: &str, value: &str) -> String {
    let line = plain(value.lines().next().unwrap_or_default());
    let more = if line.len() < value.trim_end().len() {
        "…"
    } else {
        ""
    };
    format!("`{}: {line}{more}`", plain(key))
}

/// Returns how a finding names the object that defines a `ConfigMap`.
fn holder(definition: &Definition, map: &ConfigMap) -> String {
    match definition.source {
        SettingSource::ConfigMap => format!("ConfigMap `{}/{}`", map.namespace, map.name),
        SettingSource::Operator => {
            let ObjectRef { kind, name, .. } = &definition.object;
            format!("{kind} `{}`", plain(name))
        }
    }
}

/// Returns where in the object that defines a `ConfigMap` its keys stand.
fn path(definition: &Definition, map: &ConfigMap) -> FieldPath {
    match definition.source {
        SettingSource::ConfigMap => FieldPath::from_dotted("data"),
        SettingSource::Operator => {
            let name = map.name.strip_prefix("config-").unwrap_or(&map.name);
            FieldPath::from_dotted("spec.config").key(name)
        }
    }
}
