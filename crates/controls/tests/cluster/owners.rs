use knight_controls::{baseline::Baseline, engine::Options, finding::Report};
use serde_json::{Value, json};

use crate::given::{exception, object, options, owned, privileged, scan, template, told};

const PRIVILEGED: &str = "privileged-container";

/// Everything that one Knative Service becomes.
fn knative_service() -> [Value; 6] {
    let knative = "serving.knative.dev/v1";
    let service = template(knative, "Service", "web", 1, &privileged());
    let configuration = owned(
        template(knative, "Configuration", "web", 2, &privileged()),
        &service,
    );
    let revision = owned(
        object(knative, "Revision", "web-1", 3, &privileged()),
        &configuration,
    );
    // A Deployment has the queue proxy too, and its containers may be in any order.
    let mut pod = privileged();
    let containers = pod["containers"]
        .as_array_mut()
        .expect("a pod has containers");
    containers.insert(
        0,
        json!({"name": "queue-proxy", "image": "example.com/q@sha256:0"}),
    );
    let deployment = owned(
        template("apps/v1", "Deployment", "web-1-deployment", 4, &pod),
        &revision,
    );
    let replica_set = owned(
        template("apps/v1", "ReplicaSet", "web-1-deployment-a", 5, &pod),
        &deployment,
    );
    let pod = owned(
        object("v1", "Pod", "web-1-deployment-a-b", 6, &pod),
        &replica_set,
    );
    [
        service,
        configuration,
        revision,
        deployment,
        replica_set,
        pod,
    ]
}

fn scan_privileged(objects: &[Value]) -> Report {
    scan(objects, &[], &options(&[PRIVILEGED]))
}

#[test]
fn folds_what_a_knative_service_becomes_into_it() {
    let mut all = knative_service();
    // No webhook looks at this namespace, so none would refuse what the flags close.
    for object in &mut all {
        object["metadata"]["namespace"] = json!("open");
    }
    let open = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "open", "labels": {"webhooks.knative.dev/exclude": "true"}},
    });
    let objects: Vec<Value> = all.into_iter().chain([open]).collect();
    let report = scan_privileged(&objects);
    assert_eq!(
        told(&report),
        ["open/Service.serving.knative.dev/web privileged-container +5 in 5"]
    );
    assert_eq!((report.summary.findings, report.summary.folded), (1, 5));
}

#[test]
fn keeps_what_runs_beside_what_would_be_refused() {
    let report = scan_privileged(&knative_service());
    assert_eq!(
        told(&report),
        [
            "team/Deployment.apps/web-1-deployment privileged-container +2 in 2",
            "team/Service.serving.knative.dev/web privileged-container +2 in 2",
        ]
    );
}

/// A Deployment and its Pod.
fn deployment() -> [Value; 2] {
    let deployment = template("apps/v1", "Deployment", "web", 1, &privileged());
    let pod = owned(object("v1", "Pod", "web-a", 2, &privileged()), &deployment);
    [deployment, pod]
}

#[test]
fn keeps_what_only_the_owned_object_has() {
    let [deployment, mut pod] = deployment();
    pod["spec"]["hostNetwork"] = json!(true);
    let report = scan(
        &[deployment, pod],
        &[],
        &options(&[PRIVILEGED, "host-network"]),
    );
    assert_eq!(
        told(&report),
        [
            "team/Pod/web-a host-network",
            "team/Deployment.apps/web privileged-container +1 in 1",
        ]
    );
}

#[test]
fn folds_annotations_that_a_controller_copies() {
    let knative = "serving.knative.dev/v1";
    let annotated = |kind: &str, uid: u8, spec: &Value| {
        let mut object = object(knative, kind, "web", uid, spec);
        object["metadata"]["annotations"] =
            json!({"networking.knative.dev/disable-external-domain-tls": "true"});
        object
    };
    let service = annotated("Service", 1, &json!({"template": {"spec": {}}}));
    let route = annotated("Route", 2, &json!({}));
    let alone = scan(
        &[service.clone(), route.clone()],
        &[],
        &options(&["tls-opt-out"]),
    );
    assert_eq!(
        told(&alone),
        [
            "team/Route.serving.knative.dev/web tls-opt-out",
            "team/Service.serving.knative.dev/web tls-opt-out",
        ]
    );
    let route = owned(route, &service);
    let folded = scan(&[service, route], &[], &options(&["tls-opt-out"]));
    assert_eq!(
        told(&folded),
        ["team/Service.serving.knative.dev/web tls-opt-out +1 in 1"]
    );
}

#[test]
fn keeps_another_container_of_the_owned_object() {
    let [deployment, mut pod] = deployment();
    pod["spec"]["containers"][0]["name"] = json!("sidecar");
    assert_eq!(
        told(&scan_privileged(&[deployment, pod])),
        [
            "team/Deployment.apps/web privileged-container",
            "team/Pod/web-a privileged-container",
        ]
    );
}

#[test]
fn rejects_owners_that_are_not_what_the_reference_says() {
    let both = [
        "team/Deployment.apps/web privileged-container",
        "team/Pod/web-a privileged-container",
    ];
    for (field, value) in [
        ("uid", json!("00000000-0000-4000-8000-0000000000ff")),
        ("uid", json!("1")),
        ("kind", json!("StatefulSet")),
        ("apiVersion", json!("extensions/v1")),
        ("name", json!("other")),
        ("controller", json!(false)),
        ("controller", json!("true")),
    ] {
        let [deployment, mut pod] = deployment();
        pod["metadata"]["ownerReferences"][0][field] = value.clone();
        assert_eq!(
            told(&scan_privileged(&[deployment, pod])),
            both,
            "{field} {value}"
        );
    }
    let [deployment, mut pod] = deployment();
    let references = pod["metadata"]["ownerReferences"].as_array_mut().unwrap();
    references.push(references[0].clone());
    assert_eq!(told(&scan_privileged(&[deployment, pod])), both);
}

#[test]
fn rejects_an_owner_in_another_namespace() {
    let [deployment, mut pod] = deployment();
    pod["metadata"]["namespace"] = json!("victim");
    assert_eq!(
        told(&scan_privileged(&[deployment, pod])),
        [
            "team/Deployment.apps/web privileged-container",
            "victim/Pod/web-a privileged-container",
        ]
    );
}

#[test]
fn rejects_a_uid_that_two_objects_have() {
    let [deployment, pod] = deployment();
    let other = template("apps/v1", "Deployment", "other", 1, &privileged());
    let report = scan_privileged(&[deployment, other, pod]);
    assert_eq!(report.findings.len(), 3);
    assert_eq!(report.summary.folded, 0);
}

#[test]
fn folds_over_an_owner_without_the_finding() {
    let top = template("apps/v1", "Deployment", "web", 1, &privileged());
    let between = owned(
        object("example.com/v1", "Shard", "web-s", 2, &json!({})),
        &top,
    );
    let pod = owned(object("v1", "Pod", "web-a", 3, &privileged()), &between);
    assert_eq!(
        told(&scan_privileged(&[top, between, pod])),
        ["team/Deployment.apps/web privileged-container +1 in 1"]
    );
}

#[test]
fn circles_fold_nothing_away() {
    let one = template("apps/v1", "Deployment", "one", 1, &privileged());
    let two = owned(
        template("apps/v1", "Deployment", "two", 2, &privileged()),
        &one,
    );
    let one = owned(one, &two);
    let pod = owned(object("v1", "Pod", "web-a", 3, &privileged()), &two);
    let myself = object("v1", "Pod", "myself", 4, &privileged());
    let myself = owned(myself.clone(), &myself);
    let report = scan_privileged(&[one, two, pod, myself]);
    assert_eq!(report.findings.len(), 4);
}

#[test]
fn what_an_exception_covers_takes_nothing_in() {
    let options = Options {
        exceptions: vec![exception(PRIVILEGED, "Deployment")],
        ..options(&[PRIVILEGED])
    };
    let report = scan(&deployment(), &[], &options);
    assert_eq!(told(&report), ["team/Pod/web-a privileged-container"]);
    assert_eq!(report.suppressed.len(), 1);
}

#[test]
fn a_baseline_need_not_name_what_is_owned() {
    let baseline = Baseline::of(&scan_privileged(&deployment()));
    assert_eq!(baseline.len(), 1);
    let [deployment, _] = deployment();
    let pod = owned(object("v1", "Pod", "web-z", 9, &privileged()), &deployment);
    let options = Options {
        baseline: baseline.fingerprints(),
        ..options(&[PRIVILEGED])
    };
    let report = scan(&[deployment, pod], &[], &options);
    assert_eq!(told(&report), Vec::<String>::new());
    assert_eq!((report.summary.suppressed, report.summary.folded), (1, 1));
}

#[test]
fn says_who_writes_settings_back() {
    let mut serving = object(
        "operator.knative.dev/v1beta1",
        "KnativeServing",
        "knative-serving",
        1,
        &json!({}),
    );
    serving["metadata"]["namespace"] = json!("knative-serving");
    let mut features = object("v1", "ConfigMap", "config-features", 2, &json!(null));
    features["metadata"]["namespace"] = json!("knative-serving");
    features["data"] = json!({"kubernetes.podspec-hostnetwork": "enabled"});
    let features = owned(features, &serving);
    let report = scan(&[serving, features], &[], &options(&["node-flag"]));
    let writers: Vec<_> = report
        .findings
        .iter()
        .map(|finding| finding.written_by.as_ref().map(ToString::to_string))
        .collect();
    assert_eq!(
        writers,
        [Some(
            "KnativeServing.operator.knative.dev knative-serving/knative-serving".to_owned()
        )]
    );
}

#[test]
fn folds_a_setting_into_the_object_that_writes_it() {
    let key = "kubernetes.podspec-hostnetwrok";
    let mut serving = object(
        "operator.knative.dev/v1beta1",
        "KnativeServing",
        "knative-serving",
        1,
        &json!({"config": {"features": {key: "enabled"}}}),
    );
    serving["metadata"]["namespace"] = json!("knative-serving");
    let mut features = object("v1", "ConfigMap", "config-features", 2, &json!(null));
    features["metadata"]["namespace"] = json!("knative-serving");
    features["data"] = json!({key: "enabled"});
    let features = owned(features, &serving);
    let report = scan(&[serving, features], &[], &options(&["setting-ignored"]));
    assert_eq!(
        told(&report),
        [
            "knative-serving/KnativeServing.operator.knative.dev/knative-serving setting-ignored \
             +1 in 1"
        ]
    );
}
