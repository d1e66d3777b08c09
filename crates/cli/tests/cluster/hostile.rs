//! Servers that mean harm: nothing of it reaches the terminal, the memory or another server.

use std::{
    io::Write as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use flate2::{Compression, write::GzEncoder};
use knight_model::snapshot::Listed;
use serde_json::{Value, json};

use crate::{
    server::{Reply, Seen, Server},
    world::{Objects, World, always, page},
};

/// The most memory that a run may have, in KiB.
const MEMORY: u64 = 300 << 10;

const ESCAPES: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\n\u{202e}root\u{0} ";

/// Asserts that a list of pods is lost for this reason, and that nothing else is.
fn check(reply: Reply, reason: &str) -> World {
    let world = World::pods(always(reply));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert_eq!(run.about_pods(), reason);
    world.snapshot().assert_lost("Pod", reason);
    assert!(run.peak < MEMORY, "{run:#?}");
    world
}

fn pods(items: &[Value]) -> Reply {
    page("Pod", &items.iter().collect::<Vec<_>>(), "")
}

#[test]
fn names_what_is_refused_in_one_clean_line() {
    let message = format!("pods is forbidden: {ESCAPES}{}", "x".repeat(9999));
    let world = World::pods(always(Reply::status(403, &message)));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(
        run.about_pods()
            .starts_with("pods is forbidden: [2J ]0;owned root x"),
        "{run:#?}"
    );
    assert!(run.about_pods().ends_with("x\u{2026}"), "{run:#?}");
    let Listed::Refused { reason } = world.snapshot().outcome("Pod").clone() else {
        panic!("not refused");
    };
    assert_eq!(reason, run.about_pods());
    assert_eq!(world.server.count("/api/v1/pods"), 1);
}

#[test]
fn reads_nothing_of_a_cluster_that_refuses_everything() {
    let world = World::faulty(Objects::with_pods(3), |seen| {
        (!seen.query.is_empty()).then(|| Reply::status(403, "no, \u{1b}[31mnever"))
    });
    let run = world.take(&[]);
    assert_eq!(run.code, Some(2), "{run:#?}");
    assert_eq!(
        run.stderr,
        "knight: error: nothing was read of the cluster: configmaps: no, [31mnever\n"
    );
    assert!(!world.path("taken.knight").exists());
}

#[test]
fn an_empty_cluster_is_not_clean() {
    let run = World::faulty(Objects::default(), |_| None).take(&[]);
    assert_eq!(run.code, Some(2), "{run:#?}");
    assert!(
        run.stderr
            .contains("it has no object of any kind that Knight reads"),
        "{run:#?}"
    );
}

#[test]
fn ends_at_once_when_nobody_knows_who_asks() {
    for path in ["/version", "/apis", "/api/v1", "/api/v1/pods"] {
        let world = World::faulty(Objects::with_pods(1), move |seen| {
            (seen.path == path).then(|| Reply::status(401, "Unauthorized\u{1b}[2J"))
        });
        let run = world.take(&[]);
        assert_eq!(run.code, Some(2), "{path} {run:#?}");
        assert_eq!(
            run.stderr,
            "knight: error: the cluster does not know who asks (the server answers 401 \
             Unauthorized: Unauthorized [2J): the credentials of the kubeconfig are wrong, or no \
             longer valid\n",
            "{path}"
        );
        assert!(!world.path("taken.knight").exists());
    }
}

#[test]
fn follows_no_redirect() {
    let elsewhere = Server::start(|_| Reply::json(200, "{}"));
    for status in [301, 302, 307, 308] {
        let world = World::pods(always(
            Reply::json(status, "").with("location", &format!("{}/api/v1/pods", elsewhere.url())),
        ));
        let run = world.take(&[]);
        assert_eq!(run.code, Some(1), "{run:#?}");
        let reason = run.about_pods();
        assert!(
            reason.ends_with("which leads elsewhere and is not followed"),
            "{reason}"
        );
    }
    assert_eq!(elsewhere.seen().len(), 0);
}

#[test]
fn a_list_that_goes_round_in_circles_ends() {
    let pod = |name: &str| json!({"metadata": {"name": name, "namespace": "team-a"}});
    // The same token again.
    let counted = Arc::new(AtomicUsize::new(0));
    let fresh = Arc::clone(&counted);
    let world = World::pods(move |_| {
        let name = format!("pod-{}", fresh.fetch_add(1, Ordering::Relaxed));
        Some(page("Pod", &[&pod(&name)], "again"))
    });
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    world
        .snapshot()
        .assert_lost("Pod", "the list does not go on, and does not end");
    assert_eq!(world.server.count("/api/v1/pods"), 2);

    // Another token, and the same objects.
    let world =
        World::pods(move |seen| Some(page("Pod", &[&pod("pod")], &format!("token-{}", seen.nth))));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    world
        .snapshot()
        .assert_lost("Pod", "the list holds an object twice");

    // Another token, and nothing.
    let world = World::pods(|seen| Some(page("Pod", &[], &format!("token-{}", seen.nth))));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    world
        .snapshot()
        .assert_lost("Pod", "the list does not go on, and does not end");
}

#[test]
fn an_expired_list_that_is_renewed_for_ever_ends() {
    let world = World::faulty(Objects::with_pods(600), |seen| {
        let status = json!({
            "kind": "Status", "code": 410,
            "metadata": {"continue": format!("token-{}", seen.nth)},
        });
        let later = seen.path == "/api/v1/pods" && seen.query.contains("continue");
        later.then(|| Reply::json(410, status.to_string()))
    });
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    let reason = "the server forgot 3 times where the list was to be continued";
    world.snapshot().assert_lost("Pod", reason);
    assert!(world.server.count("/api/v1/pods") < 100);
}

#[test]
fn a_list_without_end_ends() {
    let world = World::pods(|seen| {
        let name = format!("pod-{}", seen.nth);
        let pod = json!({"metadata": {"name": name, "namespace": "team-a"}});
        Some(page("Pod", &[&pod], &format!("token-{}", seen.nth)))
    });
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    let reason = "the list has no end after 20000 pages";
    world.snapshot().assert_lost("Pod", reason);
    assert_eq!(world.server.count("/api/v1/pods"), 20_000);
}

#[test]
fn a_token_is_nothing_but_a_token() {
    let world = World::pods(|seen| {
        let pod = json!({"metadata": {"name": format!("pod-{}", seen.nth), "namespace": "team-a"}});
        Some(match seen.nth {
            0 => page(
                "Pod",
                &[&pod],
                "x&fieldSelector=a#/../secrets\r\nHost: evil",
            ),
            _ => page("Pod", &[&pod], ""),
        })
    });
    let run = world.take(&[]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    let seen = world.server.seen();
    let pods: Vec<&Seen> = seen
        .iter()
        .filter(|seen| seen.path == "/api/v1/pods")
        .collect();
    assert_eq!(
        pods[1].query,
        "limit=500&continue=x%26fieldSelector%3Da%23%2F..%2Fsecrets%0D%0AHost%3A%20evil"
    );

    let pod = json!({"metadata": {"name": "pod", "namespace": "team-a"}});
    let long = page("Pod", &[&pod], &"t".repeat(1 << 20));
    check(long, "the server says at too great length how to go on");
}

#[test]
fn a_body_without_end_takes_no_memory() {
    let giant = |chunk: Vec<u8>| Reply::Endless(chunk, 1 << 30);
    let reason = "one object alone is larger than any that a cluster can hold";
    let world = check(giant(vec![b' '; 1 << 16]), reason);
    assert!(world.server.sent() < 400 << 20, "{}", world.server.sent());
}

#[test]
fn a_bomb_takes_no_memory() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(br#"{"kind":"PodList","items":[{"metadata":{"name":""#)
        .unwrap();
    let zeros = vec![b'0'; 1 << 20];
    for _ in 0..1024 {
        gzip.write_all(&zeros).unwrap();
    }
    let body = gzip.finish().unwrap();
    let bomb = Reply::Whole(200, vec![("content-encoding", "gzip".to_owned())], body);
    check(
        bomb,
        "one object alone is larger than any that a cluster can hold",
    );
}

#[test]
fn many_small_values_take_no_memory() {
    let values = format!(
        r#"{{"kind":"PodList","items":[{{"metadata":{{"name":"a"}},"a":[{}0]}}]}}"#,
        "0,".repeat(7 << 20)
    );
    let reason = "one object alone is larger than any that a cluster can hold";
    check(Reply::json(200, values), reason);
}

#[test]
fn deep_nesting_overflows_nothing() {
    let deep = format!(
        r#"{{"kind":"PodList","items":[{{"metadata":{{"name":"a"}},"a":{}"#,
        "[".repeat(500_000)
    );
    check(Reply::json(200, deep), "an object is nested too deeply");
}

#[test]
fn takes_nothing_for_a_list_that_is_none() {
    for body in [
        "<!doctype html><title>Sign in</title>",
        "null",
        "7",
        "[]",
        "{}",
        "\u{0}\u{1}\u{2}",
        r#"{"kind":"PodList"}"#,
        r#"{"kind":"Status","status":"Failure"}"#,
        r#"{"kind":"PodList","items":{}}"#,
        r#"{"kind":"PodList","items":[],"items":[]}"#,
        r#"{"kind":"PodList","items":[]} {"kind":"PodList","items":[]}"#,
    ] {
        let world = World::pods(always(Reply::json(200, body)));
        let run = world.take(&[]);
        assert_eq!(run.code, Some(1), "{body} {run:#?}");
        let reason = run.about_pods();
        assert!(
            reason.starts_with("the answer is no list of the Kubernetes API"),
            "{reason}"
        );
        world.snapshot().assert_lost("Pod", reason);
    }
}

#[test]
fn takes_no_object_that_was_not_asked_for() {
    let pod = |name: &str| json!({"metadata": {"name": name, "namespace": "team-a"}});
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "team-a"},
        "data": {"password": "Y2FuYXJ5"},
    });
    check(
        pods(&[pod("a"), secret]),
        "the list holds an object of another kind",
    );
    check(
        pods(&[pod("a"), json!(7)]),
        "the list holds something that is no object",
    );
    check(
        pods(&[json!({})]),
        "the list holds an object without a name",
    );
    check(
        pods(&[pod("a"), pod("a")]),
        "the list holds an object twice",
    );

    let elsewhere = json!({"metadata": {"name": "config-features", "namespace": "team-a"}});
    let world = World::faulty(Objects::with_pods(1), move |seen| {
        let asked = seen.path == "/api/v1/namespaces/knative-serving/configmaps";
        asked.then(|| page("ConfigMap", &[&elsewhere], ""))
    });
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert_eq!(
        run.stderr.lines().next(),
        Some(
            "knight: warning: configmaps in `knative-serving` could not be read: the list holds an \
             object of another namespace"
        )
    );
}

#[test]
fn what_a_server_says_steers_no_terminal() {
    let world = World::faulty(Objects::with_pods(1), |seen| match &*seen.path {
        "/version" => Some(Reply::json(200, json!({"gitVersion": ESCAPES}).to_string())),
        "/apis" => {
            let versions = json!([{"version": "v1/../../api/v1/secrets?"}, {"version": ESCAPES}]);
            let groups = json!([
                {"name": "serving.knative.dev", "versions": versions},
                {"name": ESCAPES, "versions": []},
            ]);
            Some(Reply::json(200, json!({"groups": groups}).to_string()))
        }
        "/api/v1/pods" => {
            let name = format!("pod{ESCAPES}");
            let pod = json!({"metadata": {"name": name, "namespace": ESCAPES}});
            Some(page("Pod", &[&pod], ""))
        }
        _ => None,
    });
    let run = world.take(&[]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    let taken = world.snapshot();
    assert_eq!(
        taken.header.kubernetes.as_deref(),
        Some("[2J ]0;owned root")
    );
    assert_eq!(taken.names("Pod"), [format!("pod{ESCAPES}")]);
}

#[test]
fn what_objects_are_called_steers_no_terminal() {
    let world = World::pods(|_| {
        let container = json!({
            "name": ESCAPES, "image": ESCAPES, "securityContext": {"privileged": true},
            "env": [{"name": ESCAPES, "value": "canary-0817"}],
        });
        let pod = json!({
            "metadata": {
                "name": format!("pod{ESCAPES}"), "namespace": ESCAPES,
                "annotations": {"knight.dev/allow.host-network": ESCAPES},
            },
            "spec": {"containers": [container], "hostNetwork": ESCAPES},
        });
        Some(page("Pod", &[&pod], ""))
    });
    for format in ["text", "github", "markdown"] {
        let run = world.run(&["scan", "--cluster", "--format", format]);
        assert_eq!(run.code, Some(1), "{run:#?}");
        let stdout = String::from_utf8(run.stdout).unwrap();
        assert!(stdout.contains("privileged"), "{stdout}");
        let steers = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!stdout.contains(steers), "{format} {stdout:?}");
        assert!(!stdout.contains("canary-0817"), "{format} {stdout:?}");
    }
}
