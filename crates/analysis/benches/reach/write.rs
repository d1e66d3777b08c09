//! The clusters as manifests, so that other programs read the same input.

use std::io::{self, Write};

use knight_model::network::{
    LabelTest, Labels, NetworkObjects, Peer, Pod, PolicySpec, PortRule, Ports, Rule, Selector,
};
use serde_json::{Map, Value, json};

/// Writes one object a line, each a YAML document.
pub(crate) fn write(objects: &NetworkObjects, out: &mut dyn Write) -> io::Result<()> {
    for namespace in &objects.namespaces {
        let metadata = json!({"name": namespace.name, "labels": labels(&namespace.labels)});
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata});
        writeln!(out, "---\n{object}")?;
    }
    for each in &objects.pods {
        writeln!(out, "---\n{}", pod(each))?;
    }
    for policy in &objects.policies {
        let metadata = json!({"name": policy.name, "namespace": policy.namespace});
        let object = json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": metadata,
            "spec": spec(&policy.spec),
        });
        writeln!(out, "---\n{object}")?;
    }
    Ok(())
}

fn pod(pod: &Pod) -> Value {
    let port = |port: &knight_model::network::NamedPort| {
        json!({
            "name": port.name,
            "protocol": port.protocol.name(),
            "containerPort": port.number,
        })
    };
    let ports: Vec<Value> = pod.ports.iter().map(port).collect();
    let ips: Vec<Value> = pod
        .addresses
        .iter()
        .map(|ip| json!({"ip": ip.to_string()}))
        .collect();
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod.name, "namespace": pod.namespace, "labels": labels(&pod.labels),
        },
        "spec": {"containers": [{"name": "c", "image": "i", "ports": ports}]},
        "status": {
            "phase": "Running", "hostIP": "192.168.0.1", "podIP": ips[0]["ip"], "podIPs": ips,
        },
    })
}

fn labels(labels: &Labels) -> Value {
    let pairs = labels.pairs();
    pairs
        .map(|(key, value)| (key.to_owned(), json!(value)))
        .collect::<Map<_, _>>()
        .into()
}

fn spec(spec: &PolicySpec) -> Value {
    let mut types = Vec::new();
    let mut object = json!({"podSelector": selector(&spec.pods)});
    for (rules, key, of_peers, kind) in [
        (&spec.ingress, "ingress", "from", "Ingress"),
        (&spec.egress, "egress", "to", "Egress"),
    ] {
        if let Some(rules) = rules {
            types.push(kind);
            object[key] = rules.iter().map(|each| rule(each, of_peers)).collect();
        }
    }
    object["policyTypes"] = json!(types);
    object
}

fn rule(rule: &Rule, of_peers: &str) -> Value {
    let mut object = json!({});
    if let Some(peers) = &rule.peers {
        object[of_peers] = peers.iter().map(peer).collect();
    }
    if let Some(ports) = &rule.ports {
        object["ports"] = ports.iter().map(port).collect();
    }
    object
}

fn peer(peer: &Peer) -> Value {
    match peer {
        Peer::Own(pods) => json!({"podSelector": selector(pods)}),
        Peer::Namespaces { namespaces, pods } => {
            json!({"namespaceSelector": selector(namespaces), "podSelector": selector(pods)})
        }
        Peer::Block(block) => {
            let except: Vec<String> = block.except.iter().map(ToString::to_string).collect();
            json!({"ipBlock": {"cidr": block.cidr.to_string(), "except": except}})
        }
    }
}

fn port(port: &PortRule) -> Value {
    let mut object = json!({"protocol": port.protocol.name()});
    match &port.ports {
        Ports::All => {}
        Ports::Range(first, last) => {
            object["port"] = json!(first);
            if last > first {
                object["endPort"] = json!(last);
            }
        }
        Ports::Named(name) => object["port"] = json!(name),
    }
    object
}

fn selector(selector: &Selector) -> Value {
    let expression = |requirement: &knight_model::network::Requirement| {
        let (operator, values): (_, &[Box<str>]) = match &requirement.test {
            LabelTest::In(values) => ("In", values),
            LabelTest::NotIn(values) => ("NotIn", values),
            LabelTest::Exists => ("Exists", &[]),
            LabelTest::DoesNotExist => ("DoesNotExist", &[]),
        };
        json!({"key": requirement.key, "operator": operator, "values": values})
    };
    let mut labels = Map::new();
    let mut expressions = Vec::new();
    for requirement in selector.requirements() {
        match &requirement.test {
            LabelTest::In(values)
                if values.len() == 1 && !labels.contains_key(&*requirement.key) =>
            {
                labels.insert(requirement.key.to_string(), json!(values[0]));
            }
            _ => expressions.push(expression(requirement)),
        }
    }
    let mut object = json!({});
    if !labels.is_empty() {
        object["matchLabels"] = labels.into();
    }
    if !expressions.is_empty() {
        object["matchExpressions"] = expressions.into();
    }
    object
}
