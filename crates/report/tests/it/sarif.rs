use std::collections::BTreeSet;

use insta::assert_snapshot;
use knight_report::Format;
use serde_json::Value;

use crate::sample::{cluster, empty, full, many, written};

#[test]
fn writes_rules_results_fixes_and_notifications() {
    let text = written(Format::Sarif, &full());
    assert_snapshot!(text.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn keeps_the_structure_of_the_standard() {
    for report in [empty(), full(), many(), cluster()] {
        let log: Value = serde_json::from_str(&written(Format::Sarif, &report)).unwrap();
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let rules: Vec<_> = list(&run["tool"]["driver"]["rules"]).iter().collect();
        let ids: BTreeSet<_> = rules
            .iter()
            .map(|rule| rule["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), rules.len(), "rules are unique");
        for rule in &rules {
            assert!(has_text(&rule["shortDescription"]) && has_text(&rule["fullDescription"]));
            assert!(has_text(&rule["help"]));
            assert!(LEVELS.contains(&rule["defaultConfiguration"]["level"].as_str().unwrap()));
        }
        let results = list(&run["results"]);
        assert_eq!(
            results.len(),
            report.findings.len() + report.suppressed.len()
        );
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(has_text(&result["message"]));
            assert!(LEVELS.contains(&result["level"].as_str().unwrap()));
            // §3.27.10: only a failure has a level.
            assert_eq!(result["kind"] == "fail", result["level"] != "none");
            assert!(result["partialFingerprints"]["knight/v1"].is_string());
            for location in list(&result["locations"]) {
                check_location(location);
            }
            for suppression in list(&result["suppressions"]) {
                let kind = suppression["kind"].as_str().unwrap();
                assert!(["inSource", "external"].contains(&kind));
                assert!(suppression["justification"].is_string());
            }
        }
        for notification in list(&run["invocations"][0]["toolExecutionNotifications"]) {
            assert!(has_text(&notification["message"]));
        }
    }
}

#[test]
fn unknown_verdicts_are_open() {
    let log: Value = serde_json::from_str(&written(Format::Sarif, &full())).unwrap();
    let open: Vec<_> = list(&log["runs"][0]["results"])
        .iter()
        .filter(|result| result["properties"]["verdict"] == "unknown")
        .map(|result| (result["kind"].as_str(), result["level"].as_str()))
        .collect();
    assert_eq!(open, [(Some("open"), Some("none"))]);
}

const LEVELS: [&str; 4] = ["none", "note", "warning", "error"];

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn has_text(message: &Value) -> bool {
    message["text"]
        .as_str()
        .is_some_and(|text| !text.is_empty())
}

fn check_location(location: &Value) {
    let Some(physical) = location.get("physicalLocation") else {
        let named = |of: &Value| of["fullyQualifiedName"].is_string();
        assert!(
            list(&location["logicalLocations"]).iter().all(named),
            "{location}"
        );
        return;
    };
    let uri = physical["artifactLocation"]["uri"]
        .as_str()
        .expect("a place has a file");
    assert!(
        uri.is_ascii() && !uri.contains([' ', '\\', '"', '<', '>', '\n']),
        "{uri}"
    );
    let region = &physical["region"];
    let number = |key: &str| region[key].as_u64().expect("a region has four numbers");
    let start = (number("startLine"), number("startColumn"));
    let end = (number("endLine"), number("endColumn"));
    assert!(start.0 > 0 && start.1 > 0 && start <= end, "{region}");
}

#[test]
fn objects_of_a_cluster_are_no_artifacts() {
    let text = written(Format::Sarif, &cluster());
    assert!(!text.contains("physicalLocation"), "{text}");
    let log: Value = serde_json::from_str(&text).unwrap();
    let location = &log["runs"][0]["results"][0]["locations"][0];
    let names: Vec<_> = list(&location["logicalLocations"])
        .iter()
        .map(|of| {
            (
                of["fullyQualifiedName"].as_str().unwrap(),
                of["kind"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            ("team-0/Service.serving.knative.dev/miner-0", "resource"),
            (
                "spec.template.spec.containers[name=app].securityContext.privileged",
                "property"
            ),
        ]
    );
    let notified = list(&log["runs"][0]["invocations"][0]["toolExecutionNotifications"]);
    let told: Vec<_> = notified
        .iter()
        .map(|it| {
            let text = it["message"]["text"].as_str().unwrap();
            format!("{}: {text}", it["level"].as_str().unwrap())
        })
        .collect();
    assert_snapshot!(told.join("\n"), @"
    warning: this key is already set
    note: Reading failed of configmaps: configmaps is forbidden. No selected control reads it.
    warning: The cluster refuses to list configmaps in namespace knative-serving: configmaps is forbidden. Whether the control `gate-open` holds there is unknown.
    note: Not judged: 1,000 Lease of v1: no control judges this kind yet.
    note: Service.serving.knative.dev team-1/web claims an exception for `privileged`, which does not count: we need it.
    ");
}
