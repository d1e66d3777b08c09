//! What the webhook of Knative Serving fills in at admission.
//!
//! The rows are in the order in which Knative applies them, which matters: later rows see what
//! earlier ones filled in.

use std::sync::LazyLock;

use serde::Deserialize;
use thiserror::Error;

use crate::{FieldPath, KnativeVersion, Range, parse_embedded};

/// A value that admission fills in.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "Row")]
pub struct Default {
    /// A name for the row, unique among them.
    pub id: String,
    /// What the path starts from.
    pub at: At,
    /// The field that gets the value.
    pub path: FieldPath,
    /// When the field counts as not set.
    pub when: When,
    /// What else must hold; all of it.
    pub only_if: Vec<Condition>,
    /// The value.
    pub value: Value,
    /// The Knative versions for which this holds.
    pub range: Range<KnativeVersion>,
    /// Where the fact was read.
    pub source: String,
    /// What else is worth knowing.
    pub note: Option<String>,
}

/// What the path of a default starts from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// The spec of a revision: `spec.template.spec`, or the `spec` of a Revision.
    Revision,
    /// Each item of `containers` of the revision's spec.
    Containers,
    /// Each item of `initContainers` of the revision's spec.
    InitContainers,
    /// Each item of `containers` and of `initContainers`.
    AllContainers,
    /// Each item of `ports` of each item of `containers`.
    Ports,
    /// Each item of `volumeMounts` of each item of `containers`.
    VolumeMounts,
}

/// When a field counts as not set.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// It is absent or null.
    Absent,
    /// It is absent, null, zero or an empty string.
    AbsentOrZero,
    /// Whatever it is: it is overwritten.
    Always,
}

/// A condition of a default.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The object is being created, not changed.
    Create,
    /// The setting of `config-features` has one of these values.
    Flag {
        /// The key in `config-features`.
        flag: String,
        /// The values, in any case.
        is: Vec<String>,
    },
    /// The setting that gives the value is set and is not zero.
    SettingNotZero,
    /// The setting that gives the value is less than this field, from the revision's spec.
    SettingBelow(FieldPath),
    /// The container is the only one, or it has ports.
    ServingContainer,
    /// This field is present, from the container.
    Present(FieldPath),
    /// This field is present and not zero, from the container.
    NotZero(FieldPath),
    /// None of these fields is present, from the container.
    NonePresent(Vec<FieldPath>),
    /// This field is absent or empty, from the revision's spec.
    PodUnset(FieldPath),
    /// Some port of the container is below this number.
    AnyPortBelow(u16),
    /// The row with this id filled in its value in the same container.
    Applied(String),
    /// The volume that is mounted has none of these sources.
    VolumeIsNot(Vec<String>),
}

/// The value of a default.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value {
    /// This value, as JSON.
    Literal(String),
    /// The value of this setting of Serving, absent if the setting is.
    Setting {
        /// The `ConfigMap`.
        config_map: String,
        /// The key.
        key: String,
        /// How a value of the setting becomes one of the field.
        form: Form,
    },
}

/// How the value of a setting becomes that of a field.
#[derive(Clone, Copy, Debug, std::default::Default, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// An integer.
    Integer,
    /// A string, as it is.
    #[default]
    Text,
    /// `true` and `false` as they are; `default` gives nothing.
    Tristate,
    /// A name made by a template, with a number after it where names would be the same.
    ContainerName,
}

/// Returns every default, in the order in which Knative applies them.
pub fn defaults() -> &'static [Default] {
    &FILE.default
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    parse_embedded(
        "defaulting",
        include_str!(concat!(env!("OUT_DIR"), "/defaulting.json")),
    )
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    default: Vec<Default>,
}

/// A row as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Row {
    id: String,
    at: At,
    path: FieldPath,
    when: When,
    #[serde(default)]
    only_if: Vec<Condition>,
    literal: Option<String>,
    setting: Option<String>,
    #[serde(default)]
    form: Form,
    since: Option<KnativeVersion>,
    until: Option<KnativeVersion>,
    source: String,
    note: Option<String>,
}

/// A row without a value, or with two.
#[derive(Debug, Error)]
#[error("`{id}` needs either a literal or a setting, written `config-map/key`")]
struct NoValue {
    id: String,
}

impl TryFrom<Row> for Default {
    type Error = NoValue;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let setting = row
            .setting
            .as_deref()
            .map(|setting| setting.split_once('/'));
        let value = match (row.literal, setting) {
            (Some(literal), None) => Value::Literal(literal),
            (None, Some(Some((config_map, key)))) => Value::Setting {
                config_map: config_map.to_owned(),
                key: key.to_owned(),
                form: row.form,
            },
            _ => return Err(NoValue { id: row.id }),
        };
        Ok(Self {
            id: row.id,
            at: row.at,
            path: row.path,
            when: row.when,
            only_if: row.only_if,
            value,
            range: Range {
                since: row.since,
                until: row.until,
            },
            source: row.source,
            note: row.note,
        })
    }
}
