//! Objects that people wrote: the examples of the pages and the manifests of Knative.

use std::{fs, path::Path, sync::Arc};

use serde_json::{Map, Number, Value};

use knight_controls::{
    catalogue,
    control::{Control, ObjectRule},
    parameters, policy,
    rule::eval::{Params, Verdict},
};
use knight_model::{
    Limits, load,
    object::{Object, objects},
    source::Source,
    tree::{Document, Kind, Node},
};

use crate::oracle::root;

/// Returns the declarative controls.
pub(crate) fn object_controls() -> Vec<(&'static Control, ObjectRule)> {
    catalogue::controls()
        .filter_map(|control| Some((control, (control.rule)().as_object()?.clone())))
        .collect()
}

/// Returns the oldest Kubernetes minor of each form that a rule has, from 1.24 on.
pub(crate) fn forms(rule: &ObjectRule) -> Vec<u16> {
    let mut minors: Vec<u16> = (24..=36).collect();
    minors.dedup_by_key(|minor| Form(rule.holds.at_minor(*minor)));
    minors
}

/// What a rule asks at one minor, compared.
#[derive(PartialEq)]
struct Form(knight_controls::rule::Expr);

/// Returns parameters with a value for each name.
pub(crate) fn params() -> Params {
    let mut params = parameters::defaults(knight_controls::control::Profiles::ALL);
    let registries = [
        "ghcr.io/acme",
        "docker.io/library",
        "registry.example.com:5000",
        "localhost/acme",
    ];
    params
        .texts
        .insert("registries", registries.map(str::to_owned).to_vec());
    params
}

/// Returns the documents of a text.
pub(crate) fn documents(name: &str, text: &str) -> Vec<Document> {
    let loaded = load(&Arc::new(Source::new(name, text)), &Limits::default());
    assert!(loaded.problems.is_empty(), "{name}: {:?}", loaded.problems);
    loaded.documents
}

/// Judges a value as the policy of a rule does.
pub(crate) fn native(rule: &ObjectRule, minor: u16, object: &Value, params: &Params) -> Verdict {
    let documents = documents("generated", &object.to_string());
    let object = Object::of(documents[0].root()).expect("what is generated is an object");
    policy::verdict(rule, minor, &object, params)
}

/// Returns the documents of the YAML examples of a page.
pub(crate) fn examples(control: &Control) -> Vec<Document> {
    let mut examples = control.page.split("\n```yaml").skip(1);
    let mut found = Vec::new();
    for example in &mut examples {
        let (_, body) = example.split_once('\n').expect("a block has lines");
        let (body, _) = body.split_once("\n```").expect("a block ends");
        let name = format!("example of {}", control.id);
        // An example may be wrong on purpose; what can be read of it counts.
        found.extend(load(&Arc::new(Source::new(name, body)), &Limits::default()).documents);
    }
    found
}

/// Returns the documents of the manifests of Knative and of its users.
pub(crate) fn manifests() -> Vec<Document> {
    let folder = root().join("testdata/knative");
    let mut documents = read(&folder);
    documents.extend(read(&folder.join("samples")));
    assert!(documents.len() > 500, "only {} documents", documents.len());
    documents
}

fn read(folder: &Path) -> Vec<Document> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the manifests are there")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    files.sort();
    let texts = files.iter().flat_map(|path| {
        let text = fs::read_to_string(path).expect("a manifest can be read");
        let name = path
            .file_name()
            .expect("a file has a name")
            .to_string_lossy();
        load(&Arc::new(Source::new(&*name, text)), &Limits::default()).documents
    });
    texts.collect()
}

/// Calls `f` with every object of the documents.
pub(crate) fn each_object(documents: &[Document], mut f: impl FnMut(&Object<'_>)) {
    for document in documents {
        objects(document).0.iter().for_each(&mut f);
    }
}

/// Returns a node as JSON.
pub(crate) fn json(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool(value) => value.into(),
        Kind::Int(value) => value.into(),
        Kind::Float(value) => Number::from_f64(value).map_or(Value::Null, Value::Number),
        Kind::Text(text) => text.into(),
        Kind::List(list) => list.items().map(json).collect(),
        Kind::Map(map) => Value::Object(
            map.entries()
                .map(|entry| (entry.key.to_owned(), json(entry.value)))
                .collect::<Map<_, _>>(),
        ),
    }
}
