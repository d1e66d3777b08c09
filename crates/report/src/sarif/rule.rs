//! Controls as rules of SARIF.

use serde_json::{Map, Value, json};

use knight_controls::control::{Confidence, Control, Severity, Threat};

use crate::{page, words::sentence};

/// Returns what a viewer shows of a control.
pub(super) fn descriptor(control: &'static Control) -> Value {
    let about = page::first_paragraph(control.page, "What it finds");
    let about = about.as_deref().unwrap_or(control.title);
    json!({
        "id": control.id,
        "name": pascal_case(control.id),
        "shortDescription": { "text": control.title },
        "fullDescription": { "text": about },
        "help": help(control),
        "defaultConfiguration": { "level": level(control.severity) },
        "properties": properties(control),
    })
}

/// Returns the level of a failure.
pub(super) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

fn help(control: &Control) -> Value {
    let text = format!(
        "{} `knight explain {}` says more.",
        sentence(control.help),
        control.id
    );
    if control.page.is_empty() {
        json!({ "text": text })
    } else {
        json!({ "text": text, "markdown": control.page })
    }
}

fn properties(control: &Control) -> Value {
    let mut tags = vec!["security", "knative"];
    tags.extend(control.mappings);
    tags.extend(control.threats.iter().copied().map(Threat::mapping));
    let mut properties = Map::new();
    properties.insert("tags".into(), json!(tags));
    properties.insert("precision".into(), json!(precision(control.confidence)));
    if let Some(score) = security_severity(control.severity) {
        properties.insert("security-severity".into(), json!(score));
    }
    properties.insert("severity".into(), json!(control.severity.as_str()));
    properties.insert("mappings".into(), json!(control.mappings));
    Value::Object(properties)
}

/// Returns a score in the range that GitHub shows as our word: over 9.0 critical, from 7.0 high,
/// from 4.0 medium, from 0.1 low. It has no score for what is merely worth knowing.
const fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("3.0"),
        Severity::Info => None,
    }
}

const fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "low",
    }
}

/// Returns `HostNetwork` for `host-network`.
fn pascal_case(id: &str) -> String {
    id.split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_names() {
        assert_eq!(pascal_case("host-network"), "HostNetwork");
        assert_eq!(pascal_case("-a--b"), "AB");
    }
}
