//! Findings that are accepted: by annotation, comment and configuration.

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::{HOST_NETWORK, World};

/// Scans for one control; returns kept and suppressed findings, and the notes on exceptions.
fn scan(world: &World, path: &str) -> (usize, Vec<String>, Vec<String>) {
    let report = world.json(&[path, "--select", "host-network"]);
    let texts = |list: &Value, text: fn(&Value) -> String| {
        list.as_array()
            .expect("a list")
            .iter()
            .map(text)
            .collect::<Vec<_>>()
    };
    let suppressed = texts(&report["suppressed"], |suppressed| {
        format!("{}: {}", suppressed["by"]["kind"], suppressed["reason"])
    });
    let notes = texts(&report["exceptions"], |note| {
        format!(
            "{}:{} {}",
            note["location"]["file"], note["location"]["line"], note["message"]
        )
    });
    let findings = report["findings"].as_array().expect("a list").len();
    (findings, suppressed, notes)
}

fn annotated(words: &str) -> String {
    HOST_NETWORK.replace(
        "namespace: shop",
        &format!("namespace: shop, annotations: {{knight.dev/allow.host-network: {words}}}"),
    )
}

fn commented(words: &str) -> String {
    HOST_NETWORK.replace("true", &format!("true # knight: allow {words}"))
}

#[test]
fn annotations_and_comments_allow_with_a_reason() {
    let world = World::new();
    for (text, by) in [
        (
            annotated("\"reads the node's counters\""),
            "\"annotation\": \"reads the node's counters\"",
        ),
        (
            commented("host-network reads counters"),
            "\"comment\": \"reads counters\"",
        ),
        (
            commented("host-network until=2027-06-30 for now"),
            "\"comment\": \"for now\"",
        ),
        (
            HOST_NETWORK.replace(
                "  hostN",
                "  # knight: allow host-network above it\n  hostN",
            ),
            "\"comment\": \"above it\"",
        ),
    ] {
        world.file("web.yaml", &text);
        assert_eq!(
            scan(&world, "web.yaml"),
            (0, vec![by.to_owned()], vec![]),
            "{text}"
        );
        assert_eq!(
            world
                .run(&["scan", "web.yaml", "--select", "host-network"])
                .code,
            Some(0)
        );
    }
}

#[test]
fn exceptions_that_do_not_count_are_reported() {
    let world = World::new();
    world.file("none.yaml", commented("host-network"));
    world.file(
        "expired.yaml",
        commented("host-network until=2026-12-31 was fine"),
    );
    world.file(
        "today.yaml",
        commented("host-network until=2027-01-01 is fine"),
    );
    world.file(
        "unused.yaml",
        HOST_NETWORK.replace("true", "false # knight: allow host-network why"),
    );
    world.file("typo.yaml", commented("host-netwrok why"));
    world.file("day.yaml", commented("host-network until=soon why"));
    world.file(
        "verb.yaml",
        HOST_NETWORK.replace("true", "true # knight: forgive host-network"),
    );
    let (findings, suppressed, notes) = scan(&world, ".");
    assert_eq!((findings, suppressed.len()), (5, 1));
    assert_snapshot!(notes.join("\n"), @r#"
    "day.yaml":5 "`soon` is not a day such as `2027-01-31`"
    "expired.yaml":5 "the exception for `host-network` expired on 2026-12-31"
    "none.yaml":5 "the exception for `host-network` gives no reason"
    "typo.yaml":5 "`host-netwrok` is no control, did you mean `host-network`?"
    "unused.yaml":5 "the exception for `host-network` matches no finding"
    "verb.yaml":5 "a `knight:` comment says `allow`, a control and a reason"
    "#);
}

#[test]
fn the_configuration_allows_by_patterns() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    world.file("other.yaml", HOST_NETWORK.replace("shop", "bar"));
    world.file(
        "knight.yaml",
        "version: 1\nexceptions:\n  - control: pss/baseline\n    namespace: sho*\n    kind: Pod\n    \
         reason: known\n  - control: host-network\n    file: gone.yaml\n    reason: stale\n",
    );
    let (findings, suppressed, notes) = scan(&world, ".");
    assert_eq!(
        (findings, suppressed),
        (1, vec!["\"configuration\": \"known\"".to_owned()])
    );
    assert_snapshot!(notes.join("\n"), @r#"
    "knight.yaml":7 "the exception for `host-network` matches no finding"
    "#);
}

#[test]
fn an_expired_exception_of_the_configuration_is_an_error_in_that_file() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    world.file(
        "knight.yaml",
        "version: 1\nexceptions:\n  - control: host-network\n    until: 2026-01-01\n    reason: late\n",
    );
    let run = world.run(&["scan", "."]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("expired on 2026-01-01"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("knight.yaml:3"), "{}", run.stderr);
}
