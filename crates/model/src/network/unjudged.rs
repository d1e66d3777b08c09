//! Kinds that decide on connections too, and that are not judged.

/// What objects of a kind could change about an answer that is taken from network policies alone.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Influence {
    /// They decide before network policies do, and can allow as well as deny.
    Before,
    /// They decide where no network policy selects the pod, and can only deny there.
    Behind,
    /// They stand beside network policies, and can allow as well as deny.
    Beside,
    /// They can only deny what network policies allow.
    Denies,
}

/// A kind that is not judged.
#[derive(Clone, Copy, Debug)]
struct Unjudged {
    group: &'static str,
    kind: &'static str,
    influence: Influence,
}

const fn kind(group: &'static str, kind: &'static str, influence: Influence) -> Unjudged {
    Unjudged {
        group,
        kind,
        influence,
    }
}

/// Where these were read: `kubernetes-sigs/network-policy-api@main apis`,
/// `cilium/cilium@main pkg/k8s/apis/cilium.io/v2`, `projectcalico/api@master pkg/apis/projectcalico/v3`,
/// `istio/api@master security`, and the documentation of AWS and Antrea on their kinds.
const KINDS: &[Unjudged] = &[
    kind(
        "policy.networking.k8s.io",
        "AdminNetworkPolicy",
        Influence::Before,
    ),
    kind(
        "policy.networking.k8s.io",
        "BaselineAdminNetworkPolicy",
        Influence::Behind,
    ),
    kind(
        "policy.networking.k8s.io",
        "ClusterNetworkPolicy",
        Influence::Before,
    ),
    kind("cilium.io", "CiliumNetworkPolicy", Influence::Beside),
    kind(
        "cilium.io",
        "CiliumClusterwideNetworkPolicy",
        Influence::Beside,
    ),
    kind("crd.projectcalico.org", "NetworkPolicy", Influence::Before),
    kind(
        "crd.projectcalico.org",
        "GlobalNetworkPolicy",
        Influence::Before,
    ),
    kind("projectcalico.org", "NetworkPolicy", Influence::Before),
    kind(
        "projectcalico.org",
        "GlobalNetworkPolicy",
        Influence::Before,
    ),
    kind("crd.antrea.io", "NetworkPolicy", Influence::Before),
    kind("crd.antrea.io", "ClusterNetworkPolicy", Influence::Before),
    kind(
        "networking.k8s.aws",
        "ApplicationNetworkPolicy",
        Influence::Beside,
    ),
    kind(
        "networking.k8s.aws",
        "ClusterNetworkPolicy",
        Influence::Before,
    ),
    kind(
        "security.istio.io",
        "AuthorizationPolicy",
        Influence::Denies,
    ),
    kind("security.istio.io", "PeerAuthentication", Influence::Denies),
    kind("networking.istio.io", "Sidecar", Influence::Denies),
];

impl Influence {
    /// Returns what objects of a kind could change; none for the kinds that decide nothing.
    pub fn of(group: &str, kind: &str) -> Option<Self> {
        let found = KINDS
            .iter()
            .find(|unjudged| unjudged.group == group && unjudged.kind == kind);
        found.map(|unjudged| unjudged.influence)
    }

    /// Returns the kinds that decide on connections and are not judged, by API group and kind.
    pub fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
        KINDS.iter().map(|unjudged| (unjudged.group, unjudged.kind))
    }

    /// Returns whether such an object could deny what network policies allow.
    pub fn may_deny(self, isolated: bool) -> bool {
        match self {
            Self::Before | Self::Beside | Self::Denies => true,
            Self::Behind => !isolated,
        }
    }

    /// Returns whether such an object could allow what network policies deny.
    pub fn may_allow(self) -> bool {
        match self {
            Self::Before | Self::Beside => true,
            Self::Behind | Self::Denies => false,
        }
    }

    /// Returns strings of which one occurs in every text that holds an object of such a kind.
    pub fn needles() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|unjudged| unjudged.kind)
    }
}
