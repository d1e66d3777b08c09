//! Servers that stumble: what passes is tried again, what stays is said.

use std::{io::Write as _, time::Duration};

use flate2::{Compression, write::GzEncoder};
use knight_model::snapshot::Listed;
use serde_json::json;

use crate::{
    server::{Reply, Seen},
    world::{Objects, World, always, first, page},
};

const PODS: &str = "/api/v1/pods";

/// Asserts that a fault that passes costs nothing, and one that stays the list and nothing else.
fn check(fault: &Reply, stays: &str) {
    let world = World::pods(first(2, fault.clone()));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert_eq!(world.snapshot().names("Pod"), ["pod-000000"]);
    assert_eq!(world.server.count(PODS), 3);

    let world = World::pods(always(fault.clone()));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert_eq!(run.about_pods(), stays);
    world.snapshot().assert_lost("Pod", stays);
    assert!(world.server.count(PODS) <= 5);
}

#[test]
fn tries_again_when_the_server_is_busy() {
    let busy = "the server answers 429 Too Many Requests: slow down, 5 times in a row";
    check(&Reply::status(429, "slow down"), busy);
}

#[test]
fn tries_again_when_the_server_fails() {
    let reason = "the server answers 503 Service Unavailable, 5 times in a row";
    check(&Reply::json(503, "no JSON"), reason);
    let reason = "the server answers 500 Internal Server Error: etcd, 5 times in a row";
    check(&Reply::status(500, "etcd"), reason);
}

#[test]
fn waits_as_long_as_the_server_asks() {
    let busy = Reply::status(429, "slow down").with("retry-after", "1");
    let world = World::pods(first(1, busy));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(run.took >= Duration::from_secs(1), "{run:#?}");
}

#[test]
fn waits_for_no_server_that_asks_for_hours() {
    let busy = Reply::status(503, "come back later").with("retry-after", "7200");
    let world = World::pods(always(busy));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert_eq!(
        run.about_pods(),
        "the server answers 503 Service Unavailable: come back later, and it asks to wait for 7200 \
         seconds"
    );
    assert_eq!(world.server.count(PODS), 1);
}

#[test]
fn tries_again_when_an_answer_is_cut_off() {
    let whole = pods().bytes();
    let cut = |reply: Reply| {
        let bytes = reply.bytes();
        Reply::Raw(bytes[..bytes.len() - 20].to_vec())
    };
    for fault in [
        // The length says that more should come.
        cut(pods()),
        // A chunk that does not end.
        Reply::Raw(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{\"kind\"".to_vec(),
        ),
        // Nothing at all, and half a head.
        Reply::Raw(Vec::new()),
        Reply::Raw(whole[..12].to_vec()),
        cut(gzipped(pods_body().as_bytes())),
    ] {
        let world = World::pods(first(2, fault.clone()));
        let run = world.take(&[]);
        assert_eq!(run.code, Some(0), "{fault:?} {run:#?}");
        assert_eq!(world.snapshot().names("Pod"), ["pod-000000"]);

        let world = World::pods(always(fault.clone()));
        let run = world.take(&[]);
        assert_eq!(run.code, Some(1), "{fault:?} {run:#?}");
        let reason = run.about_pods().to_owned();
        assert!(reason.ends_with(", 5 times in a row"), "{reason}");
        world.snapshot().assert_lost("Pod", &reason);
    }
}

/// A body whose end only the end of the connection tells may be cut off without anybody's notice.
#[test]
fn takes_no_half_list_for_whole() {
    let body = pods_body();
    for length in [0, 1, body.len() / 2, body.len() - 1] {
        let mut cut = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
        cut.extend(&body.as_bytes()[..length]);
        check_half(cut);
        // Whoever gives the wrong length is believed, and gives no list.
        let mut short = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes();
        short.extend(body.as_bytes());
        check_half(short);
    }
}

fn check_half(cut: Vec<u8>) {
    let world = World::pods(first(1, Reply::Raw(cut.clone())));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert_eq!(world.snapshot().names("Pod"), ["pod-000000"]);
    let world = World::pods(always(Reply::Raw(cut)));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(
        run.about_pods()
            .starts_with("the answer is no list of the Kubernetes API")
    );
    assert_eq!(world.snapshot().names("Pod"), [""; 0]);
}

#[test]
fn a_page_that_is_lost_loses_its_list() {
    let fault = |seen: &Seen| {
        let later = seen.path == PODS && seen.query.contains("continue=1000");
        later.then(|| Reply::status(500, "etcd"))
    };
    let world = World::faulty(Objects::with_pods(1200), fault);
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    let reason = "the server answers 500 Internal Server Error: etcd, 5 times in a row";
    world.snapshot().assert_lost("Pod", reason);
}

#[test]
fn gives_up_on_a_server_that_is_silent() {
    check_silent(Reply::Silence(Duration::from_secs(20)));
}

#[test]
fn gives_up_on_a_server_that_goes_silent() {
    let silent = Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".to_vec());
    let world = World::pods(always(silent));
    // The connection is closed here, so this is the fast way; the slow one is above.
    assert_eq!(world.take(&[]).code, Some(1));
    let slow = pods_body().into_bytes();
    check_silent(Reply::Drip(slow, Duration::from_secs(2)));
}

fn check_silent(reply: Reply) {
    let world = World::pods(always(reply));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    let reason = "the server is silent for 1 seconds (--timeout)";
    assert!(run.about_pods().starts_with(reason), "{run:#?}");
    assert!(run.took < Duration::from_secs(20), "{run:#?}");
}

#[test]
fn gives_up_on_a_server_that_drips() {
    let slow = pods_body().into_bytes();
    let world = World::pods(always(Reply::Drip(slow, Duration::from_millis(200))));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(
        run.about_pods()
            .starts_with("the server takes too long to answer"),
        "{run:#?}"
    );
    assert!(run.took < Duration::from_secs(45), "{run:#?}");
}

/// Every list would take its five tries, and there are many.
#[test]
fn a_server_that_never_answers_does_not_hold_anybody_for_long() {
    let world = World::faulty(Objects::with_pods(1), |seen| {
        let is_list = !seen.query.is_empty();
        is_list.then_some(Reply::Silence(Duration::from_secs(20)))
    });
    let run = world.take(&[]);
    assert_eq!(run.code, Some(2), "{run:#?}");
    assert!(
        run.stderr.contains("nothing was read of the cluster"),
        "{run:#?}"
    );
    assert!(run.took < Duration::from_secs(15), "{run:#?}");
}

#[test]
fn goes_on_with_the_token_that_an_expired_list_gives() {
    let expired = json!({
        "kind": "Status", "code": 410, "reason": "Expired", "message": "too old",
        "metadata": {"continue": "500"},
    });
    let expired = Reply::json(410, expired.to_string());
    let world = World::faulty(Objects::with_pods(1200), move |seen| {
        let is_page = seen.path == PODS && seen.query.contains("continue=500");
        (is_page && seen.nth == 1).then(|| expired.clone())
    });
    let run = world.take(&[]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert_eq!(world.snapshot().names("Pod").len(), 1200);
    assert_eq!(world.server.count(PODS), 4);
}

#[test]
fn begins_an_expired_list_anew_and_no_more_than_thrice() {
    let expired = |times: usize| {
        move |seen: &Seen| {
            let is_page = seen.path == PODS && seen.query.contains("continue=1000");
            (is_page && seen.nth < times * 3).then(|| Reply::status(410, "too old"))
        }
    };
    let world = World::faulty(Objects::with_pods(1200), expired(2));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert_eq!(world.snapshot().names("Pod").len(), 1200);
    assert_eq!(world.server.count(PODS), 9);

    let world = World::faulty(Objects::with_pods(1200), expired(99));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    let reason = "the server forgot 3 times where the list was to be continued";
    assert_eq!(run.about_pods(), reason);
    world.snapshot().assert_lost("Pod", reason);
    assert_eq!(world.server.count(PODS), 9);
}

#[test]
fn an_expired_first_page_is_no_endless_story() {
    let world = World::pods(always(Reply::status(410, "too old")));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert_eq!(run.about_pods(), "the server cannot continue it");
    assert_eq!(world.server.count(PODS), 1);
}

#[test]
fn halves_pages_that_are_too_long() {
    let mut objects = Objects::with_pods(0);
    for at in 0..40 {
        let filler = "x".repeat(1 << 20);
        objects.add(
            "pods",
            json!({"metadata": {
                "name": format!("pod-{at:02}"), "namespace": "team-a",
                "annotations": {"filler": filler},
            }}),
        );
    }
    let world = World::faulty(objects, |_| None);
    let run = world.take(&["--timeout", "20"]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert_eq!(
        world.snapshot().outcome("Pod"),
        &Listed::Read { objects: 40 }
    );
    assert!(run.peak < 300 << 10, "{run:#?}");
}

fn pods() -> Reply {
    let pod = json!({"metadata": {"name": "pod-000000", "namespace": "team-a"}});
    page("Pod", &[&pod], "")
}

fn pods_body() -> String {
    let Reply::Whole(_, _, body) = pods() else {
        panic!("no whole reply");
    };
    String::from_utf8(body).expect("JSON is UTF-8")
}

fn gzipped(body: &[u8]) -> Reply {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(body).expect("memory");
    let body = gzip.finish().expect("memory");
    Reply::Whole(200, vec![("content-encoding", "gzip".to_owned())], body)
}
