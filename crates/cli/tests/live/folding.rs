//! One cause is one finding, however many objects the controllers make of it.

use std::time::Duration;

use knight_testbed_client::wait_until;
use serde_json::{Value, json};

use crate::{
    access::reader,
    common::{World, alone, testbed},
};

#[test]
fn what_a_service_says_is_found_once_and_not_in_all_that_is_made_of_it() {
    let _alone = alone();
    let namespaces = testbed().namespaces("folding");
    let namespace = namespaces.create("a", &json!({})).expect("a namespace");
    let service = json!({
        "apiVersion": "serving.knative.dev/v1", "kind": "Service",
        "metadata": {
            "name": "web", "namespace": namespace,
            // The controller copies it to the Route.
            "annotations": {"networking.knative.dev/disable-external-domain-tls": "true"},
        },
        "spec": {"template": {"spec": {"containers": [{
            "image": "registry.example.com/web:1", "securityContext": {"runAsUser": 0},
        }]}}},
    });
    let client = testbed().client();
    let answer = client.apply(&service).expect("an answer");
    assert!(answer.is_success(), "{}", answer.message());
    wait_until(Duration::from_mins(1), "a pod", || {
        let pods = client.get(&format!("/api/v1/namespaces/{namespace}/pods"))?;
        let pods = pods.granted("a list of pods")?;
        Ok(pods["items"]
            .as_array()
            .is_some_and(|pods| !pods.is_empty())
            .then_some(()))
    })
    .expect("a pod of the service");

    let world = World::of(&reader().kubeconfig);
    let run = world.run(&[
        "scan",
        "--cluster",
        "-n",
        &namespace,
        "--select",
        "root-user,tls-opt-out",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    let report = run.json();
    let findings = report["findings"].as_array().expect("a list");
    let found: Vec<[&Value; 4]> = findings
        .iter()
        .map(|finding| {
            let object = &finding["object"];
            let [kind, of] = [&object["kind"], &object["apiVersion"]];
            [&finding["control"], kind, of, &finding["folded"]["objects"]]
        })
        .collect();
    let [[_, .., pods], [_, .., routes]] = found.as_slice() else {
        panic!("{found:#?}");
    };
    let service = |control: &str, folded: &Value| {
        json!([control, "Service", "serving.knative.dev/v1", folded])
    };
    assert_eq!(
        json!(found),
        json!([service("root-user", pods), service("tls-opt-out", routes)])
    );
    // Configuration, Revision, Deployment, ReplicaSet and Pod, at least: one that is replaced stays.
    assert!(pods.as_u64() >= Some(5), "{pods}");
    assert_eq!(**routes, json!(1));
}
