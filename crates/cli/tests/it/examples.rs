//! The manifests that the project ships, and what is said of them.

use std::path::Path;

use insta::assert_snapshot;

use crate::common::{World, found};

fn copied(name: &str) -> World {
    let world = World::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name);
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the examples are there") {
        let path = entry.expect("an entry").path();
        let file = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        world.file(
            &format!("{name}/{file}"),
            std::fs::read(&path).expect("a file"),
        );
        count += 1;
    }
    assert!(count >= 6, "{count}");
    world
}

#[test]
fn the_good_platform_is_clean() {
    let world = copied("good-platform");
    let run = world.run(&["scan", "good-platform", "--strict", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    let report = run.json();
    assert_eq!(found(&report), [""; 0]);
    assert_eq!(report["summary"]["documents"], 10);
    // Its configuration lets every control of the profile judge.
    assert_eq!(report["notes"], serde_json::json!([]));
}

#[test]
fn the_bad_platform_has_its_mistakes_found() {
    let world = copied("bad-platform");
    let run = world.run(&["scan", "bad-platform", "--strict", "--format", "json"]);
    assert_eq!(run.code, Some(1));
    assert_snapshot!(found(&run.json()).join("\n"), @"
    host-network bad-platform/metrics-source.yaml:16
    host-pid bad-platform/metrics-source.yaml:17
    privileged-container bad-platform/checkout.yaml:20
    added-capability bad-platform/metrics-source.yaml:23
    authorization-without-oidc bad-platform/orders-policy.yaml:12
    host-path-volume bad-platform/checkout.yaml:31
    ineffective-visibility bad-platform/ledger.yaml:9
    root-user bad-platform/checkout.yaml:21
    secret-in-env bad-platform/checkout.yaml:25
    setting-ignored bad-platform/eventing-config.yaml:9
    setting-ignored bad-platform/eventing-config.yaml:11
    setting-ignored bad-platform/knative-serving.yaml:13
    setting-ignored bad-platform/knative-serving.yaml:15
    setting-ignored bad-platform/knative-serving.yaml:18
    webhook-exclusion bad-platform/namespaces.yaml:9
    capabilities-kept bad-platform/checkout.yaml:19
    capabilities-kept bad-platform/metrics-source.yaml:22
    forged-component-label bad-platform/ledger.yaml:16
    internal-registry bad-platform/ledger.yaml:21
    pod-security-off bad-platform/namespaces.yaml:6
    pod-security-off bad-platform/namespaces.yaml:14
    privilege-escalation bad-platform/checkout.yaml:19
    privilege-escalation bad-platform/metrics-source.yaml:21
    removed-api-version bad-platform/invoices-channel.yaml:2
    run-as-root bad-platform/checkout.yaml:19
    run-as-root bad-platform/metrics-source.yaml:21
    scale-floor-exceeded bad-platform/checkout.yaml:13
    scale-limit-exceeded bad-platform/checkout.yaml:12
    scale-limit-unset bad-platform/knative-serving.yaml:6
    seccomp-missing bad-platform/checkout.yaml:19
    seccomp-missing bad-platform/metrics-source.yaml:21
    tls-opt-out bad-platform/ledger.yaml:11
    long-timeout bad-platform/checkout.yaml:15
    legacy-annotation bad-platform/checkout.yaml:12
    ");
}
