//! The components of Knative: where they run, how their pods are told, and what they listen on.
//!
//! Beside the components stand the pods that controllers make for objects of tenants
//! ([`Derived`]), the kinds whose work shared components do ([`Served`]), and the namespaces of the
//! system.

mod condition;
mod derived;
mod port;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

pub use self::{
    condition::{Condition, Meaning, SettingIs},
    derived::{
        Account, CarrierKind, Derived, DerivedService, Endpoints, Label, Name, Served, UserPorts,
        Value, derived, derived_from, derived_pods, served, served_by,
    },
    port::{Port, Protocol, Serves, Service, ServicePort},
};
use crate::{KnativeVersion, Range, parse_embedded};

/// A workload that Knative, or what it stands on, is made of.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Component {
    /// The name by which other facts refer to it.
    pub id: String,
    /// What it is installed with.
    pub part: Part,
    /// The namespace that it runs in, unless who installs it chooses another.
    pub namespace: String,
    /// The kind of its workload.
    pub workload: Workload,
    name: Option<String>,
    /// Whether it is not Knative's own, so that others choose how it is installed.
    #[serde(default)]
    pub foreign: bool,
    service_account: Option<String>,
    /// The labels of its pods, without the version of the release.
    pub labels: BTreeMap<String, String>,
    /// The ports that its pods listen on.
    #[serde(default)]
    pub ports: Vec<Port>,
    /// The Services in front of it.
    #[serde(default, rename = "service")]
    pub services: Vec<Service>,
    /// Why it was not compared with a manifest of upstream; absent when it was.
    pub unchecked: Option<String>,
    since: Option<KnativeVersion>,
    until: Option<KnativeVersion>,
    /// Where the facts were read.
    pub source: String,
    /// What else is worth knowing.
    pub note: Option<String>,
}

impl Component {
    /// Returns the name of the workload; that of a Job may be the beginning of its name.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// Returns the `ServiceAccount` of the pods.
    pub fn service_account(&self) -> &str {
        self.service_account.as_deref().unwrap_or("default")
    }

    /// Returns the port with this number, as its pods listen on it.
    pub fn port(&self, protocol: Protocol, number: u16) -> Option<&Port> {
        port::find(&self.ports, protocol, number)
    }

    /// Returns the Knative versions that have it.
    pub fn range(&self) -> Range<KnativeVersion> {
        Range {
            since: self.since,
            until: self.until,
        }
    }
}

/// What a component is installed with.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Contour, and its controller for Serving.
    Contour,
    /// Eventing without a broker and channels.
    Eventing,
    /// The controller of the Gateway API for Serving.
    GatewayApi,
    /// The channel in memory.
    InMemoryChannel,
    /// Istio's gateways, and their controller for Serving.
    Istio,
    /// The broker, channel, sink and source of Kafka.
    Kafka,
    /// Kourier.
    Kourier,
    /// Kubernetes itself.
    Kubernetes,
    /// The broker over channels that all namespaces share.
    MtBroker,
    /// The operator of Knative.
    Operator,
    /// Serving without an ingress.
    Serving,
}

impl Part {
    /// Returns the name of the part as the data files write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contour => "contour",
            Self::Eventing => "eventing",
            Self::GatewayApi => "gateway-api",
            Self::InMemoryChannel => "in-memory-channel",
            Self::Istio => "istio",
            Self::Kafka => "kafka",
            Self::Kourier => "kourier",
            Self::Kubernetes => "kubernetes",
            Self::MtBroker => "mt-broker",
            Self::Operator => "operator",
            Self::Serving => "serving",
        }
    }
}

/// The kind of object that pods belong to.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Workload {
    /// A `DaemonSet`.
    DaemonSet,
    /// A `Deployment`.
    Deployment,
    /// A `Job`.
    Job,
    /// None: the pod is written itself.
    Pod,
    /// A `ReplicaSet`, or its elder, the `ReplicationController`.
    ReplicaSet,
    /// A `StatefulSet`.
    StatefulSet,
}

impl Workload {
    /// Returns the kind as manifests write it.
    pub fn kind(self) -> &'static str {
        match self {
            Self::DaemonSet => "DaemonSet",
            Self::Deployment => "Deployment",
            Self::Job => "Job",
            Self::Pod => "Pod",
            Self::ReplicaSet => "ReplicaSet",
            Self::StatefulSet => "StatefulSet",
        }
    }
}

/// A namespace that belongs to the system wherever it exists.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Namespace {
    /// The name.
    pub name: String,
    /// What is in it.
    pub holds: String,
    /// Whether Knative's own components are in it.
    #[serde(default)]
    pub knative: bool,
    /// Where the fact was read.
    pub source: String,
}

/// Returns every component, by id.
pub fn components() -> &'static [Component] {
    &FILE.component
}

/// Returns the component with this id.
pub fn component(id: &str) -> Option<&'static Component> {
    let rows = components();
    let found = rows.binary_search_by(|row| row.id.as_str().cmp(id));
    found.ok().map(|at| &rows[at])
}

/// Returns the components of Knative itself, by id.
pub fn own_components() -> impl Iterator<Item = &'static Component> {
    components().iter().filter(|row| !row.foreign)
}

/// Returns the namespaces of the system, by name.
pub fn system_namespaces() -> &'static [Namespace] {
    &FILE.namespace
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    parse_embedded(
        "components",
        include_str!(concat!(env!("OUT_DIR"), "/components.json")),
    )
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    condition: Vec<Meaning>,
    component: Vec<Component>,
    derived: Vec<Derived>,
    namespace: Vec<Namespace>,
    served: Vec<Served>,
}
