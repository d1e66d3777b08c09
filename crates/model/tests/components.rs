//! The facts about components are what the manifests of upstream say.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the manifests on disk are what the facts are compared with"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use knight_facts::components::{self, Component, Protocol};
use knight_model::{
    Limits, load,
    object::Object,
    source::Source,
    tree::{Document, Node},
};

/// What a manifest and a row of the facts both say of a component.
#[derive(Debug, Eq, PartialEq)]
struct Seen {
    labels: BTreeMap<String, String>,
    service_account: String,
    /// Protocol, number, name.
    ports: BTreeSet<(String, i64, String)>,
    /// By name: the name, number and target of each port.
    services: BTreeMap<String, BTreeSet<(String, i64, i64)>>,
}

/// Namespace, kind and name of a workload.
type Key = (String, String, String);

#[test]
fn components_are_those_of_the_manifests() {
    let mut found = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/knative");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            found.extend(workloads(fs::read_to_string(&path).unwrap()));
        }
    }
    let rows = components::components().iter();
    let told: BTreeMap<_, _> = rows
        .filter(|row| row.unchecked.is_none())
        .map(told)
        .collect();

    let keys = |of: &BTreeMap<Key, Seen>| of.keys().cloned().collect::<Vec<_>>();
    assert!(found.len() > 30, "{} workloads were found", found.len());
    assert_eq!(keys(&told), keys(&found));
    for (key, seen) in &found {
        assert_eq!(told.get(key), Some(seen), "{key:?}");
    }
}

/// Returns what a row says.
fn told(row: &Component) -> (Key, Seen) {
    let declared = row.ports.iter().filter(|port| port.declared);
    let ports = declared.map(|port| {
        let name = port.name.clone().unwrap_or_default();
        (port.protocol.to_string(), i64::from(port.number), name)
    });
    let services = row.services.iter().map(|service| {
        let ports = service.ports.iter();
        let ports = ports.map(|port| {
            assert_eq!(port.protocol, Protocol::Tcp, "{}", row.id);
            (port.name.clone(), port.port.into(), port.target.into())
        });
        (service.name.clone(), ports.collect())
    });
    let key = (
        row.namespace.clone(),
        row.workload.kind().to_owned(),
        row.name().to_owned(),
    );
    let seen = Seen {
        labels: row.labels.clone(),
        service_account: row.service_account().to_owned(),
        ports: ports.collect(),
        services: services.collect(),
    };
    (key, seen)
}

/// Returns the workloads of a file, with the Services that select them.
fn workloads(text: String) -> Vec<(Key, Seen)> {
    let source = Arc::new(Source::new("manifest.yaml", text));
    let documents = load(&source, &Limits::default()).documents;
    let objects: Vec<_> = documents.iter().filter_map(object).collect();
    let services: Vec<_> = objects.iter().filter(|it| it.is("", "Service")).collect();
    let workloads = objects.iter().filter(|it| {
        ["DaemonSet", "Deployment", "Job", "StatefulSet"].contains(&it.kind())
            && ["apps", "batch"].contains(&it.group())
    });
    workloads
        .map(|workload| {
            let template = workload.node().at_path(&["spec", "template"]).unwrap();
            let mut labels = strings(template.at_path(&["metadata", "labels"]).unwrap());
            let selecting = services.iter().filter(|service| {
                let selector = service.node().at_path(&["spec", "selector"]);
                service.namespace() == workload.namespace()
                    && selector.is_some_and(|selector| {
                        let mut wanted = strings(selector).into_iter();
                        wanted.all(|(key, value)| labels.get(&key) == Some(&value))
                    })
            });
            let ports = ports(template);
            let services = selecting.map(|service| {
                let name = text_at(service.node(), &["metadata", "name"]).unwrap();
                (name, service_ports(service.node(), &ports))
            });
            let services = services.collect();
            labels.remove("app.kubernetes.io/version");
            let account = text_at(template, &["spec", "serviceAccountName"]);
            let seen = Seen {
                labels,
                service_account: account.unwrap_or_else(|| "default".to_owned()),
                ports,
                services,
            };
            (key(workload), seen)
        })
        .collect()
}

fn key(workload: &Object<'_>) -> Key {
    let metadata = workload.node().get("metadata").unwrap();
    let generated = || text_at(metadata, &["generateName"]);
    let name = text_at(metadata, &["name"]).or_else(generated).unwrap();
    (
        workload.namespace().unwrap().to_owned(),
        workload.kind().to_owned(),
        name.trim_end_matches('-').to_owned(),
    )
}

/// Returns the ports that the containers of a pod template declare.
fn ports(template: Node<'_>) -> BTreeSet<(String, i64, String)> {
    let containers = template.at_path(&["spec", "containers"]).unwrap();
    let containers = containers.as_list().unwrap().items();
    let lists = containers.filter_map(|container| container.get("ports")?.as_list());
    let ports = lists.flat_map(|list| list.items().collect::<Vec<_>>());
    ports
        .map(|port| {
            let protocol = text_at(port, &["protocol"]).unwrap_or_else(|| "TCP".to_owned());
            let number = port.get("containerPort").unwrap().as_int().unwrap();
            (protocol, number, text_at(port, &["name"]).unwrap())
        })
        .collect()
}

fn service_ports(
    service: Node<'_>,
    pods: &BTreeSet<(String, i64, String)>,
) -> BTreeSet<(String, i64, i64)> {
    let ports = service.at_path(&["spec", "ports"]).unwrap();
    let ports = ports.as_list().unwrap().items();
    ports
        .map(|port| {
            let number = port.get("port").unwrap().as_int().unwrap();
            let target = port.get("targetPort").map_or(number, |target| {
                let by_name = || {
                    let name = target.as_str().unwrap();
                    pods.iter().find(|pod| pod.2 == name).unwrap().1
                };
                target.as_int().unwrap_or_else(by_name)
            });
            (text_at(port, &["name"]).unwrap(), number, target)
        })
        .collect()
}

fn object(document: &Document) -> Option<Object<'_>> {
    Object::of(document.root()).ok()
}

fn strings(map: Node<'_>) -> BTreeMap<String, String> {
    let entries = map.as_map().unwrap().entries();
    entries
        .map(|entry| {
            (
                entry.key.to_owned(),
                entry.value.as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

fn text_at(node: Node<'_>, path: &[&str]) -> Option<String> {
    node.at_path(path)?.as_str().map(str::to_owned)
}
