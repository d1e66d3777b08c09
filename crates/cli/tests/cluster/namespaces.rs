//! Some namespaces instead of all.

use std::collections::BTreeSet;

use serde_json::json;

use crate::{
    server::Reply,
    world::{Objects, World},
};

fn objects() -> Objects {
    let mut objects = Objects::default();
    for namespace in ["knative-serving", "team-a", "team-b", "team-c"] {
        objects.add("namespaces", json!({"metadata": {"name": namespace}}));
        for plural in ["configmaps", "deployments", "pods"] {
            let name = format!("{plural}-of-{namespace}");
            objects.add(
                plural,
                json!({"metadata": {"name": name, "namespace": namespace}}),
            );
        }
    }
    objects
}

#[test]
fn reads_them_and_what_says_how_they_are_judged() {
    let world = World::faulty(objects(), |_| None);
    let run = world.take(&["-n", "team-b,team-a", "--namespace", "team-a"]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    let taken = world.snapshot();
    assert_eq!(taken.header.namespaces, ["team-a", "team-b"]);
    assert_eq!(taken.names("Namespace"), ["team-a", "team-b"]);
    assert_eq!(taken.names("Pod"), ["pods-of-team-a", "pods-of-team-b"]);
    assert_eq!(taken.names("ConfigMap"), ["configmaps-of-knative-serving"]);
    assert_eq!(
        taken.names("Deployment"),
        [
            "deployments-of-knative-serving",
            "deployments-of-team-a",
            "deployments-of-team-b"
        ]
    );
    let seen = world.server.seen();
    let paths: BTreeSet<&str> = seen.iter().map(|seen| &*seen.path).collect();
    assert!(paths.iter().all(|path| !path.contains("team-c")));
    assert!(!paths.contains("/api/v1/pods") && !paths.contains("/api/v1/namespaces"));
}

#[test]
fn says_that_there_is_no_such_namespace() {
    let world = World::faulty(objects(), |_| None);
    let run = world.take(&["-n", "team-a,team-x"]);
    assert_eq!(run.code, Some(2), "{run:#?}");
    assert_eq!(
        run.stderr,
        "knight: error: the cluster has no namespace `team-x`\n"
    );
    assert!(!world.path("taken.knight").exists());
}

#[test]
fn reads_namespaces_whose_labels_are_refused() {
    let world = World::faulty(objects(), |seen| {
        let namespace = seen.path == "/api/v1/namespaces/team-a";
        namespace.then(|| Reply::status(403, "not yours"))
    });
    let run = world.take(&["-n", "team-a"]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(
        run.stderr
            .contains("namespaces in `team-a` could not be read: not yours"),
        "{run:#?}"
    );
    assert_eq!(world.snapshot().names("Pod"), ["pods-of-team-a"]);
}

#[test]
fn takes_no_path_for_a_namespace() {
    let world = World::faulty(objects(), |_| None);
    for hostile in [
        "../secrets",
        "a/b",
        "a?limit=1",
        "-a",
        "A",
        "",
        "a\u{1b}",
        &"a".repeat(64),
    ] {
        let run = world.take(&[&format!("--namespace={hostile}")]);
        assert_eq!(run.code, Some(2), "{run:#?}");
    }
    assert_eq!(world.server.seen().len(), 0);
}
