//! Flags and defaults of Knative Serving to try objects under.

use std::time::Duration;

use knight_facts::settings::{Component, ValueType, settings_of};
use knight_testbed_client::{FieldValidation, wait_until};
use serde_json::{Map, Value, json};

use crate::{bed, dice::Dice};

/// The flag that every other state turns, so that a probe sees which state the webhook is in.
const TOGGLED: &str = "kubernetes.podspec-schedulername";
/// How long the webhook may take to see its settings.
const LONGEST: Duration = Duration::from_secs(30);

/// What two `ConfigMap`s hold beside what was installed.
pub(crate) struct State {
    pub(crate) name: String,
    pub(crate) features: Map<String, Value>,
    pub(crate) defaults: Map<String, Value>,
}

/// Returns so many states: those that stand for a platform first, then mixed ones.
pub(crate) fn states(count: usize) -> Vec<State> {
    let flags = settings_of(Component::Serving, "config-features").unwrap();
    let flags: Vec<&str> = flags
        .setting
        .iter()
        .filter(|row| row.value_type == ValueType::Flag && row.range().until.is_none())
        .map(|row| row.key.as_str())
        .collect();
    let all = |value: &str| -> Map<String, Value> {
        let pods = flags.iter().filter(|key| **key != "secure-pod-defaults");
        pods.map(|key| ((*key).to_owned(), value.into())).collect()
    };
    (0..count)
        .map(|at| {
            let mut dice = Dice::of(u64::try_from(at).unwrap());
            let (name, mut features) = match at {
                0 => ("stock", Map::new()),
                1 => ("all enabled", all("enabled")),
                2 => ("all allowed", all("Allowed")),
                3 => ("all disabled", all("disabled")),
                4 => ("secure defaults", secure("enabled")),
                5 => ("root bounded", secure("AllowRootBounded")),
                _ => ("mixed", mixed(&mut dice, &flags)),
            };
            let toggled = if at % 2 == 0 { "disabled" } else { "enabled" };
            features.insert(TOGGLED.to_owned(), toggled.into());
            State {
                name: format!("{at} {name}"),
                features,
                defaults: defaults(&mut dice, at),
            }
        })
        .collect()
}

fn secure(value: &str) -> Map<String, Value> {
    let mut features = Map::new();
    features.insert("secure-pod-defaults".to_owned(), value.into());
    features
}

fn mixed(dice: &mut Dice, flags: &[&str]) -> Map<String, Value> {
    let mut features = Map::new();
    for flag in flags {
        let values: &[&str] = match *flag {
            "secure-pod-defaults" => &["disabled", "AllowRootBounded", "enabled", "root-allowed"],
            _ => &[
                "enabled",
                "ENABLED",
                "allowed",
                "disabled",
                "enabled",
                "no such value",
            ],
        };
        if dice.chance(80) {
            features.insert((*flag).to_owned(), (*dice.pick(values)).into());
        }
    }
    features
}

/// Every state has another timeout, which a probe sees.
fn defaults(dice: &mut Dice, at: usize) -> Map<String, Value> {
    let mut defaults = Map::new();
    let mut set = |key: &str, value: &str| {
        defaults.insert(key.to_owned(), value.into());
    };
    set("revision-timeout-seconds", &(100 + at).to_string());
    if at == 0 {
        return defaults;
    }
    for (key, values) in [
        (
            "allow-container-concurrency-zero",
            &["true", "true", "false"][..],
        ),
        ("container-concurrency", &["0", "7"]),
        ("container-concurrency-max-limit", &["10", "1000"]),
        (
            "container-name-template",
            &["user-container", "c0", "{{.Name}}-main"],
        ),
        (
            "enable-service-links",
            &["true", "false", "default", "nonsense"],
        ),
        ("init-container-name-template", &["init", "c1"]),
        ("max-revision-timeout-seconds", &["600", "5000"]),
        ("revision-cpu-limit", &["1", "500m"]),
        ("revision-cpu-request", &["100m"]),
        ("revision-ephemeral-storage-limit", &["1Gi"]),
        ("revision-idle-timeout-seconds", &["0", "5", "99"]),
        ("revision-memory-limit", &["512Mi"]),
        ("revision-memory-request", &["128Mi", "64M"]),
        ("revision-response-start-timeout-seconds", &["0", "5", "99"]),
    ] {
        if dice.chance(40) {
            let value: &str = dice.pick::<&str>(values);
            set(key, value);
        }
    }
    defaults
}

/// The two `ConfigMap`s as they were, which come back in the end.
pub(crate) struct Stock {
    features: Value,
    defaults: Value,
}

const NAMESPACE: &str = "knative-serving";

impl Stock {
    /// Reads what is installed.
    pub(crate) fn read() -> Self {
        let read = |name: &str| bed::find(&path(name)).unwrap();
        Self {
            features: read("config-features"),
            defaults: read("config-defaults"),
        }
    }

    /// Returns the `ConfigMap`s of a state.
    pub(crate) fn with(&self, state: &State) -> [Value; 2] {
        let with = |stock: &Value, set: &Map<String, Value>| {
            let mut object = stock.clone();
            for (key, value) in set {
                object["data"][key] = value.clone();
            }
            object
        };
        [
            with(&self.features, &state.features),
            with(&self.defaults, &state.defaults),
        ]
    }

    /// Brings the webhook into a state, and waits until it is in it.
    pub(crate) fn enter(&self, state: &State, namespace: &str) {
        let [features, defaults] = self.with(state);
        for (name, mut object) in [("config-features", features), ("config-defaults", defaults)] {
            object["metadata"]
                .as_object_mut()
                .unwrap()
                .remove("resourceVersion");
            let stored = bed::client().replace(&path(name), &object).unwrap();
            stored.granted(&state.name).unwrap();
        }
        let timeout = &state.defaults["revision-timeout-seconds"];
        let opened = state.features[TOGGLED] == "enabled";
        wait_until(LONGEST, &state.name, || {
            let plain = probe(namespace, &json!({}))?;
            let seen = plain.body["spec"]["template"]["spec"]["timeoutSeconds"].as_i64();
            let defaulted = seen == timeout.as_str().and_then(|text| text.parse().ok());
            let toggled = probe(namespace, &json!({ "schedulerName": "other" }))?;
            Ok((defaulted && toggled.is_success() == opened).then_some(()))
        })
        .unwrap();
    }
}

impl Drop for Stock {
    fn drop(&mut self) {
        for (name, stock) in [
            ("config-features", &self.features),
            ("config-defaults", &self.defaults),
        ] {
            let mut object = stock.clone();
            if let Some(metadata) = object["metadata"].as_object_mut() {
                metadata.remove("resourceVersion");
            }
            // The test is over; it found what it found.
            let _ = bed::client().replace(&path(name), &object);
        }
    }
}

fn path(name: &str) -> String {
    format!("/api/v1/namespaces/{NAMESPACE}/configmaps/{name}")
}

/// Sends a Service that every state takes, but for what is added.
fn probe(
    namespace: &str,
    added: &Value,
) -> Result<knight_testbed_client::Answer, knight_testbed_client::Error> {
    let mut spec = json!({
        "containerConcurrency": 1,
        "containers": [{ "image": "registry.example.com/probe:1" }],
    });
    for (key, value) in added.as_object().unwrap() {
        spec[key] = value.clone();
    }
    let service = json!({
        "apiVersion": "serving.knative.dev/v1", "kind": "Service",
        "metadata": { "name": "probe", "namespace": namespace },
        "spec": { "template": { "spec": spec } },
    });
    let path = format!("/apis/serving.knative.dev/v1/namespaces/{namespace}/services");
    bed::client().dry_run_create(&path, &service, FieldValidation::Ignore)
}

/// Creates what pods of the objects name, which the cluster must have.
pub(crate) fn prepare() {
    for object in [
        json!({ "apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass",
            "metadata": { "name": "sandbox" }, "handler": "sandbox" }),
        json!({ "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
            "metadata": { "name": "important" }, "value": 1000 }),
    ] {
        let applied = bed::client().apply(&object).unwrap();
        applied.granted("what pods name").unwrap();
    }
}
