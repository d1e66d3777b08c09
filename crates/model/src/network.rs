//! What decides who talks to whom: pods, namespaces, nodes, services and network policies as owned
//! values, read from objects.
//!
//! ```text
//! Object ─▶ NetworkBuilder ─▶ NetworkObjects {pods, namespaces, policies, …, and what is not known}
//! ```
//!
//! An object that cannot be read is never taken for one that says nothing: it is named, with what it
//! could say at most, and answers that depend on it are open.

mod address;
mod collect;
mod flaw;
mod labels;
mod other;
mod pod;
mod policy;
mod unjudged;

pub use address::{Block, Cidr};
pub use collect::{Flawed, NetworkBuilder, NetworkObjects, NotJudged, Unread, needles};
pub use flaw::{Flaw, Reason};
pub use labels::{Answer, Label, LabelTest, Labels, Requirement, Selector, UnknownKeys};
pub use other::{ClusterNode, NAMESPACE_NAME_LABEL, Namespace, Service, ServicePort, TargetPort};
pub use pod::{NamedPort, Owner, Pod};
pub use policy::{Direction, Peer, Policy, PolicySpec, PortRule, Ports, Protocol, Rule};
pub use unjudged::Influence;

#[cfg(test)]
mod tests;
