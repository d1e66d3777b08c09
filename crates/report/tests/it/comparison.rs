use std::collections::BTreeSet;

use insta::assert_snapshot;
use knight_controls::{
    compare::{Side, compare},
    control::Severity,
};
use knight_report::{ComparisonFormat, Format, Options, is_report, read_report, write_comparison};

use crate::sample::{cluster, full, many, upgraded, written};

fn compared(format: ComparisonFormat, old: &Side, new: &Side) -> String {
    let mut out = Vec::new();
    let comparison = compare(old, new);
    write_comparison(format, &comparison, &Options::default(), &mut out).expect("a buffer");
    String::from_utf8(out).expect("text")
}

#[test]
fn a_report_in_json_is_read_as_it_was_written() {
    for report in [full(), cluster(), many(), upgraded()] {
        let text = written(Format::Json, &report);
        assert!(is_report(&text));
        let read = read_report("a", &text).unwrap();
        let made = Side::of("a", &report, None);
        assert_eq!(read.basis, made.basis);
        assert_eq!(read.unread, made.unread);
        assert_eq!(read.unknown_versions, made.unknown_versions);
        for (old, new) in [(&read, &made), (&made, &read)] {
            let comparison = compare(old, new);
            assert_eq!(comparison.unchanged.len(), report.findings.len());
            assert!(!comparison.is_worse(Severity::Info));
        }
    }
}

#[test]
fn a_manifest_is_no_report() {
    assert!(!is_report(
        r#"{"apiVersion": "v1", "kind": "Pod", "version": 1, "findings": []}"#
    ));
    assert!(!is_report("version: 1\nfindings: []\n"));
    assert!(!is_report("{"));
    assert!(!is_report(""));
}

#[test]
fn objects_of_a_cluster_are_named_without_lines() {
    let report = cluster();
    let nothing = Side {
        findings: Vec::new(),
        ..Side::of("old", &report, None)
    };
    let everything = Side::of("new", &report, None);
    for format in [
        ComparisonFormat::Text,
        ComparisonFormat::Json,
        ComparisonFormat::Github,
        ComparisonFormat::Markdown,
    ] {
        let text = compared(format, &nothing, &everything);
        assert!(
            text.contains("team-0/Service.serving.knative.dev/miner-0"),
            "{text}"
        );
        assert!(!text.contains(":0:") && !text.contains("line=0"), "{text}");
        assert!(!text.contains("\"line\": 0"), "{text}");
    }
}

#[test]
fn what_was_not_seen_comes_before_what_it_comes_to() {
    let report = cluster();
    let new = Side::of("new", &report, None);
    let old = Side {
        unread: BTreeSet::new(),
        ..new.clone()
    };
    assert_snapshot!(compared(ComparisonFormat::Text, &old, &new), @r"
    Not seen: in the new scan
      - the objects of kind ConfigMap in namespace knative-serving could not be listed

    Compared: `new` with `new`; profiles shared; Knative 1.23; Kubernetes 1.36; 3 controls
    In all: 0 new, 0 fixed and 15 unchanged
    ");
}

#[test]
fn names_of_others_steer_no_format() {
    let mut report = full();
    report.findings.truncate(1);
    report.findings[0].message = "\u{1b}[2J\n::error::x <img> @team".to_owned();
    let new = Side::of("new\n::add-mask::x", &report, None);
    let old = Side {
        findings: Vec::new(),
        ..new.clone()
    };
    for format in [
        ComparisonFormat::Text,
        ComparisonFormat::Json,
        ComparisonFormat::Github,
        ComparisonFormat::Markdown,
    ] {
        let text = compared(format, &old, &new);
        assert!(!text.contains('\u{1b}'), "{text:?}");
        assert!(!text.contains("\n::error::x"), "{text:?}");
        assert!(!text.contains("\n::add-mask"), "{text:?}");
        if format == ComparisonFormat::Markdown {
            assert!(
                !text.contains("<img>") && !text.contains("@team"),
                "{text:?}"
            );
        }
    }
}
