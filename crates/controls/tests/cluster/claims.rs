use serde_json::json;

use crate::given::{object, options, privileged, scan, template, told};

#[test]
fn annotations_of_objects_in_a_cluster_do_not_count() {
    let mut pod = object("v1", "Pod", "web", 1, &privileged());
    pod["metadata"]["annotations"] = json!({
        "knight.dev/allow.privileged-container": "until=2030-01-01 we need it",
        "knight.dev/allow.no-such-control": "",
    });
    let report = scan(&[pod], &[], &options(&["privileged-container"]));
    assert_eq!(told(&report), ["team/Pod/web privileged-container"]);
    let claims: Vec<_> = report
        .claims
        .iter()
        .map(|claim| {
            (
                claim.control.as_str(),
                claim.object.to_string(),
                claim.reason.as_str(),
            )
        })
        .collect();
    let pod = "Pod team/web".to_owned();
    assert_eq!(
        claims,
        [
            ("no-such-control", pod.clone(), ""),
            ("privileged-container", pod, "until=2030-01-01 we need it"),
        ]
    );
    assert_eq!(report.exceptions, []);
    assert!(report.suppressed.is_empty());
}

#[test]
fn what_a_cluster_holds_is_judged_as_it_is_stored() {
    let service = template(
        "serving.knative.dev/v1",
        "Service",
        "web",
        1,
        &json!({"containers": [{"name": "app", "image": "example.com/app@sha256:0"}]}),
    );
    let mut features = object("v1", "ConfigMap", "config-features", 2, &json!(null));
    features["metadata"]["namespace"] = json!("knative-serving");
    features["data"] = json!({"secure-pod-defaults": "enabled"});
    // The flag fills in the field in what is written from now on.
    let report = scan(
        &[service, features],
        &[],
        &options(&["privilege-escalation"]),
    );
    assert_eq!(
        told(&report),
        ["team/Service.serving.knative.dev/web privilege-escalation"]
    );
}
