use knight_facts::{KnativeVersion, KubernetesMinor, settings::Component};

use super::*;
use crate::{object::objects, testing::named, versions::VersionFrom};

fn builder(file: &str, yaml: &str) -> ClusterBuilder {
    let mut builder = ClusterBuilder::default();
    for document in named(file, yaml) {
        objects(&document)
            .0
            .iter()
            .for_each(|object| builder.add(object));
    }
    builder
}

fn labelled(version: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: x, namespace: knative-serving, labels: {{app.kubernetes.io/name: knative-serving, app.kubernetes.io/version: '{version}'}}}}}}"
    )
}

/// Builds the cluster of a text and compares its version of Knative with what is expected.
fn check_version(yaml: &str, expected: (&str, &str)) {
    let versions = builder("a.yaml", yaml)
        .build(VersionOptions::default())
        .versions;
    let found = (
        versions.knative.to_string(),
        versions.knative_from.to_string(),
    );
    assert_eq!((&*found.0, &*found.1), expected, "{yaml}");
}

#[test]
fn reads_the_version_of_knative_from_labels() {
    let label = "by the label `app.kubernetes.io/version` (a.yaml:1)";
    check_version(&labelled("1.21.3"), ("1.21", label));
    check_version(&labelled("v1.22"), ("1.22", label));
    check_version(
        "{apiVersion: v1, kind: Namespace, metadata: {name: knative-eventing, labels: {app.kubernetes.io/version: '1.20.0'}}}",
        ("1.20", label),
    );
    // The oldest counts.
    let two = format!("{}\n---\n{}", labelled("1.22.0"), labelled("1.20.1"));
    check_version(
        &two,
        (
            "1.20",
            "by the label `app.kubernetes.io/version` (a.yaml:3)",
        ),
    );
}

#[test]
fn takes_the_newest_version_where_labels_do_not_say() {
    check_version(
        &labelled("devel"),
        (
            "1.23",
            "the newest known, as the label `app.kubernetes.io/version` says only `devel` (a.yaml:1)",
        ),
    );
    check_version(
        &labelled("1.99.0"),
        (
            "1.23",
            "the newest known, as `1.99.0` of the label `app.kubernetes.io/version` is not (a.yaml:1)",
        ),
    );
    let none = ("1.23", "the newest known, as nothing in the input says");
    check_version("{apiVersion: v1, kind: Pod}", none);
    check_version(
        &labelled("1.21").replace("namespace: knative-serving", "namespace: shop"),
        none,
    );
    check_version(
        &labelled("1.21").replace("name: knative-serving,", "name: redis,"),
        none,
    );
}

#[test]
fn lets_options_win_over_labels() {
    let options = VersionOptions {
        knative: Some(KnativeVersion::new(1, 18)),
        kubernetes: Some(KubernetesMinor(31)),
        server: Some(KubernetesMinor(33)),
    };
    let mut versions = builder("a", &labelled("1.21")).build(options).versions;
    let installed = versions.installed.take().map(|(version, _)| version);
    assert_eq!(installed, Some(KnativeVersion::new(1, 21)));
    assert_eq!(
        versions,
        Versions {
            knative: KnativeVersion::new(1, 18),
            knative_from: VersionFrom::Option,
            kubernetes: KubernetesMinor(31),
            kubernetes_from: VersionFrom::Option,
            installed: None,
        }
    );
}

#[test]
fn takes_the_kubernetes_version_of_the_api_server() {
    let options = VersionOptions {
        server: Some(KubernetesMinor(33)),
        ..VersionOptions::default()
    };
    let versions = ClusterBuilder::default().build(options).versions;
    assert_eq!(versions.kubernetes, KubernetesMinor(33));
    assert_eq!(
        versions.kubernetes_from.to_string(),
        "as the API server says"
    );
}

#[test]
fn collects_namespaces_with_labels() {
    let yaml = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {a: b, webhooks.knative.dev/exclude: ''}}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: bare}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {generateName: x}}\n";
    let cluster = builder("a", yaml).build(VersionOptions::default());
    let names: Vec<&str> = cluster.namespaces.keys().map(|name| &**name).collect();
    assert_eq!(names, ["bare", "shop"]);
    let shop = &cluster.namespaces["shop"];
    assert_eq!(shop.labels["a"].as_ref(), "b");
    assert!(shop.skips_webhooks() && !cluster.namespaces["bare"].skips_webhooks());
}

#[test]
fn lists_every_object() {
    let yaml = "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Service, metadata: {name: b}}, {apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: a, namespace: shop}}]}";
    let cluster = builder("a", yaml).build(VersionOptions::default());
    let objects: Vec<String> = cluster
        .inventory
        .iter()
        .map(|object| object.object.to_string())
        .collect();
    assert_eq!(objects, ["Service b", "Service.serving.knative.dev shop/a"]);
}

#[test]
fn does_not_depend_on_order_or_grouping() {
    let config = "{apiVersion: v1, kind: ConfigMap, metadata: {name: config-features, namespace: knative-serving}, data: {secure-pod-defaults: enabled}}";
    let namespace = |label: &str| {
        format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: shop, labels: {{a: {label}, {label}: x}}}}}}"
        )
    };
    let (first, second) = (namespace("one"), namespace("two"));
    let parts = || {
        [
            builder("a", config),
            builder("b", &first),
            builder("c", &second),
            builder("d", &labelled("1.22")),
        ]
    };
    let shown = |builder: ClusterBuilder| format!("{:?}", builder.build(VersionOptions::default()));
    let [a, b, c, d] = parts();
    let expected = shown(a.merge(b).merge(c).merge(d));
    let [a, b, c, d] = parts();
    assert_eq!(shown(d.merge(c).merge(b.merge(a))), expected);
    let [a, b, c, d] = parts();
    assert_eq!(
        shown(
            ClusterBuilder::default()
                .merge(b.merge(d))
                .merge(c.merge(a))
        ),
        expected
    );
    assert!(
        expected.contains("\"a\": \"one\""),
        "the first by place wins: {expected}"
    );
}

#[test]
fn needles_name_every_config_map_of_the_facts() {
    let mut names: Vec<&str> = knight_facts::settings::config_maps()
        .map(|map| map.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(CONFIG_MAPS, names);
}

#[test]
fn needles_occur_in_every_text_that_matters() {
    let needles: Vec<&str> = needles().collect();
    let texts = [
        labelled("1.22"),
        "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}".to_owned(),
        "{apiVersion: operator.knative.dev/v1beta1, kind: KnativeServing, spec: {config: {features: {a: b}}}}".to_owned(),
        "{apiVersion: operator.knative.dev/v1beta1, kind: KnativeEventing, spec: {config: {features: {a: b}}}}".to_owned(),
    ];
    let maps = knight_facts::settings::config_maps().map(|map| {
        let (name, namespace) = (&map.name, &map.namespace);
        format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, namespace: {namespace}}}, data: {{a: b}}}}")
    });
    for text in texts.into_iter().chain(maps) {
        let cluster = builder("a", &text).build(VersionOptions::default());
        let says_something = !cluster.namespaces.is_empty()
            || cluster.versions.knative_from != VersionFrom::Newest
            || cluster.settings.definition_count() > 0;
        assert!(says_something, "{text}");
        assert!(needles.iter().any(|needle| text.contains(needle)), "{text}");
    }
    assert!(
        !needles
            .iter()
            .any(|needle| "kind: Deployment\nmetadata: {name: cart}".contains(needle))
    );
}

#[test]
fn keeps_settings_by_component() {
    let yaml = "{apiVersion: v1, kind: ConfigMap, metadata: {name: config-features, namespace: knative-eventing}, data: {authentication-oidc: enabled}}";
    let cluster = builder("a", yaml).build(VersionOptions::default());
    let oidc = cluster.settings.effective(
        Component::Eventing,
        "config-features",
        "authentication-oidc",
    );
    assert_eq!(oidc.unwrap().value.as_deref(), Some("enabled"));
    assert!(!cluster.settings.has(Component::Serving, "config-features"));
}
