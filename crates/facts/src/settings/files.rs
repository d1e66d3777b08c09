//! The data files of settings: one a `ConfigMap`, each parsed when it is first asked for.

use std::sync::LazyLock;

use super::row::{Component, ConfigMap};
use crate::parse_embedded;

/// One data file.
pub(super) struct File {
    pub(super) component: Component,
    pub(super) name: &'static str,
    pub(super) namespace: &'static str,
    pub(super) content: &'static LazyLock<ConfigMap>,
}

/// Names a data file.
///
/// What is said here of a file is also in it, so that a look-up need not parse the others.
macro_rules! file {
    ($component:ident, $folder:literal, $namespace:literal, $name:literal) => {
        File {
            component: Component::$component,
            name: $name,
            namespace: $namespace,
            content: {
                static CONTENT: LazyLock<ConfigMap> = LazyLock::new(|| {
                    const PATH: &str = concat!($folder, "/", $name, ".toml");
                    let text = include_str!(concat!(
                        env!("OUT_DIR"),
                        "/settings/",
                        $folder,
                        "/",
                        $name,
                        ".json"
                    ));
                    parse_embedded(PATH, text)
                });
                &CONTENT
            },
        }
    };
}

/// Every data file, by component and name.
pub(super) static FILES: &[File] = &[
    file!(
        Eventing,
        "eventing",
        "knative-eventing",
        "config-br-default-channel"
    ),
    file!(
        Eventing,
        "eventing",
        "knative-eventing",
        "config-br-defaults"
    ),
    file!(Eventing, "eventing", "knative-eventing", "config-features"),
    file!(
        Eventing,
        "eventing",
        "knative-eventing",
        "config-imc-event-dispatcher"
    ),
    file!(
        Eventing,
        "eventing",
        "knative-eventing",
        "config-kreference-mapping"
    ),
    file!(
        Eventing,
        "eventing",
        "knative-eventing",
        "config-leader-election"
    ),
    file!(Eventing, "eventing", "knative-eventing", "config-logging"),
    file!(
        Eventing,
        "eventing",
        "knative-eventing",
        "config-observability"
    ),
    file!(
        Eventing,
        "eventing",
        "knative-eventing",
        "config-ping-defaults"
    ),
    file!(Eventing, "eventing", "knative-eventing", "config-sugar"),
    file!(Eventing, "eventing", "knative-eventing", "config-tracing"),
    file!(
        Eventing,
        "eventing",
        "knative-eventing",
        "default-ch-webhook"
    ),
    file!(
        Eventing,
        "eventing",
        "knative-eventing",
        "eventing-integrations-images"
    ),
    file!(
        Eventing,
        "eventing",
        "knative-eventing",
        "eventing-transformations-images"
    ),
    file!(
        Kafka,
        "kafka",
        "knative-eventing",
        "config-kafka-autoscaler"
    ),
    file!(
        Kafka,
        "kafka",
        "knative-eventing",
        "config-kafka-broker-data-plane"
    ),
    file!(Kafka, "kafka", "knative-eventing", "config-kafka-features"),
    file!(Kafka, "kafka", "knative-eventing", "kafka-broker-config"),
    file!(Kourier, "kourier", "knative-serving", "config-kourier"),
    file!(Serving, "serving", "knative-serving", "config-autoscaler"),
    file!(Serving, "serving", "knative-serving", "config-certmanager"),
    file!(Serving, "serving", "knative-serving", "config-defaults"),
    file!(Serving, "serving", "knative-serving", "config-deployment"),
    file!(Serving, "serving", "knative-serving", "config-domain"),
    file!(Serving, "serving", "knative-serving", "config-features"),
    file!(Serving, "serving", "knative-serving", "config-gc"),
    file!(
        Serving,
        "serving",
        "knative-serving",
        "config-leader-election"
    ),
    file!(Serving, "serving", "knative-serving", "config-logging"),
    file!(Serving, "serving", "knative-serving", "config-network"),
    file!(
        Serving,
        "serving",
        "knative-serving",
        "config-observability"
    ),
    file!(Serving, "serving", "knative-serving", "config-tracing"),
];
