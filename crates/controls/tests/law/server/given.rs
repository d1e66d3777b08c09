//! Objects that people wrote, as requests.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use knight_controls::catalogue;
use knight_model::{Limits, load, object::Object, source::Source, tree::Document};
use knight_testbed_client::{Client, Resource};

use crate::{
    given::{each_object, examples, json, manifests, object_controls},
    objects::kinds_of,
    oracle::root,
};

use super::{
    asked::{Request, Way},
    served,
};

/// Returns the manifests, the fixtures and the examples of pages whose kinds a declarative control
/// judges, in versions that are served.
pub(crate) fn requests(client: &Client) -> Vec<Request> {
    let mut resources: BTreeMap<(String, String), Resource> = BTreeMap::new();
    for (_, rule) in object_controls() {
        for kind in kinds_of(rule.on) {
            let key = (kind.group.clone(), kind.name.clone());
            let resource = || served::resource(client, &kind);
            resources.entry(key).or_insert_with(resource);
        }
    }
    let mut documents = manifests();
    documents.extend(catalogue::controls().flat_map(examples));
    documents.extend(fixtures(&root().join("examples")));
    let mut requests = Vec::new();
    each_object(&documents, &mut |object: &Object<'_>| {
        let key = (object.group().to_owned(), object.kind().to_owned());
        let Some(resource) = resources.get(&key) else {
            return;
        };
        let mut resource = resource.clone();
        resource.api_version = served::api_version(object.group(), object.version());
        if client
            .resource(&resource.api_version, &resource.kind)
            .is_ok()
        {
            requests.push(Request {
                object: json(object.node()),
                resource,
                way: Way::Created,
            });
        }
    });
    assert!(requests.len() > 300, "only {} manifests", requests.len());
    requests
}

/// Returns the documents of the manifests below a folder.
fn fixtures(folder: &Path) -> Vec<Document> {
    let entries = fs::read_dir(folder).expect("the examples are there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry can be read").path())
        .collect();
    paths.sort();
    let documents = paths.iter().flat_map(|path| {
        if path.is_dir() {
            return fixtures(path);
        }
        if path.extension().is_none_or(|extension| extension != "yaml") {
            return Vec::new();
        }
        let text = fs::read_to_string(path).expect("a manifest can be read");
        let source = Arc::new(Source::new(path.to_string_lossy(), text));
        load(&source, &Limits::default()).documents
    });
    documents.collect()
}
