//! Values that Knative takes without a word, and that make no sense.

use knight_facts::settings::{ConfigMap, Sane, Setting, ValueType};

use super::{Settings, Written, effective, trouble, value};

/// A value that Knative takes and that makes no sense.
#[derive(Clone, Debug, PartialEq)]
pub struct Odd<'s> {
    /// The `ConfigMap`.
    pub config_map: &'static ConfigMap,
    /// The setting.
    pub setting: &'static Setting,
    /// The key, which may be a legacy spelling.
    pub key: &'s str,
    /// What is written.
    pub written: &'s Written,
    /// What is odd about it.
    pub oddity: Oddity,
}

/// What is odd about a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Oddity {
    /// It is `NaN`, which no comparison holds for.
    NotANumber,
    /// It is infinite.
    Infinite,
    /// It is a quantity below 0.
    Negative,
    /// It is less than the least that makes sense.
    Less(&'static str, &'static Sane),
    /// It is more than the most that makes sense.
    More(&'static str, &'static Sane),
    /// It is none of the values that make sense.
    Other(&'static Sane),
}

pub(super) fn odd(settings: &Settings) -> Vec<Odd<'_>> {
    let mut found = Vec::new();
    for (config_map, definition) in settings.all() {
        for (key, written) in &definition.written {
            let Some(setting) = config_map.setting(key).or_else(|| config_map.alias(key)) else {
                continue;
            };
            if trouble::why_unknown(settings.version(), config_map, key).is_some() {
                continue;
            }
            let Ok(value) = effective::judge(setting, written) else {
                continue;
            };
            found.extend(oddity(setting, &value).map(|oddity| Odd {
                config_map,
                setting,
                key,
                written,
                oddity,
            }));
        }
    }
    found
}

/// Returns what is odd about a value that Knative takes.
fn oddity(setting: &'static Setting, text: &str) -> Option<Oddity> {
    if setting.values.iter().any(|known| known == text) {
        return None;
    }
    let number = match setting.value_type {
        ValueType::Duration => value::duration,
        ValueType::Float => value::float,
        ValueType::Int | ValueType::Uint => value::whole,
        ValueType::Quantity => value::quantity,
        ValueType::Bool
        | ValueType::Enum
        | ValueType::Flag
        | ValueType::Image
        | ValueType::IsoDuration
        | ValueType::Json
        | ValueType::List
        | ValueType::Properties
        | ValueType::Selector
        | ValueType::String
        | ValueType::Template
        | ValueType::Url
        | ValueType::Yaml => {
            let sane = setting.sane.as_ref()?;
            let known = sane.values.is_empty() || sane.values.iter().any(|known| known == text);
            return (!known).then_some(Oddity::Other(sane));
        }
    };
    let value = number(text)?;
    if value.is_nan() {
        return Some(Oddity::NotANumber);
    }
    if value.is_infinite() {
        return Some(Oddity::Infinite);
    }
    if setting.value_type == ValueType::Quantity && value < 0.0 {
        return Some(Oddity::Negative);
    }
    let sane = setting.sane.as_ref()?;
    let least = sane.min.as_deref();
    let most = sane.max.as_deref();
    let less = least.filter(|least| number(least).is_some_and(|least| value < least));
    let more = most.filter(|most| number(most).is_some_and(|most| value > most));
    less.map(|least| Oddity::Less(least, sane))
        .or_else(|| more.map(|most| Oddity::More(most, sane)))
}
