//! A tenant does not exempt himself.

use serde_json::json;

use crate::{
    access::reader,
    common::{World, alone, testbed},
};

#[test]
fn an_exception_that_a_tenant_writes_is_listed_and_does_not_count() {
    let _alone = alone();
    let namespaces = testbed().namespaces("claims");
    let namespace = namespaces.create("a", &json!({})).expect("a namespace");
    let service = json!({
        "apiVersion": "serving.knative.dev/v1", "kind": "Service",
        "metadata": {
            "name": "web", "namespace": namespace,
            "annotations": {"knight.dev/allow.root-user": "trust me"},
        },
        "spec": {"template": {"spec": {"containers": [{
            "image": "registry.example.com/web:1", "securityContext": {"runAsUser": 0},
        }]}}},
    });
    let answer = testbed().client().apply(&service).expect("an answer");
    assert!(answer.is_success(), "{}", answer.message());

    let world = World::of(&reader().kubeconfig);
    let run = world.run(&[
        "scan",
        "--cluster",
        "-n",
        &namespace,
        "--select",
        "root-user",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    let report = run.json();
    assert_eq!(report["findings"][0]["object"]["name"], "web", "{report:#}");
    let claims = report["claims"].as_array().expect("a list");
    let ours = claims
        .iter()
        .find(|claim| claim["object"]["kind"] == "Service" && claim["object"]["name"] == "web");
    let ours = ours.expect("the claim of the service");
    assert_eq!(
        (&ours["control"], &ours["reason"]),
        (&json!("root-user"), &json!("trust me"))
    );
}
