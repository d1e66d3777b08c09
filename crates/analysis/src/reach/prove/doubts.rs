//! What is not known, and could change an answer.

use knight_model::network::{Influence, Peer};

use super::{
    super::network::{Endpoint, Network},
    Witness,
};

/// Something that is not known; numbers are places in the lists of the objects.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Doubt {
    /// An object that cannot be read; see `NetworkObjects::flawed`.
    Flawed(usize),
    /// An object of a kind that is not judged; see `NetworkObjects::not_judged`.
    NotJudged(usize),
    /// An object that makes pods which are not in the input; see `NetworkObjects::carriers`.
    Carrier(usize),
    /// A list that the cluster did not give; see `NetworkObjects::unread`.
    Unread(usize),
    /// A namespace that is not in the input: its labels are not known.
    Namespace(usize),
    /// A pod with the network of its node: what policies mean for it, the network plugin decides.
    HostNetwork(usize),
    /// A pod whose labels are not all known, because a controller adds some.
    Labels(usize),
    /// A policy with an `ipBlock`: whether it means pods, or these pods, is not known.
    Block(usize),
}

impl Network<'_> {
    /// Returns why there may be pods that the input does not have.
    pub(super) fn unseen_pods(&self) -> Vec<Doubt> {
        let objects = self.objects;
        let is_policy = |kind: &str| kind == "NetworkPolicy";
        let decides = |group: &str, kind: &str| {
            is_policy(kind) || Influence::of(group, kind).is_some() || kind == "Node"
        };
        let flawed = objects.flawed.iter().enumerate();
        let flawed = flawed
            .filter(|(_, flawed)| {
                let object = &flawed.object;
                // A service decides nothing, and a namespace without labels that can be read is one
                // whose labels are not known.
                let says_nothing =
                    object.group.is_empty() && matches!(&*object.kind, "Service" | "Namespace");
                !says_nothing && !decides(&object.group, &object.kind)
            })
            .map(|(at, _)| Doubt::Flawed(at));
        let carriers = (0..objects.carriers.len()).map(Doubt::Carrier);
        let unread = objects.unread.iter().enumerate();
        let unread = unread
            .filter(|(_, unread)| !decides(&unread.group, &unread.kind))
            .filter(|(_, unread)| {
                knight_facts::carriers::carrier(&unread.group, &unread.kind).is_some()
                    || unread.group.is_empty() && &*unread.kind == "Namespace"
            })
            .map(|(at, _)| Doubt::Unread(at));
        flawed.chain(carriers).chain(unread).collect()
    }

    /// Returns what is not known about a pair.
    pub(super) fn doubts_between(&self, witness: &Witness) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        for pod in [witness.from, witness.to] {
            self.doubts_about(Endpoint::Pod(pod), &mut doubts);
        }
        doubts
    }

    /// Adds what is not known about a pod and its namespace.
    fn doubts_about(&self, of: Endpoint, doubts: &mut Vec<Doubt>) {
        let Endpoint::Pod(at) = of else { return };
        let Some(pod) = self.objects.pods.get(at) else {
            return;
        };
        if pod.host_network {
            doubts.push(Doubt::HostNetwork(at));
        }
        if pod.labels.unknown() != knight_model::network::UnknownKeys::None {
            doubts.push(Doubt::Labels(at));
        }
        let space = self.space_of.get(at).map_or(0, |space| *space as usize);
        self.doubts_in(space, doubts);
    }

    /// Adds what is not known about a namespace.
    pub(in super::super) fn doubts_in(&self, space: usize, doubts: &mut Vec<Doubt>) {
        let objects = self.objects;
        let Some(namespace) = objects.namespaces.get(space) else {
            return;
        };
        if namespace.place.is_none() {
            doubts.push(Doubt::Namespace(space));
        }
        let here = |of: &Option<Box<str>>| of.as_ref().is_none_or(|of| *of == namespace.name);
        for (at, flawed) in objects.flawed.iter().enumerate() {
            if &*flawed.object.kind == "NetworkPolicy" && here(&flawed.object.namespace) {
                doubts.push(Doubt::Flawed(at));
            }
        }
        for (at, found) in objects.not_judged.iter().enumerate() {
            if here(&found.object.namespace) || found.object.group.ends_with("istio.io") {
                doubts.push(Doubt::NotJudged(at));
            }
        }
        for (at, unread) in objects.unread.iter().enumerate() {
            let decides = &*unread.kind == "NetworkPolicy"
                || Influence::of(&unread.group, &unread.kind).is_some();
            if decides && here(&unread.namespace) {
                doubts.push(Doubt::Unread(at));
            }
        }
        for (at, policy) in objects.policies.iter().enumerate() {
            let rules = [&policy.spec.ingress, &policy.spec.egress];
            let mut rules = rules.into_iter().flatten().flatten();
            let has_block = rules.any(|rule| {
                let mut peers = rule.peers.iter().flatten();
                peers.any(|peer| matches!(peer, Peer::Block(_)))
            });
            if policy.namespace == namespace.name && has_block {
                doubts.push(Doubt::Block(at));
            }
        }
    }
}
