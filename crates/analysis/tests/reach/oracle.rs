//! The specification of network policies, pair by pair and port by port, as it reads.
//!
//! Nothing here is shared with the engine but the objects: it is slow and plain on purpose.

use std::net::IpAddr;

use knight_model::network::{
    Direction, Label, LabelTest, Labels, NetworkObjects, Peer, Pod, PortRule, Ports, Protocol,
    Rule, Selector,
};

/// How a network plugin decides what the specification leaves to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plugin {
    /// Whether blocks mean pods by their addresses.
    pub(crate) blocks_mean_pods: bool,
    /// Whether pods with the network of their node are pods like others to policies.
    pub(crate) knows_host_pods: bool,
    /// Whether policies hold for what a pod sends to its own node.
    pub(crate) blocks_own_node: bool,
}

/// One end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End<'a> {
    Pod(&'a Pod),
    Address(IpAddr),
}

/// A connection: a port of a protocol, or something without ports.
pub(crate) type Wire = Option<(Protocol, u16)>;

/// Returns whether a connection is possible. The objects must say all labels, nodes and addresses.
pub(crate) fn is_open(
    cluster: &NetworkObjects,
    plugin: Plugin,
    from: End<'_>,
    to: End<'_>,
    wire: Wire,
) -> bool {
    if let (End::Pod(from), End::Pod(to)) = (from, to)
        && std::ptr::eq(from, to)
    {
        return true;
    }
    let leaves = match from {
        End::Pod(pod) => {
            let to_own_node = match to {
                End::Pod(to) => to.host_network && to.node == pod.node,
                End::Address(_) => false,
            };
            to_own_node && !plugin.blocks_own_node
                || allows(cluster, plugin, Direction::Egress, pod, to, to, wire)
        }
        End::Address(_) => true,
    };
    leaves && arrives(cluster, plugin, from, to, wire)
}

/// Returns whether the end that is reached lets a connection in.
pub(crate) fn arrives(
    cluster: &NetworkObjects,
    plugin: Plugin,
    from: End<'_>,
    to: End<'_>,
    wire: Wire,
) -> bool {
    match to {
        End::Pod(pod) => {
            let from_own_node = match from {
                End::Pod(from) => from.host_network && from.node == pod.node,
                End::Address(_) => false,
            };
            from_own_node || allows(cluster, plugin, Direction::Ingress, pod, from, to, wire)
        }
        End::Address(_) => true,
    }
}

fn allows(
    cluster: &NetworkObjects,
    plugin: Plugin,
    direction: Direction,
    pod: &Pod,
    other: End<'_>,
    destination: End<'_>,
    wire: Wire,
) -> bool {
    if pod.host_network && !plugin.knows_host_pods {
        return true;
    }
    let mut isolated = false;
    for policy in &cluster.policies {
        if policy.namespace != pod.namespace || !selects(&policy.spec.pods, &pod.labels) {
            continue;
        }
        let rules = match direction {
            Direction::Ingress => &policy.spec.ingress,
            Direction::Egress => &policy.spec.egress,
        };
        let Some(rules) = rules else { continue };
        isolated = true;
        for rule in rules {
            if peers_match(cluster, plugin, &policy.namespace, rule, other)
                && ports_match(rule, destination, wire)
            {
                return true;
            }
        }
    }
    !isolated
}

fn peers_match(
    cluster: &NetworkObjects,
    plugin: Plugin,
    own: &str,
    rule: &Rule,
    other: End<'_>,
) -> bool {
    let Some(peers) = &rule.peers else {
        return true;
    };
    peers.iter().any(|peer| match (peer, other) {
        (Peer::Block(block), End::Address(address)) => block.contains(address),
        (Peer::Block(block), End::Pod(pod)) => {
            plugin.blocks_mean_pods && pod.addresses.iter().any(|&address| block.contains(address))
        }
        (_, End::Pod(pod)) if pod.host_network && !plugin.knows_host_pods => false,
        (Peer::Own(pods), End::Pod(pod)) => &*pod.namespace == own && selects(pods, &pod.labels),
        (Peer::Namespaces { namespaces, pods }, End::Pod(pod)) => {
            let namespace = cluster
                .namespaces
                .iter()
                .find(|namespace| namespace.name == pod.namespace)
                .expect("every pod has its namespace");
            selects(namespaces, &namespace.labels) && selects(pods, &pod.labels)
        }
        (Peer::Own(_) | Peer::Namespaces { .. }, End::Address(_)) => false,
    })
}

fn ports_match(rule: &Rule, destination: End<'_>, wire: Wire) -> bool {
    let Some(ports) = &rule.ports else {
        return true;
    };
    let Some((protocol, number)) = wire else {
        return false;
    };
    let matches = |port: &PortRule| {
        port.protocol == protocol
            && match &port.ports {
                Ports::All => true,
                Ports::Range(first, last) => *first <= number && number <= *last,
                Ports::Named(name) => match destination {
                    End::Pod(pod) => pod.ports.iter().any(|port| {
                        port.name == *name && port.protocol == protocol && port.number == number
                    }),
                    End::Address(_) => false,
                },
            }
    };
    ports.iter().any(matches)
}

fn selects(selector: &Selector, labels: &Labels) -> bool {
    selector.requirements().iter().all(|requirement| {
        let value = match labels.label(&requirement.key) {
            Label::Value(value) => Some(value),
            Label::Absent => None,
            Label::Unknown => panic!("the oracle needs to know all labels"),
        };
        match &requirement.test {
            LabelTest::In(values) => {
                value.is_some_and(|value| values.iter().any(|v| **v == *value))
            }
            LabelTest::NotIn(values) => {
                value.is_none_or(|value| values.iter().all(|v| **v != *value))
            }
            LabelTest::Exists => value.is_some(),
            LabelTest::DoesNotExist => value.is_none(),
        }
    })
}
