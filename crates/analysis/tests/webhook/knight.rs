//! What Knight reads of the objects that are sent.

use std::sync::Arc;

use knight_facts::versions::newest_knative;
use knight_model::{
    Limits, load,
    object::{Object, objects},
    settings::{Settings, SettingsBuilder, Trouble},
    source::Source,
    tree::Document,
};
use serde_json::Value;

/// Reads an object.
pub(crate) fn read(object: &Value) -> Document {
    let source = Arc::new(Source::new("object.json", object.to_string()));
    let mut loaded = load(&source, &Limits::default());
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    assert_eq!(loaded.documents.len(), 1);
    loaded.documents.remove(0)
}

/// Returns the one object of a document.
pub(crate) fn object(document: &Document) -> Object<'_> {
    let (mut found, problems) = objects(document);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(found.len(), 1);
    found.remove(0)
}

/// Returns the settings that `ConfigMap`s make.
pub(crate) fn settings_of(config_maps: &[&Value]) -> Settings {
    let mut builder = SettingsBuilder::default();
    for config_map in config_maps {
        builder.add(&object(&read(config_map)));
    }
    builder.build(newest_knative())
}

/// Returns what Knative does with the `ConfigMap`s that it does not take as they are, by key.
pub(crate) fn troubles(config_map: &Value) -> Vec<(String, Trouble)> {
    let settings = settings_of(&[config_map]);
    let invalid = settings.invalid();
    invalid
        .into_iter()
        .map(|invalid| (invalid.key.to_owned(), invalid.trouble))
        .collect()
}
