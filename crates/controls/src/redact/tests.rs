use serde_json::{Value, json};

use super::{REDACTIONS, redact, rows::keeps_annotation};

/// What must not be found again.
const CANARY: &str = "c4n4ry-Of-The-Test";

/// Objects with a canary in every place where something secret may stand.
fn planted() -> Vec<Value> {
    [workloads(), config(), events(), others()].concat()
}

fn container() -> Value {
    json!({
        "name": "main",
        "image": "registry.example.com/app",
        "command": ["/bin/sh", "-c", CANARY],
        "args": [CANARY, format!("--password={CANARY}"), format!("-p{CANARY}")],
        "env": [
            {"name": "PLAIN", "value": CANARY},
            {"name": "PASSWORD", "value": CANARY},
            {"name": "PATH_TO", "value": format!("/{CANARY}")},
            {"name": "REFERENCE", "value": format!("$(A){CANARY}")},
            {"name": "DSN", "value": format!("postgres://user:{CANARY}@db/x")},
            {"name": "KEY", "value": format!("-----BEGIN PRIVATE KEY-----\n{CANARY}")},
            {"name": "MISPLACED", "value": [CANARY]},
            CANARY,
        ],
        "livenessProbe": {"httpGet": {
            "path": format!("/health?token={CANARY}"),
            "httpHeaders": [{"name": "Authorization", "value": CANARY}],
        }},
        "lifecycle": {"preStop": {"exec": {"command": [CANARY]}}},
    })
}

fn metadata() -> Value {
    json!({
        "name": "web",
        "namespace": "shop",
        "managedFields": [CANARY],
        "selfLink": CANARY,
        "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": CANARY,
            "example.com/notes": CANARY,
            "autoscaling.knative.dev/min-scale": format!("https://a:{CANARY}@host/"),
        },
    })
}

fn pod() -> Value {
    json!({
        "containers": [container()],
        "initContainers": [container()],
        "volumes": [
            {"name": "a", "csi": {"driver": "x", "volumeAttributes": {"key": CANARY}}},
            {"name": "b", "flexVolume": {"driver": "x", "options": {"key": CANARY}}},
            {"name": "c", "gitRepo": {"repository": format!("https://a:{CANARY}@host/x")}},
        ],
    })
}

/// Makes an object with canaries in its metadata and what else is given.
fn of(api_version: &str, kind: &str, rest: Value) -> Value {
    let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": metadata()});
    if let (Some(object), Value::Object(rest)) = (object.as_object_mut(), rest) {
        object.extend(rest);
    }
    object
}

fn workloads() -> Vec<Value> {
    vec![
        of(
            "v1",
            "Pod",
            json!({"spec": pod(), "status": {"message": CANARY, "podIP": "10.0.0.1"}}),
        ),
        of(
            "serving.knative.dev/v1",
            "Service",
            json!({"spec": {"template": {"metadata": metadata(), "spec": pod()}}, "status": {"url": CANARY}}),
        ),
        of(
            "serving.kserve.io/v1beta1",
            "InferenceService",
            json!({"spec": {"predictor": {"model": container(), "storage": {"parameters": {"a": CANARY}}}}}),
        ),
    ]
}

fn config() -> Vec<Value> {
    vec![
        of(
            "v1",
            "Secret",
            json!({"data": {"a": CANARY}, "stringData": {"b": CANARY}}),
        ),
        of(
            "v1",
            "ConfigMap",
            json!({"data": {"a": CANARY}, "binaryData": {"b": CANARY}}),
        ),
    ]
}

fn events() -> Vec<Value> {
    vec![
        of(
            "sources.knative.dev/v1",
            "PingSource",
            json!({"spec": {"data": CANARY, "dataBase64": CANARY}}),
        ),
        of(
            "sources.knative.dev/v1",
            "PingSource",
            json!({"spec": {"sink": {"uri": format!("https://a:{CANARY}@host/x?{CANARY}#{CANARY}")}}}),
        ),
        of(
            "sources.knative.dev/v1",
            "SinkBinding",
            json!({"spec": {"ceOverrides": {"extensions": {"a": CANARY}}}}),
        ),
        of(
            "sources.knative.dev/v1alpha1",
            "IntegrationSource",
            json!({"spec": {"timer": {"message": CANARY}}}),
        ),
        of(
            "eventing.knative.dev/v1alpha1",
            "EventTransform",
            json!({"spec": {"jsonata": {"expression": CANARY}, "reply": {"jsonata": {"expression": CANARY}}}}),
        ),
    ]
}

fn others() -> Vec<Value> {
    vec![
        of(
            "operator.knative.dev/v1beta1",
            "KnativeServing",
            json!({"spec": {
                "config": {"own": {"a": CANARY}, "features": {"unheard-of": CANARY, "_example": CANARY}},
                "workloads": [{"name": "a", "env": [{"container": "c", "envVars": [{"name": "A", "value": CANARY}]}]}],
            }}),
        ),
        of(
            "gateway.networking.k8s.io/v1",
            "HTTPRoute",
            json!({"spec": {"rules": [{"filters": [{"requestHeaderModifier": {
                "set": [{"name": "Authorization", "value": CANARY}],
            }}]}]}}),
        ),
        of(
            "example.com/v1",
            "Unknown",
            json!({"spec": {
                "clientSecret": CANARY, "token": CANARY, "deep": [{"dbPassword": CANARY}],
                "text": format!("see https://a:{CANARY}@host/ and more"),
            }}),
        ),
        of(
            "v1",
            "Node",
            json!({"spec": {"providerID": CANARY}, "status": {"nodeInfo": {"a": CANARY}}}),
        ),
        of(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            json!({"spec": {"versions": [{"name": "v1", "schema": {"default": CANARY}}]}}),
        ),
        of(
            "example.com/v1",
            "AllowList",
            json!({"spec": pod(), "items": [{"token": CANARY}, {"spec": pod()}]}),
        ),
    ]
}

#[test]
fn no_canary_leaves_the_cluster() {
    for object in planted() {
        assert!(object.to_string().contains(CANARY), "{object}");
        let redacted = redact(object).to_string();
        assert!(!redacted.contains(CANARY), "{redacted}");
    }
    let list = json!({"apiVersion": "v1", "kind": "List", "items": planted()});
    assert!(!redact(list).to_string().contains(CANARY));
    assert!(!redact(json!([CANARY])).to_string().contains(CANARY));
}

#[test]
fn redacting_twice_changes_shapes_no_more() {
    for object in planted() {
        let once = redact(object);
        let keys = |value: &Value| {
            value
                .as_object()
                .map(|map| map.keys().cloned().collect::<Vec<_>>())
        };
        assert_eq!(keys(&redact(once.clone())), keys(&once));
    }
}

#[test]
fn keys_and_tokens_go_wherever_they_stand() {
    let tokens = [
        "AKIAABCDEFGHIJKLMNOP",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "xoxb-0123456789",
        "sk_live_0123456789abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    ];
    for token in tokens {
        let object = json!({"kind": "Any", "spec": {"text": format!("is {token} here")}});
        let redacted = redact(object).to_string();
        assert!(!redacted.contains(token), "{redacted}");
    }
}

#[test]
fn settings_that_the_facts_know_stay() {
    let map = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "config-features", "namespace": "knative-serving"},
        "data": {"_example": "long", "secure-pod-defaults": "enabled", "unheard-of": "x"},
    });
    let data = json!({"secure-pod-defaults": "enabled", "unheard-of": "redacted, 1 byte"});
    assert_eq!(redact(map.clone())["data"], data);
    let mut elsewhere = map;
    elsewhere["metadata"]["namespace"] = "shop".into();
    assert_eq!(
        redact(elsewhere)["data"]["secure-pod-defaults"],
        "redacted, 7 bytes"
    );
}

#[test]
fn properties_keep_what_is_no_secret() {
    let map = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "config-kafka-broker-data-plane", "namespace": "knative-eventing"},
        "data": {"config-kafka-broker-producer.properties": "acks=all\nsasl.jaas.config=x y\nssl.key.password: hunter2\n"},
    });
    assert_eq!(
        redact(map)["data"]["config-kafka-broker-producer.properties"],
        "acks=all\nsasl.jaas.config=redacted, 3 bytes\nssl.key.password=redacted, 8 bytes\n"
    );
}

#[test]
fn values_of_variables_say_how_long_and_of_what_sort_they_were() {
    let of = |value: &str| {
        let object = json!({"spec": {"env": [{"name": "A", "value": value}]}});
        redact(object)["spec"]["env"][0]["value"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(of("hunter2"), "redacted, 7 bytes");
    assert_eq!(of("/run/x"), "/redacted-6-bytes");
    assert_eq!(of("$(A)/b"), "$(redacted-6-bytes)");
    assert_eq!(
        of("https://a:b@c"),
        "redacted://looks-like:a-secret@13-bytes"
    );
    assert_eq!(
        of("/https://a:b@c"),
        "/redacted://looks-like:a-secret@14-bytes"
    );
    for kept in ["", "true", "none", "$(OTHER)"] {
        assert_eq!(of(kept), kept);
    }
}

#[test]
fn arguments_keep_the_names_of_flags() {
    let words = json!(["--port", "--port=80", "-p80", "serve", "--=x", ""]);
    assert_eq!(
        redact(json!({"spec": {"args": words}}))["spec"]["args"],
        json!([
            "--port",
            "--port=redacted, 2 bytes",
            "redacted, 4 bytes",
            "redacted, 5 bytes",
            "redacted, 4 bytes",
            ""
        ])
    );
}

#[test]
fn addresses_keep_whom_they_lead_to() {
    let of = |uri: &str| {
        let object = json!({"spec": {"uri": uri}});
        redact(object)["spec"]["uri"].as_str().unwrap().to_owned()
    };
    assert_eq!(of("http://10.0.0.1/x"), "http://10.0.0.1/x");
    assert_eq!(
        of("http://a:b@10.0.0.1/x?y"),
        "http://redacted:redacted@10.0.0.1/x?redacted"
    );
    assert_eq!(of("//a@b@h/x#y"), "//redacted@h/x#redacted");
    assert_eq!(of("http://ö@h"), "http://redacted…@h");
    assert_eq!(of("/path?a=b"), "/path?redacted");
    assert_eq!(of("/path?"), "/path?");
    assert_eq!(of("mailto:a@b"), "mailto:a@b");
}

#[test]
fn statuses_keep_the_addresses_of_pods_services_and_nodes() {
    let of = |api: &str, kind: &str| {
        let status = json!({"podIP": "a", "loadBalancer": {}, "addresses": [], "images": []});
        let object = json!({"apiVersion": api, "kind": kind, "status": status});
        redact(object)["status"].clone()
    };
    assert_eq!(of("v1", "Pod"), json!({"podIP": "a"}));
    assert_eq!(of("v1", "Service"), json!({"loadBalancer": {}}));
    assert_eq!(of("v1", "Node"), json!({"addresses": []}));
    assert_eq!(of("serving.knative.dev/v1", "Service"), Value::Null);
}

#[test]
fn the_chapter_shows_the_table() {
    let chapter = include_str!("../../../../docs/book/src/snapshots.md");
    let rows: Vec<&str> = chapter
        .lines()
        .skip_while(|line| *line != "| of | stays | why |")
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let expected: Vec<String> = REDACTIONS
        .iter()
        .map(|row| format!("| {} | {} | {} |", row.what, row.becomes, row.why))
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn the_table_says_all_of_each_row() {
    for row in REDACTIONS {
        assert!(!row.what.is_empty() && !row.becomes.is_empty() && row.why.ends_with('.'));
    }
    assert!(keeps_annotation("knight.dev/allow.host-network"));
    assert!(!keeps_annotation("serving.knative.dev/creator"));
}
