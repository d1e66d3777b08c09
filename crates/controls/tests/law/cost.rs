//! What policies cost an API server, for the largest pods that people write.

use std::fmt::Write as _;

use serde_json::{Value, json};

use knight_controls::{
    control::{ObjectRule, On},
    policy,
};

use crate::{
    given::{forms, object_controls, params},
    objects::{Kind, kinds_of},
    oracle::Oracle,
    policies::{publish, request},
};

/// The most that one expression may cost.
/// <https://github.com/kubernetes/apiserver/blob/release-1.36/pkg/apis/cel/config.go>
const EXPRESSION: u64 = 1_000_000;

#[test]
fn the_largest_pods_stay_within_the_budget_of_one_expression() {
    let mut oracle = Oracle::start();
    let config = policy::parameters("knight", &params());
    let mut table =
        "| control | at | kind | cost | of the budget |\n|---|---|---|---:|---:|\n".to_owned();
    let mut over = String::new();
    let (mut highest, mut of) = (0, "");
    for (control, rule) in object_controls() {
        let subjects = subjects(&rule);
        for minor in forms(&rule) {
            let policy = policy::policy(control, &rule, minor);
            let asked: Vec<_> = subjects
                .iter()
                .map(|(kind, object)| request(kind, object, &config))
                .collect();
            let decisions = oracle.decide(30, &policy, &asked).expect("it compiles");
            for ((kind, _), decision) in subjects.iter().zip(decisions) {
                let cost = decision.cost.unwrap_or(u64::MAX);
                if cost > highest {
                    (highest, of) = (cost, control.id);
                }
                let percent = cost.saturating_mul(100) / EXPRESSION;
                let (id, kind) = (control.id, &kind.name);
                let _ = writeln!(
                    table,
                    "| {id} | 1.{minor} | {kind} | {cost} | {percent} % |"
                );
                if cost >= EXPRESSION || decision.error.is_some() {
                    let _ = writeln!(over, "{id} at 1.{minor} for {kind}: {decision:?}");
                }
            }
        }
    }
    publish("cost.md", &table);
    println!("highest: {highest} of {EXPRESSION} ({of})");
    assert!(over.is_empty(), "\n{over}");
}

/// The largest objects that a rule judges: one of its last kind, and one of a kind whose containers
/// stand in many places.
fn subjects(rule: &ObjectRule) -> Vec<(Kind, Value)> {
    let kinds = kinds_of(rule.on);
    let last = kinds.last().expect("a rule has a subject").clone();
    let (On::Pods | On::PodsOf(_)) = rule.on else {
        return vec![(last, large(100))];
    };
    let object = |kind: &Kind, spec: Value| {
        json!({
            "apiVersion": format!("{}/{}", kind.group, kind.version), "kind": kind.name,
            "metadata": {"name": "large"}, "spec": spec,
        })
    };
    let whole = object(&last, json!({"template": large(100)}));
    let parted = kinds
        .into_iter()
        .find(|kind| kind.name == "InferenceService")
        .map(|kind| {
            let mut predictor = large(49)["spec"].take();
            predictor["model"] = predictor["containers"][0].clone();
            predictor["workerSpec"] = large(50)["spec"].take();
            let object = object(&kind, json!({"predictor": predictor}));
            (kind, object)
        });
    [(last, whole)].into_iter().chain(parted).collect()
}

/// A template that breaks no rule, so that every one of its parts is looked at.
fn large(containers: usize) -> Value {
    let context = json!({
        "privileged": false, "allowPrivilegeEscalation": false, "procMount": "Default",
        "runAsNonRoot": true, "runAsUser": 1000, "readOnlyRootFilesystem": true,
        "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"}, "appArmorProfile": {"type": "RuntimeDefault"},
        "seLinuxOptions": {"type": "container_t"}, "windowsOptions": {"hostProcess": false},
    });
    let handler = json!({"httpGet": {"port": 8080, "host": ""}});
    let digest = "0".repeat(64);
    let resources = json!({"cpu": "1", "memory": "1Gi", "ephemeral-storage": "1Gi"});
    let env: Vec<_> = (0..20)
        .map(|at| json!({"name": format!("SETTING_NUMBER_{at}"), "value": "some value of usual length"}))
        .collect();
    let container = |at: usize| {
        json!({
            "name": format!("c{at}"),
            "image": format!("ghcr.io/acme/services/some-service-{at}@sha256:{digest}"),
            "ports": [{"containerPort": 8080}, {"containerPort": 9090, "hostPort": 0}],
            "env": env, "securityContext": context,
            "resources": {"requests": resources, "limits": resources},
            "livenessProbe": handler, "readinessProbe": handler, "startupProbe": handler,
            "lifecycle": {"postStart": handler, "preStop": handler},
        })
    };
    let containers: Vec<_> = (0..containers).map(container).collect();
    let volume = |at: usize| match at % 4 {
        0 => json!({"name": format!("v{at}"), "emptyDir": {"sizeLimit": "1Mi"}}),
        1 => json!({"name": format!("v{at}"), "projected": {"sources": [
            {"serviceAccountToken": {"path": "token"}},
            {"configMap": {"name": format!("c{at}")}},
        ]}}),
        _ => json!({"name": format!("v{at}"), "secret": {"secretName": format!("s{at}")}}),
    };
    let volumes: Vec<_> = (0..1000).map(volume).collect();
    let tolerations: Vec<_> = (0..100)
        .map(|at| json!({"key": format!("example.com/taint-{at}"), "operator": "Exists"}))
        .collect();
    let sysctls: Vec<_> = (0..20)
        .map(|_| json!({"name": "net.ipv4.tcp_syncookies", "value": "1"}))
        .collect();
    let mut annotations: Value = (0..100)
        .map(|at| (format!("example.com/annotation-{at}"), json!("value")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    annotations["autoscaling.knative.dev/max-scale"] = json!("5");
    json!({
        "metadata": {"annotations": annotations, "labels": {"a": "b"}},
        "spec": {
            "serviceAccountName": "large", "timeoutSeconds": 60,
            "tolerations": tolerations, "nodeSelector": {"kubernetes.io/os": "linux"},
            "hostNetwork": false, "hostPID": false, "hostIPC": false,
            "securityContext": {
                "runAsNonRoot": true, "runAsUser": 1000, "sysctls": sysctls,
                "seccompProfile": {"type": "RuntimeDefault"},
                "appArmorProfile": {"type": "RuntimeDefault"},
            },
            "containers": containers, "volumes": volumes,
        },
    })
}
