//! The table of what is taken out, for people, and of the annotations that stay.

/// One row of what is taken out of objects.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Redaction {
    /// What it is about.
    pub what: &'static str,
    /// What stands in its place.
    pub becomes: &'static str,
    /// Why.
    pub why: &'static str,
}

/// What is taken out of objects, and what is not.
pub const REDACTIONS: &[Redaction] = &[
    Redaction {
        what: "`data` and `stringData` of a Secret",
        becomes: "keys with empty values",
        why: "Nothing that Knight judges reads a Secret, and its role has no right to.",
    },
    Redaction {
        what: "the value of an environment variable, wherever a list `env` or `envVars` stands",
        becomes: "its length, and whether it looks like a secret, a path or a reference",
        why: "It often is a secret, and `secret-in-env` needs no more.",
    },
    Redaction {
        what: "`command` and `args`",
        becomes: "the length of each argument; `--flag` and `--flag=` stay",
        why: "Passwords are handed to programs there.",
    },
    Redaction {
        what: "the values of headers, of probes and of routes; `path` and addresses behind `?`",
        becomes: "their length; `?redacted`",
        why: "Tokens are sent there.",
    },
    Redaction {
        what: "user and password in an address",
        becomes: "`redacted:redacted@`",
        why: "The host decides where something leads, who calls does not.",
    },
    Redaction {
        what: "annotations that no control and no fact reads",
        becomes: "the key, and the length of the value",
        why: "Tools keep whole objects and tokens there.",
    },
    Redaction {
        what: "`data` and `binaryData` of a ConfigMap, but for the settings of Knative that the facts know",
        becomes: "the keys, and the length of each value",
        why: "Applications keep credentials there; Knative's settings are what the scan is about.",
    },
    Redaction {
        what: "passwords and the like in settings that are properties of Java",
        becomes: "their length",
        why: "Clients of Kafka are given their password so.",
    },
    Redaction {
        what: "payloads: `data` of a PingSource, the message of an IntegrationSource, the expressions of an EventTransform, extensions of `ceOverrides`",
        becomes: "their length",
        why: "Events carry business data, and no control reads it.",
    },
    Redaction {
        what: "`volumeAttributes` of CSI, `options` of flexVolume, `parameters` of KServe's storage",
        becomes: "their keys, and the length of each value",
        why: "Drivers take keys of storage accounts there.",
    },
    Redaction {
        what: "text under a key such as `password`, `token` or `apiKey`, in any kind",
        becomes: "its length",
        why: "Kinds that nobody foresaw keep secrets under such keys.",
    },
    Redaction {
        what: "keys and tokens by their shape, in any text that stays",
        becomes: "`redacted`",
        why: "They are secrets wherever they stand.",
    },
    Redaction {
        what: "`status`, but for the addresses and the phase of Pods, of Services with a load balancer and of Nodes",
        becomes: "nothing",
        why: "It says what happened, not what is allowed; who reaches whom needs the addresses.",
    },
    Redaction {
        what: "`metadata.managedFields`, `resourceVersion` and `selfLink`, kubectl's copy of the last applied object, schemas of CustomResourceDefinitions, `providerID` of Nodes, `_example` of Knative's ConfigMaps",
        becomes: "nothing",
        why: "It is long, or says the same again, and no control reads it.",
    },
];

/// Annotations that a control or a fact reads; those that end in `/` are domains.
const KEPT: &[&str] = &[
    "ambient.istio.io/",
    "autoscaling.knative.dev/",
    "config.linkerd.io/skip-inbound-ports",
    "container.apparmor.security.beta.kubernetes.io/",
    "container.seccomp.security.alpha.kubernetes.io/",
    "eventing.knative.dev/broker.class",
    "eventing.knative.dev/injection",
    "eventing.knative.dev/scope",
    "features.knative.dev/",
    "kubernetes.io/ingress.class",
    "linkerd.io/inject",
    "networking.knative.dev/",
    "queue.sidecar.serving.knative.dev/",
    "seccomp.security.alpha.kubernetes.io/",
    "serving.knative.dev/no-gc",
    "serving.knative.dev/rollout-duration",
    "serving.knative.dev/visibility",
    "serving.kserve.io/deploymentMode",
    "sidecar.istio.io/inject",
    "sidecar.istio.io/interceptionMode",
    "traffic.sidecar.istio.io/",
];

/// How annotations begin that make an exception: what tenants allow themselves is told.
const EXCEPTION: &str = crate::exceptions::ANNOTATION;

/// Returns whether the value of an annotation stays.
pub(super) fn keeps_annotation(key: &str) -> bool {
    let known = |kept: &str| match kept.strip_suffix('/') {
        Some(_) => key.starts_with(kept),
        None => key == kept,
    };
    key.starts_with(EXCEPTION) || KEPT.iter().any(|kept| known(kept))
}
