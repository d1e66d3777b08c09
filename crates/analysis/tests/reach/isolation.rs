//! Proofs of isolation, refutations of it, and what they are worth.

use knight_analysis::reach::{
    Cni, Doubt, Future, Network, Owner, Shield, ShieldedBy, Tenancy, Verdict,
};
use knight_model::network::{Labels, NamedPort, NetworkObjects, Pod, Protocol, UnknownKeys};
use proptest::prelude::*;

use crate::{
    common::{read, with},
    oracle::{End, Plugin, Wire, arrives, is_open},
    random::{Dice, KEYS, NAMES, PLAIN, SPACES, Sorts, VALUES, cluster, nowhere, wires},
};

/// Makes a tenancy: mostly each namespace is a tenant, sometimes two are one or one is of the system.
fn tenancy(dice: &mut Dice) -> Tenancy {
    let mut owners = Vec::new();
    for space in SPACES {
        match dice.under(6) {
            0 => owners.push(((*space).into(), Owner::System)),
            1 => owners.push(((*space).into(), Owner::Tenant("a".into()))),
            _ => {}
        }
    }
    Tenancy::new(owners)
}

fn foreign(tenancy: &Tenancy, a: &Pod, b: &Pod) -> bool {
    match (tenancy.tenant(&a.namespace), tenancy.tenant(&b.namespace)) {
        (Some(a), Some(b)) => a != b,
        _ => false,
    }
}

/// Looks at every pair of pods and at every port that a rule can tell apart.
fn is_violated(objects: &NetworkObjects, tenancy: &Tenancy, plugin: Plugin) -> bool {
    let wires = wires();
    objects.pods.iter().any(|from| {
        let others = objects.pods.iter().filter(|to| foreign(tenancy, from, to));
        others.into_iter().any(|to| {
            let open = |wire: &Wire| is_open(objects, plugin, End::Pod(from), End::Pod(to), *wire);
            wires.iter().any(open)
        })
    })
}

const MEANS_PODS: Plugin = Plugin {
    blocks_mean_pods: true,
    ..PLAIN
};

fn todays_verdict_equals_the_oracle(seed: u64) {
    let mut dice = Dice::new(seed);
    let objects = cluster(&mut dice, Sorts::default());
    let tenancy = tenancy(&mut dice);
    for (cni, least, most) in [
        (Cni::Calico, MEANS_PODS, MEANS_PODS),
        (Cni::Cilium, PLAIN, PLAIN),
        (Cni::Any, PLAIN, MEANS_PODS),
    ] {
        let network = Network::build(&objects, with(cni));
        match network.prove_direct(&tenancy).today {
            Verdict::Holds(certificate) => {
                assert!(!is_violated(&objects, &tenancy, most), "{seed} {cni:?}");
                check_certificate(&objects, &network, &tenancy, &certificate.shields, most);
            }
            Verdict::Fails(witness) => {
                let (from, to) = (&objects.pods[witness.from], &objects.pods[witness.to]);
                assert!(foreign(&tenancy, from, to), "{seed} {cni:?}");
                let (from, to) = (End::Pod(from), End::Pod(to));
                assert!(
                    is_open(&objects, least, from, to, witness.port),
                    "{seed} {cni:?} {witness:?}\n{objects:#?}"
                );
            }
            Verdict::Open { witness, doubts } => {
                assert!(witness.is_some(), "{seed} {cni:?} {doubts:?}");
                assert!(!doubts.is_empty(), "{seed} {cni:?}");
                assert!(!is_violated(&objects, &tenancy, least), "{seed} {cni:?}");
                assert!(is_violated(&objects, &tenancy, most), "{seed} {cni:?}");
            }
        }
    }
}

/// Checks, pair by pair, that what shields a pod does.
fn check_certificate(
    objects: &NetworkObjects,
    network: &Network<'_>,
    tenancy: &Tenancy,
    shields: &[Shield],
    plugin: Plugin,
) {
    for (at, pod) in objects.pods.iter().enumerate() {
        if tenancy.tenant(&pod.namespace).is_none() {
            continue;
        }
        let class = network.class_of(at).expect("every pod has a class");
        let shield = shields.iter().find(|shield| shield.class == class);
        let shield = shield.expect("every pod of a tenant has a shield");
        if shield.by == ShieldedBy::Egress {
            continue;
        }
        for policy in network.isolating(at) {
            let policy = &objects.policies[policy];
            assert_eq!(policy.namespace, pod.namespace);
            assert!(policy.spec.ingress.is_some(), "{policy:?}");
        }
        for other in objects
            .pods
            .iter()
            .filter(|other| foreign(tenancy, other, pod))
        {
            for wire in wires() {
                let (from, to) = (End::Pod(other), End::Pod(pod));
                assert!(
                    !arrives(objects, plugin, from, to, wire),
                    "{pod:?}\n{other:?}"
                );
            }
        }
    }
}

/// Makes pods with all labels that rules tell apart, in every namespace.
fn all_pods(objects: &NetworkObjects) -> NetworkObjects {
    let mut all = objects.clone();
    let values = || {
        VALUES
            .iter()
            .copied()
            .map(Some)
            .chain([Some("other"), None])
    };
    for space in SPACES {
        for first in values() {
            for second in values() {
                let labels = KEYS.iter().zip([first, second]);
                let labels = labels.filter_map(|(key, value)| Some((*key, value?)));
                all.pods
                    .push(made(space, Labels::new(labels, UnknownKeys::None), None));
            }
        }
    }
    all
}

/// Makes a pod that calls one port by every name.
fn made(space: &str, labels: Labels, port: Wire) -> Pod {
    let (protocol, number) = port.unwrap_or((Protocol::Tcp, 80));
    let ports = NAMES.iter().map(|name| NamedPort {
        name: (*name).into(),
        protocol,
        number,
    });
    Pod {
        namespace: space.into(),
        name: "made".into(),
        workload: knight_model::network::Owner {
            group: "".into(),
            kind: "Pod".into(),
            name: "made".into(),
        },
        labels,
        ports: ports.collect(),
        host_network: false,
        node: None,
        // What a block says of it is not known; the engine must assume the worst.
        addresses: ["10.0.0.2".parse().expect("it is an address")].into(),
        service_account: "".into(),
        place: nowhere(),
    }
}

fn the_future_equals_the_oracle(seed: u64) {
    let mut dice = Dice::new(seed);
    let mut objects = cluster(&mut dice, Sorts::default());
    let tenancy = tenancy(&mut dice);
    for (cni, least, most) in [(Cni::Cilium, PLAIN, PLAIN), (Cni::Any, PLAIN, MEANS_PODS)] {
        let network = Network::build(&objects, with(cni));
        let future = network.prove_direct(&tenancy).future;
        drop(network);
        match future {
            Future::Holds => {
                assert!(
                    !is_violated(&all_pods(&objects), &tenancy, most),
                    "{seed} {cni:?}"
                );
            }
            Future::Fails(witness) => {
                let pods = [
                    (witness.from, witness.from_labels),
                    (witness.to, witness.to_labels),
                ];
                let pods = pods.map(|(space, labels)| {
                    let space = &objects.namespaces[space].name;
                    made(space, Labels::new(labels, UnknownKeys::None), witness.port)
                });
                assert!(foreign(&tenancy, &pods[0], &pods[1]), "{seed} {cni:?}");
                let before = objects.pods.len();
                objects.pods.extend(pods);
                let (from, to) = (&objects.pods[before], &objects.pods[before + 1]);
                assert!(
                    is_open(&objects, least, End::Pod(from), End::Pod(to), witness.port),
                    "{seed} {cni:?}\n{from:?}\n{to:?}\n{objects:#?}"
                );
                objects.pods.truncate(before);
            }
            Future::Open { witness, .. } => {
                assert!(witness.is_some() && cni == Cni::Any, "{seed} {cni:?}");
                assert!(
                    !is_violated(&all_pods(&objects), &tenancy, least),
                    "{seed} {cni:?}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn verdicts_of_today_equal_the_oracle(seed: u64) {
        todays_verdict_equals_the_oracle(seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn verdicts_of_the_future_equal_the_oracle(seed: u64) {
        the_future_equals_the_oracle(seed);
    }
}

/// A test that never meets a verdict says nothing about it.
#[test]
fn random_clusters_meet_every_verdict() {
    let mut met = [0; 6];
    for seed in 0..1000 {
        let mut dice = Dice::new(seed);
        let objects = cluster(&mut dice, Sorts::default());
        let tenancy = tenancy(&mut dice);
        let direct = Network::build(&objects, with(Cni::Any)).prove_direct(&tenancy);
        met[match direct.today {
            Verdict::Holds(_) => 0,
            Verdict::Fails(_) => 1,
            Verdict::Open { .. } => 2,
        }] += 1;
        met[match direct.future {
            Future::Holds => 3,
            Future::Fails(_) => 4,
            Future::Open { .. } => 5,
        }] += 1;
    }
    assert!(met.iter().all(|count| *count >= 5), "{met:?}");
}

/// Two tenants who let nothing in, and one more object.
fn two_tenants(more: &str) -> NetworkObjects {
    let mut yaml = String::new();
    for name in ["a", "b"] {
        yaml += &TENANT.replace("NAME", name);
    }
    read(&(yaml + more))
}

const TENANT: &str = "
---
{apiVersion: v1, kind: Namespace, metadata: {name: NAME}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: NAME}, spec: {nodeName: n1}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: NAME}
spec: {podSelector: {}}
";

fn today(more: &str) -> Verdict {
    let objects = two_tenants(more);
    let network = Network::build(&objects, with(Cni::Any));
    network.prove_direct(&Tenancy::default()).today
}

fn open_for(more: &str) -> Vec<Doubt> {
    match today(more) {
        Verdict::Open { doubts, .. } => doubts,
        verdict @ (Verdict::Holds(_) | Verdict::Fails(_)) => panic!("{more}: {verdict:?}"),
    }
}

#[test]
fn default_deny_of_ingress_keeps_tenants_apart() {
    assert!(matches!(today(""), Verdict::Holds(_)));
}

#[test]
fn what_is_not_known_is_named_and_no_proof() {
    assert_eq!(
        open_for(
            "---\n{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: s, \
             namespace: a}}\n"
        ),
        [Doubt::Carrier(0)]
    );
    assert_eq!(
        open_for("---\n{apiVersion: v1, kind: Pod, metadata: {name: x, labels: 1}}\n"),
        [Doubt::Flawed(0)]
    );
    assert_eq!(
        open_for(
            "---\n{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: x, \
             namespace: b}, spec: {ingress: 1}}\n"
        ),
        [Doubt::Flawed(0)]
    );
    assert_eq!(
        open_for(
            "---\n{apiVersion: policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy, \
             metadata: {name: x}}\n"
        ),
        [Doubt::NotJudged(0)]
    );
}

#[test]
fn kinds_that_only_deny_do_not_touch_a_proof() {
    for object in [
        "{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: x}}",
        "{apiVersion: policy.networking.k8s.io/v1alpha1, kind: BaselineAdminNetworkPolicy, \
         metadata: {name: default}}",
    ] {
        assert!(
            matches!(today(&format!("---\n{object}\n")), Verdict::Holds(_)),
            "{object}"
        );
    }
}

#[test]
fn a_pod_with_the_network_of_its_node_breaks_isolation_there() {
    let host = |node: &str| {
        format!(
            "---\n{{apiVersion: v1, kind: Pod, metadata: {{name: host, namespace: a}}, spec: \
             {{hostNetwork: true{node}}}}}\n"
        )
    };
    let Verdict::Fails(witness) = today(&host(", nodeName: n1")) else {
        panic!("it shares a node with the other tenant");
    };
    assert!(witness.connections.is_all());
    assert!(open_for(&host("")).contains(&Doubt::HostNetwork(0)));
}

#[test]
fn pods_that_may_come_can_escape_selectors() {
    let policy = |selector: &str| {
        format!(
            "---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: c}}}}\n---\n{{apiVersion: \
             networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p, namespace: c}}, spec: \
             {{podSelector: {selector}}}}}\n"
        )
    };
    let future = |more: &str| {
        let objects = two_tenants(more);
        let network = Network::build(&objects, with(Cni::Any));
        network.prove_direct(&Tenancy::default()).future
    };
    let Future::Fails(witness) = future(&policy("{matchLabels: {app: web}}")) else {
        panic!("a pod without the label is open");
    };
    assert_eq!((witness.from, witness.to), (0, 2));
    assert_eq!(witness.to_labels, []);
    let exists = "{matchExpressions: [{key: app, operator: DoesNotExist}]}";
    let Future::Fails(witness) = future(&policy(exists)) else {
        panic!("a pod with the label is open");
    };
    assert_eq!(witness.to_labels, [("app".into(), "any-0".into())]);
    assert_eq!(future(&policy("{}")), Future::Holds);
}
