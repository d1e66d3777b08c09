//! Pods with the network of their node: they reach every pod of the node, whatever policies say.

use super::{
    super::{
        Bound,
        network::{Network, Sort},
        ports::PortSet,
        set::Map,
    },
    Tenants, Witness,
};

/// The first pods of a node that belong to different tenants.
#[derive(Default)]
struct OnNode {
    first: Option<(u32, usize)>,
    of_another: Option<(u32, usize)>,
}

impl OnNode {
    fn add(&mut self, tenant: u32, pod: usize) {
        match self.first {
            None => self.first = Some((tenant, pod)),
            Some((first, _)) if first != tenant && self.of_another.is_none() => {
                self.of_another = Some((tenant, pod));
            }
            Some(_) => {}
        }
    }

    fn other_than(&self, tenant: u32) -> Option<usize> {
        let found = [self.first, self.of_another].into_iter().flatten();
        found
            .into_iter()
            .find(|(other, _)| *other != tenant)
            .map(|(_, pod)| pod)
    }
}

impl Network<'_> {
    /// Returns whether there are pods with the network of their node.
    pub(super) fn has_hosts(&self) -> bool {
        self.classes
            .iter()
            .any(|class| class.key.sort == Sort::Host)
    }

    /// Returns a tenant's pod with the network of its node, and a pod of another tenant there.
    pub(super) fn host_violation(&self, tenants: &Tenants, bound: Bound) -> Option<Witness> {
        if !self.has_hosts() {
            return None;
        }
        let tenant = |pod: usize| {
            let space = *self.space_of.get(pod)?;
            tenants.of.get(space as usize).copied().flatten()
        };
        let mut nodes: Map<Option<&str>, OnNode> = Map::default();
        let mut anywhere = OnNode::default();
        for (at, pod) in self.objects.pods.iter().enumerate() {
            if let Some(tenant) = tenant(at) {
                nodes
                    .entry(pod.node.as_deref())
                    .or_default()
                    .add(tenant, at);
                anywhere.add(tenant, at);
            }
        }
        let pods = self.objects.pods.iter().enumerate();
        for (from, pod) in pods.filter(|(_, pod)| pod.host_network) {
            let Some(own) = tenant(from) else { continue };
            let on = |node: Option<&str>| nodes.get(&node)?.other_than(own);
            let to = match (pod.node.as_deref(), bound) {
                (Some(node), Bound::Certain) => on(Some(node)),
                (Some(node), Bound::Possible) => on(Some(node)).or_else(|| on(None)),
                (None, Bound::Certain) => None,
                (None, Bound::Possible) => anywhere.other_than(own),
            };
            if let Some(to) = to {
                let connections = PortSet::all();
                return Some(Witness {
                    from,
                    to,
                    port: connections.first(),
                    connections,
                });
            }
        }
        None
    }
}
