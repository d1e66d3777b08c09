//! What the policies of a namespace allow pods with certain labels.

use knight_model::network::Answer;

use super::{
    super::{
        Cni,
        matching::{LabelsId, Matching},
        network::{
            ALL_PORTS, CLOSED, ClassKey, EVERYBODY, OPEN, Peer, PeerId, Profile, ProfileId,
            RulesKey, Sort, Space, Spec,
        },
        ports::PortsId,
        set::{Interner, Map},
    },
    Names,
};

/// Profiles, each made once.
pub(super) struct Profiles<'n> {
    specs: &'n [Spec],
    sets: &'n [Vec<u32>],
    names: &'n Names,
    peers: Interner<Peer>,
    made: Interner<Profile>,
    known: Map<(RulesKey, LabelsId), [[ProfileId; 2]; 2]>,
    by_labels: Map<u32, ByLabels>,
}

/// The policies of a large set, by the labels that they select.
#[derive(Default)]
struct ByLabels {
    everything: Vec<u32>,
    specs: Map<LabelsId, Vec<u32>>,
}

/// From how many policies on it pays to look them up by labels.
const MANY: usize = 64;

/// The policies that select a pod, as far as they speak of one direction.
#[derive(Default)]
struct Selected {
    surely_isolated: bool,
    maybe_isolated: bool,
    sure: Vec<(PeerId, PortsId)>,
    maybe: Vec<(PeerId, PortsId)>,
}

impl<'n> Profiles<'n> {
    pub(super) fn new(specs: &'n [Spec], sets: &'n [Vec<u32>], names: &'n Names) -> Self {
        let mut peers = Interner::default();
        let everybody = peers.number(Peer::All);
        debug_assert_eq!(everybody, EVERYBODY, "it is the first peer");
        let mut made = Interner::default();
        let open = made.number(Profile {
            allows: vec![(EVERYBODY, ALL_PORTS)],
        });
        let closed = made.number(Profile::default());
        debug_assert_eq!(
            (open, closed),
            (OPEN, CLOSED),
            "they are the first profiles"
        );
        Self {
            specs,
            sets,
            names,
            peers,
            made,
            known: Map::default(),
            by_labels: Map::default(),
        }
    }

    /// Fills in the profiles of pods, of which the namespaces are given.
    pub(super) fn fill(
        &mut self,
        keys: &mut [ClassKey],
        space_of: &[u32],
        spaces: &[Space],
        (pods, cni): (&Matching, Cni),
    ) {
        for (key, space) in keys.iter_mut().zip(space_of) {
            let Some(space) = spaces.get(*space as usize) else {
                continue;
            };
            let found = self.of(space.rules, key.labels, pods);
            key.profiles = match (key.sort, cni) {
                (Sort::Pod, _) => found,
                // Whether policies are about such pods, the network plugin decides.
                (Sort::Host, Cni::Any) => found.map(|[certain, _]| [certain, OPEN]),
                (Sort::Host, Cni::Calico | Cni::Cilium) | (Sort::Node, _) => [[OPEN; 2]; 2],
            };
        }
    }

    /// Returns the profiles of pods, by direction and by bound.
    fn of(&mut self, rules: RulesKey, labels: LabelsId, pods: &Matching) -> [[ProfileId; 2]; 2] {
        if let Some(&known) = self.known.get(&(rules, labels)) {
            return known;
        }
        let mut directions = [Selected::default(), Selected::default()];
        for number in self.candidates(rules.policies, labels, pods) {
            let Some(spec) = self.specs.get(number as usize) else {
                continue;
            };
            let answer = pods.selects(spec.subject, labels);
            if answer == Answer::No {
                continue;
            }
            for (direction, rules_of) in directions.iter_mut().zip(&spec.rules) {
                let Some(rules_of) = rules_of else { continue };
                let allows = match answer {
                    Answer::Yes => {
                        direction.surely_isolated = true;
                        &mut direction.sure
                    }
                    Answer::Maybe | Answer::No => {
                        direction.maybe_isolated = true;
                        &mut direction.maybe
                    }
                };
                for &(peer, ports) in rules_of {
                    let peer = self.names.relative(peer, rules.named);
                    allows.push((self.peers.number(peer), ports));
                }
            }
        }
        let profiles = directions.map(|selected| self.bounds(selected, rules));
        self.known.insert((rules, labels), profiles);
        profiles
    }

    fn bounds(&mut self, selected: Selected, rules: RulesKey) -> [ProfileId; 2] {
        let Selected {
            surely_isolated,
            maybe_isolated,
            sure,
            maybe,
        } = selected;
        let overlay = rules.overlay;
        let denies = overlay.denies || overlay.denies_open && !surely_isolated;
        let certain = if denies {
            CLOSED
        } else if surely_isolated || maybe_isolated {
            self.number(sure.clone())
        } else {
            OPEN
        };
        let possible = if overlay.allows || !surely_isolated {
            OPEN
        } else {
            self.number(sure.into_iter().chain(maybe).collect())
        };
        [certain, possible]
    }

    fn number(&mut self, mut allows: Vec<(PeerId, PortsId)>) -> ProfileId {
        allows.sort_unstable();
        allows.dedup();
        if allows.contains(&(EVERYBODY, ALL_PORTS)) {
            return OPEN;
        }
        self.made.number(Profile { allows })
    }

    /// Returns the policies of a set that may select labels.
    fn candidates(&mut self, set: u32, labels: LabelsId, pods: &Matching) -> Vec<u32> {
        let Some(specs) = self.sets.get(set as usize) else {
            return Vec::new();
        };
        if specs.len() < MANY {
            return specs.clone();
        }
        let by_labels = self.by_labels.entry(set).or_insert_with(|| {
            let mut found = ByLabels::default();
            for &number in specs {
                let Some(spec) = self.specs.get(number as usize) else {
                    continue;
                };
                match pods.selected(spec.subject, super::Bound::Possible) {
                    None => found.everything.push(number),
                    Some(selected) => {
                        for labels in selected.iter() {
                            found.specs.entry(labels).or_default().push(number);
                        }
                    }
                }
            }
            found
        });
        let own = by_labels.specs.get(&labels).into_iter().flatten();
        own.chain(&by_labels.everything).copied().collect()
    }

    pub(super) fn finish(self) -> (Vec<Peer>, Vec<Profile>) {
        (self.peers.into_items(), self.made.into_items())
    }
}

impl Names {
    /// Returns a peer as seen from a namespace: whoever names his own namespace means his own pods.
    pub(in super::super) fn relative(&self, peer: Peer, own: Option<u32>) -> Peer {
        match peer {
            Peer::Namespaces(selector, pods) if own.is_some() && self.only(selector) == own => {
                Peer::Own(pods)
            }
            Peer::Namespaces(..) | Peer::All | Peer::Own(_) | Peer::Block(_) => peer,
        }
    }
}
