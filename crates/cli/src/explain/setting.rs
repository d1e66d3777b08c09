//! A setting: the values that the code takes, and those that are advised.

use std::io::{self, Write};

use knight_facts::settings::{
    CaseRule, ConfigMap, KeyForm, Profile, Recommendation, Sane, Setting, UnknownValue, ValueType,
};

/// Writes all that is known of a setting.
pub(super) fn write(map: &ConfigMap, setting: &Setting, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "# {}/{}\n", map.name, key(setting))?;
    writeln!(out, "{}\n", setting.why.trim())?;
    line(
        out,
        "ConfigMap",
        &format!("{}/{} ({})", map.namespace, map.name, map.component),
    )?;
    line(out, "values", &values(setting))?;
    line(out, "default", &default(setting))?;
    line(out, "other values", other_values(map, setting).as_str())?;
    if !setting.aliases.is_empty() {
        line(out, "also spelt", &setting.aliases.join(", "))?;
    }
    let range = setting.range();
    if let Some(since) = range.since {
        line(out, "since", &format!("Knative {since}"))?;
    }
    if let Some(until) = range.until {
        line(out, "until", &format!("before Knative {until}"))?;
    }
    for profile in Profile::ALL {
        let what = format!("for {profile}");
        line(out, &what, &advice(setting.recommended(profile)))?;
    }
    if let Some(sane) = &setting.sane {
        line(
            out,
            "sensible",
            &format!("{}; else: {}", sensible(sane), sane.why),
        )?;
    }
    for pitfall in &setting.pitfall {
        line(
            out,
            "beware",
            &format!("`{}`: {}", pitfall.value, pitfall.effect),
        )?;
    }
    let misspelt = map.misspelling.iter();
    for row in
        misspelt.filter(|row| row.key.as_deref() == Some(&setting.key) || row.means == setting.key)
    {
        line(
            out,
            "beware",
            &format!("`{}` is not `{}`: {}", row.written, row.means, row.effect),
        )?;
    }
    if let Some(note) = &setting.note {
        line(out, "note", note)?;
    }
    line(out, "source", &setting.source)
}

fn line(out: &mut impl Write, what: &str, words: &str) -> io::Result<()> {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    writeln!(out, "{what:>12}: {words}")
}

/// Returns the key as lists show it.
pub(crate) fn key(setting: &Setting) -> String {
    match setting.key_form {
        KeyForm::Exact => setting.key.clone(),
        KeyForm::Prefix => format!("{}*", setting.key),
        KeyForm::Any => format!("* ({})", setting.key),
    }
}

/// Returns which of the values that the code takes make sense.
fn sensible(sane: &Sane) -> String {
    let known = sane.values.iter().map(|value| format!("`{value}`"));
    let least = sane.min.iter().map(|least| format!("at least {least}"));
    let most = sane.max.iter().map(|most| format!("at most {most}"));
    let words: Vec<String> = known.chain(least).chain(most).collect();
    words.join(", ")
}

/// Returns what the code takes.
pub(crate) fn values(setting: &Setting) -> String {
    let of_type = || format!("{:?}", setting.value_type).to_lowercase();
    let mut words = if setting.values.is_empty() {
        of_type()
    } else {
        let case = match setting.case {
            CaseRule::Sensitive => "",
            CaseRule::Insensitive => ", in any case",
        };
        let words = format!("{}{case}", setting.values.join(", "));
        match setting.value_type {
            ValueType::Enum | ValueType::Flag => words,
            _ => format!("{words}, {}", of_type()),
        }
    };
    let bounds = &setting.bounds;
    for (word, bound) in [
        ("at least", &bounds.min),
        ("at most", &bounds.max),
        ("above", &bounds.above),
        ("below", &bounds.below),
        ("in steps of", &bounds.step),
    ] {
        if let Some(bound) = bound {
            words += &[", ", word, " ", bound].concat();
        }
    }
    words
}

/// Returns what holds when the key is absent.
pub(crate) fn default(setting: &Setting) -> String {
    match (&setting.default, &setting.default_from) {
        (Some(value), _) if value.is_empty() => "empty".to_owned(),
        (Some(value), _) => value.clone(),
        (None, Some(other)) => format!("that of {other}"),
        (None, None) => "none".to_owned(),
    }
}

fn other_values(map: &ConfigMap, setting: &Setting) -> String {
    match &setting.unknown {
        UnknownValue::Rejected if map.validated => "the webhook refuses the ConfigMap".to_owned(),
        UnknownValue::Rejected => "the whole ConfigMap is not used".to_owned(),
        UnknownValue::Ignored => "ignored without a word: the default stays".to_owned(),
        UnknownValue::Kept => "kept without a word, and match nothing in the code".to_owned(),
        UnknownValue::ReadAs(value) => format!("read as `{value}` without a word"),
        UnknownValue::Accepted => "there are none: every string is taken".to_owned(),
    }
}

fn advice(recommendation: &Recommendation) -> String {
    match recommendation {
        Recommendation::Keep => "the default".to_owned(),
        Recommendation::Value(value) => format!("`{value}`"),
        Recommendation::May(values) => {
            format!("the default; where needed, {}", values.join(" or "))
        }
        Recommendation::Own(text) => format!("a value of your own: {text}"),
    }
}
