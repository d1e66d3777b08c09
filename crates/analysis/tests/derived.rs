//! The pods that the facts say come of an object are those that controllers make of it.
//!
//! The API server, the webhooks and the controllers are real. Nothing runs there: the pods stay
//! pending, with the labels, ports and service accounts that policies go by.
#![expect(clippy::unwrap_used, reason = "the test bed is what is tested against")]

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use knight_facts::components::{
    Account, Condition, Derived, UserPorts, Value as LabelValue, derived_from,
};
use knight_testbed_client::{Level, Testbed, wait_until};
use serde_json::{Value, json};

const IMAGE: &str = concat!(
    "registry.example.com/app@sha256:",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
);

/// What stands for a value that only the cluster knows.
const GENERATED: &str = "(generated)";

/// An object of a tenant.
struct Case {
    object: Value,
    /// The pod template that the user wrote in it; null where there is none.
    template: Value,
    /// What the names of its pods begin with.
    pods: &'static str,
    /// What holds of it and of the settings.
    holds: &'static [Condition],
}

/// What policies go by.
#[derive(Debug, Eq, PartialEq)]
struct Seen {
    labels: BTreeMap<String, String>,
    service_account: String,
    ports: BTreeSet<(i64, String)>,
}

#[test]
fn pods_of_every_carrier_are_as_the_facts_say() {
    let testbed = Testbed::shared(Level::Full)
        .unwrap_or_else(|error| panic!("the test bed is needed: {error}"));
    let client = testbed.client();
    let namespaces = testbed.namespaces("derived");
    let namespace = namespaces.create("shop", &json!({})).unwrap();
    let account = json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": "cart", "namespace": namespace},
    });
    // An ApiServerSource has no pods before its account may watch what it names.
    let may_watch = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": "cart", "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": "cart", "namespace": namespace}],
    });
    let sink = json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "sink", "namespace": namespace},
        "spec": {"selector": {"app": "sink"}, "ports": [{"port": 80}]},
    });
    for object in [&account, &may_watch, &sink] {
        client
            .apply(object)
            .unwrap()
            .granted("a neighbour")
            .unwrap();
    }

    let cases = cases();
    for case in &cases {
        let mut object = case.object.clone();
        object["metadata"]["namespace"] = json!(namespace);
        let path = client.collection_of(&object, Some(&namespace)).unwrap();
        client
            .create(&path, &object)
            .unwrap()
            .granted(case.pods)
            .unwrap();
    }
    let path = format!("/api/v1/namespaces/{namespace}/pods");
    for case in &cases {
        let pod = wait_until(Duration::from_mins(1), case.pods, || {
            let list = client.get(&path)?.granted("listing pods")?;
            let pods = list["items"].as_array().unwrap().iter();
            let mut named =
                pods.filter(|pod| text(&pod["metadata"]["name"]).starts_with(case.pods));
            Ok(named.next().cloned())
        });
        let pod = pod.unwrap();
        let row = row(case);
        let found = seen(row, &pod);
        let told = told(row, case, &found);
        assert_eq!(found, told, "{}", case.pods);
    }
}

#[expect(clippy::too_many_lines, reason = "a list of objects")]
fn cases() -> Vec<Case> {
    const DEFAULTS: &[Condition] = &[Condition::NoOidc];
    let sink = json!({"ref": {"apiVersion": "v1", "kind": "Service", "name": "sink"}});
    let template = |labels: Value, ports: Value| {
        json!({
            "metadata": {"labels": labels},
            "spec": {
                "serviceAccountName": "cart",
                "containers": [{"name": "app", "image": IMAGE, "ports": ports}],
            },
        })
    };
    let once = |labels: Value| {
        let mut template = template(labels, json!([]));
        template["spec"]["restartPolicy"] = json!("Never");
        template
    };
    let object = |version: &str, kind: &str, name: &str, spec: Value| {
        let metadata = json!({"name": name});
        json!({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec})
    };
    let selected = template(
        json!({"app": "own"}),
        json!([{"containerPort": 7000, "name": "seven"}]),
    );
    let set = json!({
        "selector": {"matchLabels": {"app": "own"}},
        "serviceName": "own",
        "template": selected,
    });
    let mut replicas = set.clone();
    replicas.as_object_mut().unwrap().remove("serviceName");
    // Forged labels give way, `app` stays.
    let forged = template(
        json!({
            "app": "own",
            "pod-template-hash": "forged",
            "serving.knative.dev/service": "forged",
            "team": "a",
        }),
        json!([{"containerPort": 3000}]),
    );
    let streaming = template(json!({}), json!([{"containerPort": 3000, "name": "h2c"}]));
    let feed = template(
        json!({"team": "a", "sources.knative.dev/source": "forged"}),
        json!([{"containerPort": 7000, "name": "seven"}]),
    );
    let job = once(json!({"team": "a"}));
    let case = |object: Value, template: Value, pods, holds| Case {
        object,
        template,
        pods,
        holds,
    };
    vec![
        case(
            object(
                "serving.knative.dev/v1",
                "Service",
                "cart",
                json!({"template": forged}),
            ),
            forged,
            "cart-00001-deployment-",
            &[Condition::Http1],
        ),
        case(
            object(
                "serving.knative.dev/v1",
                "Service",
                "stream",
                json!({"template": streaming}),
            ),
            streaming,
            "stream-00001-deployment-",
            &[Condition::H2c],
        ),
        case(
            object(
                "sources.knative.dev/v1",
                "ContainerSource",
                "feed",
                json!({"template": feed, "sink": sink}),
            ),
            feed,
            "feed-deployment-",
            DEFAULTS,
        ),
        case(
            object(
                "sources.knative.dev/v1",
                "ApiServerSource",
                "watch",
                json!({
                    "serviceAccountName": "cart",
                    "resources": [{"apiVersion": "v1", "kind": "Event"}],
                    "sink": sink,
                }),
            ),
            Value::Null,
            "apiserversource-watch-",
            DEFAULTS,
        ),
        case(
            object(
                "sources.knative.dev/v1alpha1",
                "IntegrationSource",
                "timer",
                json!({"timer": {"period": 1000, "message": "tick"}, "sink": sink}),
            ),
            Value::Null,
            "timer-containersource-deployment-",
            DEFAULTS,
        ),
        case(
            object(
                "sinks.knative.dev/v1alpha1",
                "IntegrationSink",
                "log",
                json!({"log": {"level": "INFO"}}),
            ),
            Value::Null,
            "log-deployment-",
            DEFAULTS,
        ),
        case(
            object(
                "eventing.knative.dev/v1alpha1",
                "EventTransform",
                "change",
                json!({"jsonata": {"expression": "{\"a\": 1}"}}),
            ),
            Value::Null,
            "change-jsonata-",
            DEFAULTS,
        ),
        case(
            object("batch/v1", "Job", "once", json!({"template": job})),
            job,
            "once-",
            DEFAULTS,
        ),
        case(
            object("apps/v1", "Deployment", "many", replicas.clone()),
            selected.clone(),
            "many-",
            DEFAULTS,
        ),
        case(
            object("apps/v1", "ReplicaSet", "few", replicas),
            selected.clone(),
            "few-",
            DEFAULTS,
        ),
        case(
            object("apps/v1", "StatefulSet", "steady", set),
            selected,
            "steady-",
            DEFAULTS,
        ),
    ]
}

fn row(case: &Case) -> &'static Derived {
    let version = text(&case.object["apiVersion"]);
    let group = version.split_once('/').map_or("", |(group, _)| group);
    derived_from(group, &text(&case.object["kind"])).unwrap()
}

/// Returns what a pod is, with what only the cluster knows left out.
fn seen(row: &Derived, pod: &Value) -> Seen {
    let mut labels = strings(&pod["metadata"]["labels"]);
    for label in &row.labels {
        if label.value == LabelValue::Generated {
            let value = labels.insert(label.key.clone(), GENERATED.to_owned());
            assert!(value.is_some(), "`{}` is missing", label.key);
        }
    }
    let containers = pod["spec"]["containers"].as_array().unwrap();
    Seen {
        labels,
        service_account: text(&pod["spec"]["serviceAccountName"]),
        ports: containers.iter().flat_map(ports).collect(),
    }
}

/// Returns what the facts say of the pods. Ports that are declared whether they are open or not
/// are taken from `found`, when the facts know them.
fn told(row: &Derived, case: &Case, found: &Seen) -> Seen {
    let name = text(&case.object["metadata"]["name"]);
    let written = strings(&case.template["metadata"]["labels"]);
    let mut labels = if row.user_labels {
        written.clone()
    } else {
        BTreeMap::new()
    };
    for label in &row.labels {
        if label.unless_written && written.contains_key(&label.key) {
            continue;
        }
        let value = match &label.value {
            LabelValue::ChildName => format!("{name}{}", row.child_suffix),
            LabelValue::Generated => GENERATED.to_owned(),
            LabelValue::Literal(text) => text.clone(),
            LabelValue::RevisionName => format!("{name}-00001"),
            LabelValue::ConfigurationName | LabelValue::ObjectName | LabelValue::ServiceName => {
                name.clone()
            }
        };
        labels.insert(label.key.clone(), value);
    }

    let service_account = match &row.service_account {
        Account::Default => None,
        Account::Field(path) => {
            let mut keys = path.segments();
            keys.try_fold(&case.object, |node, key| node.get(key))
        }
        Account::Template => case.template.pointer("/spec/serviceAccountName"),
    };

    let user = ports(&case.template["spec"]["containers"][0]);
    let mut ports: BTreeSet<(i64, String)> = match row.user_ports {
        UserPorts::All => user,
        UserPorts::None => BTreeSet::new(),
        UserPorts::Serving => {
            let number = user.first().map_or(8080, |(number, _)| *number);
            BTreeSet::from([(number, "user-port".to_owned())])
        }
    };
    for port in row.ports.iter().filter(|port| port.declared) {
        let declared = (i64::from(port.number), port.name.clone().unwrap());
        let open = port.when.iter().all(|when| case.holds.contains(when));
        if open || found.ports.contains(&declared) {
            ports.insert(declared);
        }
    }
    Seen {
        labels,
        service_account: service_account.map_or_else(|| "default".to_owned(), text),
        ports,
    }
}

/// Returns the ports that a container declares.
fn ports(container: &Value) -> BTreeSet<(i64, String)> {
    let ports = container["ports"].as_array().into_iter().flatten();
    ports
        .map(|port| {
            let name = port["name"].as_str().unwrap_or_default();
            (port["containerPort"].as_i64().unwrap(), name.to_owned())
        })
        .collect()
}

fn strings(map: &Value) -> BTreeMap<String, String> {
    let entries = map.as_object().into_iter().flatten();
    entries
        .map(|(key, value)| (key.clone(), text(value)))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
