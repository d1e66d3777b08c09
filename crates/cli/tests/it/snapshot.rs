//! Snapshots as input: a cluster is judged whole, or not at all.

use std::{fs, io::Write as _, path::Path, process::Command};

use flate2::{Compression, write::GzEncoder};
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
    let mut writer = Writer::new(Vec::new(), &header).expect("memory takes it");
    for object in objects {
        writer
            .object(&text_of(redact(object.clone())))
            .expect("memory takes it");
    }
    let pods = List {
        group: String::new(),
        version: "v1".to_owned(),
        resource: "pods".to_owned(),
        kind: "Pod".to_owned(),
        namespace: None,
        outcome: Listed::Read { objects: 1 },
    };
    writer.finish(&[pods]).expect("memory takes it")
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

/// Compresses lines that no `Writer` would write.
fn gzip(lines: &[&str]) -> Vec<u8> {
    let mut to = GzEncoder::new(Vec::new(), Compression::fast());
    for line in lines {
        to.write_all(line.as_bytes()).expect("memory takes it");
        to.write_all(b"\n").expect("memory takes it");
    }
    to.finish().expect("memory takes it")
}

fn reasons(report: &Value) -> Vec<&str> {
    let problems = report["problems"].as_array().expect("a list");
    problems
        .iter()
        .map(|problem| problem["reason"].as_str().expect("a text"))
        .collect()
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
fn what_tenants_allow_themselves_in_the_cluster_allows_nothing() {
    let world = World::new();
    let mut allowed = pod("a", "one");
    allowed["metadata"]["annotations"] =
        json!({"knight.dev/allow.host-network": "the node agent needs it"});
    world.file("app.yaml", allowed.to_string());
    assert_eq!(scan(&world, &["app.yaml"]).0, Some(0));
    world.file("s", snapshot(&[allowed]));
    let (code, report, _) = scan(&world, &["s"]);
    assert_eq!(code, Some(1));
    assert_eq!(places(&report), ["a/Pod/one"]);
    assert_eq!(report["summary"]["suppressed"], 0);
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
        reasons(&report),
        ["this snapshot is cut off after 1 object of it: copy or take it again"]
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

#[test]
fn says_why_a_snapshot_cannot_be_read() {
    let world = World::new();
    let mut damaged = snapshot(
        &(0..50)
            .map(|n| pod("a", &format!("p{n}")))
            .collect::<Vec<_>>(),
    );
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    let behind = [snapshot(&[pod("a", "one")]), b"more".to_vec()].concat();
    let header = "{\"knightSnapshot\":1,\"knight\":\"0.1.0\"}";
    let one = text_of(pod("a", "one"));
    let end = "{\"end\":{\"objects\":2,\"lists\":[]}}";
    let cases = [
        (
            gzip(&["{\"knightSnapshot\":2,\"knight\":\"\\u001b[2J9.0.0\"}"]),
            "this snapshot has form 2, of Knight \\u{1b}[2J9.0.0, and this Knight reads forms up to \
             1: update Knight, or take the snapshot with this one",
        ),
        (
            damaged,
            "this snapshot is damaged after 50 objects of it: copy or take it again",
        ),
        (
            gzip(&[header, &one, end]),
            "this snapshot says that it has 2 objects, and has 1",
        ),
        (
            behind,
            "something stands behind the end of this snapshot: take it again",
        ),
    ];
    for (bytes, reason) in cases {
        world.file("s", bytes);
        let (code, report, _) = scan(&world, &["s"]);
        assert_eq!(code, Some(2), "{reason}");
        assert_eq!(reasons(&report), [reason]);
        assert_eq!(report["findings"], json!([]), "{reason}");
    }
}

#[test]
fn other_compressed_files_are_no_snapshots() {
    let world = World::new();
    world.file("s.knight", gzip(&[&pod("a", "one").to_string()]));
    let (code, report, _) = scan(&world, &["s.knight"]);
    assert_eq!(code, Some(2));
    assert_eq!(report["findings"], json!([]));
    assert!(!reasons(&report).is_empty());
}

#[test]
fn a_snapshot_and_manifests_are_judged_together() {
    let world = World::new();
    world.file("s", snapshot(&[pod("a", "one"), features("disabled")]));
    world.file("app.yaml", service().to_string());
    let (code, report, _) = scan(&world, &["s", "app.yaml"]);
    assert_eq!(code, Some(1));
    assert_eq!(report["summary"]["documents"], 3);
    assert_eq!(places(&report), ["a/Pod/one"]);
    let of_file = |finding: &&Value| finding["location"]["file"] == "app.yaml";
    let findings = report["findings"].as_array().unwrap();
    let of_file: Vec<_> = findings.iter().filter(of_file).collect();
    // What the cluster's settings say holds for the file.
    assert_eq!(of_file.len(), 1, "{report:#}");
    assert_eq!(of_file[0]["effect"], "refused-by-webhook");
}

fn diff(world: &World, old: &str, new: &str) -> (Option<i32>, Value) {
    let run = world.run(&[&["scan", "--diff", old, new], &SELECT[..]].concat());
    (run.code, run.json())
}

/// Returns the objects of a list of a comparison.
fn compared<'c>(comparison: &'c Value, list: &str) -> Vec<(&'c str, &'c Value)> {
    let findings = comparison[list].as_array().expect("a list");
    let of = |finding: &'c Value| {
        let object = &finding["object"];
        (
            object["name"].as_str().expect("a name"),
            &finding["presence"],
        )
    };
    findings.iter().map(of).collect()
}

#[test]
fn two_snapshots_say_what_is_new_fixed_and_gone() {
    let world = World::new();
    let mut mended = pod("b", "two");
    mended["spec"]["hostNetwork"] = false.into();
    world.file(
        "old",
        snapshot(&[pod("a", "gone"), pod("a", "one"), pod("b", "two")]),
    );
    world.file("new", snapshot(&[pod("a", "one"), mended, service()]));
    let (code, comparison) = diff(&world, "old", "new");
    assert_eq!(code, Some(1));
    let gone = &json!("gone");
    let there = &json!("there");
    assert_eq!(
        compared(&comparison, "fixed"),
        [("gone", gone), ("two", there)],
        "{comparison:#}"
    );
    assert_eq!(compared(&comparison, "appeared").len(), 1, "{comparison:#}");
    assert_eq!(comparison["summary"]["unchanged"], 1);
    let (code, same) = diff(&world, "old", "old");
    assert_eq!(code, Some(0));
    assert_eq!(same["summary"]["unchanged"], 3);
}

#[test]
fn a_snapshot_and_the_report_of_it_are_equal() {
    let world = World::new();
    world.file("s", snapshot(&[pod("a", "one"), pod("b", "two")]));
    let run = world.run(&[&["scan", "s"], &SELECT[..]].concat());
    world.file("report.json", run.stdout);
    for (old, new) in [("s", "report.json"), ("report.json", "s")] {
        let (code, comparison) = diff(&world, old, new);
        assert_eq!(code, Some(0), "{comparison:#}");
        assert_eq!(comparison["summary"]["unchanged"], 2);
    }
    world.file("later", snapshot(&[pod("b", "two")]));
    let (_, comparison) = diff(&world, "report.json", "later");
    assert_eq!(
        compared(&comparison, "fixed"),
        [("one", &json!("gone"))],
        "{comparison:#}"
    );
}

#[test]
fn a_snapshot_from_stdin_is_compared() {
    let world = World::new();
    world.file("old", snapshot(&[pod("a", "one")]));
    world.file("new", snapshot(&[pod("a", "one"), pod("b", "two")]));
    let run = |sides: [&str; 2], stdin: &str| {
        let arguments = [&["scan", "--diff"], &sides[..], &SELECT[..]].concat();
        let mut command: Command = world.command(Path::new(""), &arguments);
        let output = command
            .stdin(fs::File::open(world.path(stdin)).unwrap())
            .output()
            .unwrap();
        let comparison: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), comparison["summary"].clone())
    };
    let (code, summary) = run(["old", "-"], "new");
    assert_eq!(
        (code, &summary["appeared"]),
        (Some(1), &json!(1)),
        "{summary:#}"
    );
    let (code, summary) = run(["-", "new"], "old");
    assert_eq!(
        (code, &summary["appeared"]),
        (Some(1), &json!(1)),
        "{summary:#}"
    );
}

#[test]
fn a_snapshot_that_is_not_whole_is_not_compared() {
    let world = World::new();
    let bytes = snapshot(&[pod("a", "one")]);
    world.file("whole", &bytes);
    world.file("part", &bytes[..bytes.len() - 1]);
    let run = world.run(&["scan", "--diff", "whole", "part"]);
    assert_eq!(run.code, Some(2));
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr
            .contains("`part` could not be read, so nothing is compared"),
        "{}",
        run.stderr
    );
}

#[test]
fn previews_an_upgrade_of_the_cluster() {
    let world = World::new();
    let namespace = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": "knative-serving",
            "labels": {
                "app.kubernetes.io/name": "knative-serving",
                "app.kubernetes.io/version": "1.18.2",
            },
        },
    });
    let tracing = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "config-tracing", "namespace": "knative-serving"},
        "data": {"backend": "none"},
    });
    world.file("s", snapshot(&[namespace, tracing]));
    let report = world.json(&["s", "--select", "setting-ignored", "--knative-version=1.23"]);
    assert_eq!(report["upgrade"]["planned"], "1.23", "{report:#}");
    assert_eq!(report["upgrade"]["settings"][0]["key"], "backend");
    assert_eq!(
        report["upgrade"]["appeared"].as_array().unwrap().len(),
        1,
        "{report:#}"
    );
}
