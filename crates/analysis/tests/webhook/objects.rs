//! Services, Configurations and Revisions, made up.
//!
//! Every object is one that the webhook would take, but for the fields that it masks or gates: those
//! are what is tried, and each is set often. Volumes are mounted, one container has the port, images
//! parse.

use serde_json::{Map, Value, json};

use crate::dice::Dice;

/// Makes an object for a namespace.
pub(crate) fn object(dice: &mut Dice, namespace: &str) -> Value {
    let kind = *dice.pick(&["Service", "Service", "Configuration", "Revision"]);
    let spec = revision_spec(dice);
    let template = match kind {
        "Revision" => spec,
        _ => json!({ "template": { "spec": spec } }),
    };
    json!({
        "apiVersion": "serving.knative.dev/v1",
        "kind": kind,
        "metadata": { "name": format!("o{}", dice.below(1000)), "namespace": namespace },
        "spec": template,
    })
}

fn revision_spec(dice: &mut Dice) -> Value {
    let mut spec = Map::new();
    for (field, values) in pod_fields() {
        if dice.chance(3) {
            spec.insert(field, dice.pick(&values).clone());
        }
    }
    for (field, values) in [
        ("timeoutSeconds", json!([0, 1, 300, 600, 601, 5000, -1])),
        ("containerConcurrency", json!([0, 1, 10, 1000, 1001, -1])),
        ("idleTimeoutSeconds", json!([0, 10])),
        ("responseStartTimeoutSeconds", json!([0, 10])),
        ("enableServiceLinks", json!([true, false])),
        ("serviceAccountName", json!(["builder"])),
        ("imagePullSecrets", json!([[{ "name": "pull" }]])),
        ("automountServiceAccountToken", json!([false, false, true])),
    ] {
        if dice.chance(8) {
            let values = values.as_array().unwrap();
            spec.insert(field.to_owned(), dice.pick(values).clone());
        }
    }
    if dice.chance(12) {
        let security = some_of(dice, &pod_security(), 25);
        spec.insert("securityContext".to_owned(), security);
    }
    let volumes = volumes(dice);
    let containers = *dice.pick(&[1, 1, 1, 1, 2, 3]);
    let serving = dice.below(containers);
    let list: Vec<Value> = (0..containers)
        .map(|at| {
            let serves = containers == 1 || at == serving;
            container(dice, at, serves, containers > 1, &volumes)
        })
        .collect();
    spec.insert("containers".to_owned(), list.into());
    let inits = *dice.pick(&[0, 0, 0, 0, 0, 0, 1, 2]);
    if inits > 0 {
        let list: Vec<Value> = (0..inits)
            .map(|at| init_container(dice, at, &volumes))
            .collect();
        spec.insert("initContainers".to_owned(), list.into());
    }
    if !volumes.is_empty() {
        spec.insert("volumes".to_owned(), volumes.into());
    }
    spec.into()
}

/// Fields of the pod spec that flags open, that the schema drops, or that nothing opens, with values.
fn pod_fields() -> Vec<(String, Vec<Value>)> {
    let table = json!({
        "affinity": [{}, { "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{ "matchExpressions": [{ "key": "a", "operator": "Exists" }] }] } } }],
        "dnsConfig": [{}, { "nameservers": ["10.0.0.10"] }],
        "dnsPolicy": ["Default", "ClusterFirst", ""],
        "hostAliases": [[], [{ "ip": "10.0.0.1", "hostnames": ["a"] }]],
        "hostIPC": [true, false],
        "hostNetwork": [true, false],
        "hostPID": [true, false],
        "nodeSelector": [{}, { "disk": "ssd" }],
        "priorityClassName": ["important", ""],
        "runtimeClassName": ["sandbox"],
        "schedulerName": ["other", ""],
        "shareProcessNamespace": [true, false],
        "tolerations": [[], [{ "key": "a", "operator": "Exists" }]],
        "topologySpreadConstraints": [[], [{ "maxSkew": 1, "topologyKey": "zone",
            "whenUnsatisfiable": "DoNotSchedule", "labelSelector": { "matchLabels": { "a": "b" } } }]],
        "activeDeadlineSeconds": [10],
        "hostUsers": [false],
        "hostname": ["h"],
        "nodeName": ["n"],
        "os": [{ "name": "linux" }],
        "preemptionPolicy": ["Never"],
        "readinessGates": [[{ "conditionType": "a" }]],
        "restartPolicy": ["Never"],
        "serviceAccount": ["builder"],
        "subdomain": ["s"],
        "terminationGracePeriodSeconds": [5],
    });
    pairs(&table)
}

fn pod_security() -> Vec<(String, Vec<Value>)> {
    let table = json!({
        "fsGroup": [0, 1000],
        "fsGroupChangePolicy": ["Always"],
        "runAsGroup": [0, 1000],
        "runAsNonRoot": [true, false],
        "runAsUser": [0, 1000],
        "seccompProfile": [{ "type": "RuntimeDefault" }, { "type": "Unconfined" },
            { "type": "Localhost", "localhostProfile": "p.json" }],
        "seLinuxChangePolicy": ["Recursive"],
        "seLinuxOptions": [{ "level": "s0:c1,c2" }],
        "windowsOptions": [{ "hostProcess": false }],
        "supplementalGroups": [[], [1000]],
        "supplementalGroupsPolicy": ["Merge"],
        "sysctls": [[], [{ "name": "net.ipv4.ip_local_port_range", "value": "1024 65535" }]],
        "appArmorProfile": [{ "type": "RuntimeDefault" }],
    });
    pairs(&table)
}

fn container_security() -> Vec<(String, Vec<Value>)> {
    let table = json!({
        "allowPrivilegeEscalation": [true, false],
        "capabilities": [{ "drop": ["ALL"] }, { "add": ["NET_BIND_SERVICE"] }, { "add": ["NET_ADMIN"] },
            { "add": ["NET_BIND_SERVICE", "NET_BIND_SERVICE"], "drop": ["ALL"] }, { "drop": [] }, {},
            { "add": [] }],
        "privileged": [true, false],
        "readOnlyRootFilesystem": [true, false],
        "runAsGroup": [0, 1000],
        "runAsNonRoot": [true, false],
        "runAsUser": [0, 1000],
        "seccompProfile": [{ "type": "RuntimeDefault" }, { "type": "Unconfined" },
            { "type": "Localhost", "localhostProfile": "p.json" }],
        "procMount": ["Default"],
        "seLinuxOptions": [{ "level": "s0:c1,c2" }],
        "appArmorProfile": [{ "type": "RuntimeDefault" }],
    });
    pairs(&table)
}

fn volumes(dice: &mut Dice) -> Vec<Value> {
    let sources = [
        json!({ "secret": { "secretName": "s" } }),
        json!({ "configMap": { "name": "c" } }),
        json!({ "projected": { "sources": [
            { "secret": { "name": "s" } }, { "serviceAccountToken": { "path": "t" } }] } }),
        json!({ "emptyDir": {} }),
        json!({ "emptyDir": { "medium": "Memory", "sizeLimit": "1Gi" } }),
        json!({ "persistentVolumeClaim": { "claimName": "p" } }),
        json!({ "persistentVolumeClaim": { "claimName": "p", "readOnly": true } }),
        json!({ "persistentVolumeClaim": { "claimName": "p", "readOnly": false } }),
        json!({ "hostPath": { "path": "/var/lib" } }),
        json!({ "csi": { "driver": "d.example.com" } }),
        json!({ "ephemeral": { "volumeClaimTemplate": { "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": { "requests": { "storage": "1Gi" } } } } } }),
        json!({ "image": { "reference": "registry.example.com/data:1" } }),
    ];
    let count = *dice.pick(&[0, 0, 0, 1, 1, 2, 3]);
    (0..count)
        .map(|at| {
            let mut volume = dice.pick(&sources).clone();
            volume["name"] = format!("v{at}").into();
            volume
        })
        .collect()
}

fn container(
    dice: &mut Dice,
    at: usize,
    serves: bool,
    has_others: bool,
    volumes: &[Value],
) -> Value {
    let mut container = common(dice, volumes);
    if dice.chance(70) {
        container["name"] = format!("c{at}").into();
    }
    if serves && (has_others || dice.chance(40)) {
        let mut port = json!({ "containerPort": *dice.pick(&[80, 443, 1024, 3000, 8081]) });
        if dice.chance(25) {
            port["name"] = (*dice.pick(&["http1", "h2c", "", "metrics"])).into();
        }
        if dice.chance(20) {
            port["protocol"] = (*dice.pick(&["TCP", "TCP", "UDP"])).into();
        }
        if dice.chance(4) {
            port["hostPort"] = 80.into();
        }
        container["ports"] = json!([port]);
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if dice.chance(12) {
            container[probe] = probe_of(dice, probe);
        }
    }
    for (field, value) in [
        ("stdin", json!(true)),
        ("tty", json!(true)),
        (
            "lifecycle",
            json!({ "preStop": { "exec": { "command": ["a"] } } }),
        ),
    ] {
        if dice.chance(3) {
            container[field] = value;
        }
    }
    container
}

fn init_container(dice: &mut Dice, at: usize, volumes: &[Value]) -> Value {
    let mut container = common(dice, volumes);
    container["name"] = format!("i{at}").into();
    for (field, value) in [
        ("stdin", json!(true)),
        ("tty", json!(false)),
        ("livenessProbe", json!({ "exec": { "command": ["a"] } })),
        (
            "lifecycle",
            json!({ "preStop": { "exec": { "command": ["a"] } } }),
        ),
    ] {
        if dice.chance(4) {
            container[field] = value;
        }
    }
    container
}

/// What containers of both sorts have.
fn common(dice: &mut Dice, volumes: &[Value]) -> Value {
    let mut container = json!({ "image": "registry.example.com/app:1" });
    if dice.chance(35) {
        container["securityContext"] = some_of(dice, &container_security(), 18);
    }
    if dice.chance(20) {
        container["env"] = json!([env(dice)]);
    }
    if dice.chance(25) {
        let resources = [
            json!({ "limits": { "cpu": "1" } }),
            json!({ "requests": { "memory": "64Mi" } }),
            json!({ "limits": { "memory": "1Gi", "ephemeral-storage": "1Gi" }, "requests": {} }),
            json!({}),
        ];
        container["resources"] = dice.pick(&resources).clone();
    }
    // Every container mounts every volume, so that none is left unmounted.
    let mounts: Vec<Value> = volumes.iter().map(|volume| mount(dice, volume)).collect();
    if !mounts.is_empty() {
        container["volumeMounts"] = mounts.into();
    }
    container
}

fn mount(dice: &mut Dice, volume: &Value) -> Value {
    let name = volume["name"].as_str().unwrap();
    let mut mount = json!({ "name": name, "mountPath": format!("/{name}") });
    if dice.chance(50) {
        mount["readOnly"] = dice.chance(70).into();
    }
    if dice.chance(5) {
        let propagation = ["None", "HostToContainer", "Bidirectional"];
        mount["mountPropagation"] = (*dice.pick(&propagation)).into();
    }
    if dice.chance(10) {
        mount["subPath"] = "sub".into();
    }
    mount
}

fn env(dice: &mut Dice) -> Value {
    let from = [
        json!({ "value": "x" }),
        json!({ "valueFrom": { "configMapKeyRef": { "name": "c", "key": "k" } } }),
        json!({ "valueFrom": { "secretKeyRef": { "name": "s", "key": "k", "optional": true } } }),
        json!({ "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } }),
        json!({ "valueFrom": { "resourceFieldRef": { "resource": "limits.cpu" } } }),
    ];
    let mut env = dice.pick(&from).clone();
    env["name"] = "A".into();
    env
}

fn probe_of(dice: &mut Dice, kind: &str) -> Value {
    let handlers = [
        json!({ "exec": { "command": ["a"] } }),
        json!({ "tcpSocket": { "port": 8081 } }),
        json!({ "httpGet": { "path": "/", "port": 8081, "host": "10.0.0.1" } }),
        json!({ "grpc": { "port": 8081 } }),
        json!({ "grpc": { "port": 8081, "service": "s" } }),
    ];
    let mut probe = dice.pick(&handlers).clone();
    if dice.chance(40) {
        probe["periodSeconds"] = (*dice.pick(&[1, 10])).into();
    }
    if kind != "readinessProbe" && dice.chance(20) {
        probe["timeoutSeconds"] = 2.into();
    }
    probe
}

fn some_of(dice: &mut Dice, fields: &[(String, Vec<Value>)], percent: usize) -> Value {
    let mut map = Map::new();
    for (field, values) in fields {
        if dice.chance(percent) {
            map.insert(field.clone(), dice.pick(values).clone());
        }
    }
    map.into()
}

/// Returns the entries of a table of lists.
fn pairs(table: &Value) -> Vec<(String, Vec<Value>)> {
    let entries = table.as_object().unwrap().iter();
    entries
        .map(|(key, values)| (key.clone(), values.as_array().unwrap().clone()))
        .collect()
}
