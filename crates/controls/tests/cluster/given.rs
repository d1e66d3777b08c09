//! Objects as a cluster gives them, and their scan.

use std::{collections::BTreeSet, sync::Arc};

use knight_controls::{
    control::{Profiles, Severity},
    engine::{Engine, Options, Outcome, Read},
    exceptions::{Day, Exception, Patterns, Scope},
    finding::{Finding, Report},
    parameters::defaults,
};
use knight_model::{
    Limits,
    cluster::ClusterBuilder,
    load::load,
    object::objects,
    place::Place,
    snapshot::List,
    source::{Position, Source, Span},
    tree::Document,
    versions::VersionOptions,
};
use serde_json::{Value, json};

/// Returns the options of a scan for some controls.
pub(crate) fn options(select: &[&str]) -> Options {
    Options {
        profiles: Profiles::ALL,
        select: select.iter().map(|&pattern| pattern.to_owned()).collect(),
        ignore: Vec::new(),
        severity: Severity::Info,
        audience: None,
        params: defaults(Profiles::ALL),
        today: Day::new(2027, 1, 1).expect("the calendar has the day"),
        exceptions: Vec::new(),
        written_exceptions: true,
        baseline: BTreeSet::new(),
        system: vec!["knative-serving".to_owned(), "kube-system".to_owned()],
    }
}

/// Scans objects of a cluster, in both orders, which must say the same.
pub(crate) fn scan(objects: &[Value], lists: &[List], options: &Options) -> Report {
    let documents: Vec<Document> = objects.iter().map(document).collect();
    let forth = judged(documents.iter(), lists, options);
    let back = judged(documents.iter().rev(), lists, options);
    assert_eq!(told(&forth), told(&back));
    assert_eq!(forth.summary, back.summary);
    forth
}

fn judged<'d>(
    documents: impl Iterator<Item = &'d Document> + Clone,
    lists: &[List],
    options: &Options,
) -> Report {
    let mut builder = ClusterBuilder::default();
    builder.add_lists(lists.iter().cloned());
    for object in documents.clone().flat_map(|document| objects(document).0) {
        builder.add(&object);
    }
    let cluster = builder.build(VersionOptions::default());
    let engine = Engine::new(&cluster, options.clone());
    let outcome = documents
        .map(|document| engine.judge_document(document, 0))
        .fold(engine.judge_cluster(&cluster), Outcome::merge);
    engine.finish(outcome, Read::default())
}

fn document(object: &Value) -> Document {
    let of = |pointer: &str| {
        object
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or("")
    };
    let group = match of("/apiVersion").split_once('/') {
        Some((group, _)) => format!(".{group}"),
        None => String::new(),
    };
    let name = format!(
        "{}/{}{group}/{}",
        of("/metadata/namespace"),
        of("/kind"),
        of("/metadata/name")
    );
    let source = Arc::new(Source::of_object(name, object.to_string()));
    let loaded = load(&source, &Limits::default());
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    loaded
        .documents
        .into_iter()
        .next()
        .expect("an object is a document")
}

/// Returns the findings, each on a line: where, what, and for how many others it stands.
pub(crate) fn told(report: &Report) -> Vec<String> {
    report.findings.iter().map(line).collect()
}

fn line(finding: &Finding) -> String {
    let folded = match finding.folded.findings {
        0 => String::new(),
        count => format!(" +{count} in {}", finding.folded.objects),
    };
    format!("{} {}{folded}", finding.place, finding.control.id)
}

/// A privileged container.
pub(crate) fn privileged() -> Value {
    json!({"containers": [{
        "name": "app",
        "image": "example.com/app@sha256:0",
        "securityContext": {"privileged": true},
    }]})
}

/// Makes an object of namespace `team` with a uid of its own; `spec` is what its kind holds.
pub(crate) fn object(api_version: &str, kind: &str, name: &str, uid: u8, spec: &Value) -> Value {
    json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": "team", "uid": uid_of(uid)},
        "spec": spec,
    })
}

/// Makes an object whose pods come from a template.
pub(crate) fn template(api_version: &str, kind: &str, name: &str, uid: u8, pod: &Value) -> Value {
    object(
        api_version,
        kind,
        name,
        uid,
        &json!({"template": {"spec": pod}}),
    )
}

/// Makes one object the controller of another.
pub(crate) fn owned(mut object: Value, by: &Value) -> Value {
    object["metadata"]["ownerReferences"] = json!([{
        "apiVersion": by["apiVersion"],
        "kind": by["kind"],
        "name": by["metadata"]["name"],
        "uid": by["metadata"]["uid"],
        "controller": true,
    }]);
    object
}

fn uid_of(number: u8) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// Returns an exception of the configuration for the objects of a kind.
pub(crate) fn exception(control: &str, kind: &str) -> Exception {
    let start = Position { line: 1, column: 1 };
    Exception {
        control: control.to_owned(),
        scope: Scope::Matching(Patterns {
            kind: Some(kind.to_owned()),
            ..Patterns::default()
        }),
        reason: "known".to_owned(),
        until: None,
        place: Place {
            file: "knight.yaml".into(),
            span: Span::default(),
            start,
            end: start,
        },
    }
}
