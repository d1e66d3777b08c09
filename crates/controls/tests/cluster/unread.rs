use knight_controls::{
    control::Severity,
    finding::{Effect, Report, WhyUnread},
};
use knight_model::snapshot::{List, Listed};
use serde_json::json;

use crate::given::{object, options, privileged, scan, template, told};

fn list(group: &str, kind: &str, namespace: Option<&str>, outcome: Listed) -> List {
    List {
        group: group.to_owned(),
        version: "v1".to_owned(),
        resource: format!("{}s", kind.to_lowercase()),
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        outcome,
    }
}

fn refused() -> Listed {
    Listed::Refused {
        reason: "forbidden".to_owned(),
    }
}

/// Returns the controls that a list leaves open.
fn open(report: &Report) -> Vec<&'static str> {
    let each = report.unread.iter().flat_map(|unread| &unread.controls);
    each.map(|control| control.id).collect()
}

#[test]
fn a_refused_list_leaves_its_controls_open() {
    let pods = list("", "Pod", None, refused());
    let selected = ["host-port", "node-flag", "senders-unchecked"];
    let report = scan(&[], &[pods], &options(&selected));
    assert_eq!(open(&report), ["host-port"]);
    assert_eq!(report.unread[0].why, WhyUnread::Refused);
    assert!(report.fails(Severity::Medium));
    assert!(!report.fails(Severity::High));
}

#[test]
fn settings_are_open_for_the_component_that_reads_them() {
    let selected = ["host-network", "node-flag", "senders-unchecked"];
    for (namespace, expected) in [
        (None, &["node-flag", "senders-unchecked"][..]),
        (Some("knative-serving"), &["node-flag"]),
        (Some("knative-eventing"), &["senders-unchecked"]),
        (Some("team"), &[]),
    ] {
        let maps = list("", "ConfigMap", namespace, refused());
        let report = scan(&[], &[maps], &options(&selected));
        assert_eq!(open(&report), expected, "{namespace:?}");
        assert_eq!(report.fails(Severity::Info), !expected.is_empty());
    }
    let operator = list("operator.knative.dev", "KnativeEventing", None, refused());
    let report = scan(&[], &[operator], &options(&selected));
    assert_eq!(open(&report), ["senders-unchecked"]);
}

#[test]
fn lists_that_were_read_leave_nothing_open() {
    let lists = [
        list("", "Pod", None, Listed::Read { objects: 0 }),
        list(
            "operator.knative.dev",
            "KnativeServing",
            None,
            Listed::NotServed,
        ),
    ];
    let report = scan(&[], &lists, &options(&[]));
    assert!(report.unread.is_empty());
    assert!(!report.fails(Severity::Info));
}

#[test]
fn effects_are_unknown_where_flags_could_not_be_read() {
    let failed = Listed::Failed {
        reason: "the connection broke".to_owned(),
    };
    let maps = list("", "ConfigMap", None, failed);
    let service = template("serving.knative.dev/v1", "Service", "web", 1, &privileged());
    let pod = object("v1", "Pod", "web", 2, &privileged());
    let mut features = object("v1", "ConfigMap", "config-features", 3, &json!(null));
    features["metadata"]["namespace"] = json!("knative-serving");
    features["data"] = json!({});
    let effects = |report: &Report| -> Vec<_> {
        report
            .findings
            .iter()
            .map(|finding| finding.effect)
            .collect()
    };
    let options = options(&["privileged-container"]);
    let objects = [service, pod, features];
    let report = scan(&objects[..2], std::slice::from_ref(&maps), &options);
    assert_eq!(effects(&report), [Effect::Live, Effect::Unknown]);
    assert_eq!(told(&report).len(), 2);
    assert!(
        report
            .notes
            .iter()
            .any(|note| note.contains("could not be read")),
        "{:?}",
        report.notes
    );
    let report = scan(&objects[..2], &[], &options);
    assert_eq!(effects(&report), [Effect::Live, Effect::RefusedByWebhook]);
    // What is known all the same counts.
    let report = scan(&objects, &[maps], &options);
    assert_eq!(effects(&report), [Effect::Live, Effect::RefusedByWebhook]);
}
