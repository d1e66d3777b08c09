//! Settings: every key of Knative's `ConfigMap`s, with the values its code accepts.
//!
//! The rows say what the code does, which is at times not what its documentation says. What is set
//! elsewhere, in environment variables above all, has rows of its own: see [`outside()`].

mod advice;
mod files;
mod outside;
mod relation;
mod row;

pub use self::advice::{Profile, Recommendation};
pub use self::outside::{Outside, Place, outside};
pub use self::relation::{Holds, Relation};
pub use self::row::{
    Bounds, CaseRule, Component, ConfigMap, Empty, KeyForm, Misspelling, Pitfall, Sane, Setting,
    Spaces, UnknownKeys, UnknownValue, ValueType, Wrong,
};

/// Returns the facts of the `ConfigMap` that `component` reads under `name`.
///
/// The same name may occur in several components: `config-features` is a `ConfigMap` of Serving and
/// another one of Eventing.
pub fn settings_of(component: Component, name: &str) -> Option<&'static ConfigMap> {
    let files = files::FILES;
    let key = (component, name);
    let found = files.binary_search_by(|file| (file.component, file.name).cmp(&key));
    found.ok().map(|at| &**files[at].content)
}

/// Returns the setting under `key` in the `ConfigMap` that `component` reads under `name`.
pub fn setting(component: Component, name: &str, key: &str) -> Option<&'static Setting> {
    settings_of(component, name)?.setting(key)
}

/// Returns which components read a `ConfigMap` of this name, and in which namespace they expect it.
///
/// No data file is parsed for the answer.
pub fn readers_of(name: &str) -> impl Iterator<Item = (Component, &'static str)> {
    let readers = files::FILES.iter().filter(move |file| file.name == name);
    readers.map(|file| (file.component, file.namespace))
}

/// Returns the namespace that each `ConfigMap` is expected in, by component and name of the map.
///
/// No data file is parsed for the answer.
pub fn namespaces() -> impl Iterator<Item = &'static str> {
    files::FILES.iter().map(|file| file.namespace)
}

/// Returns every `ConfigMap`, by component and name.
///
/// This parses every data file of settings.
pub fn config_maps() -> impl Iterator<Item = &'static ConfigMap> {
    files::FILES.iter().map(|file| &**file.content)
}
