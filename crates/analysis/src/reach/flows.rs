//! All connections: by class, and written out by workload.

mod rows;

use std::{fmt, net::IpAddr, sync::Arc};

use knight_model::network::{Answer, Owner};

use super::{
    Bound,
    network::{Class, Connections, Network, Relation},
};

pub use rows::Expanded;

/// What one class of endpoints can do to another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClassFlow {
    /// The class that connects.
    pub from: u32,
    /// The class that is reached.
    pub to: u32,
    /// Whether this is about pods of one namespace, or of different ones.
    pub same_namespace: bool,
    /// What is open between them.
    pub connections: Connections,
}

/// What endpoints of one class have in common.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClassSummary {
    /// How many pods are in it.
    pub pods: usize,
    /// In how many namespaces they are.
    pub namespaces: usize,
    /// How many nodes are in it.
    pub nodes: usize,
    /// The first pod, by its place in the objects; absent for a class of nodes.
    pub first: Option<usize>,
}

/// A workload: all pods that people call by one name.
///
/// Prints as `shop/web[Deployment]`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Workload {
    /// The namespace.
    pub namespace: Box<str>,
    /// The object that made the pods.
    pub owner: Owner,
}

/// One side of a flow that is written out.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Party {
    /// Addresses outside, from one to another.
    Outside(IpAddr, IpAddr),
    /// A workload.
    Workload(Arc<Workload>),
}

/// A flow that is written out: some pod of one workload reaches some pod of another one.
///
/// Prints as `a/x[Deployment] => b/y[Pod] : TCP 80`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Flow {
    /// Who connects.
    pub from: Party,
    /// Who is reached.
    pub to: Party,
    /// What is open.
    pub connections: Arc<Connections>,
}

impl Network<'_> {
    /// Returns what the endpoints of each class have in common, by the number of the class.
    pub fn classes(&self) -> impl Iterator<Item = ClassSummary> {
        self.classes.iter().map(|class| {
            let spaces = class.pods.iter();
            let mut spaces: Vec<u32> = spaces
                .filter_map(|pod| self.space_of.get(*pod as usize).copied())
                .collect();
            spaces.dedup();
            ClassSummary {
                pods: class.pods.len(),
                namespaces: spaces.len(),
                nodes: class.nodes.len(),
                first: class.pods.first().map(|pod| *pod as usize),
            }
        })
    }

    /// Returns what is open between classes, without looking at their pods.
    ///
    /// Ends on one node are not told apart here: what a pod with the network of its node can do there
    /// is not in it. Classes between which nothing is open are left out, and so are pairs that no pods
    /// make: a class that is in one namespace only has no pods in different ones.
    pub fn flows(&self) -> impl Iterator<Item = ClassFlow> {
        let classes = || self.classes.iter().zip(0..);
        classes().flat_map(move |(from, a)| {
            classes().flat_map(move |(to, b)| {
                [true, false].into_iter().filter_map(move |same_namespace| {
                    let connections = self.between_classes(
                        from,
                        to,
                        Relation {
                            same_namespace,
                            same_node: Answer::No,
                        },
                    );
                    let exists = self.exists(from, to, same_namespace);
                    (exists && !connections.possible.is_empty()).then_some(ClassFlow {
                        from: a,
                        to: b,
                        same_namespace,
                        connections,
                    })
                })
            })
        })
    }

    /// Returns all flows between workloads and with addresses outside, sorted.
    ///
    /// The list can be as long as there are pairs of workloads; it is made as it is walked. Flows of a
    /// workload with itself are not in it, and nodes neither.
    pub fn expand(&self) -> Expanded<'_> {
        Expanded::of(self)
    }

    fn between_classes(&self, from: &Class, to: &Class, how: Relation) -> Connections {
        let of = |bound| self.ports.shown(&self.cell(from, to, how, bound));
        let possible = of(Bound::Possible);
        Connections {
            certain: if possible.is_empty() {
                possible.clone()
            } else {
                of(Bound::Certain)
            },
            possible,
        }
    }

    /// Returns whether two different endpoints of two classes stand so to each other.
    fn exists(&self, a: &Class, b: &Class, same_namespace: bool) -> bool {
        let space = |pod: &u32| self.space_of.get(*pod as usize).copied();
        if same_namespace {
            let mut left = a.pods.iter().peekable();
            let mut right = b.pods.iter().peekable();
            // Pods are sorted by namespace.
            while let (Some(&x), Some(&y)) = (left.peek(), right.peek()) {
                match space(x).cmp(&space(y)) {
                    std::cmp::Ordering::Less => _ = left.next(),
                    std::cmp::Ordering::Greater => _ = right.next(),
                    std::cmp::Ordering::Equal if x != y => return true,
                    std::cmp::Ordering::Equal => {
                        let one = |class: &Class, pod: &u32| {
                            let own = class.pods.iter().filter(|other| space(other) == space(pod));
                            own.count() > 1
                        };
                        if one(a, x) || one(b, y) {
                            return true;
                        }
                        left.next();
                        right.next();
                    }
                }
            }
            return false;
        }
        if !a.nodes.is_empty() || !b.nodes.is_empty() {
            return true;
        }
        match (a.pods.first(), a.pods.last(), b.pods.first(), b.pods.last()) {
            (Some(a), Some(last_a), Some(b), Some(last_b)) => {
                let spaces = [space(a), space(last_a), space(b), space(last_b)];
                spaces.iter().any(|other| *other != spaces[0])
            }
            _ => false,
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.owner.shown_kind();
        write!(f, "{}/{}[{kind}]", self.namespace, self.owner.name)
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside(first, last) if first == last => write!(f, "{first}"),
            Self::Outside(first, last) => write!(f, "{first}-{last}"),
            Self::Workload(workload) => write!(f, "{workload}"),
        }
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} => {} : {}", self.from, self.to, self.connections)
    }
}
