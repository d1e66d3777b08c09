//! Who can talk to whom, by network policies, without looking at pairs of pods.
//!
//! ```text
//! NetworkObjects ─build─▶ Network: pods that no rule tells apart are one class
//!                            ├─ between(a, b)       the connections of one pair
//!                            ├─ flows(), expand()   all of them, by class and by workload
//!                            ├─ prove_direct()      does isolation of tenants hold? with a witness
//!                            └─ explain(a, b)       which policy, rule, peer and port decide
//! ```
//!
//! Every answer has two bounds: what is *certainly* possible and what is *possibly* so. They differ
//! where something decides that the input does not say: the network plugin, an object that cannot be
//! read, a kind that is not judged. Isolation is proved only of what is possible, and refuted only by
//! what is certain; between them the answer is open.
//!
//! The meaning of policies is that of <https://kubernetes.io/docs/concepts/services-networking/network-policies/>
//! and of `kubernetes/api@release-1.36 networking/v1/types.go`. Replies to allowed connections, and the
//! traffic of a pod to itself, are always allowed. What is decided behind a Service is decided for the
//! pod and its own port.

mod addresses;
mod build;
mod explain;
mod feasible;
mod flows;
mod matching;
mod network;
mod ports;
mod prove;
mod set;
mod tenancy;

use knight_model::network::{Answer, Cidr};

pub use explain::{DecidedBy, Explanation, Nearest, Part, PolicyTrace, RuleTrace, Side, Why};
pub use flows::{ClassFlow, ClassSummary, Expanded, Flow, Party, Workload};
pub use network::{Connections, Endpoint, Network};
pub use ports::PortSet;
pub use prove::{
    Certificate, Direct, Doubt, Future, FutureWitness, Shield, ShieldedBy, Verdict, Witness,
};
pub use tenancy::{Owner, Tenancy};

/// What is known of the cluster beside its objects.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Options {
    /// The network plugin.
    pub cni: Cni,
    /// The addresses that pods can have; empty when that is not known.
    pub pod_ranges: Vec<Cidr>,
}

/// How a network plugin decides what the specification leaves to it.
///
/// The specification leaves open whether an `ipBlock` is held against the addresses of pods, and what
/// selectors mean for pods that share the network of their node.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Cni {
    /// Any plugin: only what holds for all of them is certain.
    #[default]
    Any,
    /// Blocks are held against every address, those of pods and nodes too; selectors do not mean pods
    /// with the network of their node. So do Calico and kube-network-policies.
    Calico,
    /// Blocks mean no pods, and nodes only where that is switched on; selectors do not mean pods with
    /// the network of their node. See `policy-cidr-match-mode` in the documentation of Cilium.
    Cilium,
}

/// Which of two answers is asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Bound {
    /// What holds whatever is not known.
    Certain,
    /// What holds unless something that is not known forbids it.
    Possible,
}

impl Bound {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Certain, Self::Possible];

    /// Returns whether an answer counts.
    fn takes(self, answer: Answer) -> bool {
        match self {
            Self::Certain => answer == Answer::Yes,
            Self::Possible => answer >= Answer::Maybe,
        }
    }
}
