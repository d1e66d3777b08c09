//! The settings of the running cluster decide, whoever writes them.

use std::{collections::BTreeSet, time::Duration};

use knight_testbed_client::{Patch, wait_until};
use serde_json::{Value, json};

use crate::{
    access::reader,
    common::{World, alone, failed, testbed},
};

const FEATURES: &str = "/api/v1/namespaces/knative-serving/configmaps/config-features";
const CRDS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const OPERATED: &str =
    "/apis/operator.knative.dev/v1beta1/namespaces/knative-serving/knativeservings";

/// Scans, and returns which of these controls fail on which kind.
fn fails(world: &World, controls: &str) -> BTreeSet<(String, String)> {
    let run = world.run(&[
        "scan",
        "--cluster",
        "--select",
        controls,
        "--format",
        "json",
    ]);
    assert!(matches!(run.code, Some(0 | 1)), "{run:#?}");
    let failed = failed(&run.json());
    failed
        .into_iter()
        .map(|(object, control)| (object.2, control))
        .collect()
}

/// Sets a key of `config-features`; `null` takes it away.
fn set(key: &str, value: &Value) {
    let answer = testbed()
        .client()
        .patch(FEATURES, Patch::Merge, &json!({"data": {key: value}}))
        .expect("an answer");
    assert!(answer.is_success(), "{}", answer.message());
}

#[test]
fn a_setting_that_changes_changes_the_verdict() {
    let _alone = alone();
    let world = World::of(&reader().kubeconfig);
    let off = ("ConfigMap".to_owned(), "secure-defaults-off".to_owned());
    let before = fails(&world, "secure-defaults-off");
    set("secure-pod-defaults", &json!("enabled"));
    let enabled = fails(&world, "secure-defaults-off");
    set("secure-pod-defaults", &Value::Null);
    let after = fails(&world, "secure-defaults-off");
    assert_eq!(
        (before.contains(&off), enabled.is_empty()),
        (true, true),
        "{before:?} {enabled:?}"
    );
    assert_eq!(before, after);
}

#[test]
fn reads_settings_where_the_operator_has_them() {
    let _alone = alone();
    let client = testbed().client();
    let world = World::of(&reader().kubeconfig);
    assert_eq!(fails(&world, "setting-ignored"), BTreeSet::new());

    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "knativeservings.operator.knative.dev"},
        "spec": {
            "group": "operator.knative.dev", "scope": "Namespaced",
            "names": {"kind": "KnativeServing", "plural": "knativeservings"},
            "versions": [{
                "name": "v1beta1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {
                    "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                }},
            }],
        },
    });
    let made = client.create(CRDS, &definition).expect("an answer");
    assert!(made.is_success(), "{}", made.message());
    let serving = json!({
        "apiVersion": "operator.knative.dev/v1beta1", "kind": "KnativeServing",
        "metadata": {"name": "knative-serving", "namespace": "knative-serving"},
        // The spelling of the documentation, which the code does not know.
        "spec": {"config": {"features": {"secure-pod-defaults": "root-allowed"}}},
    });
    wait_until(Duration::from_secs(30), "the kind of the operator", || {
        Ok(client
            .create(OPERATED, &serving)?
            .is_success()
            .then_some(()))
    })
    .expect("the kind is served");
    let found = fails(&world, "setting-ignored");
    let gone = client.delete(&format!("{CRDS}/knativeservings.operator.knative.dev"));
    assert!(gone.expect("an answer").is_success());
    assert_eq!(
        found,
        [("KnativeServing".to_owned(), "setting-ignored".to_owned())].into()
    );
    wait_until(Duration::from_secs(30), "the end of the kind", || {
        Ok((client.get(OPERATED)?.status == 404).then_some(()))
    })
    .expect("the kind is gone");
}
