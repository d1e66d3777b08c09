//! Any bytes are scanned by every control and reported in every format, without a panic; findings
//! lie in the text, and scanning twice says the same.
#![no_main]

use std::sync::Arc;

use knight_controls::{
    control::{Profile, Profiles, Severity},
    engine::{Engine, Options, Outcome, Read},
    exceptions::Day,
    finding::Report,
    parameters,
};
use knight_model::{
    Limits, cluster::ClusterBuilder, load, load::decode, object::objects, source::Source,
    versions::VersionOptions,
};
use knight_report::{Format, MaskedFiles};
use libfuzzer_sys::fuzz_target;

const LIMITS: Limits = Limits { document_bytes: 1 << 16, depth: 100, nodes: 10_000 };

fuzz_target!(|bytes: &[u8]| {
    let Ok(source) = decode("fuzz.yaml", bytes) else { return };
    let source = Arc::new(source);
    let report = scan(&source);
    for finding in &report.findings {
        assert!(source.text().get(finding.place.span.range()).is_some());
        assert!(!finding.message.is_empty());
        assert_eq!(finding.fingerprint.to_string().len(), 32);
    }
    let again = scan(&source);
    for format in Format::ALL {
        assert_eq!(written(format, &report), written(format, &again));
    }
});

fn scan(source: &Arc<Source>) -> Report {
    let loaded = load(source, &LIMITS);
    let mut builder = ClusterBuilder::default();
    for document in &loaded.documents {
        objects(document).0.iter().for_each(|object| builder.add(object));
    }
    let cluster = builder.build(VersionOptions::default());
    let mut params = parameters::defaults(Profiles::ALL);
    params.texts.insert("registries", vec!["registry.example.com".to_owned()]);
    let options = Options {
        profiles: Profiles::of(&Profile::ALL),
        select: vec!["all".to_owned()],
        ignore: Vec::new(),
        severity: Severity::Info,
        audience: None,
        params,
        today: Day::new(2027, 1, 31).expect("the calendar has this day"),
        exceptions: Vec::new(),
        written_exceptions: true,
        baseline: Default::default(),
        system: vec!["knative-*".to_owned()],
    };
    let engine = Engine::new(&cluster, options);
    let mut outcome = Outcome::default();
    for (index, document) in loaded.documents.iter().enumerate() {
        outcome = outcome.merge(engine.judge_document(document, index));
    }
    outcome = outcome.merge(engine.judge_cluster(&cluster));
    let read = Read {
        files: 1,
        documents: loaded.documents.len(),
        problems: loaded.problems,
        ..Read::default()
    };
    engine.finish(outcome, read)
}

fn written(format: Format, report: &Report) -> Vec<u8> {
    let mut bytes = Vec::new();
    let sources = MaskedFiles::default();
    knight_report::write(format, report, &sources, &Default::default(), &mut bytes)
        .expect("writing to memory cannot fail");
    bytes
}
