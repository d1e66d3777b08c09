//! The hostile tenant of `examples/`: what a stock cluster lets in, what it refuses, and what Knight
//! finds of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use knight_testbed_client::{Client, objects};
use serde_json::Value;

use crate::{
    access::reader,
    common::{World, alone, client_of, failed, files, named, testbed},
};

/// What the platform makes for the tenant; all else is applied by the tenant.
const PLATFORM: &str = "namespaces.yaml";

/// What a stock cluster refuses, and who does: a start of the message says.
const REFUSED: [(&str, &str); 20] = [
    (
        "{apiVersion: v1, kind: Pod, metadata: {name: no, namespace: mallory}, spec: {containers: [{name: a, image: a}]}}",
        "pods is forbidden",
    ),
    (
        "{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: no, namespace: bank}, spec: {template: {spec: {containers: [{image: a}]}}}}",
        "services.serving.knative.dev is forbidden",
    ),
    (
        "{apiVersion: v1, kind: Namespace, metadata: {name: mallory-2, labels: {webhooks.knative.dev/exclude: \"\"}}}",
        "namespaces is forbidden",
    ),
    (
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: no, namespace: knative-serving}}",
        "configmaps is forbidden",
    ),
    (
        "{apiVersion: networking.internal.knative.dev/v1alpha1, kind: Ingress, metadata: {name: no, namespace: mallory}, spec: {rules: []}}",
        "ingresses.networking.internal.knative.dev is forbidden",
    ),
    (
        "{apiVersion: autoscaling.internal.knative.dev/v1alpha1, kind: PodAutoscaler, metadata: {name: no, namespace: mallory}, spec: {protocolType: http1, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}}}",
        "podautoscalers.autoscaling.internal.knative.dev is forbidden",
    ),
    (
        "{apiVersion: networking.internal.knative.dev/v1alpha1, kind: ClusterDomainClaim, metadata: {name: no.example.com}, spec: {namespace: mallory}}",
        "clusterdomainclaims.networking.internal.knative.dev is forbidden",
    ),
    (
        "{apiVersion: serving.knative.dev/v1beta1, kind: DomainMapping, metadata: {name: a.bank.svc.cluster.local, namespace: mallory}, spec: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: a}}}",
        SERVING,
    ),
    (
        "{apiVersion: eventing.knative.dev/v1alpha1, kind: EventPolicy, metadata: {name: no, namespace: mallory}, spec: {from: [{sub: \"*\"}]}}",
        EVENTING,
    ),
    (
        "{apiVersion: sources.knative.dev/v1, kind: SinkBinding, metadata: {name: no, namespace: mallory}, spec: {subject: {apiVersion: apps/v1, kind: Deployment, namespace: bank, name: a}, sink: {uri: \"https://example.com\"}}}",
        EVENTING,
    ),
    (
        "{apiVersion: eventing.knative.dev/v1, kind: Trigger, metadata: {name: no, namespace: mallory}, spec: {brokerRef: {apiVersion: eventing.knative.dev/v1, kind: Broker, name: default, namespace: bank}, subscriber: {uri: \"https://example.com\"}}}",
        EVENTING,
    ),
    ("hostNetwork: true", SERVING),
    ("initContainers: [{name: a, image: a}]", SERVING),
    ("nodeSelector: {a: b}", SERVING),
    ("tolerations: [{operator: Exists}]", SERVING),
    ("priorityClassName: system-node-critical", SERVING),
    ("runtimeClassName: runc", SERVING),
    ("timeoutSeconds: 601", SERVING),
    ("volumes: [{name: a, hostPath: {path: /}}]", SERVING),
    (
        "volumes: [{name: a, persistentVolumeClaim: {claimName: a}}]",
        SERVING,
    ),
];
/// What a stock cluster refuses in the container of a Knative Service.
const REFUSED_IN_CONTAINERS: [(&str, &str); 4] = [
    ("securityContext: {privileged: true}", SERVING),
    (
        "securityContext: {capabilities: {add: [SYS_ADMIN]}}",
        SERVING,
    ),
    ("ports: [{containerPort: 80, hostPort: 80}]", SCHEMA),
    ("lifecycle: {preStop: {exec: {command: [a]}}}", SCHEMA),
];
const SERVING: &str = "admission webhook \"validation.webhook.serving.knative.dev\"";
const EVENTING: &str = "admission webhook \"validation.webhook.eventing.knative.dev\"";
const SCHEMA: &str = "Service in version \"v1\" cannot be handled";

/// The tables of the examples' README.
#[derive(Debug, Default)]
struct Tables {
    /// Files, and the controls that are to find each.
    found: BTreeMap<String, BTreeSet<String>>,
    /// Files that no control finds for what they are.
    missed: BTreeSet<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/hostile-tenant")
}

fn read(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder().join(name)).expect("a file");
    objects(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Returns the names of the manifests, without that of the platform.
fn manifests() -> Vec<String> {
    let name = |path: &PathBuf| {
        path.file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    };
    let mut names: Vec<String> = files(&folder(), ".yaml").iter().map(name).collect();
    names.retain(|name| name != PLATFORM);
    names
}

/// Reads the rows `| files | what for | controls |`; those without a third cell are of the missed.
fn tables() -> Tables {
    let text = fs::read_to_string(folder().join("README.md")).expect("the README");
    let mut tables = Tables::default();
    let quoted = |cell: &str| -> BTreeSet<String> {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        match *cells.as_slice() {
            // One row may be about a pair of files, and what is left of the `;` about the first.
            [names, _, controls] => {
                let names: Vec<&str> = names.split(", ").collect();
                let controls: Vec<&str> = controls.split("; ").collect();
                assert_eq!(names.len(), controls.len(), "{line}");
                for (name, controls) in names.into_iter().zip(controls) {
                    for name in quoted(name) {
                        tables.found.insert(name, quoted(controls));
                    }
                }
            }
            [names, _] => tables.missed.extend(quoted(names)),
            _ => panic!("{line}"),
        }
    }
    tables
}

/// Applies everything once: first what the platform makes, then as the tenant what the tenant does.
pub(crate) fn apply() {
    static APPLIED: OnceLock<()> = OnceLock::new();
    APPLIED.get_or_init(|| {
        for object in read(PLATFORM) {
            create(testbed().client(), &object);
        }
        let tenant = client_of("mallory", "pipeline");
        for name in manifests() {
            for object in read(&name) {
                create(&tenant, &object);
            }
        }
    });
}

fn create(client: &Client, object: &Value) {
    let answer = strictly(client, object);
    assert_eq!(
        answer.status,
        201,
        "{:?}: {}",
        named(object),
        answer.message()
    );
}

fn strictly(client: &Client, object: &Value) -> knight_testbed_client::Answer {
    let path = client.collection_of(object, None).expect("a served kind");
    client
        .create(&format!("{path}?fieldValidation=Strict"), object)
        .expect("an answer")
}

#[test]
fn the_readme_names_every_file_once() {
    let tables = tables();
    let mut named: Vec<&String> = tables.found.keys().chain(&tables.missed).collect();
    named.sort();
    let mut files = manifests();
    files.push(PLATFORM.to_owned());
    files.sort();
    assert_eq!(named, files.iter().collect::<Vec<_>>());
    assert!(tables.found.len() >= 25, "{}", tables.found.len());
}

#[test]
fn a_stock_cluster_lets_in_what_a_hostile_tenant_writes() {
    let _alone = alone();
    apply();
    // The controllers follow: the pods are there that no right of the tenant allows to make.
    let pods = "/api/v1/namespaces/mallory/pods";
    let made = knight_testbed_client::wait_until(
        std::time::Duration::from_mins(1),
        "the pod of a ContainerSource",
        || {
            let listed = testbed().client().get(pods)?.granted("a list of pods")?;
            let pods = listed["items"].as_array().cloned().unwrap_or_default();
            let shell = |pod: &Value| pod["spec"]["containers"][0]["name"] == "shell";
            Ok(pods.into_iter().find(shell))
        },
    );
    let spec = &made.unwrap()["spec"];
    assert_eq!(
        (
            &spec["hostPID"],
            &spec["containers"][0]["securityContext"]["privileged"]
        ),
        (&Value::Bool(true), &Value::Bool(true))
    );
}

#[test]
fn a_stock_cluster_refuses_the_rest() {
    let _alone = alone();
    apply();
    let tenant = client_of("mallory", "pipeline");
    let whole = |text: &str| text.starts_with('{').then(|| text.to_owned());
    let service = |spec: &str, container: &str| {
        format!(
            "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {{name: no, namespace: \
             mallory}}\nspec:\n  template:\n    spec:\n      {spec}\n      containers:\n        - \
             image: registry.example.com/a/a\n          {container}\n"
        )
    };
    let cases = REFUSED
        .map(|(text, by)| (whole(text).unwrap_or_else(|| service(text, "")), by))
        .into_iter()
        .chain(REFUSED_IN_CONTAINERS.map(|(text, by)| (service("", text), by)));
    for (text, by) in cases {
        let object = &objects(&text).expect("YAML")[0];
        let answer = strictly(&tenant, object);
        assert!(
            !answer.is_success() && answer.message().starts_with(by),
            "{text}\n{} {}",
            answer.status,
            answer.message()
        );
    }
}

#[test]
fn each_file_is_found_for_what_it_is() {
    let world = World::new();
    let folder = folder();
    let path = folder.to_str().expect("a path of text");
    let run = world.run(&["scan", path, "--profile", "hosted", "--format", "json"]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert_found(&run.json());
}

#[test]
fn each_object_is_found_in_the_running_cluster_for_what_it_is() {
    let _alone = alone();
    apply();
    let world = World::of(&reader().kubeconfig);
    let run = world.run(&[
        "scan",
        "--cluster",
        "--profile",
        "hosted",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert_found(&run.json());
}

#[test]
fn what_gives_the_nodes_away_is_said_first() {
    let _alone = alone();
    apply();
    let world = World::of(&reader().kubeconfig);
    let run = world.run(&["scan", "--cluster", "--profile", "hosted"]);
    let text = String::from_utf8(run.stdout).expect("text");
    // Such as `critical[host-pid]: A workload sees the node's processes`.
    let headings: Vec<(&str, &str)> = text
        .lines()
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_once("]: ")?.0.split_once('['))
        .collect();
    let ranks = ["critical", "high", "medium", "low", "info"];
    let rank = |severity: &str| ranks.iter().position(|rank| *rank == severity);
    assert!(headings.len() > 30, "{headings:#?}");
    assert!(
        headings.is_sorted_by_key(|(severity, _)| rank(severity)),
        "{headings:#?}"
    );
    let critical: BTreeSet<&str> = headings
        .iter()
        .filter(|(severity, _)| *severity == "critical")
        .map(|(_, control)| *control)
        .collect();
    assert_eq!(
        critical,
        ["host-network", "host-pid", "privileged-container"].into()
    );
    let first = text.lines().find(|line| line.starts_with("First: "));
    let first = first.expect("a line that says what to do first");
    assert!(
        first.contains("critical") && first.contains("mallory"),
        "{first}"
    );
}

/// Asserts that each file of the first table is found by its controls, and that none of the second is
/// by more than what every careless pod is found for.
fn assert_found(report: &Value) {
    let failed = failed(report);
    let tables = tables();
    let mut wrong = Vec::new();
    for (name, controls) in &tables.found {
        let objects: BTreeSet<_> = read(name).iter().map(named).collect();
        for control in controls {
            if !objects
                .iter()
                .any(|object| failed.contains(&(object.clone(), control.clone())))
            {
                wrong.push(format!("{name}: {control} is not found"));
            }
        }
    }
    let telling: BTreeSet<&String> = tables.found.values().flatten().collect();
    let careless = ["capabilities-kept", "privilege-escalation"];
    for name in &tables.missed {
        for object in read(name) {
            for (of, control) in &failed {
                if *of == named(&object)
                    && telling.contains(control)
                    && !careless.contains(&control.as_str())
                {
                    // FIXME: a control finds it now: move it to the first table.
                    wrong.push(format!("{name}: {control} is found"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
