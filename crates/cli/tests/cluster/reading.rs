//! What a server that behaves gives.

use std::fs;

use knight_model::snapshot::{Header, Listed};
use serde_json::json;

use crate::{
    server::Reply,
    world::{Objects, TOKEN, World, always},
};

#[test]
fn reads_every_page_in_order() {
    let world = World::faulty(Objects::with_pods(1203), |_| None);
    let run = world.take(&[]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(
        run.stderr
            .starts_with("knight: note: 1204 objects of 2 kinds, in the "),
        "{run:#?}"
    );
    let taken = world.snapshot();
    let expected: Vec<String> = (0..1203).map(|at| format!("pod-{at:06}")).collect();
    assert_eq!(taken.names("Pod"), expected);
    assert_eq!(taken.outcome("Pod"), &Listed::Read { objects: 1203 });
    assert_eq!(taken.outcome("LimitRange"), &Listed::NotServed);
    assert_eq!(
        taken.header,
        Header {
            knight: env!("CARGO_PKG_VERSION").to_owned(),
            kubernetes: Some("v1.36.2".to_owned()),
            namespaces: Vec::new(),
        }
    );
    let seen = world.server.seen();
    let pods = seen.iter().filter(|seen| seen.path == "/api/v1/pods");
    let queries: Vec<&str> = pods.map(|seen| &*seen.query).collect();
    assert_eq!(
        queries,
        [
            "limit=500",
            "limit=500&continue=500",
            "limit=500&continue=1000"
        ]
    );
    let token = format!("Bearer {TOKEN}");
    assert!(
        seen.iter()
            .all(|seen| seen.authorization.as_ref() == Some(&token))
    );
}

#[test]
fn the_same_cluster_gives_the_same_bytes() {
    let world = World::faulty(Objects::with_pods(700), |_| None);
    let mut taken = Vec::new();
    for _ in 0..3 {
        assert_eq!(world.take(&[]).code, Some(0));
        taken.push(fs::read(world.path("taken.knight")).unwrap());
    }
    assert!(taken.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn reads_config_maps_of_knative_alone_and_hides_values() {
    let mut objects = Objects::with_pods(0);
    for (namespace, name) in [
        ("knative-serving", "config-features"),
        ("team-a", "passwords"),
    ] {
        objects.add(
            "configmaps",
            json!({
                "metadata": {"name": name, "namespace": namespace, "managedFields": [{"a": 1}]},
                "data": {"multi-container": "enabled", "password": "canary-0815"},
            }),
        );
    }
    objects.add(
        "services",
        json!({
            "apiVersion": "serving.knative.dev/v1", "kind": "Service",
            "metadata": {"name": "web", "namespace": "team-a"},
            "spec": {"template": {"spec": {"containers": [
                {"image": "registry.example/web", "env": [{"name": "KEY", "value": "canary-0816"}]},
            ]}}},
        }),
    );
    let world = World::faulty(objects, |_| None);
    assert_eq!(world.take(&[]).code, Some(0));
    let taken = world.snapshot();
    assert_eq!(taken.names("ConfigMap"), ["config-features"]);
    assert_eq!(taken.names("Service"), ["web"]);
    let text = format!("{:?}", taken.objects);
    assert!(text.contains("enabled"), "{text}");
    assert!(
        !text.contains("canary-") && !text.contains("managedFields"),
        "{text}"
    );
    assert_eq!(world.server.count("/api/v1/configmaps"), 0);
    assert_eq!(
        world.server.count("/api/v1/namespaces/team-a/configmaps"),
        0
    );
}

#[test]
fn prefers_the_newest_version_that_it_knows_and_takes_others_if_it_must() {
    let served = |versions: &'static [&'static str]| {
        move |seen: &crate::server::Seen| {
            let group = "sources.knative.dev";
            let listed: Vec<_> = versions
                .iter()
                .map(|version| json!({"version": version}))
                .collect();
            let parts: Vec<&str> = seen.path.split('/').skip(1).collect();
            match parts.as_slice() {
                ["apis"] => {
                    let groups = json!({"groups": [{"name": group, "versions": listed}]});
                    Some(Reply::json(200, groups.to_string()))
                }
                ["apis", "sources.knative.dev", version] if versions.contains(version) => {
                    let resource = json!({
                        "name": "pingsources", "kind": "PingSource", "namespaced": true,
                        "verbs": ["list"],
                    });
                    Some(Reply::json(
                        200,
                        json!({"resources": [resource]}).to_string(),
                    ))
                }
                ["apis", "sources.knative.dev", _, "pingsources"] => {
                    let items = json!([{"metadata": {"name": "ping", "namespace": "team-a"}}]);
                    let list = json!({"kind": "PingSourceList", "items": items});
                    Some(Reply::json(200, list.to_string()))
                }
                _ => None,
            }
        }
    };
    let asked: &[(&'static [&'static str], &str)] = &[
        (&["v1", "v1beta2"], "v1"),
        (&["v1beta2", "v1"], "v1"),
        (&["v1beta2"], "v1beta2"),
        (&["v7", "v1alpha1"], "v7"),
    ];
    for (versions, expected) in asked {
        let world = World::faulty(Objects::with_pods(1), served(versions));
        let run = world.take(&[]);
        assert_eq!(run.code, Some(0), "{run:#?}");
        let taken = world.snapshot();
        let ping = taken
            .objects
            .iter()
            .find(|object| object["kind"] == "PingSource");
        let version = format!("sources.knative.dev/{expected}");
        assert_eq!(ping.map(|ping| &ping["apiVersion"]), Some(&json!(version)));
    }
}

#[test]
fn asks_for_kinds_all_the_same_when_nobody_tells_which_are_served() {
    let world = World::faulty(Objects::with_pods(1), |seen| {
        let told =
            seen.path == "/apis" || seen.path.split('/').count() <= 4 && seen.path != "/version";
        let list = seen.path.split('/').count() == 4 && seen.path.starts_with("/api/");
        (told && !list).then(|| Reply::status(403, "no"))
    });
    let run = world.take(&[]);
    let taken = world.snapshot();
    assert_eq!(taken.names("Pod"), ["pod-000000"], "{run:#?}");
    assert_eq!(taken.outcome("LimitRange"), &Listed::NotServed);
    assert_eq!(run.code, Some(0), "{run:#?}");
}

#[test]
fn a_kind_that_is_gone_meanwhile_is_not_served() {
    let world = World::pods(always(Reply::status(404, "gone")));
    assert_eq!(world.take(&[]).code, Some(0));
    assert_eq!(world.snapshot().outcome("Pod"), &Listed::NotServed);
}

fn unsafe_cluster(pods: usize) -> Objects {
    let mut objects = Objects::with_pods(pods);
    let data = json!({"kubernetes.podspec-securitycontext": "enabled"});
    let metadata = json!({"name": "config-features", "namespace": "knative-serving"});
    objects.add("configmaps", json!({"metadata": metadata, "data": data}));
    let container = json!({
        "image": "registry.example/web", "securityContext": {"privileged": true},
        "env": [{"name": "PASSWORD", "value": "canary-0818"}],
    });
    let template = json!({"spec": {"containers": [container]}});
    let metadata = json!({"name": "web", "namespace": "team-a"});
    objects.add(
        "services",
        json!({
            "apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": metadata,
            "spec": {"template": template},
        }),
    );
    objects
}

#[test]
fn a_scan_says_what_one_of_the_snapshot_says() {
    let refused = |seen: &crate::server::Seen| {
        let asked = seen.path == "/apis/apps/v1/deployments";
        asked.then(|| Reply::status(403, "not yours"))
    };
    let world = World::faulty(unsafe_cluster(700), refused);
    for namespaces in [&[][..], &["-n", "team-a"]] {
        assert_eq!(
            world.take(namespaces).code,
            Some(i32::from(namespaces.is_empty()))
        );
        for format in ["text", "json", "sarif", "markdown"] {
            let shared = ["--today", "2026-01-01", "--format", format];
            let live: Vec<&str> = ["scan", "--cluster"]
                .iter()
                .chain(namespaces)
                .copied()
                .collect();
            let live = world.run(&[&live[..], &shared[..]].concat());
            let taken = world.run(&[&["scan", "taken.knight"][..], &shared[..]].concat());
            assert_eq!(live.code, Some(1), "{live:#?}");
            assert_eq!(taken.code, Some(1), "{taken:#?}");
            let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
            let (live, taken) = (text(live.stdout), text(taken.stdout));
            assert_eq!(live, taken);
            assert!(
                live.contains("privileged") && live.contains("team-a"),
                "{live}"
            );
            assert!(!live.contains("canary-0818"), "{live}");
            if format == "text" && namespaces.is_empty() {
                assert!(live.contains("not yours"), "{live}");
            }
        }
    }
}
