use serde_json::Value;

use super::*;
use crate::{
    object::objects,
    settings::SettingsBuilder,
    testing::{document, documents, named, object},
    tree::Node,
};

const VERSION: KnativeVersion = KnativeVersion::new(1, 23);

/// What the webhook's own code made of objects; see the README beside the file.
const CASES: &str = include_str!("../../testdata/admitted/cases.json");

fn settings(yaml: &str) -> Settings {
    let mut builder = SettingsBuilder::default();
    for document in named("platform.yaml", yaml) {
        objects(&document)
            .0
            .iter()
            .for_each(|object| builder.add(object));
    }
    builder.build(VERSION)
}

fn config_map(name: &str, data: &Value) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: knative-serving}}\ndata: {data}\n"
    )
}

fn service(spec: &str) -> String {
    format!(
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {{name: cart}}\nspec:\n  template:\n    spec: {spec}\n"
    )
}

fn admit_with(settings: &Settings, yaml: &str, read: impl FnOnce(&Document, &Changes)) {
    let document = document(yaml);
    let admitted = admit(&object(&document), settings, VERSION);
    read(
        admitted.document.as_ref().unwrap_or(&document),
        &admitted.changes,
    );
}

/// Takes out what Go writes for values that are not set.
fn without_unset(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map
                .into_iter()
                .map(|(key, value)| (key, without_unset(value)));
            let kept = kept.filter(|(key, value)| {
                let is_unset = match value {
                    Value::Null => true,
                    Value::Object(map) => map.is_empty(),
                    Value::Array(items) => items.is_empty(),
                    Value::String(text) => text.is_empty() && key != "service",
                    Value::Bool(set) => !set && key == "readOnly",
                    Value::Number(number) => {
                        number.as_i64() == Some(0)
                            && ["containerPort", "periodSeconds"].contains(&key.as_str())
                    }
                };
                !is_unset
            });
            Value::Object(kept.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_unset).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// Fills in what the schema of the kinds does before the webhook, which the cases lack.
fn with_schema(mut spec: Value) -> Value {
    let containers = spec["containers"].as_array_mut();
    for container in containers.into_iter().flatten() {
        let ports = container.get_mut("ports").and_then(Value::as_array_mut);
        for port in ports.into_iter().flatten().filter_map(Value::as_object_mut) {
            port.entry("protocol").or_insert_with(|| "TCP".into());
        }
    }
    spec
}

#[test]
fn fills_in_what_the_webhook_fills_in() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    assert!(cases.len() > 200);
    for case in &cases {
        let maps = ["features", "defaults"]
            .into_iter()
            .filter_map(|key| Some(config_map(&format!("config-{key}"), case.get(key)?)));
        let settings = settings(&maps.collect::<Vec<_>>().join("---\n"));
        let yaml = case["yaml"].as_str().unwrap();
        admit_with(&settings, yaml, |document, _| {
            let spec = match case["yaml"].as_str() {
                Some(yaml) if yaml.contains("kind: Revision") => &["spec"][..],
                _ => &["spec", "template", "spec"],
            };
            let spec = document.root().at_path(spec).unwrap().to_json();
            let expected = with_schema(without_unset(case["spec"].clone()));
            assert_eq!(without_unset(spec), expected, "{}\n{yaml}", case["name"]);
        });
    }
}

#[test]
fn says_where_values_come_from() {
    let settings = settings(&format!(
        "{}---\n{}",
        config_map(
            "config-features",
            &serde_json::json!({"secure-pod-defaults": "enabled"})
        ),
        config_map(
            "config-defaults",
            &serde_json::json!({"revision-timeout-seconds": "60"})
        ),
    ));
    admit_with(
        &settings,
        &service("{containers: [{image: app}]}"),
        |document, changes| {
            let lines: Vec<String> = changes
                .added
                .iter()
                .map(|(path, origin)| format!("{path}: {}", origin.from))
                .collect();
            let secure = "`secure-pod-defaults: enabled` in ConfigMap knative-serving/config-features (platform.yaml:4)";
            let leaves = |key: &str| {
                format!(
                    "Knative's default of `{key}`, which config-defaults (platform.yaml:8) leaves as it is"
                )
            };
            let own = "Knative's own defaulting, whatever the settings";
            let spec = "spec.template.spec";
            let container = "spec.template.spec.containers[0]";
            assert_eq!(
                lines,
                [
                    format!(
                        "{spec}.timeoutSeconds: `revision-timeout-seconds: 60` in ConfigMap knative-serving/config-defaults (platform.yaml:9)"
                    ),
                    format!(
                        "{spec}.containerConcurrency: {}",
                        leaves("container-concurrency")
                    ),
                    format!("{container}.name: {}", leaves("container-name-template")),
                    format!("{container}.readinessProbe.tcpSocket: {own}"),
                    format!("{container}.readinessProbe.successThreshold: {own}"),
                    format!(
                        "{spec}.enableServiceLinks: {}",
                        leaves("enable-service-links")
                    ),
                    format!("{container}.securityContext.allowPrivilegeEscalation: {secure}"),
                    format!("{container}.securityContext.seccompProfile.type: {secure}"),
                    format!("{container}.securityContext.capabilities.drop: {secure}"),
                    format!("{container}.securityContext.runAsNonRoot: {secure}"),
                ]
            );
            // The tree knows it too, and places what is filled in where its parent is written.
            let path = ["spec", "template", "spec", "timeoutSeconds"];
            let node = document.root().at_path(&path).unwrap();
            assert!(
                node.origin()
                    .unwrap()
                    .from
                    .starts_with("`revision-timeout-seconds: 60`")
            );
            assert_eq!(document.source().slice(node.span()), "spec");
        },
    );
}

#[test]
fn names_the_default_where_no_settings_are_in_the_input() {
    admit_with(
        &Settings::none(VERSION),
        &service("{containers: [{image: app}]}"),
        |_, changes| {
            let (path, origin) = &changes.added[0];
            assert_eq!(path.to_string(), "spec.template.spec.timeoutSeconds");
            assert_eq!(
                &*origin.from,
                "Knative's default of `revision-timeout-seconds` (no ConfigMap knative-serving/config-defaults in the input)"
            );
        },
    );
}

/// Compares what is dropped, each with its text, with what is expected.
fn check_pruned(spec: &str, expected: &[&str]) {
    admit_with(
        &Settings::none(VERSION),
        &service(spec),
        |document, changes| {
            let pruned = changes.pruned.iter().map(|pruned| {
                assert!(
                    document.root().locate(&pruned.path).is_none(),
                    "{} stays",
                    pruned.path
                );
                format!("{} <{}>", pruned.path, document.source().slice(pruned.span))
            });
            assert_eq!(pruned.collect::<Vec<_>>(), expected, "{spec}");
        },
    );
}

#[test]
fn drops_what_the_schema_lacks() {
    let app = "spec.template.spec.containers[name=app]";
    check_pruned("{containers: [{name: app, image: x}]}", &[]);
    check_pruned(
        "{nodeName: n, containers: [{name: app, tty: true, lifecycle: {}, stdin: ~}]}",
        &[
            "spec.template.spec.nodeName <n>",
            &format!("{app}.tty <true>"),
            &format!("{app}.lifecycle <{{}}>"),
        ],
    );
    check_pruned(
        "{containers: [{name: app, securityContext: {procMount: Unmasked, seLinuxOptions: {type: x}}}]}",
        &[
            &format!("{app}.securityContext.procMount <Unmasked>"),
            &format!("{app}.securityContext.seLinuxOptions <{{type: x}}>"),
        ],
    );
    check_pruned(
        "{containers: [{name: app, ports: [{containerPort: 80, hostPort: 80, hostIP: a}], resources: {claims: []}, livenessProbe: {terminationGracePeriodSeconds: 9}}]}",
        &[
            &format!("{app}.resources.claims <[]>"),
            &format!("{app}.ports[0].hostPort <80>"),
            &format!("{app}.ports[0].hostIP <a>"),
            &format!("{app}.livenessProbe.terminationGracePeriodSeconds <9>"),
        ],
    );
    check_pruned(
        "{volumes: [{name: v, nfs: {}}, {name: p, projected: {sources: [{clusterTrustBundle: {}}, {secret: {}}]}}], containers: [{name: app, env: [{name: E, valueFrom: {fileKeyRef: {}}}], volumeMounts: [{name: v, subPathExpr: x}]}]}",
        &[
            &format!("{app}.env[name=E].valueFrom.fileKeyRef <{{}}>"),
            &format!("{app}.volumeMounts[name=v].subPathExpr <x>"),
            "spec.template.spec.volumes[name=v].nfs <{}>",
            "spec.template.spec.volumes[name=p].projected.sources[0].clusterTrustBundle <{}>",
        ],
    );
}

#[test]
fn keeps_what_the_schema_does_not_look_into() {
    // The webhook refuses these; the API server does not drop them.
    check_pruned(
        "{securityContext: {sysctls: [], seLinuxOptions: {}}, initContainers: [{tty: true, restartPolicy: Always}]}",
        &[],
    );
}

#[test]
fn rewrites_mounts_and_zero_timeouts() {
    let spec = "{timeoutSeconds: 0, containers: [{name: app, volumeMounts: [{name: v, readOnly: false}]}], volumes: [{name: v, secret: {}}]}";
    admit_with(
        &Settings::none(VERSION),
        &service(spec),
        |document, changes| {
            let rewritten = changes.rewritten.iter().map(|rewritten| {
                let now = document.root().locate(&rewritten.path).map(Node::to_json);
                let was = document.source().slice(rewritten.span);
                format!("{}: {was} -> {}", rewritten.path, now.unwrap_or_default())
            });
            assert_eq!(
                rewritten.collect::<Vec<_>>(),
                [
                    "spec.template.spec.timeoutSeconds: 0 -> 300",
                    "spec.template.spec.containers[name=app].volumeMounts[name=v].readOnly: false -> true",
                ]
            );
        },
    );
}

#[test]
fn lets_other_objects_be() {
    for yaml in [
        "{apiVersion: v1, kind: Pod, spec: {containers: [{tty: true}]}}",
        "{apiVersion: v1, kind: Service, spec: {template: {spec: {containers: [{}]}}}}",
        "{apiVersion: serving.knative.dev/v1alpha1, kind: Service, spec: {template: {spec: {containers: [{}]}}}}",
        "{apiVersion: sources.knative.dev/v1, kind: ContainerSource, spec: {template: {spec: {containers: [{}]}}}}",
        "{apiVersion: serving.knative.dev/v1, kind: Service}",
        "{apiVersion: serving.knative.dev/v1, kind: Service, spec: {template: {spec: x}}}",
    ] {
        let document = document(yaml);
        let admitted = admit(&object(&document), &Settings::none(VERSION), VERSION);
        assert!(admitted.document.is_none(), "{yaml}");
        assert_eq!(admitted.changes, Changes::default());
        assert_eq!(admitted.object(&object(&document)).node(), document.root());
    }
}

#[test]
fn stops_at_wrong_types() {
    let secure = settings(&config_map(
        "config-features",
        &serde_json::json!({"secure-pod-defaults": "enabled"}),
    ));
    let spec = "{timeoutSeconds: soon, containers: [{name: app, securityContext: 7, readinessProbe: [], resources: x, volumeMounts: {}, ports: y}, 5], initContainers: no}";
    admit_with(&secure, &service(spec), |document, changes| {
        let paths: Vec<_> = changes
            .added
            .iter()
            .map(|(path, _)| path.to_string())
            .collect();
        assert_eq!(
            paths,
            [
                "spec.template.spec.containerConcurrency",
                "spec.template.spec.enableServiceLinks"
            ]
        );
        let context = ["spec", "template", "spec", "timeoutSeconds"];
        assert_eq!(
            document.root().at_path(&context).and_then(Node::as_str),
            Some("soon")
        );
    });
}

#[test]
fn admits_every_item_of_a_list_at_once() {
    let yaml = "apiVersion: serving.knative.dev/v1\nkind: ServiceList\nitems:\n- spec: {template: {spec: {containers: [{image: a}]}}}\n- spec: {template: {spec: {containers: [{image: b}], timeoutSeconds: 9}}}\n";
    let document = document(yaml);
    let (written, _) = objects(&document);
    let admission = Admission::new(&Settings::none(VERSION), VERSION);
    let (all, changes) = admission.admit_all(&written);
    let all = all.unwrap();
    let (admitted, problems) = objects(&all);
    assert_eq!((admitted.len(), changes.len(), problems.len()), (2, 2, 0));
    let timeout = |object: &Object<'_>| {
        object
            .node()
            .at_path(&["spec", "template", "spec", "timeoutSeconds"])?
            .as_int()
    };
    assert_eq!(
        admitted.iter().map(timeout).collect::<Vec<_>>(),
        [Some(300), Some(9)]
    );
    // One by one gives the same.
    for (written, admitted) in written.iter().zip(&admitted) {
        let alone = admission.admit(written);
        assert_eq!(alone.object(written).node(), admitted.node());
        assert_eq!(alone.object(written).reference(), admitted.reference());
    }
}

#[test]
fn fills_in_nothing_twice() {
    let secure = settings(&config_map(
        "config-features",
        &serde_json::json!({"secure-pod-defaults": "enabled"}),
    ));
    for yaml in documents(&service("{containers: [{image: app}, {ports: [{}]}]}")) {
        let once = admit(&object(&yaml), &secure, VERSION);
        let document = once.document.unwrap();
        let twice = admit(&object(&document), &secure, VERSION);
        assert_eq!(twice.changes, Changes::default());
    }
}

#[test]
fn knows_what_older_versions_fill_in() {
    let old = KnativeVersion::new(1, 22);
    let yaml =
        service("{containers: [{volumeMounts: [{name: v}]}], volumes: [{name: v, ephemeral: {}}]}");
    let read_only = |version| {
        let document = document(&yaml);
        let admitted = admit(&object(&document), &Settings::none(version), version);
        let path =
            "spec.template.spec.containers[name=user-container].volumeMounts[name=v].readOnly";
        admitted
            .changes
            .added
            .iter()
            .any(|(at, _)| at.to_string() == path.replace("name=user-container", "0"))
    };
    assert!(read_only(old) && !read_only(VERSION));
}
