//! Ports of pods, and the Services that lead to them.

use std::fmt;

use serde::Deserialize;

use super::Condition;

/// A port that pods listen on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// The number.
    pub number: u16,
    /// The protocol.
    #[serde(default)]
    pub protocol: Protocol,
    /// The name in the pod, by which policies and Services may mean it.
    pub name: Option<String>,
    /// Whether the pod declares it. A port that it does not declare is open all the same.
    #[serde(default = "yes")]
    pub declared: bool,
    /// What is asked for there.
    pub serves: Serves,
    /// Whether it speaks TLS.
    #[serde(default)]
    pub tls: bool,
    /// When the pods listen on it: when all of these hold.
    #[serde(default)]
    pub when: Vec<Condition>,
}

/// A protocol above IP.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// TCP, which Kubernetes assumes where none is written.
    #[default]
    Tcp,
    /// UDP.
    Udp,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        })
    }
}

/// What is asked for on a port.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Serves {
    /// The administration of a proxy.
    Administration,
    /// Reviews of admission, conversion and defaults.
    Admission,
    /// The configuration of a proxy.
    Config,
    /// What helps developers to find faults.
    Debug,
    /// The end of a pod, waited for before it stops.
    Drain,
    /// Load, by which pods are scaled.
    Load,
    /// Metrics for people.
    Metrics,
    /// Whether the process lives and is ready.
    Probes,
    /// Profiles of the process.
    Profiling,
    /// What the component is there for: requests, events, names.
    Requests,
    /// Whether a proxy has taken its configuration.
    Status,
}

/// A Service in front of a component.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Service {
    /// The name; the namespace is that of the component.
    pub name: String,
    /// Whether controllers of Eventing write its address into objects of tenants, as the address
    /// of a Broker or the subscriber of a Subscription.
    #[serde(default)]
    pub event_address: bool,
    /// Its ports.
    pub ports: Vec<ServicePort>,
}

/// A port of a Service.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ServicePort {
    /// The name.
    pub name: String,
    /// The protocol.
    #[serde(default)]
    pub protocol: Protocol,
    /// The number that clients call.
    pub port: u16,
    /// The port of the pods that it leads to.
    pub target: u16,
    /// When it is there: when all of these hold.
    #[serde(default)]
    pub when: Vec<Condition>,
}

/// Returns the port with this number.
pub(super) fn find(ports: &[Port], protocol: Protocol, number: u16) -> Option<&Port> {
    ports
        .iter()
        .find(|port| port.protocol == protocol && port.number == number)
}

/// The value of `declared` in a row that has none.
fn yes() -> bool {
    true
}
