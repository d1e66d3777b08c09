//! Findings as results of SARIF.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use knight_controls::{
    control::Safety,
    finding::{Finding, FindingVerdict, Suppressed, SuppressedBy},
};

use super::{message, place, rule};
use crate::{
    Replacement, Sources,
    words::{covered_by, effect_note, folded_note, sentence, told, written_by_note},
};

/// Returns a finding as a result, with what suppresses it.
pub(super) fn result(
    finding: &Finding,
    suppressed: Option<&Suppressed>,
    rule_index: Option<usize>,
    sources: &dyn Sources,
) -> Value {
    let mut result = Map::new();
    let mut set = |key: &str, value| result.insert(key.to_owned(), value);
    set("ruleId", json!(finding.control.id));
    if let Some(index) = rule_index {
        set("ruleIndex", json!(index));
    }
    // The standard has a kind for a rule that was evaluated without coming to an answer, and allows
    // it the level `none` only (§3.27.9, §3.27.10). A failure at the level `warning` would claim
    // what is not known; code scanning still shows the result, by the rule's security severity.
    let (kind, level) = match finding.verdict {
        FindingVerdict::Fail => ("fail", rule::level(finding.severity)),
        FindingVerdict::Unknown => ("open", "none"),
    };
    set("kind", json!(kind));
    set("level", json!(level));
    set("message", message::plain(&text(finding)));
    set("locations", json!([located(finding)]));
    set(
        "partialFingerprints",
        json!({ "knight/v1": finding.fingerprint.to_string() }),
    );
    if let Some(fix) = fix(finding, sources) {
        set("fixes", json!([fix]));
    }
    // Once a result of a run says whether it is suppressed, every one does (§3.27.23).
    let suppressions: Vec<_> = suppressed.iter().map(|&it| suppression(it)).collect();
    set("suppressions", json!(suppressions));
    set("properties", properties(finding));
    Value::Object(result)
}

fn text(finding: &Finding) -> String {
    let mut text = sentence(&told(finding));
    if let Some(origin) = &finding.origin {
        let _ = write!(text, " Nobody wrote the value: it comes from {origin}.");
    }
    if let Some(effect) = effect_note(finding) {
        let _ = write!(text, " {}", sentence(effect));
    }
    let notes = [folded_note(finding.folded), written_by_note(finding)];
    for note in notes.into_iter().flatten() {
        let _ = write!(text, " {}", sentence(&note));
    }
    text
}

fn located(finding: &Finding) -> Value {
    let mut location = place::location(&finding.place);
    let object = if finding.place.is_written() {
        place::object(&finding.object.to_string())
    } else {
        place::object(&finding.place.file)
    };
    let mut logical = vec![object];
    if !finding.path.is_empty() {
        let path = finding.path.to_string();
        logical.push(json!({ "fullyQualifiedName": path, "kind": "property" }));
    }
    if let Some(location) = location.as_object_mut() {
        location.insert("logicalLocations".into(), Value::Array(logical));
        if !finding.label.is_empty() {
            location.insert("message".into(), message::plain(&finding.label));
        }
    }
    location
}

fn properties(finding: &Finding) -> Value {
    json!({
        "severity": finding.severity.as_str(),
        "confidence": finding.confidence().as_str(),
        "audience": finding.audience.as_str(),
        "effect": finding.effect.as_str(),
        "verdict": finding.verdict.as_str(),
    })
}

fn fix(finding: &Finding, sources: &dyn Sources) -> Option<Value> {
    let fix = finding.fix.as_ref()?;
    let replacements = sources
        .replacements(finding)
        .filter(|them| !them.is_empty())?;
    let mut files: Vec<(&str, Vec<Value>)> = Vec::new();
    for Replacement { place, text } in &replacements {
        let change = json!({
            "deletedRegion": place::region(place),
            "insertedContent": { "text": text },
        });
        match files.iter_mut().find(|(file, _)| *file == &*place.file) {
            Some((_, changes)) => changes.push(change),
            None => files.push((&place.file, vec![change])),
        }
    }
    let changes: Vec<_> = files
        .into_iter()
        .map(|(file, replacements)| {
            json!({ "artifactLocation": place::artifact(file), "replacements": replacements })
        })
        .collect();
    // Viewers apply fixes with one click: what may stop or change a workload says so.
    let mut description = sentence(&fix.title());
    if fix.safety == Safety::Unsafe {
        description.push_str(" It may stop or change a running workload.");
    }
    Some(json!({ "description": message::plain(&description), "artifactChanges": changes }))
}

fn suppression(suppressed: &Suppressed) -> Value {
    let kind = match suppressed.by {
        SuppressedBy::Annotation(_) | SuppressedBy::Comment(_) => "inSource",
        SuppressedBy::Configuration(_) | SuppressedBy::Baseline => "external",
    };
    let (by, at) = covered_by(&suppressed.by);
    let mut suppression = Map::new();
    suppression.insert("kind".into(), json!(kind));
    suppression.insert("status".into(), json!("accepted"));
    suppression.insert("justification".into(), json!(suppressed.reason));
    if let Some(at) = at {
        suppression.insert("location".into(), place::location(at));
    }
    suppression.insert("properties".into(), json!({ "by": by }));
    Value::Object(suppression)
}
