//! Values to try for a setting: those that the facts name, and those that tell apart how a type is
//! read.

use knight_facts::settings::{
    ConfigMap, KeyForm, Profile, Recommendation, Relation, Setting, UnknownValue, ValueType,
};

/// Returns keys that the setting answers to, its own first.
pub(crate) fn keys(setting: &Setting) -> Vec<String> {
    let own = match setting.key_form {
        KeyForm::Exact => setting.key.clone(),
        KeyForm::Prefix => format!("{}controller", setting.key),
        KeyForm::Any => "example.com".to_owned(),
    };
    let aliases = setting.aliases.iter().cloned();
    std::iter::once(own).chain(aliases).collect()
}

/// Returns values to try, each once.
pub(crate) fn values(setting: &Setting) -> Vec<String> {
    let mut values = named(setting);
    values.extend(typical(setting));
    if setting.unknown == UnknownValue::Accepted {
        values.extend(["", "{{{", "no such value"].map(str::to_owned));
    }
    let mut seen = std::collections::BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    values
}

/// Returns the values that the facts name.
pub(crate) fn named(setting: &Setting) -> Vec<String> {
    let advice = Profile::ALL.map(|profile| setting.recommended(profile));
    let advised = advice.into_iter().flat_map(|advice| match advice {
        Recommendation::Value(value) => vec![value.clone()],
        Recommendation::May(values) => values.clone(),
        Recommendation::Keep | Recommendation::Own(_) => Vec::new(),
    });
    let pitfalls = setting.pitfall.iter().map(|pitfall| pitfall.value.clone());
    let bounds = &setting.bounds;
    let bounds = [&bounds.min, &bounds.max, &bounds.above, &bounds.below];
    let related = setting.relation.iter().flat_map(
        |Relation {
             only, free, above, ..
         }| { only.iter().chain(free).chain(above).cloned() },
    );
    let words = setting.values.iter();
    words
        .chain(&setting.default)
        .chain(&setting.refused)
        .chain(bounds.into_iter().flatten())
        .cloned()
        .chain(advised)
        .chain(pitfalls)
        .chain(related)
        .collect()
}

/// Returns values at the edges of a type, for types that Knight judges.
fn typical(setting: &Setting) -> Vec<String> {
    const NUMBERS: [&str; 16] = [
        "",
        "-1",
        "0",
        "1",
        "7",
        "1000000",
        "2147483647",
        "2147483648",
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "+5",
        "0x10",
        "1_000",
        " 5",
        "five",
    ];
    const FLOATS: [&str; 17] = [
        "NaN", "nan", "Inf", "-Inf", "0.0001", "0.5", "0.012", "1.0", "-0.5", "-1.0", "1e3",
        "1e400", "100.1", "1_0.5", "_1", "1_", "1__0",
    ];
    let fixed: &[&str] = match setting.value_type {
        ValueType::Bool => &[
            "true", "True", "TRUE", "tRUE", "t", "1", "false", "F", "0", "yes", "on", "enabled",
            "", " true",
        ],
        ValueType::Int | ValueType::Uint => &NUMBERS,
        ValueType::Float => &FLOATS,
        ValueType::Duration => &[
            "", "0", "0s", "1", "10", "1s", "-1s", "7s", "1.5s", "500ms", "90s", "1h30m", "1H",
            "1S", "1d", "9999h", "9999999h", "PT30S", " 5s",
        ],
        ValueType::Quantity => &[
            "", "0", "1", "-1", "100m", "1.5Gi", "1gb", "1 Gi", "1e3", "1E", "1k", "1K", "0x1",
            "m", "+1", "1.", ".5", "1Ki", "1KI", "Gi", "Ti", "Pi", "Ei", ".", "+", "-", "e1", "E",
            "1e", "+m", ".m", "1_0",
        ],
        ValueType::Enum | ValueType::Flag => {
            &["", "no such value", "true", "on", "Enabled", "DISABLED"]
        }
        ValueType::Image
        | ValueType::IsoDuration
        | ValueType::Json
        | ValueType::List
        | ValueType::Properties
        | ValueType::Selector
        | ValueType::String
        | ValueType::Template
        | ValueType::Url
        | ValueType::Yaml => &[],
    };
    let mut values: Vec<String> = fixed.iter().map(ToString::to_string).collect();
    if setting.value_type == ValueType::Float {
        values.extend(NUMBERS.map(str::to_owned));
    }
    for word in &setting.values {
        values.push(word.to_uppercase());
        values.push(format!(" {word}"));
    }
    values
}

/// Returns the pairs of values to try for two settings of a `ConfigMap` that one relation joins.
pub(crate) fn pairs<'m>(
    map: &'m ConfigMap,
    setting: &Setting,
    relation: &Relation,
) -> Option<(&'m Setting, Vec<(String, String)>)> {
    let other = map.setting(&relation.key)?;
    let some = |of: &Setting| {
        let mut values = named(of);
        values.extend(
            match of.value_type {
                ValueType::Int | ValueType::Uint => vec!["0", "1", "5", "400", "700"],
                ValueType::Float => vec!["0.01", "0.5", "1", "2", "50", "NaN"],
                ValueType::Url => vec!["", "http://collector:4317"],
                ValueType::Template => vec!["", "{{.Request.Method}}"],
                _ => Vec::new(),
            }
            .into_iter()
            .map(str::to_owned),
        );
        values.sort();
        values.dedup();
        values
    };
    let others = some(other);
    let all = some(setting)
        .into_iter()
        .flat_map(|own| others.iter().map(move |other| (own.clone(), other.clone())));
    Some((other, all.collect()))
}
