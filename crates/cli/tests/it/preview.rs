//! `--knative-version` newer than what is installed.

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::World;

const PLATFORM: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: knative-serving
  labels: {app.kubernetes.io/name: knative-serving, app.kubernetes.io/version: \"1.18.2\"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: config-tracing, namespace: knative-serving}
data:
  backend: none
";

const SELECT: &[&str] = &["scan", "k.yaml", "--select", "setting-ignored"];

fn with(more: &[&'static str]) -> Vec<&'static str> {
    SELECT.iter().chain(more).copied().collect()
}

#[test]
fn says_what_a_newer_version_changes() {
    let world = World::new();
    world.file("k.yaml", PLATFORM);
    let run = world.run(&with(&[
        "--knative-version",
        "1.23",
        "--k8s-version",
        "1.32",
    ]));
    assert_snapshot!(run.all(), @r#"
    exit: 1
    --- stdout
    high[setting-ignored]: A setting has no effect
      --> k.yaml:11:3
       |
    11 |   backend: none
       |   ^^^^^^^ Knative knows this key no longer, from 1.19 on
       |
       = note: `backend` in ConfigMap `knative-serving/config-tracing` has no effect as it is written
       = help: Write the key and value as Knative reads them
       = help: `knight explain setting-ignored` says why, and shows examples

    First: 1 high setting-ignored in ConfigMap knative-serving/config-tracing; it decides for the workloads of everyone

    Found: 1 finding (1 high); 1 object was judged by 1 control
    Read: 2 documents and 2 objects in 1 file
    Not judged: 1 object of 1 kind
      - 1 Namespace of v1: the controls for this kind were not selected (at k.yaml:2)
    Upgrade: from Knative 1.18 (k.yaml:5) to 1.23, by which everything here is judged
      - Knative 1.23 does not start on Kubernetes 1.32: it needs 1.34 or newer
      - `backend` of config-tracing (k.yaml:11) is known no longer, and has no effect
      - 1 finding is new: 1 of setting-ignored
    Basis: profile shared; Knative 1.23 (as the options say); Kubernetes 1.32 (as the options say)
    "#);
    let context = [
        "scan",
        "app.yaml",
        "--context",
        "k.yaml",
        "--knative-version",
        "1.23",
    ];
    world.file("app.yaml", crate::common::HOST_NETWORK);
    let run = world.run(&context);
    assert!(
        run.stdout.contains("Upgrade: from Knative 1.18"),
        "{run:#?}"
    );
}

#[test]
fn previews_only_what_is_asked_for() {
    let world = World::new();
    world.file("k.yaml", PLATFORM);
    let upgrade = |more: &[&'static str]| {
        let all: Vec<&str> = with(more).into_iter().chain(["--format", "json"]).collect();
        world.run(&all).json()["upgrade"].clone()
    };
    assert_eq!(upgrade(&["--knative-version", "1.20"])["planned"], "1.20");
    assert_eq!(upgrade(&[]), Value::Null);
    assert_eq!(upgrade(&["--knative-version", "1.18"]), Value::Null);
    assert_eq!(upgrade(&["--knative-version", "1.17"]), Value::Null);
    let older = world.run(&with(&["--knative-version", "1.17"]));
    assert!(
        older
            .stdout
            .contains("Knative 1.17 is older than the installed 1.18 (k.yaml:5)"),
        "{older:#?}"
    );
    world.file("knight.yaml", "version: 1\nknative: \"1.23\"\n");
    assert_eq!(upgrade(&[]), Value::Null);
}

#[test]
fn json_says_which_findings_are_new() {
    let world = World::new();
    world.file("k.yaml", PLATFORM);
    let all = with(&["--knative-version", "1.23", "--format", "json"]);
    let report = world.run(&all).json();
    let upgrade = &report["upgrade"];
    let finding = &report["findings"][0]["fingerprint"];
    assert_eq!(upgrade["appeared"][0]["fingerprint"], *finding);
    assert_eq!(upgrade["settings"][0]["key"], "backend");
    assert_eq!(upgrade["settings"][0]["change"], "gone");
    assert_eq!(upgrade["gone"], Value::Array(Vec::new()));
    let schema: Value =
        serde_json::from_str(include_str!("../../../../schemas/report.schema.json")).expect("JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    let errors: Vec<String> = validator
        .iter_errors(&report)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}
