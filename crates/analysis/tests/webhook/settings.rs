//! Every setting of the facts, tried on the webhooks that judge `ConfigMap`s.

use std::{collections::BTreeMap, fmt::Write as _};

use knight_facts::{
    settings::{self, ConfigMap, Setting, UnknownValue},
    versions::newest_knative,
};
use knight_model::settings::Trouble;
use knight_testbed_client::FieldValidation;
use serde_json::{Value, json};

use crate::{bed, candidates, knight};

/// One `ConfigMap` to send: that of the cluster with some values set.
struct Trial {
    map: &'static ConfigMap,
    /// The setting whose row in the table this is.
    setting: &'static Setting,
    set: Vec<(String, String)>,
}

/// What came of a trial.
struct Outcome {
    refused: bool,
    /// What Knight says becomes of the `ConfigMap`.
    expected: bool,
    /// What Knight says of the values that are taken and do not count.
    dropped: bool,
    said: String,
}

/// What came of the trials of a setting.
#[derive(Default)]
struct Row {
    accepted: usize,
    refused: usize,
    dropped: usize,
    unequal: usize,
}

#[test]
fn values_are_refused_where_the_facts_say_so_and_nowhere_else() {
    let maps: Vec<_> = settings::config_maps()
        .filter(|map| map.not_tried.is_none())
        .collect();
    let stored: BTreeMap<_, Value> = maps
        .iter()
        .map(|map| ((map.component, &map.name), stored(map)))
        .collect();
    let trials: Vec<Trial> = maps.iter().flat_map(|map| trials(map)).collect();
    let outcomes = bed::all(&trials, |trial| {
        attempt(trial, &stored[&(trial.map.component, &trial.map.name)])
    });

    let mut rows = BTreeMap::<_, Row>::new();
    let mut unequal = String::new();
    for (trial, outcome) in trials.iter().zip(&outcomes) {
        let Trial { map, setting, set } = trial;
        let row = rows
            .entry((map.component, &map.name, &setting.key))
            .or_default();
        match (outcome.refused, outcome.dropped) {
            (true, _) => row.refused += 1,
            (false, true) => row.dropped += 1,
            (false, false) => row.accepted += 1,
        }
        if outcome.refused != outcome.expected {
            row.unequal += 1;
            let _ = writeln!(
                unequal,
                "{}/{} {set:?}: refused {}, by the facts {}: {}",
                map.component, map.name, outcome.refused, outcome.expected, outcome.said
            );
        }
    }
    bed::write_table("settings.md", &table(&maps, &rows, trials.len()));
    assert_eq!(unequal, "", "of {} trials", trials.len());
    assert_each_is_tried(&maps, &rows);
}

/// A row that no trial tells anything about proves nothing.
fn assert_each_is_tried(
    maps: &[&'static ConfigMap],
    rows: &BTreeMap<(settings::Component, &String, &String), Row>,
) {
    for map in maps {
        for setting in &map.setting {
            let row = &rows[&(map.component, &map.name, &setting.key)];
            let name = format!("{}/{} {}", map.component, map.name, setting.key);
            assert!(row.accepted + row.dropped > 0, "{name} is never accepted");
            let judged = map.validated && is_known(map, setting);
            let rejects = judged && setting.unknown == UnknownValue::Rejected;
            assert!(!rejects || row.refused > 0, "{name} is never refused");
        }
    }
}

fn is_known(map: &ConfigMap, setting: &Setting) -> bool {
    let version = newest_knative();
    map.range().contains(version) && setting.range().contains(version)
}

/// Returns the `ConfigMap` that the cluster has, or one that its webhook would see.
fn stored(map: &ConfigMap) -> Value {
    let ConfigMap {
        name, namespace, ..
    } = map;
    let path = format!("/api/v1/namespaces/{namespace}/configmaps/{name}");
    let mut found = bed::find(&path).unwrap_or_else(|| {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": namespace, "labels": {
                "app.kubernetes.io/name": namespace,
                "app.kubernetes.io/component": "controller",
            }},
        })
    });
    // What others write meanwhile does not matter to a dry run.
    let metadata = found["metadata"].as_object_mut().unwrap();
    metadata.remove("managedFields");
    metadata.remove("resourceVersion");
    found
}

/// Returns what is tried of a `ConfigMap`: each value alone, and pairs that a relation joins.
fn trials(map: &'static ConfigMap) -> Vec<Trial> {
    let mut trials = Vec::new();
    for setting in &map.setting {
        let mut attempt = |set: Vec<(String, String)>| {
            trials.push(Trial { map, setting, set });
        };
        let values = candidates::values(setting);
        for key in candidates::keys(setting) {
            for value in &values {
                attempt(vec![(key.clone(), value.clone())]);
            }
        }
        // A legacy spelling beside the new one: its value must be of the type, and does not count.
        if let Some(own) = &setting.default {
            for alias in &setting.aliases {
                for value in &values {
                    attempt(vec![
                        (setting.key.clone(), own.clone()),
                        (alias.clone(), value.clone()),
                    ]);
                }
            }
        }
        for relation in &setting.relation {
            let (other, pairs) = candidates::pairs(map, setting, relation).unwrap();
            for (own, others) in pairs {
                attempt(vec![
                    (setting.key.clone(), own),
                    (other.key.clone(), others),
                ]);
            }
        }
        if values.is_empty() {
            attempt(vec![(candidates::keys(setting).remove(0), String::new())]);
        }
    }
    trials
}

fn attempt(trial: &Trial, stored: &Value) -> Outcome {
    let mut object = stored.clone();
    for (key, value) in &trial.set {
        object["data"][key] = value.as_str().into();
    }
    let namespace = &trial.map.namespace;
    let collection = format!("/api/v1/namespaces/{namespace}/configmaps");
    let client = bed::client();
    let answer = if stored["metadata"]["uid"].is_null() {
        client.dry_run_create(&collection, &object, FieldValidation::Strict)
    } else {
        let path = format!("{collection}/{}", trial.map.name);
        client.dry_run_replace(&path, &object, FieldValidation::Strict)
    };
    let answer = answer.unwrap();
    // Nothing but the webhook may refuse: else the trial tells nothing.
    let by_webhook = answer.message().contains("config.webhook.");
    assert!(answer.is_success() || by_webhook, "{}", answer.message());

    let troubles = knight::troubles(&object);
    let refuses = troubles
        .iter()
        .any(|(_, trouble)| matches!(trouble, Trouble::Refused | Trouble::NotText));
    Outcome {
        refused: !answer.is_success(),
        expected: trial.map.validated && refuses,
        dropped: !troubles.is_empty() || !is_known(trial.map, trial.setting),
        said: answer.message().to_owned(),
    }
}

fn table(
    maps: &[&'static ConfigMap],
    rows: &BTreeMap<(settings::Component, &String, &String), Row>,
    trials: usize,
) -> String {
    let mut text = format!(
        "# Settings, as the facts and as the webhooks of Knative {} judge them\n\n\
         {trials} trials. *Does not count*: the webhook takes the value, and Knative ignores it, reads \
         it as another or uses none of the ConfigMap.\n\n\
         | ConfigMap | key | taken | does not count | refused | unequal |\n|---|---|---|---|---|---|\n",
        newest_knative()
    );
    for map in maps {
        for setting in &map.setting {
            let row = &rows[&(map.component, &map.name, &setting.key)];
            let _ = writeln!(
                text,
                "| {}/{} | `{}` | {} | {} | {} | {} |",
                map.component,
                map.name,
                setting.key,
                row.accepted,
                row.dropped,
                row.refused,
                row.unequal
            );
        }
    }
    text += "\n## Not tried\n\n| what | setting | why |\n|---|---|---|\n";
    for map in settings::config_maps() {
        if let Some(why) = &map.not_tried {
            for setting in &map.setting {
                let ConfigMap {
                    component, name, ..
                } = map;
                let _ = writeln!(text, "| {component}/{name} | `{}` | {why} |", setting.key);
            }
        }
    }
    for row in settings::outside() {
        let _ = writeln!(text, "| {} | `{}` | {} |", row.of, row.name, row.not_tried);
    }
    text
}
