use std::sync::Arc;

use knight_facts::versions::newest_knative;
use knight_model::{Limits, load, source::Source, tree::Document};

use super::*;

fn spec(text: &str) -> Document {
    let source = Arc::new(Source::new("spec.yaml", text));
    let mut loaded = load(&source, &Limits::default());
    assert_eq!(loaded.problems, []);
    loaded.documents.remove(0)
}

/// Returns the paths that the stock settings refuse.
fn refused(text: &str) -> Vec<String> {
    let spec = spec(text);
    let settings = Settings::none(newest_knative());
    let found = refusals(spec.root(), &settings);
    let paths: Vec<String> = found
        .iter()
        .map(|refusal| refusal.path.to_string())
        .collect();
    for refusal in found {
        // What is found for the whole is found for the field, where the field is there.
        if spec.root().locate(&refusal.path).is_some() {
            let answer = answer(&refusal.path, spec.root(), &settings);
            assert!(matches!(answer, Answer::Refuses { .. }), "{}", refusal.path);
        }
    }
    paths
}

fn stock(text: &str, path: &FieldPath) -> Answer {
    answer(path, spec(text).root(), &Settings::none(newest_knative()))
}

#[test]
fn stock_flags_refuse_what_reaches_the_node() {
    let text = "
        hostNetwork: true
        volumes: [{name: a, hostPath: {path: /}}]
        containers: [{name: a, securityContext: {privileged: true}}]";
    assert_eq!(
        refused(text),
        [
            "hostNetwork",
            "volumes[name=a].hostPath",
            "containers[name=a].securityContext.privileged",
        ]
    );
}

#[test]
fn stock_flags_take_root_and_escalation() {
    let text = "containers: [{name: a, securityContext: {runAsNonRoot: false, runAsUser: 0,
        allowPrivilegeEscalation: true, seccompProfile: {type: Unconfined}}}]";
    assert_eq!(refused(text), [""; 0]);
}

#[test]
fn what_go_writes_for_nothing_is_nothing() {
    let text = "{hostNetwork: false, hostPID: false, nodeSelector: {}, tolerations: []}";
    assert_eq!(refused(text), [""; 0]);
    assert_eq!(
        refused("shareProcessNamespace: false"),
        ["shareProcessNamespace"]
    );
}

#[test]
fn a_container_of_a_closed_sort_is_refused_whatever_it_says() {
    let text = "initContainers: [{name: a, securityContext: {runAsNonRoot: true}}]";
    assert_eq!(refused(text), ["initContainers"]);
    let mut path = FieldPath::from_dotted("initContainers");
    path.push_item(0, Some("a"));
    path.extend(&FieldPath::from_dotted("securityContext.runAsNonRoot"));
    assert!(matches!(stock(text, &path), Answer::Refuses { .. }));
}

#[test]
fn probes_beside_the_serving_container_are_refused() {
    let text = "containers: [
        {name: a, ports: [{containerPort: 8080}], livenessProbe: {tcpSocket: {port: 8080}}},
        {name: b, livenessProbe: {tcpSocket: {port: 8081}}}]";
    assert_eq!(refused(text), ["containers[name=b].livenessProbe"]);
}

#[test]
fn a_claim_is_mounted_as_it_says() {
    let text = "
        volumes: [{name: a, persistentVolumeClaim: {claimName: a, readOnly: true}}]
        containers: [{name: c, volumeMounts: [{name: a, mountPath: /a}]}]";
    assert_eq!(
        refused(text),
        [
            "volumes[name=a].persistentVolumeClaim",
            "containers[name=c].volumeMounts[name=a].readOnly",
        ]
    );
}

#[test]
fn of_what_no_fact_knows_nothing_is_said() {
    let text = "{unheardOf: true, containers: []}";
    assert_eq!(refused(text), [""; 0]);
    assert_eq!(
        stock(text, &FieldPath::from_dotted("unheardOf")),
        Answer::Unknown
    );
}
