//! Snapshots as input: a cluster is judged whole, or not at all.

use std::{fs, path::Path};

use knight_controls::redact::redact;
use knight_model::snapshot::{Header, List, Listed, Writer, text_of};
use serde_json::{Value, json};

use crate::common::World;

fn pod(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"hostNetwork": true, "containers": [{"name": "main", "image": "a"}]},
    })
}

fn features(value: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "config-features", "namespace": "knative-serving"},
        "data": {"kubernetes.podspec-hostnetwork": value},
    })
}

fn service() -> Value {
    json!({
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"template": {"spec": {"hostNetwork": true, "containers": [{"image": "a"}]}}},
    })
}

fn snapshot_of(namespaces: &[&str], objects: &[Value]) -> Vec<u8> {
    let header = Header {
        knight: "0.1.0".to_owned(),
        kubernetes: Some("v1.33.1+k3s1".to_owned()),
        namespaces: namespaces.iter().map(|&name| name.to_owned()).collect(),
    };
    let mut writer = Writer::new(Vec::new(), &header).expect("memory");
    for object in objects {
        let line = text_of(redact(object.clone()));
        writer.object(&line).expect("an object");
    }
    let pods = List {
        group: String::new(),
        version: "v1".to_owned(),
        resource: "pods".to_owned(),
        kind: "Pod".to_owned(),
        namespace: None,
        outcome: Listed::Read { objects: 1 },
    };
    writer.finish(&[pods]).expect("memory")
}

fn snapshot(objects: &[Value]) -> Vec<u8> {
    snapshot_of(&[], objects)
}

const SELECT: [&str; 3] = ["--select", "host-network", "--format=json"];

fn scan(world: &World, paths: &[&str]) -> (Option<i32>, Value, String) {
    let run = world.run(&[&["scan"], paths, &SELECT].concat());
    let report = serde_json::from_str(&run.stdout).unwrap_or(Value::Null);
    (run.code, report, run.stderr)
}

fn places(report: &Value) -> Vec<String> {
    let text = report.to_string();
    let mut found: Vec<String> = [
        "a/Pod/one",
        "b/Pod/two",
        "shop/Service.serving.knative.dev/web",
    ]
    .into_iter()
    .filter(|name| text.contains(&format!("\"{name}\"")))
    .map(str::to_owned)
    .collect();
    found.sort();
    found
}

#[test]
fn judges_the_objects_of_a_snapshot_whatever_its_name() {
    let world = World::new();
    world.file("backup.bin", snapshot(&[pod("a", "one"), pod("b", "two")]));
    let (code, report, _) = scan(&world, &["backup.bin"]);
    assert_eq!(code, Some(1));
    assert_eq!(report["summary"]["documents"], 2);
    assert_eq!(places(&report), ["a/Pod/one", "b/Pod/two"]);
}

#[test]
fn says_the_same_of_a_snapshot_from_stdin() {
    let world = World::new();
    let bytes = snapshot(&[pod("a", "one")]);
    world.file("s", &bytes);
    let piped = world
        .command(Path::new(""), &[&["scan", "-"], &SELECT[..]].concat())
        .stdin(fs::File::open(world.path("s")).unwrap())
        .output()
        .unwrap();
    let (code, report, _) = scan(&world, &["s"]);
    assert_eq!(piped.status.code(), code);
    assert_eq!(
        serde_json::from_slice::<Value>(&piped.stdout).unwrap(),
        report
    );
}

#[test]
fn the_order_of_cores_does_not_show() {
    let world = World::new();
    let objects: Vec<Value> = (0..3000)
        .map(|n| pod(&format!("n{}", n % 7), &format!("p{n}")))
        .collect();
    world.file("s", snapshot(&objects));
    let first = world.run(&[&["scan", "s"], &SELECT[..]].concat()).stdout;
    for _ in 0..3 {
        assert_eq!(
            world.run(&[&["scan", "s"], &SELECT[..]].concat()).stdout,
            first
        );
    }
}

#[test]
fn settings_and_versions_are_those_of_the_cluster() {
    let world = World::new();
    for (value, effect) in [("enabled", "live"), ("disabled", "refused-by-webhook")] {
        world.file("s", snapshot(&[service(), features(value)]));
        let (_, report, _) = scan(&world, &["s"]);
        assert!(
            report.to_string().contains(&format!("\"{effect}\"")),
            "{report:#}"
        );
        assert_eq!(
            report["basis"]["kubernetes"]["version"], "1.33",
            "{report:#}"
        );
    }
}

#[test]
fn objects_of_other_namespaces_are_context_only() {
    let world = World::new();
    let objects = [
        pod("a", "one"),
        pod("b", "two"),
        service(),
        features("disabled"),
    ];
    world.file("s", snapshot_of(&["a", "shop"], &objects));
    let (_, report, _) = scan(&world, &["s"]);
    assert_eq!(
        places(&report),
        ["a/Pod/one", "shop/Service.serving.knative.dev/web"]
    );
    assert!(report.to_string().contains("refused-by-webhook"));
    assert_eq!(report["summary"]["documents"], 2);
}

#[test]
fn a_snapshot_as_context_is_not_judged() {
    let world = World::new();
    world.file(
        "platform",
        snapshot(&[pod("a", "one"), features("disabled")]),
    );
    world.file("app.yaml", service().to_string());
    let (code, report, _) = scan(&world, &["app.yaml", "--context", "platform"]);
    assert_eq!(code, Some(1));
    assert_eq!(places(&report), Vec::<String>::new());
    assert!(
        report.to_string().contains("refused-by-webhook"),
        "{report:#}"
    );
    assert_eq!(
        report["basis"]["kubernetes"]["version"], "1.33",
        "{report:#}"
    );
}

#[test]
fn a_snapshot_that_is_not_whole_is_not_judged() {
    let world = World::new();
    let bytes = snapshot(&[pod("a", "one")]);
    world.file("s", &bytes[..bytes.len() - 4]);
    let (code, report, _) = scan(&world, &["s"]);
    assert_eq!(code, Some(2));
    assert_eq!(places(&report), Vec::<String>::new());
    assert_eq!(
        report["problems"][0]["message"]
            .as_str()
            .or_else(|| report["problems"][0]["reason"].as_str()),
        Some("this snapshot is cut off after 1 object of it: copy or take it again"),
        "{report:#}"
    );
    world.file("app.yaml", pod("b", "two").to_string());
    assert_eq!(scan(&world, &["app.yaml", "--context", "s"]).0, Some(2));
}

#[test]
fn an_object_that_is_none_spoils_the_snapshot() {
    let world = World::new();
    let mut writer = Writer::new(Vec::new(), &Header::default()).unwrap();
    writer.object(&text_of(pod("a", "one"))).unwrap();
    writer.object("{\"kind\":\"Pod\"}").unwrap();
    world.file("s", writer.finish(&[]).unwrap());
    let run = world.run(&["scan", "s", "--quiet"]);
    assert_eq!(run.code, Some(2));
    let reason = "object 2 of this snapshot is no Kubernetes object: take it again";
    assert!(run.stderr.contains(reason), "{}", run.stderr);
    assert!(!run.stdout.contains("hostNetwork"));
}

#[test]
fn two_snapshots_are_compared_not_scanned() {
    let world = World::new();
    world.file("old", snapshot(&[])).file("new", snapshot(&[]));
    let run = world.run(&["scan", "old", "new"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("`--diff OLD NEW` compares two"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_empty_cluster_is_not_clean() {
    let world = World::new();
    world.file("s", snapshot(&[]));
    assert_eq!(scan(&world, &["s"]).0, Some(2));
}

#[test]
fn snapshots_in_folders_are_passed_over() {
    let world = World::new();
    world.file("d/s.knight", snapshot(&[pod("a", "one")]));
    world.file("d/b.yaml", pod("b", "two").to_string());
    let (_, report, _) = scan(&world, &["d"]);
    assert_eq!(report["summary"]["documents"], 1);
}

#[test]
fn fixes_leave_snapshots_alone() {
    let world = World::new();
    let bytes = snapshot(&[pod("a", "one")]);
    world.file("s", &bytes);
    let run = world.run(&[
        "scan",
        "s",
        "--select",
        "host-network",
        "--fix",
        "--unsafe-fixes",
    ]);
    assert_eq!(run.code, Some(1));
    assert_eq!(fs::read(world.path("s")).unwrap(), bytes);
}
