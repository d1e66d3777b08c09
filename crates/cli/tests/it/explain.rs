//! `knight explain`.

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::World;

#[test]
fn explains_every_control() {
    let world = World::new();
    let list: Value = world.run(&["list", "controls", "--format", "json"]).json();
    for control in list["controls"].as_array().expect("a list") {
        let id = control["id"].as_str().expect("an id");
        let run = world.run(&["explain", id]);
        assert_eq!(run.code, Some(0), "{run:#?}");
        for part in [
            "## What it finds",
            "## How to fix it",
            "## Bad",
            "## Good",
            "severity:",
        ] {
            assert!(run.stdout.contains(part), "{id}: {part}");
        }
    }
}

#[test]
fn explains_a_control_with_its_facts() {
    let text = World::new().run(&["explain", "host-network"]).stdout;
    let head: Vec<&str> = text
        .lines()
        .take_while(|line| !line.starts_with("## "))
        .collect();
    assert_snapshot!(head.join("\n"), @"
    # host-network: A workload shares the node's network

        severity: critical
      confidence: high
    who mends it: whoever owns the object
          family: pod
        profiles: hosted, shared, single, airgap
         threats: elevation-of-privilege, information-disclosure, spoofing
        mappings: pss/baseline, cis/5.2.5, nsa/pod-security, owasp/K01, mitre/T1611
        in short: Remove `hostNetwork`: the pod then has an address of its own, and NetworkPolicies apply to it
           fixes: `knight scan --fix --unsafe-fixes` mends what it can
    ");
}

#[test]
fn explains_a_setting() {
    let world = World::new();
    let one = world.run(&["explain", "config-features/secure-pod-defaults"]);
    assert_snapshot!(one.all(), @"
    exit: 0
    --- stdout
    # config-features/secure-pod-defaults

    Fills in a seccomp profile, no privilege escalation, dropped capabilities and, at `enabled`, a non-root user, where a container sets none. These are defaults and not limits: a tenant may still ask for the opposite.

       ConfigMap: knative-serving/config-features (serving)
          values: disabled, AllowRootBounded, enabled, in any case
         default: disabled
    other values: ignored without a word: the default stays
           since: Knative 1.9
      for hosted: `enabled`
      for shared: `enabled`
      for single: `enabled`
      for airgap: `enabled`
          beware: `allowed`: The code does not know this value here, unlike for every other flag: the default stays.
          beware: `root-allowed` is not `AllowRootBounded`: The value is ignored and no secure default is applied.
            note: `AllowRootBounded` exists since 1.20; until then `enabled` also overwrote a `runAsNonRoot: false` of a container. Announcements said that the default would change in 1.21 and in 1.22; the code of 1.23 still has `disabled`.
          source: knative/serving@release-1.23 pkg/apis/config/features.go
    ");
    assert_eq!(
        world.run(&["explain", "secure-pod-defaults"]).all(),
        one.all()
    );
    let full = world.run(&[
        "explain",
        "knative-serving/config-features/secure-pod-defaults",
    ]);
    assert_eq!(full.all(), one.all());
    let map = world.run(&["explain", "config-autoscaler"]).stdout;
    assert!(map.matches("\n# config-autoscaler/").count() > 5, "{map}");
}

#[test]
fn rejects_unknown_words_with_the_nearest() {
    let world = World::new();
    assert_snapshot!(world.run(&["explain", "host-netwrok"]).all(), @"
    exit: 2
    --- stderr
    knight: error: `host-netwrok` is neither a control nor a setting, did you mean `host-network`?
    ");
    assert_snapshot!(world.run(&["explain", "secure-pod-default"]).all(), @"
    exit: 2
    --- stderr
    knight: error: `secure-pod-default` is neither a control nor a setting, did you mean `secure-pod-defaults`?
    ");
    assert_snapshot!(world.run(&["explain", "xyzzy"]).all(), @"
    exit: 2
    --- stderr
    knight: error: `xyzzy` is neither a control nor a setting; `knight list controls` and `knight list settings` show what there is
    ");
}
