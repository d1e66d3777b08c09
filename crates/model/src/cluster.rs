//! What an input says of the cluster as a whole.

use std::collections::BTreeMap;

use crate::{
    object::{Name, Object, ObjectRef},
    place::Place,
    settings::{Settings, SettingsBuilder},
    snapshot::List,
    tree::Map,
    versions::{Label, VERSION_LABEL, VersionOptions, Versions},
};

/// The cluster that an input describes, as far as it does.
///
/// It owns all that it holds, so documents can be dropped once they are added.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The versions to judge by.
    pub versions: Versions,
    /// The settings of Knative.
    pub settings: Settings,
    /// The namespaces that are in the input, by name.
    pub namespaces: BTreeMap<Box<str>, Namespace>,
    /// Every object of the input, sorted.
    pub inventory: Vec<Inventoried>,
    /// What was asked of a running cluster, sorted; empty where the input is files alone.
    pub lists: Vec<List>,
}

/// A namespace.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Namespace {
    /// Its labels; where several objects of the name have one with different values, the first by
    /// place wins.
    pub labels: BTreeMap<Box<str>, Box<str>>,
    /// Where it is; several when several objects have the name.
    pub places: Vec<Place>,
}

impl Namespace {
    /// Returns whether Knative's webhooks leave the objects of the namespace alone.
    ///
    /// They carry the selector `DoesNotExist` for this label, whatever its value.
    pub fn skips_webhooks(&self) -> bool {
        self.labels.contains_key("webhooks.knative.dev/exclude")
    }
}

/// An object that was met.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Inventoried {
    /// Which object.
    pub object: ObjectRef,
    /// Where its name is, or the object when it has none.
    pub place: Place,
}

impl Inventoried {
    /// Names an object and its place.
    pub fn of(object: &Object<'_>) -> Self {
        Self {
            object: object.reference(),
            place: object.place(),
        }
    }
}

/// Collects a [`Cluster`] object by object, in any order, from any number of threads.
#[derive(Clone, Debug, Default)]
pub struct ClusterBuilder {
    settings: SettingsBuilder,
    labels: Vec<Label>,
    namespaces: Vec<NamespaceObject>,
    inventory: Vec<Inventoried>,
    lists: Vec<List>,
}

/// A namespace as one object says it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct NamespaceObject {
    name: Box<str>,
    place: Place,
    labels: BTreeMap<Box<str>, Box<str>>,
}

impl ClusterBuilder {
    /// Adds an object to the inventory, and what it says of settings, namespaces and versions.
    pub fn add(&mut self, object: &Object<'_>) {
        self.inventory.push(Inventoried::of(object));
        self.add_context(object);
    }

    /// Adds what an object says of settings, namespaces and versions, and not the object itself.
    pub fn add_context(&mut self, object: &Object<'_>) {
        self.settings.add(object);
        self.labels.extend(Label::of(object));
        if object.is("", "Namespace")
            && let Name::Written(name) = object.name()
        {
            let labels = object.labels().into_iter().flat_map(Map::entries);
            let labels = labels.filter_map(|entry| Some((entry.key, entry.value.as_str()?)));
            self.namespaces.push(NamespaceObject {
                name: name.into(),
                place: object.place(),
                labels: labels
                    .map(|(key, value)| (key.into(), value.into()))
                    .collect(),
            });
        }
    }

    /// Adds what was asked of a running cluster.
    pub fn add_lists(&mut self, lists: impl IntoIterator<Item = List>) {
        self.lists.extend(lists);
    }

    /// Returns both together; neither grouping nor order of merges matters.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.settings.merge(other.settings);
        self.labels.extend(other.labels);
        self.namespaces.extend(other.namespaces);
        self.inventory.extend(other.inventory);
        self.lists.extend(other.lists);
        self
    }

    /// Returns the cluster.
    pub fn build(mut self, options: VersionOptions) -> Cluster {
        let versions = Versions::resolve(&self.labels, options);
        let settings = self.settings.build(versions.knative);
        self.inventory.sort_unstable();
        self.lists.sort_unstable();
        self.lists.dedup();
        self.namespaces.sort_unstable();
        self.namespaces.dedup();
        let mut namespaces = BTreeMap::<Box<str>, Namespace>::new();
        for NamespaceObject {
            name,
            place,
            labels,
        } in self.namespaces
        {
            let namespace = namespaces.entry(name).or_insert_with(|| Namespace {
                labels: BTreeMap::new(),
                places: Vec::new(),
            });
            namespace.places.push(place);
            for (key, value) in labels {
                namespace.labels.entry(key).or_insert(value);
            }
        }
        Cluster {
            versions,
            settings,
            namespaces,
            inventory: self.inventory,
            lists: self.lists,
        }
    }
}

/// The names of the `ConfigMap`s that the facts know, here so that no data file need be parsed to
/// decide which texts to read.
const CONFIG_MAPS: &[&str] = &[
    "config-autoscaler",
    "config-br-default-channel",
    "config-br-defaults",
    "config-certmanager",
    "config-defaults",
    "config-deployment",
    "config-domain",
    "config-features",
    "config-gc",
    "config-imc-event-dispatcher",
    "config-kafka-autoscaler",
    "config-kafka-broker-data-plane",
    "config-kafka-features",
    "config-kourier",
    "config-kreference-mapping",
    "config-leader-election",
    "config-logging",
    "config-network",
    "config-observability",
    "config-ping-defaults",
    "config-sugar",
    "config-tracing",
    "default-ch-webhook",
    "eventing-integrations-images",
    "eventing-transformations-images",
    "kafka-broker-config",
];

/// Returns strings of which at least one occurs in every text that can say anything about settings,
/// namespaces or versions, so that a reader finds those texts without parsing the others.
pub fn needles() -> impl Iterator<Item = &'static str> {
    let kinds = [
        "KnativeServing",
        "KnativeEventing",
        "Namespace",
        VERSION_LABEL,
    ];
    kinds.into_iter().chain(CONFIG_MAPS.iter().copied())
}

#[cfg(test)]
mod tests;
