//! From objects to classes.

mod overlays;
mod profiles;

use std::net::IpAddr;

use knight_model::network::{self as objects, Answer, Direction, NetworkObjects, PolicySpec, Rule};

use super::{
    Bound, Cni, Options,
    addresses::{AddressAtoms, AddressBuilder},
    matching::{Matching, MatchingBuilder, SelectorId},
    network::{Class, ClassKey, Network, OPEN, Peer, RulesKey, Sort, Space, Spec},
    ports::{NO_NAMES, PortsBuilder},
    set::{Interner, Map, index},
};
use overlays::overlays;
use profiles::Profiles;

impl<'a> Network<'a> {
    /// Compiles what objects say.
    ///
    /// The work grows with the size of the input, not with the number of pairs.
    pub fn build(objects: &'a NetworkObjects, options: Options) -> Self {
        let Rules {
            specs,
            spec_of,
            mut namespaces,
            mut pods,
            mut ports,
            addresses,
        } = Rules::of(objects);
        let addresses = addresses.build();

        let namespace_labels: Vec<u32> = objects
            .namespaces
            .iter()
            .map(|namespace| namespaces.labels(&namespace.labels))
            .collect();
        let namespaces = namespaces.build();
        let names = Names::of(&namespace_labels, &namespaces);
        let policy_sets = policy_sets(objects, &spec_of);
        let sets = policy_sets.sets.items().iter();
        let asked: Vec<Asked> = sets.map(|set| Asked::by(set, &specs, &names)).collect();
        let memberships = Memberships::of(&policy_sets, &asked, &namespaces, &namespace_labels);
        let overlays = overlays(objects);
        let names_itself = |policies: u32, namespace| {
            let asked = asked.get(policies as usize);
            asked.is_some_and(|asked| asked.names(namespace))
        };
        let sets = policy_sets.of.iter().zip(overlays);
        let spaces = namespace_labels.iter().zip(sets).zip(0..);
        let space = |((&labels, (&policies, overlay)), number)| Space {
            membership: memberships.number(labels),
            rules: RulesKey {
                policies,
                named: names_itself(policies, number).then_some(number),
                overlay,
            },
        };
        let spaces: Vec<Space> = spaces.map(space).collect();

        let mut address_sets = AddressSets::new(&addresses);
        let mut space_of = Vec::with_capacity(objects.pods.len());
        let mut keys = Vec::with_capacity(objects.pods.len() + objects.nodes.len());
        for pod in &objects.pods {
            let space = found_space(objects, &pod.namespace, space_of.last().copied());
            space_of.push(space);
            let asks_address = pod.host_network || options.cni != Cni::Cilium;
            keys.push(ClassKey {
                sort: if pod.host_network {
                    Sort::Host
                } else {
                    Sort::Pod
                },
                labels: pods.labels(&pod.labels),
                table: ports.table(&pod.ports),
                addresses: if asks_address {
                    address_sets.number(&pod.addresses)
                } else {
                    0
                },
                membership: spaces
                    .get(space as usize)
                    .map_or(0, |space| space.membership),
                profiles: [[OPEN; 2]; 2],
            });
        }
        let selectors = pods.selectors();
        let pods = pods.build();
        let sets = policy_sets.sets.into_items();
        let mut profiles = Profiles::new(&specs, &sets, &names);
        profiles.fill(&mut keys, &space_of, &spaces, (&pods, options.cni));
        for node in &objects.nodes {
            keys.push(ClassKey {
                sort: Sort::Node,
                labels: 0,
                table: NO_NAMES,
                addresses: address_sets.number(&node.addresses),
                membership: 0,
                profiles: [[OPEN; 2]; 2],
            });
        }
        let (classes, class_of) = classes(keys, objects.pods.len());
        let (peers, profiles) = profiles.finish();
        Self {
            objects,
            options,
            ports: ports.build(),
            selectors,
            pods,
            namespaces,
            peers,
            profiles,
            memberships: memberships.lists.into_items(),
            address_sets: address_sets.sets.into_items(),
            names,
            specs,
            policy_sets: sets,
            spaces,
            classes,
            class_of,
            space_of,
            addresses,
        }
    }
}

/// Puts endpoints that no rule tells apart into one class.
fn classes(keys: Vec<ClassKey>, pods: usize) -> (Vec<Class>, Vec<u32>) {
    let mut numbers = Interner::default();
    let class_of: Vec<u32> = keys.into_iter().map(|key| numbers.number(key)).collect();
    let keys = numbers.into_items().into_iter();
    let mut classes: Vec<Class> = keys
        .map(|key| Class {
            key,
            pods: Vec::new(),
            nodes: Vec::new(),
        })
        .collect();
    for (&class, number) in class_of.iter().zip(0_usize..) {
        if let Some(class) = classes.get_mut(class as usize) {
            match number.checked_sub(pods) {
                None => class.pods.push(index(number)),
                Some(node) => class.nodes.push(index(node)),
            }
        }
    }
    (classes, class_of)
}

/// Returns the place of a namespace; pods are sorted by it, so mostly it is the last one again.
fn found_space(objects: &NetworkObjects, name: &str, last: Option<u32>) -> u32 {
    let is = |place: &u32| {
        let namespace = objects.namespaces.get(*place as usize);
        namespace.is_some_and(|namespace| &*namespace.name == name)
    };
    last.filter(is)
        .or_else(|| last.map(|last| last + 1).filter(is))
        .unwrap_or_else(|| {
            let namespaces = &objects.namespaces;
            index(namespaces.partition_point(|namespace| *namespace.name < *name))
        })
}

/// The rules of all policies; those of one spec are compiled once.
struct Rules<'a> {
    specs: Vec<Spec>,
    /// The spec of each policy.
    spec_of: Vec<u32>,
    namespaces: MatchingBuilder<'a>,
    pods: MatchingBuilder<'a>,
    ports: PortsBuilder<'a>,
    addresses: AddressBuilder<'a>,
}

impl<'a> Rules<'a> {
    fn of(objects: &'a NetworkObjects) -> Self {
        let mut numbers = Interner::<&PolicySpec>::default();
        let policies = objects.policies.iter();
        let spec_of = policies
            .map(|policy| numbers.number(&policy.spec))
            .collect();
        let mut rules = Self {
            specs: Vec::new(),
            spec_of,
            namespaces: MatchingBuilder::new(),
            pods: MatchingBuilder::new(),
            ports: PortsBuilder::new(),
            addresses: AddressBuilder::default(),
        };
        // INVARIANT: the first list is `ALL_PORTS`.
        rules.ports.list(None);
        for spec in numbers.into_items() {
            let spec = rules.spec(spec);
            rules.specs.push(spec);
        }
        rules
    }

    fn spec(&mut self, spec: &'a PolicySpec) -> Spec {
        let subject = self.pods.selector(&spec.pods);
        let rules = Direction::ALL.map(|direction| {
            let rules = spec.rules(direction)?;
            Some(rules.iter().flat_map(|rule| self.rule(rule)).collect())
        });
        Spec { subject, rules }
    }

    fn rule(&mut self, rule: &'a Rule) -> Vec<(Peer, u32)> {
        let ports = self.ports.list(rule.ports.as_deref());
        let Some(peers) = &rule.peers else {
            return vec![(Peer::All, ports)];
        };
        let peer = |peer: &'a objects::Peer| match peer {
            objects::Peer::Own(pods) => Peer::Own(self.pods.selector(pods)),
            objects::Peer::Namespaces { namespaces, pods } => Peer::Namespaces(
                self.namespaces.selector(namespaces),
                self.pods.selector(pods),
            ),
            objects::Peer::Block(block) => Peer::Block(self.addresses.block(block)),
        };
        peers.iter().map(peer).map(|peer| (peer, ports)).collect()
    }
}

/// The sets of addresses that endpoints have, in ranges that rules tell apart.
struct AddressSets<'n> {
    atoms: &'n AddressAtoms,
    sets: Interner<Vec<u32>>,
}

impl<'n> AddressSets<'n> {
    fn new(atoms: &'n AddressAtoms) -> Self {
        let mut sets = Interner::default();
        // INVARIANT: the first set is the one of endpoints whose addresses are not known.
        sets.number(Vec::new());
        Self { atoms, sets }
    }

    fn number(&mut self, addresses: &[IpAddr]) -> u32 {
        if !self.atoms.has_blocks() {
            return 0;
        }
        let mut atoms: Vec<u32> = addresses.iter().map(|&ip| self.atoms.of(ip)).collect();
        atoms.sort_unstable();
        atoms.dedup();
        self.sets.number(atoms)
    }
}

/// For each namespace the specs of its policies.
struct PolicySets {
    of: Vec<u32>,
    sets: Interner<Vec<u32>>,
}

fn policy_sets(objects: &NetworkObjects, spec_of: &[u32]) -> PolicySets {
    let mut lists: Vec<Vec<u32>> = vec![Vec::new(); objects.namespaces.len()];
    let mut last = None;
    for (policy, &spec) in objects.policies.iter().zip(spec_of) {
        let space = found_space(objects, &policy.namespace, last);
        last = Some(space);
        if let Some(list) = lists.get_mut(space as usize) {
            list.push(spec);
        }
    }
    let mut sets = Interner::default();
    let of = lists.into_iter().map(|mut list| {
        list.sort_unstable();
        list.dedup();
        sets.number(list)
    });
    PolicySets {
        of: of.collect(),
        sets,
    }
}

/// Which selectors of namespaces mean one namespace and no other.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    only: Vec<Option<u32>>,
}

impl Names {
    fn of(labels: &[u32], namespaces: &Matching) -> Self {
        // The only namespace with these labels.
        let mut bearer: Map<u32, Option<u32>> = Map::default();
        for (&labels, number) in labels.iter().zip(0..) {
            let bearer = bearer.entry(labels);
            bearer
                .and_modify(|only| *only = None)
                .or_insert(Some(number));
        }
        let only = |selector| {
            let certain = namespaces.selected(selector, Bound::Certain)?.single()?;
            let possible = namespaces.selected(selector, Bound::Possible)?.single()?;
            let same = (certain == possible).then_some(certain)?;
            bearer.get(&same).copied().flatten()
        };
        Self {
            only: (0..index(namespaces.len())).map(only).collect(),
        }
    }

    /// Returns the only namespace that a selector means.
    pub(super) fn only(&self, selector: SelectorId) -> Option<u32> {
        self.only.get(selector as usize).copied().flatten()
    }
}

/// What the policies of one set ask of namespaces.
struct Asked {
    /// The selectors that mean one namespace, with it; sorted.
    names: Vec<(u32, SelectorId)>,
    others: Vec<SelectorId>,
}

impl Asked {
    fn by(set: &[u32], specs: &[Spec], names: &Names) -> Self {
        let mut asked = Self {
            names: Vec::new(),
            others: Vec::new(),
        };
        let specs = set.iter().filter_map(|&spec| specs.get(spec as usize));
        for (peer, _) in specs.flat_map(|spec| spec.rules.iter().flatten().flatten()) {
            if let Peer::Namespaces(selector, _) = *peer {
                match names.only(selector) {
                    Some(name) => asked.names.push((name, selector)),
                    None => asked.others.push(selector),
                }
            }
        }
        asked.names.sort_unstable();
        asked.names.dedup();
        asked
    }

    fn names(&self, namespace: u32) -> bool {
        let found = self
            .names
            .binary_search_by_key(&namespace, |&(name, _)| name);
        found.is_ok()
    }
}

/// By which selectors namespaces are met; one that a namespace itself uses to mean itself does not
/// count, so that namespaces made from one template stay alike.
struct Memberships {
    of_labels: Vec<u32>,
    lists: Interner<Vec<(SelectorId, Answer)>>,
}

impl Memberships {
    fn of(sets: &PolicySets, asked: &[Asked], namespaces: &Matching, labels: &[u32]) -> Self {
        let mut used = vec![false; namespaces.len()];
        let mut mark = |selector: SelectorId| {
            if let Some(used) = used.get_mut(selector as usize) {
                *used = true;
            }
        };
        for selector in asked.iter().flat_map(|asked| &asked.others) {
            mark(*selector);
        }
        for (&set, number) in sets.of.iter().zip(0..) {
            let names = asked
                .get(set as usize)
                .into_iter()
                .flat_map(|asked| &asked.names);
            for &(name, selector) in names {
                if name != number {
                    mark(selector);
                }
            }
        }
        let bound = labels.iter().max().map_or(0, |most| *most as usize + 1);
        let mut met: Vec<Vec<(SelectorId, Answer)>> = vec![Vec::new(); bound];
        for (selector, _) in (0..).zip(&used).filter(|(_, used)| **used) {
            let Some(selected) = namespaces.selected(selector, Bound::Possible) else {
                continue;
            };
            for labels in selected.iter() {
                if let Some(met) = met.get_mut(labels as usize) {
                    met.push((selector, namespaces.selects(selector, labels)));
                }
            }
        }
        let mut lists = Interner::default();
        // INVARIANT: the first list is that of what is in no namespace.
        lists.number(Vec::new());
        let of_labels = met.into_iter().map(|met| lists.number(met)).collect();
        Self { of_labels, lists }
    }

    fn number(&self, labels: u32) -> u32 {
        self.of_labels.get(labels as usize).copied().unwrap_or(0)
    }
}
