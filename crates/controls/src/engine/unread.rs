//! What of a cluster could not be read, and which controls that leaves open.

use std::collections::BTreeSet;

use knight_facts::{
    carriers::carrier,
    settings::{Component, config_maps},
};
use knight_model::{
    cluster::Cluster,
    snapshot::{List, Listed},
};

use super::Engine;
use crate::{
    cluster_rule::Needs,
    control::{Control, On},
    finding::{Unread, WhyUnread},
    setting,
};

/// The `ConfigMap` of Serving that holds its flags.
pub(super) const FEATURES: &str = "config-features";

/// Returns whether the flags of Serving are not in the input because they could not be read.
pub(super) fn flags(context: &Cluster) -> bool {
    !context.settings.has(Component::Serving, FEATURES)
        && context.lists.iter().any(|list| {
            list.is_unread() && is_config_maps(list) && may_hold(list, Component::Serving)
        })
}

impl Engine<'_> {
    /// Returns the lists that could not be read, with what they leave open.
    pub(super) fn unread(&self) -> Vec<Unread> {
        let lists = self.context.lists.iter();
        lists
            .filter_map(|list| {
                let (why, reason) = match &list.outcome {
                    Listed::Read { .. } | Listed::NotServed => return None,
                    Listed::Refused { reason } => (WhyUnread::Refused, reason),
                    Listed::Failed { reason } => (WhyUnread::Failed, reason),
                };
                Some(Unread {
                    group: list.group.clone(),
                    resource: list.resource.clone(),
                    kind: list.kind.clone(),
                    namespace: list.namespace.clone(),
                    why,
                    reason: reason.clone(),
                    controls: self.open(list),
                })
            })
            .collect()
    }

    /// Returns the selected controls that could fail on what a list would have given, by id.
    fn open(&self, list: &List) -> Vec<&'static Control> {
        let (group, kind) = (list.group.as_str(), list.kind.as_str());
        let objects = self
            .objects
            .iter()
            .filter(|declared| match declared.rule.on {
                On::Pods => carrier(group, kind).is_some(),
                On::PodsOf(kinds) | On::Objects(kinds) => kinds.contains(&(group, kind)),
            });
        let written = self.written.iter();
        let written = written.filter(|(_, rule)| (rule.stored)(group, kind));
        let clusters = self.clusters.iter().filter(|(_, rule)| {
            let settings = |of: &[Component]| of.iter().any(|of| holds_settings(list, *of));
            match rule.needs {
                Needs::Settings(of) => settings(of),
                Needs::Kinds(reads) => reads(group, kind),
                Needs::Both(of, reads) => settings(of) || reads(group, kind),
            }
        });
        let mut seen = BTreeSet::new();
        let mut controls: Vec<&'static Control> = objects
            .map(|declared| declared.control)
            .chain(written.map(|(control, _)| *control))
            .chain(clusters.map(|(control, _)| *control))
            .filter(|control| seen.insert(control.id))
            .collect();
        controls.sort_unstable_by_key(|control| control.id);
        controls
    }
}

/// Returns whether the list may have objects that say what the settings of a component are.
fn holds_settings(list: &List, component: Component) -> bool {
    let operator = match component {
        Component::Serving | Component::Kourier => "KnativeServing",
        Component::Eventing | Component::Kafka => "KnativeEventing",
    };
    let config = is_config_maps(list) && may_hold(list, component);
    config || (list.group == setting::OPERATOR && list.kind == operator)
}

fn is_config_maps(list: &List) -> bool {
    list.group.is_empty() && list.kind == "ConfigMap"
}

/// Returns whether the list is of the namespace in which a component reads its settings.
fn may_hold(list: &List, component: Component) -> bool {
    list.namespace.as_deref().is_none_or(|namespace| {
        config_maps().any(|map| map.component == component && map.namespace == namespace)
    })
}
