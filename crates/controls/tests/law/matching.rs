//! Which requests a policy judges at all.

use serde_json::{Value, json};

use knight_controls::{
    catalogue,
    control::{Control, ObjectRule},
    policy,
};

use crate::oracle::{Decision, Oracle};

fn rule(id: &str) -> (&'static Control, ObjectRule) {
    let control = catalogue::control(id).expect("the control exists");
    (
        control,
        (control.rule)()
            .as_object()
            .expect("it is declarative")
            .clone(),
    )
}

/// Lets the policy of a control decide a change.
fn change(id: &str, old: &Value, new: &Value) -> Decision {
    let (control, rule) = rule(id);
    let config = policy::parameters("knight", &crate::given::params());
    let case = json!({"operation": "UPDATE", "object": new, "oldObject": old, "params": config});
    let decided = Oracle::start().decide(30, &policy::policy(control, &rule, 36), &[case]);
    decided.expect("it compiles").remove(0)
}

fn on_the_host() -> Value {
    json!({
        "apiVersion": "serving.knative.dev/v1", "kind": "Service",
        "metadata": {"name": "a", "labels": {"x": "1"}},
        "spec": {"template": {"spec": {"hostNetwork": true, "containers": [{"image": "a"}]}}},
    })
}

#[test]
fn judges_new_objects() {
    let (control, rule) = rule("host-network");
    let case = json!({"object": on_the_host()});
    let decided = Oracle::start().decide(30, &policy::policy(control, &rule, 36), &[case]);
    let decision = decided.expect("it compiles").remove(0);
    assert!(decision.matched && !decision.allowed);
}

#[test]
fn lets_a_deleted_object_lose_its_finalizers() {
    let mut old = on_the_host();
    old["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    old["metadata"]["finalizers"] = json!(["a.b/c"]);
    let mut new = old.clone();
    new["metadata"]["finalizers"] = json!([]);
    // A finalizer may leave its mark in the spec, too.
    new["spec"]["template"]["spec"]["containers"][0]["image"] = json!("b");
    let decision = change("host-network", &old, &new);
    assert!(!decision.matched && decision.allowed);
}

#[test]
fn lets_changes_pass_that_leave_the_judged_fields_alone() {
    let old = on_the_host();
    for (field, value) in [
        ("/metadata/labels", json!({"x": "2"})),
        (
            "/metadata/annotations",
            json!({"autoscaling.knative.dev/max-scale": "999"}),
        ),
        ("/metadata/generation", json!(2)),
        ("/status", json!({"observedGeneration": 2})),
    ] {
        let new = set(&old, field, value);
        let decision = change("host-network", &old, &new);
        assert!(!decision.matched && decision.allowed, "{field}");
    }
}

#[test]
fn judges_changes_of_the_judged_fields() {
    let old = on_the_host();
    let new = set(&old, "/spec/template/spec/containers/0/image", json!("b"));
    let decision = change("host-network", &old, &new);
    assert!(decision.matched && !decision.allowed);
}

#[test]
fn judges_a_template_that_stands_outside_the_spec() {
    let old = json!({
        "apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "a"},
        "template": {"spec": {"containers": []}},
    });
    let new = set(&old, "/template/spec/hostNetwork", json!(true));
    let decision = change("host-network", &old, &new);
    assert!(decision.matched && !decision.allowed);
}

#[test]
fn judges_an_annotation_that_appears_where_pods_get_the_metadata_of_the_object() {
    let old = json!({
        "apiVersion": "serving.knative.dev/v1", "kind": "Revision",
        "metadata": {"name": "a"}, "spec": {"containers": []},
    });
    let key = "/metadata/annotations";
    let over = json!({"autoscaling.knative.dev/max-scale": "999999"});
    let decision = change("scale-limit-exceeded", &old, &set(&old, key, over.clone()));
    assert!(decision.matched && !decision.allowed);
    // The same annotation says nothing about the host's network.
    let decision = change("host-network", &old, &set(&old, key, over));
    assert!(!decision.matched);
}

#[test]
fn judges_a_label_that_appears_on_a_namespace() {
    let old =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}, "spec": {}});
    let label = json!({"webhooks.knative.dev/exclude": "true"});
    let excluded = set(&old, "/metadata/labels", label);
    let decision = change("webhook-exclusion", &old, &excluded);
    assert!(decision.matched && !decision.allowed);
    for (field, value) in [
        ("/spec/finalizers", json!(["kubernetes"])),
        ("/metadata/resourceVersion", json!("2")),
        ("/metadata/annotations", json!({"a": "b"})),
    ] {
        let decision = change(
            "webhook-exclusion",
            &excluded,
            &set(&excluded, field, value),
        );
        assert!(!decision.matched && decision.allowed, "{field}");
    }
}

#[test]
fn lets_the_webhook_try_out_the_job_of_a_sink_that_is_judged_by_itself() {
    let (control, rule) = rule("host-network");
    let policy = policy::policy(control, &rule, 36);
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a"},
        "spec": {"template": {"spec": {"hostNetwork": true, "containers": [{"image": "a"}]}}},
    });
    let decides = |user: &str, dry_run: bool| {
        let case = json!({"object": job, "dryRun": dry_run, "userInfo": {"username": user}});
        let decided = Oracle::start().decide(30, &policy, &[case]);
        decided.expect("it compiles").remove(0)
    };
    let webhook = "system:serviceaccount:knative-eventing:eventing-webhook";
    assert!(!decides(webhook, true).matched);
    for (user, dry_run) in [(webhook, false), ("a", true), ("a", false)] {
        let decision = decides(user, dry_run);
        assert!(decision.matched && !decision.allowed, "{user} {dry_run}");
    }
}

/// Returns a copy with the value at a pointer, making the maps that lead there.
fn set(object: &Value, pointer: &str, value: Value) -> Value {
    let mut copy = object.clone();
    let place = pointer
        .split('/')
        .skip(1)
        .fold(&mut copy, |here, key| match here {
            Value::Array(items) => &mut items[key.parse::<usize>().expect("an index")],
            here => &mut here[key],
        });
    *place = value;
    copy
}
