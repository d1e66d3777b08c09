//! The form of the facts of one `ConfigMap`.

use std::fmt;

use serde::Deserialize;

use super::{
    advice::{Profile, Recommendation, Recommended},
    relation::Relation,
};
use crate::{KnativeVersion, Range};

/// The key under which Knative's `ConfigMap`s keep their documentation.
const EXAMPLE_KEY: &str = "_example";

/// What is known of one `ConfigMap`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConfigMap {
    /// The name of the `ConfigMap`.
    pub name: String,
    /// The namespace in which it is installed.
    pub namespace: String,
    /// The component that reads it.
    pub component: Component,
    /// What becomes of a key that the code does not know.
    pub unknown_keys: UnknownKeys,
    /// Whether a webhook judges the values when the `ConfigMap` is written.
    pub validated: bool,
    /// Why what is said here was read and not tried on the component itself; absent when it was tried.
    pub not_tried: Option<String>,
    since: Option<KnativeVersion>,
    until: Option<KnativeVersion>,
    /// Where the facts were read.
    pub source: String,
    /// What else is worth knowing.
    pub note: Option<String>,
    /// Spellings that documentation or habit suggests and the code does not know.
    #[serde(default)]
    pub misspelling: Vec<Misspelling>,
    /// The keys, sorted.
    pub setting: Vec<Setting>,
}

impl ConfigMap {
    /// Returns the Knative versions that read the `ConfigMap`.
    pub fn range(&self) -> Range<KnativeVersion> {
        Range {
            since: self.since,
            until: self.until,
        }
    }

    /// Returns the setting that `key` sets: by its name, then by its prefix.
    ///
    /// Aliases are not followed: see [`alias`](Self::alias). The key `_example` never sets
    /// anything: it documents the others.
    pub fn setting(&self, key: &str) -> Option<&Setting> {
        if key == EXAMPLE_KEY {
            return None;
        }
        let found = self
            .setting
            .binary_search_by(|row| row.key.as_str().cmp(key));
        if let Ok(at) = found {
            return Some(&self.setting[at]);
        }
        self.setting.iter().find(|row| match row.key_form {
            KeyForm::Exact => false,
            KeyForm::Prefix => key.len() > row.key.len() && key.starts_with(&row.key),
            KeyForm::Any => true,
        })
    }

    /// Returns the setting that has `key` as a legacy spelling.
    pub fn alias(&self, key: &str) -> Option<&Setting> {
        self.setting
            .iter()
            .find(|row| row.aliases.iter().any(|alias| alias == key))
    }

    /// Returns what is known of the wrong spelling `key`.
    pub fn misspelt_key(&self, key: &str) -> Option<&Misspelling> {
        self.misspelling
            .iter()
            .find(|row| row.wrong == Wrong::Key && row.written == key)
    }

    /// Returns what is known of the wrong value that `key` is set to.
    ///
    /// Case does not matter where it does not to the setting.
    pub fn misspelt_value(&self, key: &str, value: &str) -> Option<&Misspelling> {
        let any_case = self
            .setting(key)
            .is_some_and(|row| row.case == CaseRule::Insensitive);
        self.misspelling.iter().find(|row| {
            row.wrong == Wrong::Value
                && row.key.as_deref() == Some(key)
                && (row.written == value || any_case && row.written.eq_ignore_ascii_case(value))
        })
    }
}

/// Who reads a `ConfigMap`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Component {
    /// Knative Eventing.
    Eventing,
    /// The Kafka broker, channel, sink and source.
    Kafka,
    /// The Kourier ingress.
    Kourier,
    /// Knative Serving.
    Serving,
}

impl Component {
    /// Every component.
    pub const ALL: [Self; 4] = [Self::Eventing, Self::Kafka, Self::Kourier, Self::Serving];

    /// Returns the name as the data files write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eventing => "eventing",
            Self::Kafka => "kafka",
            Self::Kourier => "kourier",
            Self::Serving => "serving",
        }
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What becomes of a key that the code does not know.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownKeys {
    /// Nothing is said, and the key does nothing.
    Silent,
    /// A line in a log, and the key does nothing.
    Logged,
    /// Every key means something: there are no unknown ones.
    Meaningful,
}

/// A spelling that suggests itself, and that the code does not know.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Misspelling {
    /// Whether the key is wrong or a value of it.
    pub wrong: Wrong,
    /// The setting that has the wrong value; absent for a wrong key.
    pub key: Option<String>,
    /// What is written.
    pub written: String,
    /// What the code knows instead.
    pub means: String,
    /// What happens.
    pub effect: String,
    /// Where the wrong spelling and the right one were read.
    pub source: String,
}

/// What is wrong about a misspelling.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Wrong {
    /// The key.
    Key,
    /// The value.
    Value,
}

/// One key of a `ConfigMap`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Setting {
    /// The key, or the beginning that all its keys share.
    pub key: String,
    /// Whether `key` is the whole key.
    #[serde(default)]
    pub key_form: KeyForm,
    /// The type of the value.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// The values that the code tells apart, next to those of the type; empty when the type says it
    /// all.
    #[serde(default)]
    pub values: Vec<String>,
    /// Whether upper and lower case differ in `values`.
    #[serde(default)]
    pub case: CaseRule,
    /// Whether spaces around a value count.
    #[serde(default)]
    pub spaces: Spaces,
    /// What a value without a character means.
    #[serde(default)]
    pub empty: Empty,
    /// What holds when the key is absent; absent when there is no value then.
    pub default: Option<String>,
    /// The setting of the same `ConfigMap` whose value holds when the key is absent.
    pub default_from: Option<String>,
    /// Legacy spellings of the key, which the key itself overrides.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What becomes of a value that is not among those accepted.
    pub unknown: UnknownValue,
    /// Examples of values that are not accepted, where neither type nor bounds say so.
    #[serde(default)]
    pub refused: Vec<String>,
    /// The bounds that the code enforces.
    #[serde(default)]
    pub bounds: Bounds,
    /// What the code enforces between this value and that of other settings.
    #[serde(default)]
    pub relation: Vec<Relation>,
    /// Values that are accepted and do not do what they seem to.
    #[serde(default)]
    pub pitfall: Vec<Pitfall>,
    /// The values that make sense, where the code accepts more.
    pub sane: Option<Sane>,
    #[serde(default)]
    recommended: Recommended,
    /// Why the value matters.
    pub why: String,
    since: Option<KnativeVersion>,
    until: Option<KnativeVersion>,
    /// Where the facts were read.
    pub source: String,
    /// What else is worth knowing.
    pub note: Option<String>,
}

impl Setting {
    /// Returns the Knative versions that know the key.
    pub fn range(&self) -> Range<KnativeVersion> {
        Range {
            since: self.since,
            until: self.until,
        }
    }

    /// Returns what `profile` recommends.
    pub fn recommended(&self, profile: Profile) -> &Recommendation {
        self.recommended.of(profile)
    }

    /// Returns the spelling in `values` that the code takes `value` for.
    ///
    /// `None` says that the code does not know the value, and also that the setting has no list of
    /// values.
    pub fn accepted(&self, value: &str) -> Option<&str> {
        let value = match self.spaces {
            Spaces::Kept => value,
            Spaces::Trimmed => value.trim(),
        };
        let known = self.values.iter().find(|known| match self.case {
            CaseRule::Sensitive => *known == value,
            CaseRule::Insensitive => known.eq_ignore_ascii_case(value),
        });
        known.map(String::as_str)
    }
}

/// Whether a row is about one key or several.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum KeyForm {
    /// The key is the whole key.
    #[default]
    Exact,
    /// Every longer key that begins so.
    Prefix,
    /// Every key without a row of its own; the key of the row is only a name for them.
    Any,
}

/// The type of a value, which in a `ConfigMap` is always a string.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum ValueType {
    /// `true` or `false`, and the other spellings of Go's `ParseBool`.
    Bool,
    /// A duration such as `1h30m`, as Go reads it.
    Duration,
    /// One of a list of words.
    Enum,
    /// One of the words that switch a feature.
    Flag,
    /// A floating-point number.
    Float,
    /// A container image.
    Image,
    /// An integer.
    Int,
    /// An integer without a sign.
    Uint,
    /// A duration such as `PT30S`, as ISO 8601 writes it.
    IsoDuration,
    /// A JSON document.
    Json,
    /// A list of strings, separated by commas.
    List,
    /// Properties of Java, a line each.
    Properties,
    /// A quantity of Kubernetes, such as `100m` or `1Gi`.
    Quantity,
    /// A label selector, as YAML.
    Selector,
    /// Any string.
    String,
    /// A template of Go.
    Template,
    /// A URL.
    Url,
    /// A YAML document.
    Yaml,
}

/// Whether case matters in the values of a list.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum CaseRule {
    /// `Enabled` and `enabled` differ.
    #[default]
    Sensitive,
    /// `Enabled` and `enabled` are the same.
    Insensitive,
}

/// Whether spaces around a value count.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Spaces {
    /// They are part of the value.
    #[default]
    Kept,
    /// They are taken away first.
    Trimmed,
}

/// What a value without a character means.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Empty {
    /// It is a value as others are.
    #[default]
    Value,
    /// The same as no key: the default holds.
    Default,
}

/// What becomes of a value that is not among those accepted.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownValue {
    /// The `ConfigMap` is refused.
    Rejected,
    /// The default stays, and nothing is said.
    Ignored,
    /// It is stored, and matches no branch of the code.
    Kept,
    /// It is read as this value.
    ReadAs(String),
    /// There are no such values: every string is accepted.
    Accepted,
}

/// The bounds of a value, written as the type writes values.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// The least value.
    pub min: Option<String>,
    /// The greatest value.
    pub max: Option<String>,
    /// The value must be greater than this one.
    pub above: Option<String>,
    /// The value must be less than this one.
    pub below: Option<String>,
    /// The value is a whole number of these.
    pub step: Option<String>,
}

/// A value that is accepted and does not do what it seems to.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Pitfall {
    /// The value, or an example of such values.
    pub value: String,
    /// What it does.
    pub effect: String,
}

/// The values of a setting that make sense, where the code accepts more.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Sane {
    /// The least value, written as the type writes values.
    pub min: Option<String>,
    /// The greatest value.
    pub max: Option<String>,
    /// The only values that make sense; empty when the type says it all.
    #[serde(default)]
    pub values: Vec<String>,
    /// What comes of another value.
    pub why: String,
}
