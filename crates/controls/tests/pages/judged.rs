//! Judging an example as `knight scan` judges a file.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use knight_controls::{
    control::{Control, Profiles, Severity},
    engine::{Engine, Options, Read},
    exceptions::Day,
    finding::{Effect, Finding, FindingVerdict},
    parameters::{Form, PARAMETERS, defaults},
    rule::eval::Params,
};
use knight_model::{
    Limits,
    cluster::ClusterBuilder,
    load::{Loaded, load},
    object::objects,
    source::Source,
    tree::{Document, Node},
    versions::VersionOptions,
};

use crate::page::Example;

/// Returns the findings of one control on an example, as its page writes them.
pub(crate) fn judged(control: &Control, example: &Example) -> String {
    let findings = findings(
        &read(&example.yaml).documents,
        &options(&[control.id], example),
    );
    findings.iter().map(line).collect()
}

/// Reads a text, which must have no problems.
pub(crate) fn read(text: &str) -> Loaded {
    let loaded = load(
        &Arc::new(Source::new("example.yaml", text)),
        &Limits::default(),
    );
    assert!(
        loaded.problems.is_empty(),
        "{:?} in\n{text}",
        loaded.problems
    );
    loaded
}

/// Returns what the controls that the options select find in one file.
pub(crate) fn findings(documents: &[Document], options: &Options) -> Vec<Finding> {
    let mut builder = ClusterBuilder::default();
    for object in documents.iter().flat_map(|document| objects(document).0) {
        builder.add(&object);
    }
    let cluster = builder.build(VersionOptions::default());
    let engine = Engine::new(&cluster, options.clone());
    let judged = documents.iter().enumerate();
    let outcome = judged.fold(
        engine.judge_cluster(&cluster),
        |outcome, (index, document)| outcome.merge(engine.judge_document(document, index)),
    );
    let report = engine.finish(outcome, Read::default());
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let mut findings = report.findings;
    findings.sort_by(|a, b| (&a.place, &a.path).cmp(&(&b.place, &b.path)));
    findings
}

/// Returns the options of an example: every profile, and the parameters that it names.
pub(crate) fn options(select: &[&str], example: &Example) -> Options {
    Options {
        profiles: Profiles::ALL,
        select: select.iter().map(|&pattern| pattern.to_owned()).collect(),
        ignore: Vec::new(),
        severity: Severity::Info,
        audience: None,
        params: params(example.parameters.as_deref()),
        today: Day::new(2027, 1, 1).unwrap(),
        exceptions: Vec::new(),
        written_exceptions: false,
        baseline: std::collections::BTreeSet::new(),
        system: Vec::new(),
    }
}

/// The parameters of every profile joined, `registry.example.com`, and what an example says.
fn params(written: Option<&str>) -> Params {
    let mut params = defaults(Profiles::ALL);
    params
        .texts
        .insert("registries", vec!["registry.example.com".to_owned()]);
    let Some(written) = written else {
        return params;
    };
    let loaded = read(written);
    let map = loaded.documents[0]
        .root()
        .as_map()
        .expect("parameters are a map");
    let known: BTreeMap<_, _> = PARAMETERS
        .iter()
        .map(|known| (known.name, known.form))
        .collect();
    for entry in map.entries() {
        let (&name, form) = known.get_key_value(entry.key).expect("a known parameter");
        match form {
            Form::Int { .. } => {
                params
                    .ints
                    .insert(name, entry.value.as_int().expect("a whole number"));
            }
            Form::Texts => {
                let list = entry.value.as_list().expect("a list");
                let texts = list
                    .items()
                    .filter_map(Node::as_str)
                    .map(str::to_owned)
                    .collect();
                params.texts.insert(name, texts);
            }
        }
    }
    params
}

/// Writes a finding as pages do: `LINE:COLUMN PATH: message — label [origin] (effect)`.
fn line(finding: &Finding) -> String {
    let mut line = match finding.verdict {
        FindingVerdict::Fail => String::new(),
        FindingVerdict::Unknown => "unknown ".to_owned(),
    };
    let start = finding.place.start;
    write!(line, "{}:{} {}: ", start.line, start.column, finding.path).unwrap();
    line.push_str(&finding.message);
    if !finding.label.is_empty() {
        write!(line, " — {}", finding.label).unwrap();
    }
    if let Some(origin) = &finding.origin {
        write!(line, " [{origin}]").unwrap();
    }
    match finding.effect {
        Effect::Live => {}
        Effect::RefusedByWebhook => line.push_str(" (refused-by-webhook)"),
        Effect::Unknown => line.push_str(" (effect unknown)"),
    }
    line.push('\n');
    line
}
