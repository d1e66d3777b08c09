//! Proofs of isolation, refutations of it, and what they are worth.

use knight_analysis::reach::{Cni, Future, Network, Owner, Shield, ShieldedBy, Tenancy, Verdict};
use knight_model::network::{Labels, NamedPort, NetworkObjects, Pod, Protocol, UnknownKeys};
use proptest::prelude::*;

use crate::{
    common::with,
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
        addresses: ["10.0.0.2".parse().unwrap()].into(),
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
