//! Those whom a question is about.

use std::{collections::BTreeSet, convert::Infallible, fmt, net::IpAddr, str::FromStr};

use knight_analysis::reach::{Endpoint, Network, Party};
use knight_model::network::{Owner, Pod};
use thiserror::Error;

/// Whom somebody means, in words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Who {
    /// The pods of a namespace.
    Namespace(Box<str>),
    /// The pods of a workload, or the pod of this name.
    Named {
        /// The namespace.
        namespace: Box<str>,
        /// The name of the workload or of the pod.
        name: Box<str>,
    },
    /// An address outside of the cluster.
    Address(IpAddr),
    /// Every address outside of the cluster.
    Outside,
}

/// Why a [`Who`] cannot be found.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum NotFound {
    /// It means nobody in the input.
    #[error(
        "no pod of the input is meant by `{0}`: write a namespace, `NAMESPACE/NAME` of a workload or \
         a pod, an address, or `outside`"
    )]
    Nobody(String),
    /// It is an address of a node, which is neither outside nor that of one pod.
    #[error("`{address}` is an address of the node `{node}`: nodes cannot be asked about")]
    Node {
        /// The address.
        address: IpAddr,
        /// The name of the node.
        node: Box<str>,
    },
}

/// Whom somebody means, found in a network.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    pods: Vec<usize>,
    workloads: BTreeSet<(Box<str>, Owner)>,
    address: Option<IpAddr>,
    outside: bool,
}

impl Who {
    /// Finds whom this means; an address of a pod means that pod.
    pub fn find(&self, network: &Network<'_>) -> Result<Chosen, NotFound> {
        let mut chosen = Chosen::default();
        for (at, pod) in network.objects().pods.iter().enumerate() {
            if self.means(pod) {
                chosen.pods.push(at);
                let workload = (pod.namespace.clone(), pod.workload.clone());
                chosen.workloads.insert(workload);
            }
        }
        match self {
            Self::Address(address) => {
                let mut nodes = network.objects().nodes.iter();
                if let Some(node) = nodes.find(|node| node.addresses.contains(address)) {
                    return Err(NotFound::Node {
                        address: *address,
                        node: node.name.clone(),
                    });
                }
                chosen.address = chosen.pods.is_empty().then_some(*address);
            }
            Self::Outside => chosen.outside = true,
            Self::Namespace(_) | Self::Named { .. } if chosen.pods.is_empty() => {
                return Err(NotFound::Nobody(self.to_string()));
            }
            Self::Namespace(_) | Self::Named { .. } => {}
        }
        Ok(chosen)
    }

    fn means(&self, pod: &Pod) -> bool {
        match self {
            Self::Namespace(namespace) => pod.namespace == *namespace,
            Self::Named { namespace, name } => {
                pod.namespace == *namespace && (pod.name == *name || pod.workload.name == *name)
            }
            Self::Address(address) => pod.addresses.contains(address),
            Self::Outside => false,
        }
    }
}

impl FromStr for Who {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        Ok(match text.split_once('/') {
            Some((namespace, name)) => Self::Named {
                namespace: namespace.into(),
                name: name.into(),
            },
            None if text == "outside" => Self::Outside,
            None => Self::Namespace(text.into()),
        })
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Namespace(namespace) => f.write_str(namespace),
            Self::Named { namespace, name } => write!(f, "{namespace}/{name}"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Outside => f.write_str("outside"),
        }
    }
}

impl Chosen {
    /// Returns the ends that a single question can be about: one pod of each class, or an address.
    pub(super) fn ends(&self, network: &Network<'_>) -> Vec<Endpoint> {
        if let Some(address) = self.address {
            return vec![Endpoint::Address(address)];
        }
        let mut seen = BTreeSet::new();
        let first = |pod: &&usize| {
            let workload = network.objects().pods.get(**pod);
            let workload = workload.map(|pod| (&pod.namespace, &pod.workload));
            seen.insert((network.class_of(**pod), workload))
        };
        let pods = self.pods.iter().filter(first);
        pods.map(|pod| Endpoint::Pod(*pod)).collect()
    }

    /// Returns whether a party of a flow is meant.
    pub(super) fn has_party(&self, party: &Party) -> bool {
        match party {
            Party::Outside(first, last) => self.has_range(*first, *last),
            Party::Workload(workload) => self
                .workloads
                .contains(&(workload.namespace.clone(), workload.owner.clone())),
        }
    }

    /// Returns whether addresses from one to another have one that is meant.
    pub(super) fn has_range(&self, first: IpAddr, last: IpAddr) -> bool {
        let within = |address: IpAddr| (first..=last).contains(&address);
        self.outside || self.address.is_some_and(within)
    }

    /// Returns the classes of the pods that are meant.
    pub(super) fn classes(&self, network: &Network<'_>) -> BTreeSet<u32> {
        let pods = self.pods.iter();
        pods.filter_map(|pod| network.class_of(*pod)).collect()
    }
}
