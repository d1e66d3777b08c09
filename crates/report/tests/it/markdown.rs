use insta::assert_snapshot;
use knight_controls::finding::Finding;
use knight_report::Format;

use crate::sample::{empty, full, many, nothing_found, written};

#[test]
fn sums_up_what_was_found() {
    assert_snapshot!(written(Format::Markdown, &full()));
}

#[test]
fn says_what_was_judged_when_nothing_is_found() {
    assert_snapshot!(written(Format::Markdown, &nothing_found()), @r"
    ## Knight: no finding

    33 objects were judged by 3 controls. Read: 31 documents and 33 objects in 2 files.

    <sub>profile shared; Knative 1.23 (the newest known); Kubernetes 1.36 (--k8s-version)</sub>
    ");
    assert!(written(Format::Markdown, &empty()).starts_with("## Knight: nothing was read\n"));
}

#[test]
fn stays_below_the_longest_comment_of_github() {
    let mut report = many();
    // One cause each: nothing folds.
    let ids: Vec<String> = (0..3_000)
        .map(|number| format!("control-{number}"))
        .collect();
    for (finding, id) in report.findings.iter_mut().zip(ids) {
        let mut control = *finding.control;
        control.id = id.leak();
        let control = Box::leak(Box::new(control));
        *finding = Finding {
            control,
            ..finding.clone()
        };
    }
    let text = written(Format::Markdown, &report);
    assert!(text.chars().count() < 65_536, "{}", text.len());
    assert!(text.contains("more causes, left out"), "{text}");
}
