//! Laws that hold among the rows about components and flows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use knight_facts::carriers::{self, Masking};
use knight_facts::components::{self, Condition, Port};
use knight_facts::flows::{self, Between, Party, Ports, Verdict};
use knight_facts::{kinds, settings};

/// Asserts that `keys` are sorted and that none is there twice.
fn assert_sorted<K: Debug + Ord>(keys: impl IntoIterator<Item = K>) {
    let keys: Vec<_> = keys.into_iter().collect();
    assert!(!keys.is_empty());
    for pair in keys.windows(2) {
        assert!(
            pair[0] < pair[1],
            "{:?} comes before {:?}",
            pair[0],
            pair[1]
        );
    }
}

/// Asserts that no two ports are the same, and that no name means two ports at the same time.
fn assert_ports(ports: &[Port], of: &str) {
    let mut numbers = BTreeSet::new();
    let mut names = BTreeMap::new();
    for port in ports {
        assert!(port.declared || port.name.is_none(), "{of} {}", port.number);
        assert!(
            numbers.insert((port.protocol, port.number)),
            "{of} {}",
            port.number
        );
        if let Some(name) = &port.name {
            let other: Option<&Port> = names.insert((port.protocol, name), port);
            let apart = other.is_none_or(|other| other.when != port.when);
            assert!(apart, "{of} {name}");
        }
    }
}

#[test]
fn rows_are_sorted_and_found() {
    assert_sorted(components::components().iter().map(|row| &row.id));
    for row in components::components() {
        assert_eq!(components::component(&row.id), Some(row));
    }
    assert_sorted(components::derived_pods().iter().map(|row| &row.id));
    for row in components::derived_pods() {
        assert_eq!(components::derived(&row.id), Some(row));
        assert_sorted(&row.carriers);
        for carrier in &row.carriers {
            let found = components::derived_from(&carrier.group, &carrier.kind);
            assert_eq!(found, Some(row));
        }
    }
    assert_sorted(components::system_namespaces().iter().map(|row| &row.name));
    assert_sorted(
        components::served()
            .iter()
            .map(|row| (&row.group, &row.kind, &row.class)),
    );
    assert_sorted(Condition::ALL);
    for condition in Condition::ALL {
        assert_eq!(condition.meaning().id, *condition);
    }
}

#[test]
fn every_component_runs_in_a_namespace_of_the_system() {
    for row in components::components() {
        let namespaces = components::system_namespaces();
        let namespace = namespaces.iter().find(|known| known.name == row.namespace);
        let namespace = namespace.unwrap_or_else(|| panic!("{}: {}", row.id, row.namespace));
        assert!(row.foreign || namespace.knative, "{}", row.id);
        assert!(!row.labels.is_empty(), "{}", row.id);
    }
}

#[test]
fn no_two_components_share_their_labels() {
    let mut seen = BTreeMap::new();
    for row in components::components() {
        let other = seen.insert((&row.namespace, &row.labels), &row.id);
        assert_eq!(other, None, "{}", row.id);
    }
}

#[test]
fn ports_are_told_apart_and_services_lead_to_them() {
    for row in components::components() {
        assert_ports(&row.ports, &row.id);
        for (service, port) in row
            .services
            .iter()
            .flat_map(|it| it.ports.iter().map(move |port| (it, port)))
        {
            let target = row.port(port.protocol, port.target);
            assert!(target.is_some(), "{} {}", service.name, port.name);
        }
    }
    for row in components::derived_pods() {
        assert_ports(&row.ports, &row.id);
        for port in row.services.iter().flat_map(|service| &service.ports) {
            let target = row.port(port.protocol, port.target);
            assert!(target.is_some(), "{} {}", row.id, port.name);
        }
    }
}

#[test]
fn conditions_name_values_that_settings_have() {
    for condition in Condition::ALL {
        for is in &condition.meaning().settings {
            let row = settings::setting(is.component, &is.map, &is.key);
            let row = row.unwrap_or_else(|| panic!("{condition:?}: `{}`", is.key));
            assert!(!is.values.is_empty(), "{condition:?}");
            for value in &is.values {
                let known = row.accepted(value).is_some();
                let switch = row.values.is_empty() && value == "true";
                assert!(known || switch, "{condition:?}: {} is `{value}`", is.key);
            }
        }
    }
}

#[test]
fn every_carrier_has_its_pods() {
    for row in carriers::carriers() {
        let pods = components::derived_from(&row.group, &row.kind);
        // A PodTemplate makes none, and what KServe makes of its kinds is not Knative's.
        let none = row.kind == "PodTemplate" || row.group == "serving.kserve.io";
        assert_eq!(pods.is_none(), none, "{}", row.kind);
        let Some(pods) = pods else { continue };
        let written = matches!(row.knative, Masking::Handed);
        assert_eq!(
            pods.service_account != components::Account::Template,
            written,
            "{}",
            row.kind
        );
    }
    for carrier in components::derived_pods()
        .iter()
        .flat_map(|row| &row.carriers)
    {
        let known = kinds::is_known(&carrier.group, &carrier.kind);
        assert!(known, "{}", carrier.kind);
    }
}

#[test]
fn what_serves_a_kind_is_a_component() {
    for row in components::served() {
        assert!(kinds::kind(&row.group, &row.kind).is_some(), "{}", row.kind);
        assert!(components::served_by(&row.group, &row.kind).any(|found| found == row));
        assert_sorted(&row.by);
        for id in &row.by {
            assert!(components::component(id).is_some(), "{}: {id}", row.kind);
        }
    }
}

#[test]
fn flows_are_sorted_and_found() {
    let mut ids: Vec<_> = flows::flows()
        .iter()
        .map(|flow| (flow.row, &flow.id))
        .collect();
    ids.dedup();
    assert_sorted(ids);
    for flow in flows::flows() {
        assert!(flows::flow(&flow.id).any(|found| found == flow));
        assert!(flows::flows_of(&flow.from).any(|found| found == flow));
        assert!(flows::flows_of(&flow.to).any(|found| found == flow));
        assert_eq!(flows::flow(&flow.id).map(|it| it.row).max(), Some(flow.row));
    }
}

#[test]
fn no_row_of_the_matrix_is_missing() {
    let rows: BTreeSet<_> = flows::flows().iter().map(|flow| flow.row).collect();
    let last = rows.last().copied();
    assert_eq!(rows, (1..=last.unwrap_or_default()).collect());
    assert!(last >= Some(30));
}

#[test]
fn parties_are_rows_and_their_ports_are_listened_on() {
    for flow in flows::flows() {
        for party in [&flow.from, &flow.to] {
            let known = match party {
                Party::Component(id) => components::component(id).is_some(),
                Party::Derived(id) => components::derived(id).is_some(),
                _ => true,
            };
            assert!(known, "{}: {party:?}", flow.id);
        }
        let Ports::These(ports) = &flow.ports else {
            continue;
        };
        assert!(!ports.is_empty(), "{}", flow.id);
        for port in ports {
            let listened = match &flow.to {
                Party::Component(id) => {
                    let row = components::component(id);
                    row.is_some_and(|row| row.port(port.protocol, port.number).is_some())
                }
                Party::Derived(id) => {
                    let row = components::derived(id);
                    row.is_some_and(|row| row.port(port.protocol, port.number).is_some())
                }
                _ => true,
            };
            assert!(listened, "{}: {:?} {}", flow.id, flow.to, port.number);
            let twice = port.when.iter().find(|when| flow.when.contains(when));
            assert_eq!(twice, None, "{}", flow.id);
        }
    }
}

#[test]
fn nothing_must_be_and_must_never_be() {
    let of = |verdict| {
        flows::flows()
            .iter()
            .filter(move |flow| flow.verdict == verdict)
    };
    for never in of(Verdict::MustNever) {
        for needed in of(Verdict::MustAllow) {
            let meet = |one: &Party, other: &Party| one == other || *one == Party::Any;
            if !meet(&never.from, &needed.from) || !meet(&never.to, &needed.to) {
                continue;
            }
            let apart = match (&never.ports, &needed.ports) {
                (Ports::These(never), Ports::These(needed)) => never.iter().all(|port| {
                    let same = |it: &flows::FlowPort| {
                        (it.protocol, it.number) == (port.protocol, port.number)
                    };
                    !needed.iter().any(same)
                }),
                _ => never.between == Between::OtherTenants,
            };
            assert!(apart, "{} and {}", never.id, needed.id);
        }
    }
}

#[test]
fn every_component_asks_for_names_and_all_but_gateways_for_objects() {
    let reaches = |row: &components::Component, id: &str| {
        let from = Party::Component(row.id.clone());
        flows::flow(id).any(|flow| flow.from == from)
    };
    for row in components::components() {
        let is_dns = row.id == "kube-dns";
        assert_eq!(reaches(row, "everyone-to-dns"), !is_dns, "{}", row.id);
        let is_gateway = row.id.ends_with("-gateway") || row.id.ends_with("-envoy");
        let others = is_dns || is_gateway || row.id == "istio-ingressgateway";
        assert_eq!(
            reaches(row, "component-to-api-server"),
            !others,
            "{}",
            row.id
        );
    }
}

#[test]
fn metrics_and_profiles_have_their_rows() {
    for row in components::own_components() {
        let to = Party::Component(row.id.clone());
        for port in &row.ports {
            let wanted = match port.serves {
                components::Serves::Metrics => Party::Prometheus,
                components::Serves::Profiling => Party::Any,
                _ => continue,
            };
            let mut flows = flows::flows_of(&to).filter(|flow| flow.from == wanted);
            let has = flows.any(|flow| match &flow.ports {
                Ports::These(ports) => ports.iter().any(|it| it.number == port.number),
                Ports::Every | Ports::Own => false,
            });
            // The operator reads settings of its own, and what was declared and is not served any
            // more has no row.
            let other = row.part == components::Part::Operator || row.id == "pingsource-mt-adapter";
            let exempt = other && port.number == 9090;
            assert_eq!(has, !exempt, "{} {}", row.id, port.number);
        }
    }
}
