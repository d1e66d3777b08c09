//! What is known besides the input: `--context`.

use crate::common::{World, problems};

const SERVICE: &str = "\
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {template: {spec: {hostNetwork: true, containers: [{image: x}]}}}
";

const FEATURES: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: config-features
  namespace: knative-serving
data:
  kubernetes.podspec-hostnetwork: enabled
";

#[test]
fn settings_of_the_context_decide_the_effect() {
    let world = World::new();
    world
        .file("apps/web.yaml", SERVICE)
        .file("platform/features.yaml", FEATURES);
    let effect = |arguments: &[&str]| {
        let report = world.json(&[&["apps", "--select", "host-network"], arguments].concat());
        assert_eq!(report["summary"]["documents"], 1);
        report["findings"][0]["effect"].clone()
    };
    assert_eq!(effect(&[]), "refused-by-webhook");
    assert_eq!(effect(&["--context", "platform"]), "live");
    // The context is not judged, and the fingerprint does not depend on it.
    let fingerprint =
        |arguments: &[&str]| world.json(arguments)["findings"][0]["fingerprint"].clone();
    assert_eq!(
        fingerprint(&["apps", "--select", "host-network"]),
        fingerprint(&["apps", "--select", "host-network", "--context", "platform"])
    );
}

#[test]
fn settings_of_any_file_of_the_input_count() {
    let world = World::new();
    world
        .file("all/a-web.yaml", SERVICE)
        .file("all/z-features.yaml", FEATURES);
    let report = world.json(&["all", "--select", "host-network"]);
    assert_eq!(report["findings"][0]["effect"], "live");
}

#[test]
fn settings_that_are_written_twice_are_named() {
    let world = World::new();
    world
        .file("a-features.yaml", FEATURES)
        .file("b-features.yaml", FEATURES.replace("enabled", "disabled"))
        .file("c-features.yaml", FEATURES);
    let notes = |names: &[&str]| world.json(names)["notes"].to_string();
    let said = "ConfigMap knative-serving/config-features is written more than once, and not alike \
                (a-features.yaml:4, b-features.yaml:4): what depends on it goes by the first";
    let both = notes(&["a-features.yaml", "b-features.yaml"]);
    assert!(both.contains(said), "{both}");
    let alike = notes(&["a-features.yaml", "c-features.yaml"]);
    assert!(!alike.contains("more than once"), "{alike}");
}

#[test]
fn settings_of_the_context_are_not_judged() {
    let world = World::new();
    world
        .file("platform/features.yaml", FEATURES.replace("enabled", "on"))
        .file("apps/web.yaml", SERVICE);
    let found = |arguments: &[&str]| {
        let report = world.json(&[arguments, &["--select", "setting-ignored"]].concat());
        report["summary"]["findings"].clone()
    };
    assert_eq!(found(&["apps", "platform"]), 1);
    assert_eq!(found(&["apps", "--context", "platform"]), 0);
}

#[test]
fn a_context_that_cannot_be_read_is_a_failure() {
    let world = World::new();
    world
        .file("web.yaml", SERVICE)
        .file("bad.yaml", "kind: Namespace\na: [\n");
    for path in ["gone.yaml", "bad.yaml"] {
        let run = world.run(&["scan", "web.yaml", "--context", path, "--format", "json"]);
        assert_eq!(run.code, Some(2), "{run:#?}");
        assert_eq!(problems(&run.json()).len(), 1);
    }
}
