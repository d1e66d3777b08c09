//! What a snapshot leaves out changes no verdict.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;

use knight_controls::{
    catalogue,
    control::{Profiles, Severity},
    engine::{Engine, Options, Read},
    exceptions::Day,
    redact::redact,
};
use knight_model::{
    Limits, cluster::ClusterBuilder, load, object::objects as objects_of, source::Source,
    tree::Document, versions::VersionOptions,
};

use crate::{
    dice::Dice,
    given::{examples, forms, json, manifests, native, object_controls, params},
    objects::objects,
};

/// How many objects are made around what each rule reads.
const OBJECTS: usize = 80;

#[test]
fn redacting_changes_no_verdict_on_generated_objects() {
    let params = params();
    let mut changed = 0;
    for (control, rule) in object_controls() {
        let mut dice = Dice::of(&format!("redaction of {}", control.id));
        for (_, object) in objects(&rule, &params, OBJECTS, &mut dice) {
            let redacted = redact(object.clone());
            changed += usize::from(redacted != object);
            for minor in forms(&rule) {
                assert_eq!(
                    native(&rule, minor, &redacted, &params),
                    native(&rule, minor, &object, &params),
                    "{} at 1.{minor}\n{object}\n{redacted}",
                    control.id
                );
            }
        }
    }
    assert!(
        changed > 100,
        "only {changed} objects had something to redact"
    );
}

#[test]
fn redacting_changes_no_finding_on_manifests() {
    let documents = manifests();
    assert!(documents.len() > 500);
    same_findings(&documents);
}

#[test]
fn redacting_changes_no_finding_on_examples() {
    for control in catalogue::controls() {
        // Examples contradict each other's settings: each is a cluster of its own.
        for document in examples(control) {
            same_findings(&[document]);
        }
    }
}

fn same_findings(documents: &[Document]) {
    let values: Vec<Value> = documents.iter().map(|of| json(of.root())).collect();
    let before = findings(values.iter().cloned());
    let after = findings(values.into_iter().map(redact));
    let lost: Vec<_> = before.difference(&after).collect();
    let new: Vec<_> = after.difference(&before).collect();
    assert!(
        lost.is_empty() && new.is_empty(),
        "lost {lost:#?}\nnew {new:#?}"
    );
}

/// Returns every finding of every control, in words, but for values that it shows.
fn findings(values: impl Iterator<Item = Value>) -> BTreeSet<String> {
    let documents: Vec<Document> = values
        .enumerate()
        .flat_map(|(at, value)| {
            let source = Source::of_object(format!("{at}"), value.to_string());
            load(&Arc::new(source), &Limits::default()).documents
        })
        .collect();
    let mut builder = ClusterBuilder::default();
    for object in documents.iter().flat_map(|document| objects_of(document).0) {
        builder.add(&object);
    }
    let cluster = builder.build(VersionOptions::default());
    let engine = Engine::new(&cluster, options());
    let outcome = documents
        .iter()
        .fold(engine.judge_cluster(&cluster), |outcome, document| {
            outcome.merge(engine.judge_document(document, 0))
        });
    let report = engine.finish(outcome, Read::default());
    report
        .findings
        .iter()
        .map(|finding| {
            format!(
                "{} {:?} {:?} {} {} {} {} {}",
                finding.control.id,
                finding.verdict,
                finding.effect,
                finding.place.file,
                finding.object,
                finding.path,
                finding.label,
                finding.message
            )
        })
        .collect()
}

fn options() -> Options {
    Options {
        profiles: Profiles::ALL,
        select: Vec::new(),
        ignore: Vec::new(),
        severity: Severity::Info,
        audience: None,
        params: params(),
        today: Day::new(2027, 1, 1).expect("a day"),
        exceptions: Vec::new(),
        written_exceptions: false,
        baseline: BTreeSet::new(),
        system: Vec::new(),
    }
}
