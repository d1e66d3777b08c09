//! The flow matrix: who must reach whom for Knative to work, and who must never.
//!
//! A flow is about one pair of parties. The data file writes rows of several pairs; they come apart
//! when the file is read, and the names of ports are looked up where the port is listened on.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{
    KnativeVersion, Range,
    components::{self, Condition, Port, Protocol},
    parse_embedded,
};

/// Traffic from one party to another that must be let through, or must never be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Flow {
    /// The name of the flow. Flows that differ only in their parties share it.
    pub id: String,
    /// The row of the matrix; flows of one row serve one purpose.
    pub row: u8,
    /// What must become of it.
    pub verdict: Verdict,
    /// Who opens connections.
    pub from: Party,
    /// Who accepts them.
    pub to: Party,
    /// Between pods of which tenants.
    pub between: Between,
    /// On which ports of the pods.
    pub ports: Ports,
    /// When it is needed: when all of these hold, beside those of the port.
    pub when: Vec<Condition>,
    /// What it is for and what fails without it; or what it would give to whom.
    pub why: String,
    /// What could not be held against code or a manifest; absent when all was.
    pub unchecked: Option<String>,
    /// The Knative versions for which it holds.
    pub range: Range<KnativeVersion>,
    /// Where the fact was read.
    pub source: String,
}

/// What must become of a flow.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It must be let through, or something of Knative does not work.
    MustAllow,
    /// It must never be let through where tenants do not trust each other.
    MustNever,
}

/// One end of a flow.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The pods by which cert-manager answers challenges of ACME, in the namespaces of tenants.
    AcmeSolver,
    /// Any pod at all.
    Any,
    /// The API server of Kubernetes, which no labels select.
    ApiServer,
    /// The pods of cert-manager.
    CertManager,
    /// The address at which a cloud tells a node who it is.
    CloudMetadata,
    /// The collector of metrics and traces that the settings name.
    Collector,
    /// A component, by its id.
    Component(String),
    /// The pods that come of objects of tenants, by the id of their sort.
    Derived(String),
    /// The brokers of Kafka.
    KafkaCluster,
    /// Addresses beyond the cluster.
    Outside,
    /// The pods of Prometheus.
    Prometheus,
    /// The registries of images.
    Registry,
    /// A Service that a Trigger, Subscription or source names, and that is not Knative's.
    Subscriber,
    /// Any pod in a namespace of a tenant, those that come of Knative's kinds included.
    Tenant,
}

impl Party {
    /// Returns what the facts say of a port of the party; nothing of parties that have no row.
    fn port(&self, protocol: Protocol, number: u16) -> Option<&'static Port> {
        match self {
            Self::Component(id) => components::component(id)?.port(protocol, number),
            Self::Derived(id) => components::derived(id)?.port(protocol, number),
            Self::AcmeSolver
            | Self::Any
            | Self::ApiServer
            | Self::CertManager
            | Self::CloudMetadata
            | Self::Collector
            | Self::KafkaCluster
            | Self::Outside
            | Self::Prometheus
            | Self::Registry
            | Self::Subscriber
            | Self::Tenant => None,
        }
    }
}

/// Between pods of which tenants a flow is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Between {
    /// Of any.
    #[default]
    Any,
    /// Of different ones alone.
    OtherTenants,
}

/// The ports of a flow, as the pods that accept it have them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ports {
    /// All, of every protocol.
    Every,
    /// Those that the accepting pods are there for, which no row can know.
    Own,
    /// These.
    These(Vec<FlowPort>),
}

/// A port of a flow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FlowPort {
    /// The protocol.
    pub protocol: Protocol,
    /// The number.
    pub number: u16,
    /// The name that the accepting pods give it.
    pub name: Option<String>,
    /// When the accepting pods listen on it: when all of these hold.
    pub when: Vec<Condition>,
}

/// Returns every flow, by row and id.
pub fn flows() -> &'static [Flow] {
    &FLOWS
}

/// Returns the flows with this id.
pub fn flow(id: &str) -> impl Iterator<Item = &'static Flow> {
    flows().iter().filter(move |flow| flow.id == id)
}

/// Returns the flows that `party` is an end of.
pub fn flows_of(party: &Party) -> impl Iterator<Item = &'static Flow> {
    flows()
        .iter()
        .filter(move |flow| flow.from == *party || flow.to == *party)
}

static FLOWS: LazyLock<Vec<Flow>> = LazyLock::new(|| {
    let text = include_str!(concat!(env!("OUT_DIR"), "/flows.json"));
    let file: File = parse_embedded("flows", text);
    file.flow.iter().flat_map(Line::flows).collect()
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    flow: Vec<Line>,
}

/// A row as the data file writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    row: u8,
    verdict: Verdict,
    from: Vec<Party>,
    to: Vec<Party>,
    #[serde(default)]
    between: Between,
    ports: Option<Unlisted>,
    #[serde(default)]
    tcp: Vec<u16>,
    #[serde(default)]
    udp: Vec<u16>,
    #[serde(default)]
    when: Vec<Condition>,
    why: String,
    unchecked: Option<String>,
    since: Option<KnativeVersion>,
    until: Option<KnativeVersion>,
    source: String,
}

/// Ports that a row does not list.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Unlisted {
    Every,
    Own,
}

impl Line {
    fn flows(&self) -> impl Iterator<Item = Flow> {
        let pairs = self
            .from
            .iter()
            .flat_map(|from| self.to.iter().map(move |to| (from, to)));
        pairs.map(|(from, to)| Flow {
            id: self.id.clone(),
            row: self.row,
            verdict: self.verdict,
            from: from.clone(),
            to: to.clone(),
            between: self.between,
            ports: self.ports(to),
            when: self.when.clone(),
            why: self.why.clone(),
            unchecked: self.unchecked.clone(),
            range: Range {
                since: self.since,
                until: self.until,
            },
            source: self.source.clone(),
        })
    }

    fn ports(&self, to: &Party) -> Ports {
        match self.ports {
            Some(Unlisted::Every) => Ports::Every,
            Some(Unlisted::Own) => Ports::Own,
            None => {
                let tcp = self.tcp.iter().map(|&number| (Protocol::Tcp, number));
                let udp = self.udp.iter().map(|&number| (Protocol::Udp, number));
                let ports = tcp.chain(udp).map(|(protocol, number)| {
                    let listened = to.port(protocol, number);
                    FlowPort {
                        protocol,
                        number,
                        name: listened.and_then(|port| port.name.clone()),
                        when: listened.map_or_else(Vec::new, |port| port.when.clone()),
                    }
                });
                Ports::These(ports.collect())
            }
        }
    }
}
