//! Controls on settings that ask different things in different scenarios.

use crate::common::World;

/// Returns the findings of a scan as `control key`.
fn found(world: &World, profile: &str) -> Vec<String> {
    let report = world.json(&["platform", "--profile", profile]);
    let findings = report["findings"].as_array().expect("a list");
    let mut found: Vec<String> = findings
        .iter()
        .map(|finding| {
            let control = finding["control"].as_str().expect("an id");
            format!("{control} {}", finding["path"].as_str().expect("a path"))
        })
        .collect();
    found.sort_unstable();
    found
}

#[test]
fn a_flag_is_judged_by_the_profiles_of_the_scan() {
    let world = World::new();
    world.file(
        "platform/features.yaml",
        "\
apiVersion: operator.knative.dev/v1beta1
kind: KnativeServing
metadata: {name: knative-serving, namespace: knative-serving}
spec:
  config:
    features:
      secure-pod-defaults: enabled
      kubernetes.podspec-fieldref: allowed
      kubernetes.podspec-tolerations: allowed
      kubernetes.podspec-dnspolicy: allowed
",
    );
    let flag =
        |name: &str| format!("surface-flag spec.config.features[\"kubernetes.podspec-{name}\"]");
    assert_eq!(
        found(&world, "hosted"),
        [flag("dnspolicy"), flag("fieldref"), flag("tolerations")]
    );
    assert_eq!(
        found(&world, "shared"),
        [flag("dnspolicy"), flag("tolerations")]
    );
    assert_eq!(found(&world, "single"), [flag("dnspolicy")]);
}

#[test]
fn young_features_of_eventing_are_asked_for_where_nobody_is_trusted() {
    let world = World::new();
    let features = |data: &str| {
        world.file(
            "platform/features.yaml",
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: config-features, namespace: \
                 knative-eventing}}\ndata: {data}\n"
            ),
        );
    };
    features("{default-authorization-mode: allow-same-namespace}");
    assert_eq!(found(&world, "shared"), [""; 0]);
    assert_eq!(
        found(&world, "hosted"),
        [
            "event-traffic-in-clear metadata.name",
            "senders-unchecked metadata.name"
        ]
    );
    // Tokens travel along, whoever runs beside.
    features("{authentication-oidc: enabled}");
    assert_eq!(
        found(&world, "shared"),
        ["event-traffic-in-clear metadata.name"]
    );
}
