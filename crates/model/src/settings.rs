//! Settings: what the `ConfigMap`s of Knative say, and what holds where they say nothing.
//!
//! ```text
//! ConfigMap.data, KnativeServing.spec.config ──collect──▶ Definition ─▶ Settings ─▶ Effective
//! ```
//!
//! Settings own all that they hold: the documents they come from can be dropped.

mod collect;
mod effective;
mod oddity;
mod relation;
mod trouble;
mod value;

use std::collections::BTreeMap;

use knight_facts::{
    KnativeVersion,
    settings::{self as facts, Component},
};

use crate::{object::ObjectRef, place::Place};

pub use collect::SettingsBuilder;
pub use effective::{Effective, ValueFrom};
pub use oddity::{Odd, Oddity};
pub use relation::Broken;
pub use trouble::{Ambiguous, Invalid, Trouble, UnknownKey, WhyUnknown};
pub use value::quantity;

/// Every setting of the input.
///
/// Each value is judged by itself. Where Knative's webhook would refuse a whole `ConfigMap` for one
/// value, the other values still count: the text is judged as the state that it asks for.
#[derive(Clone, Debug)]
pub struct Settings {
    version: KnativeVersion,
    /// What is written for each `ConfigMap`; those that win come first.
    maps: BTreeMap<(Component, &'static str), Vec<Definition>>,
    unread: Vec<Unread>,
}

/// One `ConfigMap` of Knative as one object of the input defines it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Definition {
    /// Which kind of object says it.
    pub source: SettingSource,
    /// Where the object is.
    pub place: Place,
    /// The object.
    pub object: ObjectRef,
    /// The values by key; `_example` is none of them.
    pub written: BTreeMap<Box<str>, Written>,
}

/// Which kind of object holds a value.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SettingSource {
    /// A custom resource of the operator, which writes it over that of the `ConfigMap`.
    Operator,
    /// The `ConfigMap` itself.
    ConfigMap,
}

/// A value that is written.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Written {
    /// The value; absent when it is no string, which no `ConfigMap` can hold.
    pub value: Option<Box<str>>,
    /// Where the value is.
    pub place: Place,
    /// Where the key is.
    pub key_place: Place,
}

/// A `ConfigMap` with a name of Knative's that was not read as settings.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Unread {
    /// The object.
    pub object: ObjectRef,
    /// Where it is.
    pub place: Place,
    /// Why not.
    pub why: WhyUnread,
}

/// Why an object was not read as settings.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum WhyUnread {
    /// It names no namespace, so whose it is cannot be told.
    NoNamespace,
    /// Its `data`, or the operator's `spec.config`, is no map.
    NotAMap,
}

impl Settings {
    /// Makes the settings of an input that says nothing: Knative's own defaults hold.
    pub fn none(version: KnativeVersion) -> Self {
        Self {
            version,
            maps: BTreeMap::new(),
            unread: Vec::new(),
        }
    }

    /// Returns the version of Knative that they are for.
    pub fn version(&self) -> KnativeVersion {
        self.version
    }

    /// Returns whether the input says anything about a `ConfigMap`, be it that it is empty.
    pub fn has(&self, component: Component, config_map: &str) -> bool {
        !self.definitions(component, config_map).is_empty()
    }

    /// Returns what the input says of a `ConfigMap`; the definitions that win come first.
    pub fn definitions(&self, component: Component, config_map: &str) -> &[Definition] {
        // There are few, and none of the facts is read to find them.
        let found = self
            .maps
            .iter()
            .find(|((of, name), _)| (*of, *name) == (component, config_map));
        found.map_or(&[], |(_, definitions)| definitions.as_slice())
    }

    /// Returns what is written under exactly this key, and by which definition.
    pub fn get(
        &self,
        component: Component,
        config_map: &str,
        key: &str,
    ) -> Option<(&Definition, &Written)> {
        let definitions = self.definitions(component, config_map);
        definitions
            .iter()
            .find_map(|by| Some((by, by.written.get(key)?)))
    }

    /// Returns the value that holds, with where it comes from.
    ///
    /// `None` says that the facts know no such setting in this version of Knative.
    pub fn effective(
        &self,
        component: Component,
        config_map: &str,
        key: &str,
    ) -> Option<Effective<'_>> {
        effective::of(self, component, config_map, key)
    }

    /// Returns the values that hold for each of the objects that write the setting, or the default
    /// where none does.
    ///
    /// Unlike [`effective`](Self::effective) this speaks only of a `ConfigMap` that is in the input,
    /// and of each object that defines it: which one of several the cluster has cannot be told.
    pub fn effective_each(
        &self,
        component: Component,
        config_map: &str,
        key: &str,
    ) -> Vec<Effective<'_>> {
        effective::each(self, component, config_map, key)
    }

    /// Returns the keys that this version of Knative does not know, in a stable order.
    pub fn unknown_keys(&self) -> Vec<UnknownKey<'_>> {
        trouble::unknown_keys(self)
    }

    /// Returns the values that Knative does not take as they are, in a stable order.
    pub fn invalid(&self) -> Vec<Invalid<'_>> {
        trouble::invalid(self)
    }

    /// Returns the values that Knative takes and that make no sense, in a stable order.
    pub fn odd(&self) -> Vec<Odd<'_>> {
        oddity::odd(self)
    }

    /// Returns the `ConfigMap`s that several objects of one kind define differently.
    pub fn ambiguous(&self) -> Vec<Ambiguous<'_>> {
        trouble::ambiguous(self)
    }

    /// Returns the objects that look like settings and were not read as such.
    pub fn unread(&self) -> &[Unread] {
        &self.unread
    }

    #[cfg(test)]
    pub(crate) fn definition_count(&self) -> usize {
        self.maps.values().map(Vec::len).sum()
    }

    /// Returns every definition with the `ConfigMap` it is of.
    fn all(&self) -> impl Iterator<Item = (&'static facts::ConfigMap, &Definition)> {
        self.maps
            .iter()
            .flat_map(|((component, name), definitions)| {
                let map = facts::settings_of(*component, name);
                map.into_iter()
                    .flat_map(move |map| definitions.iter().map(move |by| (map, by)))
            })
    }
}

#[cfg(test)]
mod tests;
