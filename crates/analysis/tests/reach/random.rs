//! Random small clusters: the engine says what the specification says.

use std::{net::IpAddr, sync::Arc};

use knight_analysis::reach::{Cni, Connections, Endpoint, Network, Options, Party, PortSet};
use knight_model::{
    network::{
        Answer, Block, Cidr, LabelTest, Labels, NAMESPACE_NAME_LABEL, NamedPort, Namespace,
        NetworkObjects, Owner, Peer, Pod, Policy, PolicySpec, PortRule, Ports, Protocol,
        Requirement, Rule, Selector, UnknownKeys,
    },
    place::Place,
    source::{Position, Span},
};
use proptest::prelude::*;

use crate::oracle::{End, Plugin, Wire, is_open};

/// Random choices from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number under a bound.
    pub(crate) fn under(&mut self, bound: usize) -> usize {
        // The generator of Steele, Lea and Flood: a counter, well mixed.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % bound as u64).expect("it is under a usize")
    }

    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.under(times) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.under(of.len())]
    }
}

pub(crate) fn nowhere() -> Place {
    let start = Position { line: 0, column: 0 };
    Place {
        file: Arc::from("random"),
        span: Span::default(),
        start,
        end: start,
    }
}

pub(crate) const SPACES: &[&str] = &["a", "b", "c"];
pub(crate) const KEYS: &[&str] = &["app", "tier"];
const SPACE_KEYS: &[&str] = &["team", "env", NAMESPACE_NAME_LABEL];
pub(crate) const VALUES: &[&str] = &["x", "y", ""];
const NUMBERS: &[u16] = &[1, 53, 80, 81, 8080, 65535];
pub(crate) const NAMES: &[&str] = &["http", "dns"];
const BLOCKS: &[&str] = &[
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.1.0.0/16",
    "10.0.0.2/32",
    "192.168.0.0/24",
    "::/0",
    "fd00::/8",
    "fd00::/64",
    "fd00::2/128",
];
const ADDRESSES: &[&str] = &[
    "10.0.0.1",
    "10.0.0.2",
    "10.1.0.1",
    "10.2.0.1",
    "192.168.0.9",
    "8.8.8.8",
    "fd00::1",
    "fd00::2",
    "fd01::1",
    "2001:db8::1",
    "255.255.255.255",
    "::",
];

/// What the clusters have that leaves something to the plugin or unsaid.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sorts {
    pub(crate) hosts: bool,
    pub(crate) two_addresses: bool,
}

/// Makes a cluster of which everything is known.
pub(crate) fn cluster(dice: &mut Dice, sorts: Sorts) -> NetworkObjects {
    let mut objects = NetworkObjects::default();
    for name in SPACES {
        let mut labels = vec![(NAMESPACE_NAME_LABEL, *name)];
        for key in ["team", "env"] {
            if !dice.one_in(3) {
                labels.push((key, dice.pick(VALUES)));
            }
        }
        objects.namespaces.push(Namespace {
            name: (*name).into(),
            labels: Labels::new(labels, UnknownKeys::None),
            place: Some(nowhere()),
        });
    }
    for number in 0..2 + dice.under(5) {
        let pod = pod(dice, number, sorts);
        objects.pods.push(pod);
    }
    objects
        .pods
        .sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
    for number in 0..dice.under(6) {
        let name = format!("p{number}");
        let space = dice.pick(SPACES);
        let spec = spec(dice);
        objects
            .policies
            .push(Policy::new(space, &name, nowhere(), spec));
    }
    objects
        .policies
        .sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
    objects
}

fn pod(dice: &mut Dice, number: usize, sorts: Sorts) -> Pod {
    let mut labels = vec![("irrelevant", "v")];
    for key in KEYS {
        if !dice.one_in(3) {
            labels.push((key, dice.pick(VALUES)));
        }
    }
    let mut ports = Vec::new();
    for name in NAMES {
        if dice.one_in(2) {
            ports.push(NamedPort {
                name: (*name).into(),
                protocol: dice.pick(&Protocol::ALL[..2]),
                number: dice.pick(NUMBERS),
            });
        }
    }
    ports.sort_unstable();
    let mut addresses: Vec<IpAddr> = vec![address(dice)];
    if sorts.two_addresses && dice.one_in(2) {
        addresses.push(address(dice));
    }
    addresses.sort_unstable();
    addresses.dedup();
    Pod {
        namespace: dice.pick(SPACES).into(),
        name: format!("pod{number}").into(),
        workload: Owner {
            group: "".into(),
            kind: "Pod".into(),
            name: format!("pod{number}").into(),
        },
        labels: Labels::new(labels, UnknownKeys::None),
        ports: ports.into(),
        host_network: sorts.hosts && dice.one_in(3),
        node: Some(dice.pick(&["n1", "n2"]).into()),
        addresses: addresses.into(),
        service_account: "".into(),
        place: nowhere(),
    }
}

fn address(dice: &mut Dice) -> IpAddr {
    dice.pick(ADDRESSES).parse().expect("it is an address")
}

fn cidr(dice: &mut Dice) -> Cidr {
    Cidr::parse(dice.pick(BLOCKS)).expect("it is a block")
}

fn spec(dice: &mut Dice) -> PolicySpec {
    let rules = |dice: &mut Dice| -> Option<Box<[Rule]>> {
        let speaks = !dice.one_in(3);
        speaks.then(|| (0..dice.under(3)).map(|_| rule(dice)).collect())
    };
    PolicySpec {
        pods: selector(dice, KEYS),
        ingress: rules(dice),
        egress: rules(dice),
    }
}

fn selector(dice: &mut Dice, keys: &[&str]) -> Selector {
    let requirement = |dice: &mut Dice| {
        let key = dice.pick(keys);
        let values = |dice: &mut Dice| -> Box<[Box<str>]> {
            let pool: &[&str] = if key == NAMESPACE_NAME_LABEL {
                SPACES
            } else {
                VALUES
            };
            let count = 1 + dice.under(2);
            let mut values: Vec<Box<str>> = (0..count).map(|_| dice.pick(pool).into()).collect();
            values.sort_unstable();
            values.dedup();
            values.into()
        };
        let test = match dice.under(4) {
            0 | 1 => LabelTest::In(values(dice)),
            2 => LabelTest::NotIn(values(dice)),
            _ if dice.one_in(2) => LabelTest::Exists,
            _ => LabelTest::DoesNotExist,
        };
        Requirement {
            key: key.into(),
            test,
        }
    };
    let count = dice.under(3);
    Selector::new((0..count).map(|_| requirement(dice)).collect::<Vec<_>>())
}

fn rule(dice: &mut Dice) -> Rule {
    let peers = (0..=dice.under(2)).map(|_| peer(dice)).collect();
    let ports = (0..=dice.under(2)).map(|_| port(dice)).collect();
    Rule {
        peers: (!dice.one_in(4)).then_some(peers),
        ports: (!dice.one_in(3)).then_some(ports),
    }
}

fn peer(dice: &mut Dice) -> Peer {
    match dice.under(4) {
        0 => Peer::Own(selector(dice, KEYS)),
        1 | 2 => Peer::Namespaces {
            namespaces: selector(dice, SPACE_KEYS),
            pods: selector(dice, KEYS),
        },
        _ => {
            let whole = cidr(dice);
            let mut except: Vec<Cidr> = (0..dice.under(3))
                .map(|_| cidr(dice))
                .filter(|other| whole.strictly_contains(other))
                .collect();
            except.sort_unstable();
            except.dedup();
            Peer::Block(Block {
                cidr: whole,
                except: except.into(),
            })
        }
    }
}

fn port(dice: &mut Dice) -> PortRule {
    let ports = match dice.under(4) {
        0 => Ports::All,
        1 => Ports::Named(dice.pick(NAMES).into()),
        _ => {
            let (a, b) = (dice.pick(NUMBERS), dice.pick(NUMBERS));
            Ports::Range(a.min(b), a.max(b))
        }
    };
    PortRule {
        protocol: dice.pick(&Protocol::ALL),
        ports,
    }
}

/// Ports on both sides of every number that rules can name, and what has no ports.
pub(crate) fn wires() -> Vec<Wire> {
    let mut wires = vec![None];
    for protocol in Protocol::ALL {
        for number in [
            1, 2, 52, 53, 54, 79, 80, 81, 82, 8079, 8080, 8081, 65534, 65535,
        ] {
            wires.push(Some((protocol, number)));
        }
    }
    wires
}

fn has(set: &PortSet, wire: Wire) -> bool {
    match wire {
        Some((protocol, port)) => set.contains(protocol, port),
        None => set.has_others(),
    }
}

/// Calls `check` for all pairs of ends and what is between them.
fn pairs(
    seed: u64,
    objects: &NetworkObjects,
    options: Options,
    mut check: impl FnMut(End<'_>, End<'_>, Connections),
) {
    let network = Network::build(objects, options);
    let mut ends: Vec<(Endpoint, End<'_>)> = objects
        .pods
        .iter()
        .enumerate()
        .map(|(at, pod)| (Endpoint::Pod(at), End::Pod(pod)))
        .collect();
    for (address, _) in ADDRESSES
        .iter()
        .zip(0_u64..)
        .filter(|(_, at)| (at ^ seed).is_multiple_of(3))
    {
        let address = address.parse().expect("it is an address");
        ends.push((Endpoint::Address(address), End::Address(address)));
    }
    for (from, from_end) in &ends {
        for (to, to_end) in &ends {
            if let (Endpoint::Address(_), Endpoint::Address(_)) = (from, to) {
                continue;
            }
            check(*from_end, *to_end, network.between(*from, *to));
        }
    }
}

pub(crate) const PLAIN: Plugin = Plugin {
    blocks_mean_pods: false,
    knows_host_pods: false,
    blocks_own_node: true,
};

fn equals_the_oracle(seed: u64) {
    let objects = cluster(&mut Dice::new(seed), Sorts::default());
    let wires = wires();
    for cni in [Cni::Calico, Cni::Cilium, Cni::Any] {
        let options = Options {
            cni,
            pod_ranges: Vec::new(),
        };
        pairs(seed, &objects, options, |from, to, found| {
            for &wire in &wires {
                let says = |blocks_mean_pods| {
                    let plugin = Plugin {
                        blocks_mean_pods,
                        ..PLAIN
                    };
                    is_open(&objects, plugin, from, to, wire)
                };
                let (certain, possible) = match cni {
                    Cni::Calico => (says(true), says(true)),
                    Cni::Cilium => (says(false), says(false)),
                    Cni::Any => (says(false), says(true)),
                };
                let found = (has(&found.certain, wire), has(&found.possible, wire));
                assert_eq!(
                    found,
                    (certain, possible),
                    "{seed} {cni:?} {wire:?}\n{from:?}\n{to:?}\n{objects:#?}"
                );
            }
        });
    }
}

/// Whatever a plugin does, and whatever the input leaves out, the truth is between the bounds.
fn bounds_hold_the_truth(seed: u64) {
    let mut dice = Dice::new(seed);
    let sorts = Sorts {
        hosts: true,
        two_addresses: true,
    };
    let truth = cluster(&mut dice, sorts);
    let mut seen = truth.clone();
    for namespace in &mut seen.namespaces {
        if dice.one_in(4) {
            *namespace = Namespace::unseen(&namespace.name);
        }
    }
    for pod in &mut seen.pods {
        if dice.one_in(4) {
            pod.node = None;
        }
        if dice.one_in(4) {
            pod.addresses = Box::default();
        }
        if dice.one_in(4) {
            let kept = pod.labels.pairs().filter(|(key, _)| *key != "tier");
            let kept: Vec<_> = kept.collect();
            pod.labels = Labels::new(kept, UnknownKeys::These(&["tier"]));
        }
    }
    let plugins = [
        (Cni::Calico, true, false),
        (Cni::Cilium, false, false),
        (Cni::Any, true, true),
        (Cni::Any, true, false),
        (Cni::Any, false, true),
        (Cni::Any, false, false),
    ];
    let wires = wires();
    for (cni, blocks_mean_pods, knows_host_pods) in plugins {
        let plugin = Plugin {
            blocks_mean_pods,
            knows_host_pods,
            blocks_own_node: dice.one_in(2),
        };
        let network = Network::build(
            &seen,
            Options {
                cni,
                pod_ranges: Vec::new(),
            },
        );
        list_agrees(&network);
        for (from, from_pod) in truth.pods.iter().enumerate() {
            for (to, to_pod) in truth.pods.iter().enumerate() {
                let (from_place, to_place) = (Endpoint::Pod(from), Endpoint::Pod(to));
                let found = network.between(from_place, to_place);
                let (from, to) = (End::Pod(from_pod), End::Pod(to_pod));
                explanation_agrees(&network, from_place, to_place, &found);
                for &wire in &wires {
                    let open = is_open(&truth, plugin, from, to, wire);
                    let (certain, possible) =
                        (has(&found.certain, wire), has(&found.possible, wire));
                    assert!(
                        certain <= open && open <= possible,
                        "{seed} {cni:?} {plugin:?} {wire:?}: {certain} {open} {possible}\n\
                         {from_pod:?}\n{to_pod:?}\n{seen:#?}"
                    );
                }
            }
        }
    }
}

/// The list of all flows says what the engine says of the pairs.
fn list_agrees(network: &Network<'_>) {
    let pods = &network.objects().pods;
    let name = |at: usize| format!("{}/{}[Pod]", pods[at].namespace, pods[at].name);
    let mut expected = Vec::new();
    for from in 0..pods.len() {
        for to in (0..pods.len()).filter(|to| *to != from) {
            let found = network.between(Endpoint::Pod(from), Endpoint::Pod(to));
            if !found.possible.is_empty() {
                expected.push(format!("{} => {} : {found}", name(from), name(to)));
            }
        }
    }
    let flows = network.expand();
    let mut listed: Vec<String> = Vec::new();
    for flow in flows {
        let ends = (&flow.from, &flow.to);
        let (pod, range, inwards) = match ends {
            (Party::Workload(_), Party::Workload(_)) => {
                listed.push(flow.to_string());
                continue;
            }
            (Party::Outside(first, last), pod) => (pod, (*first, *last), true),
            (pod, Party::Outside(first, last)) => (pod, (*first, *last), false),
        };
        let at = (0..pods.len()).find(|at| name(*at) == pod.to_string());
        let pod = Endpoint::Pod(at.expect("it is one of the pods"));
        for address in [range.0, range.1] {
            let outside = Endpoint::Address(address);
            let (from, to) = if inwards {
                (outside, pod)
            } else {
                (pod, outside)
            };
            assert_eq!(network.between(from, to), *flow.connections, "{flow}");
        }
    }
    assert_eq!(listed, expected, "{:#?}", network.objects());
}

/// The explanation, which is code of its own, says of every port what the engine says.
fn explanation_agrees(network: &Network<'_>, from: Endpoint, to: Endpoint, found: &Connections) {
    for wire in [
        (Protocol::Tcp, 80),
        (Protocol::Tcp, 8080),
        (Protocol::Udp, 53),
    ] {
        let (protocol, port) = wire;
        let said = match (
            found.certain.contains(protocol, port),
            found.possible.contains(protocol, port),
        ) {
            (true, _) => Answer::Yes,
            (false, true) => Answer::Maybe,
            (false, false) => Answer::No,
        };
        let explanation = network.explain(from, to, Some(wire));
        let sides = [explanation.egress, explanation.ingress];
        let answers = sides.iter().flatten().map(|side| side.answer);
        let answer = answers.min().expect("one end is a pod");
        assert_eq!(
            answer,
            said,
            "{wire:?}\n{sides:#?}\n{:#?}",
            network.objects()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_equals_the_oracle(seed: u64) {
        equals_the_oracle(seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_truth_is_between_the_bounds(seed: u64) {
        bounds_hold_the_truth(seed);
    }
}
