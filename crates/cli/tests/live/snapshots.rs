//! A snapshot of a cluster says what a scan of the cluster says, and nothing that is secret.

use std::{
    fs::{self, File},
    io::Read as _,
    time::Duration,
};

use flate2::read::GzDecoder;
use knight_testbed_client::{objects, wait_until};
use serde_json::json;

use crate::{
    access::reader,
    common::{World, alone, testbed},
    hostile,
};

const FORMATS: [&str; 5] = ["text", "json", "sarif", "github", "markdown"];

/// Takes snapshots of all or some namespaces until two are the same, so that the controllers are done, and returns the name of
/// the last.
fn settled(world: &World, of: &[&str]) -> String {
    let take = |name: &str| {
        let path = world.path(name);
        let path = path.to_str().expect("a path of text").to_owned();
        let run = world.run(&[&["snapshot", "--cluster", "--force", "-o", &path], of].concat());
        assert_eq!(run.code, Some(0), "{run:#?}");
        (fs::read(&path).expect("a snapshot"), path)
    };
    let mut last = take("one.knight").0;
    wait_until(
        Duration::from_mins(1),
        "a cluster that stays as it is",
        || {
            let (next, path) = take("two.knight");
            let same = next == last;
            last = next;
            Ok(same.then_some(path))
        },
    )
    .expect("two equal snapshots")
}

#[test]
fn a_scan_of_a_snapshot_says_what_a_scan_of_the_cluster_says() {
    let _alone = alone();
    hostile::apply();
    let world = World::of(&reader().kubeconfig);
    for of in [&[][..], &["-n", "mallory"]] {
        let snapshot = settled(&world, of);
        for format in FORMATS {
            let common = [
                "--profile",
                "hosted",
                "--format",
                format,
                "--today",
                "2027-01-01",
            ];
            let live = world.run(&[&["scan", "--cluster"], of, &common].concat());
            let offline = world.run(&[&["scan", &snapshot], &common[..]].concat());
            assert_eq!(
                (live.code, offline.code),
                (Some(1), Some(1)),
                "{format}: {live:#?}"
            );
            assert!(live.stdout.len() > 1000, "{format}: {live:#?}");
            assert!(live.stdout == offline.stdout, "{of:?} {format}");
        }
    }
}

#[test]
fn no_secret_is_in_a_snapshot() {
    let _alone = alone();
    let namespaces = testbed().namespaces("canary");
    let namespace = namespaces.create("a", &json!({})).expect("a namespace");
    // `canary-` begins each value that must not leave the cluster, and `name-` what may.
    let manifest = format!(
        "
apiVersion: v1
kind: Secret
metadata: {{name: name-secret, namespace: {namespace}}}
stringData: {{key: canary-of-secret}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: name-config, namespace: {namespace}}}
data: {{key: canary-of-config}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: name-stray, namespace: knative-serving}}
data: {{key: canary-of-stray}}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: name-service
  namespace: {namespace}
  annotations:
    example.com/note: canary-of-annotation
spec:
  template:
    metadata:
      annotations:
        example.com/note: canary-of-template
    spec:
      containers:
        - image: registry.example.com/name-image:1
          command: [sh, -c, canary-of-command]
          args: [--password=canary-of-argument]
          env:
            - {{name: NAME_PASSWORD, value: canary-of-password}}
            - {{name: NAME_COLOUR, value: canary-of-colour}}
          livenessProbe:
            httpGet:
              path: /
              httpHeaders: [{{name: Authorization, value: canary-of-header}}]
---
apiVersion: sources.knative.dev/v1
kind: PingSource
metadata: {{name: name-ping, namespace: {namespace}}}
spec:
  schedule: '* * * * *'
  contentType: text/plain
  data: canary-of-event
  sink: {{uri: 'https://canary-of-user:canary-of-uri@example.com/?key=canary-of-query'}}
"
    );
    let objects = objects(&manifest).expect("YAML");
    let client = testbed().client();
    for object in &objects {
        let answer = client.apply(object).expect("an answer");
        assert!(answer.is_success(), "{object}: {}", answer.message());
    }
    // What the controllers make of it holds the same values once more.
    wait_until(Duration::from_mins(1), "a pod", || {
        let pods = client.get(&format!("/api/v1/namespaces/{namespace}/pods"))?;
        let pods = pods.granted("a list of pods")?;
        Ok(pods["items"]
            .as_array()
            .is_some_and(|pods| !pods.is_empty())
            .then_some(()))
    })
    .expect("a pod of the service");

    // Somebody who may read everything gets no more than one who may not.
    for world in [World::new(), World::of(&reader().kubeconfig)] {
        let path = settled(&world, &[]);
        let mut text = String::new();
        let file = File::open(path).expect("a snapshot");
        GzDecoder::new(file)
            .read_to_string(&mut text)
            .expect("gzipped text");
        for there in [
            "name-service",
            "name-image",
            "NAME_PASSWORD",
            "name-ping",
            "name-stray",
        ] {
            assert!(text.contains(there), "{there}");
        }
        let leaks: Vec<&str> = text
            .match_indices("canary-of")
            .map(|(at, _)| text.get(at.saturating_sub(80)..).unwrap_or_default())
            .map(|from| from.get(..120).unwrap_or(from))
            .collect();
        assert!(leaks.is_empty(), "{leaks:#?}");
        // `canary-of-secret` in base64.
        assert!(!text.contains("Y2FuYXJ5LW9mLXNlY3JldA"), "the Secret");
    }
    let stray = client.delete("/api/v1/namespaces/knative-serving/configmaps/name-stray");
    assert!(stray.expect("an answer").is_success());
}
