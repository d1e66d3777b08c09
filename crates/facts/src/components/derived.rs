//! The pods that controllers make for objects of tenants.

use serde::Deserialize;

use super::{
    FILE, Workload,
    port::{self, Port, Protocol, ServicePort},
};
use crate::{FieldPath, KnativeVersion, Range};

/// The pods that come of an object of a tenant, in the namespace of the object.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Derived {
    /// The name by which other facts refer to the pods.
    pub id: String,
    /// The kinds that such pods come of.
    pub carriers: Vec<CarrierKind>,
    /// The kind of object that the pods belong to.
    pub workload: Workload,
    /// Whether the pods have the labels that the user wrote on the pod template.
    pub user_labels: bool,
    /// The labels that controllers add. They win over those of the user.
    pub labels: Vec<Label>,
    /// What the name of the object between the carrier and the pods ends in, which
    /// [`Value::ChildName`] stands for.
    #[serde(default)]
    pub child_suffix: String,
    /// Where the `ServiceAccount` of the pods is written.
    pub service_account: Account,
    /// Which of the ports that the user wrote the pods have.
    pub user_ports: UserPorts,
    /// The ports that controllers add.
    #[serde(default)]
    pub ports: Vec<Port>,
    /// The Services that controllers put in front.
    #[serde(default, rename = "service")]
    pub services: Vec<DerivedService>,
    since: Option<KnativeVersion>,
    until: Option<KnativeVersion>,
    /// Where the facts were read.
    pub source: String,
    /// What else is worth knowing.
    pub note: Option<String>,
}

impl Derived {
    /// Returns the port with this number that controllers add.
    pub fn port(&self, protocol: Protocol, number: u16) -> Option<&Port> {
        port::find(&self.ports, protocol, number)
    }

    /// Returns the Knative versions that make the pods.
    pub fn range(&self) -> Range<KnativeVersion> {
        Range {
            since: self.since,
            until: self.until,
        }
    }
}

/// The kind of a carrier.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(deny_unknown_fields)]
pub struct CarrierKind {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
}

/// A label that controllers add to pods.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Label {
    /// The key.
    pub key: String,
    /// What its value is.
    pub value: Value,
    /// Whether a label of the user stays.
    #[serde(default)]
    pub unless_written: bool,
}

/// The value of a label that controllers add.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// The name of an object that a controller makes for the carrier.
    ChildName,
    /// The name of the Configuration, which is that of the Service above it.
    ConfigurationName,
    /// What only the cluster knows, such as a hash or a UID.
    Generated,
    /// Always this.
    Literal(String),
    /// The name of the carrier.
    ObjectName,
    /// The name of the Revision.
    RevisionName,
    /// The name of the Knative Service; there is no label where there is none.
    ServiceName,
}

/// Where the `ServiceAccount` of derived pods is written.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Account {
    /// Nowhere: it is `default`.
    Default,
    /// In this field of the carrier; it is `default` where the field is absent.
    Field(FieldPath),
    /// In the pod template; it is `default` where it is absent.
    Template,
}

/// Which of the ports that the user wrote derived pods have.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum UserPorts {
    /// All.
    All,
    /// None.
    None,
    /// The first of the container that serves, under the name `user-port`; 8080 when none is
    /// written.
    Serving,
}

/// A Service that controllers put in front of derived pods.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DerivedService {
    /// What its name begins with.
    pub name: Name,
    /// What its name ends in.
    #[serde(default)]
    pub suffix: String,
    /// Whom it leads to.
    #[serde(default)]
    pub endpoints: Endpoints,
    /// Its ports.
    pub ports: Vec<ServicePort>,
}

/// What the name of a derived Service begins with.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    /// The name of the carrier.
    ObjectName,
    /// The name of the Revision.
    RevisionName,
}

/// Whom a derived Service leads to.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoints {
    /// To the activator or to the pods, as Serving decides from moment to moment. It has no
    /// selector.
    ActivatorOrPods,
    /// To the pods, by a selector.
    #[default]
    Pods,
}

/// A kind whose work shared components do, in the namespace of the system.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Served {
    /// The API group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The class of the objects, for kinds that several implementations share.
    pub class: Option<String>,
    /// The ids of the components.
    pub by: Vec<String>,
    since: Option<KnativeVersion>,
    until: Option<KnativeVersion>,
    /// Where the fact was read.
    pub source: String,
}

impl Served {
    /// Returns the Knative versions for which it holds.
    pub fn range(&self) -> Range<KnativeVersion> {
        Range {
            since: self.since,
            until: self.until,
        }
    }
}

/// Returns every sort of derived pods, by id.
pub fn derived_pods() -> &'static [Derived] {
    &FILE.derived
}

/// Returns the derived pods with this id.
pub fn derived(id: &str) -> Option<&'static Derived> {
    let rows = derived_pods();
    let found = rows.binary_search_by(|row| row.id.as_str().cmp(id));
    found.ok().map(|at| &rows[at])
}

/// Returns the pods that come of objects of this kind.
pub fn derived_from(group: &str, kind: &str) -> Option<&'static Derived> {
    derived_pods().iter().find(|row| {
        let mut carriers = row.carriers.iter();
        carriers.any(|carrier| carrier.group == group && carrier.kind == kind)
    })
}

/// Returns the kinds whose work shared components do, by group, kind and class.
pub fn served() -> &'static [Served] {
    &FILE.served
}

/// Returns the rows about this kind: one for each class.
pub fn served_by(group: &str, kind: &str) -> impl Iterator<Item = &'static Served> {
    served()
        .iter()
        .filter(move |row| row.group == group && row.kind == kind)
}
