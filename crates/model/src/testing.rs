//! What the tests of the views share.

use std::sync::Arc;

use crate::{
    load,
    object::Object,
    object::objects,
    source::Source,
    tree::{Document, Limits},
};

/// Reads the documents of a text that must be without problems.
pub(crate) fn documents(yaml: &str) -> Vec<Document> {
    named("test.yaml", yaml)
}

/// Reads the documents of a text with a name.
pub(crate) fn named(name: &str, yaml: &str) -> Vec<Document> {
    let loaded = load(&Arc::new(Source::new(name, yaml)), &Limits::default());
    assert_eq!(loaded.problems, [], "{yaml}");
    loaded.documents
}

/// Reads the one document of a text.
pub(crate) fn document(yaml: &str) -> Document {
    let mut documents = documents(yaml);
    assert_eq!(documents.len(), 1, "{yaml}");
    documents.remove(0)
}

/// Returns the one object of a document.
pub(crate) fn object(document: &Document) -> Object<'_> {
    let (mut objects, problems) = objects(document);
    assert_eq!(problems, []);
    assert_eq!(objects.len(), 1);
    objects.remove(0)
}
