//! From objects to settings.

use std::collections::BTreeMap;

use knight_facts::{
    KnativeVersion,
    settings::{self as facts, Component},
};

use super::{Definition, SettingSource, Settings, Unread, WhyUnread, Written};
use crate::{
    object::{Name, Object},
    place::Place,
    tree::Map,
};

/// The key of a `ConfigMap` that documents the others, and that nothing reads.
const EXAMPLE: &str = "_example";

/// Collects settings object by object, in any order.
#[derive(Clone, Debug, Default)]
pub struct SettingsBuilder {
    definitions: Vec<(Component, &'static str, Definition)>,
    unread: Vec<Unread>,
}

impl SettingsBuilder {
    /// Adds what an object says about settings, if it does.
    pub fn add(&mut self, object: &Object<'_>) {
        match (object.group(), object.kind()) {
            ("", "ConfigMap") => self.add_config_map(object),
            ("operator.knative.dev", "KnativeServing") => {
                self.add_operator(object, &[Component::Serving, Component::Kourier]);
            }
            ("operator.knative.dev", "KnativeEventing") => {
                self.add_operator(object, &[Component::Eventing, Component::Kafka]);
            }
            _ => {}
        }
    }

    /// Adds what another collected.
    pub fn merge(&mut self, other: Self) {
        self.definitions.extend(other.definitions);
        self.unread.extend(other.unread);
    }

    /// Returns the settings; the order of adding and merging does not matter.
    pub fn build(mut self, version: KnativeVersion) -> Settings {
        self.unread.sort_unstable();
        self.unread.dedup();
        // Sorted by source first, so that the operator's come before those that they override.
        self.definitions.sort_unstable();
        self.definitions.dedup();
        let mut maps = BTreeMap::<_, Vec<_>>::new();
        for (component, name, definition) in self.definitions {
            maps.entry((component, name)).or_default().push(definition);
        }
        Settings {
            version,
            maps,
            unread: self.unread,
        }
    }

    fn add_config_map(&mut self, object: &Object<'_>) {
        let Name::Written(name) = object.name() else {
            return;
        };
        let mut readers = facts::readers_of(name).peekable();
        if readers.peek().is_none() {
            return;
        }
        let Some(namespace) = object.namespace() else {
            return self.refuse(object, object.place(), WhyUnread::NoNamespace);
        };
        let component = readers.find(|(_, expected)| *expected == namespace);
        let Some((component, _)) = component else {
            return;
        };
        let written = match object.node().get("data") {
            None => BTreeMap::new(),
            Some(data) if data.is_null() => BTreeMap::new(),
            Some(data) => match data.as_map() {
                Some(data) => values(data),
                None => return self.refuse(object, Place::of(data), WhyUnread::NotAMap),
            },
        };
        self.define(object, component, name, SettingSource::ConfigMap, written);
    }

    fn add_operator(&mut self, object: &Object<'_>, components: &[Component]) {
        let Some(config) = object.node().at_path(&["spec", "config"]) else {
            return;
        };
        if config.is_null() {
            return;
        }
        let Some(config) = config.as_map() else {
            return self.refuse(object, Place::of(config), WhyUnread::NotAMap);
        };
        for entry in config.entries() {
            let prefixed = format!("config-{}", entry.key);
            let found = [entry.key, &prefixed].into_iter().find_map(|name| {
                let mut readers = facts::readers_of(name);
                let (component, _) = readers.find(|(reader, _)| components.contains(reader))?;
                Some((component, name.to_owned()))
            });
            let Some((component, name)) = found else {
                continue;
            };
            match entry.value.as_map() {
                Some(data) => {
                    let source = SettingSource::Operator;
                    self.define(object, component, &name, source, values(data));
                }
                None if entry.value.is_null() => {}
                None => self.refuse(object, Place::of(entry.value), WhyUnread::NotAMap),
            }
        }
    }

    fn define(
        &mut self,
        object: &Object<'_>,
        component: Component,
        name: &str,
        source: SettingSource,
        written: BTreeMap<Box<str>, Written>,
    ) {
        // The name of the facts lives as long as the program.
        let Some(map) = facts::settings_of(component, name) else {
            return;
        };
        let place = object.place();
        let object = object.reference();
        let definition = Definition {
            source,
            place,
            object,
            written,
        };
        self.definitions.push((component, &map.name, definition));
    }

    fn refuse(&mut self, object: &Object<'_>, place: Place, why: WhyUnread) {
        self.unread.push(Unread {
            object: object.reference(),
            place,
            why,
        });
    }
}

fn values(data: Map<'_>) -> BTreeMap<Box<str>, Written> {
    let document = data.node().document();
    let entries = data.entries().filter(|entry| entry.key != EXAMPLE);
    let written = entries.map(|entry| {
        let value = entry.value.as_str().map(Into::into);
        let place = Place::of(entry.value);
        let key_place = Place::of_span(document, entry.key_span);
        (
            entry.key.into(),
            Written {
                value,
                place,
                key_place,
            },
        )
    });
    written.collect()
}
