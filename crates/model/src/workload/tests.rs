use knight_facts::carriers::carriers;

use super::*;
use crate::testing::{document, object};

/// Reads an object and compares its pods and containers, one a line, with what is expected.
fn check(yaml: &str, expected: &[&str]) {
    let document = document(yaml);
    let workload = Workload::of(object(&document)).expect("the kind is a carrier");
    let mut lines = Vec::new();
    for pod in &workload.pods {
        lines.push(format!(
            "{}{}",
            pod.path,
            if pod.spec.is_some() { "" } else { " -" }
        ));
        for container in pod.containers() {
            lines.push(format!("{} {}", container.sort, container.path()));
        }
    }
    for wrong in workload.wrong() {
        let found = wrong.node.type_name();
        lines.push(format!(
            "wrong {}: {found}, not {}",
            wrong.path, wrong.expected
        ));
    }
    assert_eq!(lines, expected, "{yaml}");
}

/// Reads a pod's spec and hands its first container to `read`.
fn first<T>(spec: &str, read: impl FnOnce(&Container<'_, '_>) -> T) -> T {
    let document = document(&format!("{{apiVersion: v1, kind: Pod, spec: {spec}}}"));
    let workload = Workload::of(object(&document)).unwrap();
    let containers = workload.containers();
    read(&containers[0])
}

#[test]
fn reads_the_containers_of_every_carrier() {
    for carrier in carriers() {
        for place in &carrier.pods {
            let mut steps: Vec<&str> = place.spec.segments().collect();
            steps.reverse();
            let inline: String = place
                .inline
                .iter()
                .map(|key| format!(", {key}: {{name: b}}"))
                .collect();
            let spec = format!("{{containers: [{{name: app}}], initContainers: [{{}}]{inline}}}");
            let inner = steps.iter().fold(spec, |inner, step| {
                step.strip_suffix("[]").map_or_else(
                    || format!("{{{step}: {inner}}}"),
                    |list| format!("{{{list}: [{inner}]}}"),
                )
            });
            let version = carrier.versions.last().unwrap();
            let group = &carrier.group;
            let api_version = if group.is_empty() {
                version.clone()
            } else {
                format!("{group}/{version}")
            };
            let (kind, rest) = (&carrier.kind, inner.trim_start_matches('{'));
            let yaml = format!("{{apiVersion: {api_version}, kind: {kind}, {rest}");
            let document = document(&yaml);
            let workload = Workload::of(object(&document)).unwrap();
            let paths: Vec<String> = workload
                .containers()
                .iter()
                .map(|container| container.path().to_string())
                .collect();
            let spec = place.spec.as_str().replace("[]", "[0]");
            let mut expected = vec![
                format!("{spec}.containers[name=app]"),
                format!("{spec}.initContainers[0]"),
            ];
            expected.extend(place.inline.iter().map(|key| format!("{spec}.{key}")));
            assert_eq!(paths, expected, "{yaml}");
            assert_eq!(workload.wrong(), []);
        }
    }
}

#[test]
fn takes_no_other_kind_for_a_carrier() {
    for yaml in [
        "{apiVersion: v1, kind: Service, spec: {template: {spec: {containers: [{}]}}}}",
        "{apiVersion: v1, kind: Deployment}",
        "{apiVersion: serving.knative.dev/v1, kind: Route}",
        "{apiVersion: sources.knative.dev/v1, kind: SinkBinding}",
        "{apiVersion: serving.knative.dev/v1alpha1, kind: Service, spec: {runLatest: {}}}",
    ] {
        assert!(Workload::of(object(&document(yaml))).is_none(), "{yaml}");
    }
}

#[test]
fn reads_versions_that_are_no_longer_served() {
    check(
        "{apiVersion: batch/v1beta1, kind: CronJob}",
        &["spec.jobTemplate.spec.template.spec -"],
    );
    check(
        "{apiVersion: serving.knative.dev/v1beta1, kind: Revision, spec: {}}",
        &["spec"],
    );
}

#[test]
fn reads_containers_of_all_three_sorts() {
    check(
        "{apiVersion: v1, kind: Pod, spec: {ephemeralContainers: [{name: d}], initContainers: [{name: i}], containers: [{name: a}, {name: b}]}}",
        &[
            "spec",
            "container spec.containers[name=a]",
            "container spec.containers[name=b]",
            "init container spec.initContainers[name=i]",
            "ephemeral container spec.ephemeralContainers[name=d]",
        ],
    );
}

#[test]
fn keeps_wrong_types_on_the_way_to_a_spec() {
    let service =
        |rest: &str| format!("{{apiVersion: serving.knative.dev/v1, kind: Service{rest}}}");
    check(&service(""), &["spec.template.spec -"]);
    check(&service(", spec: ~"), &["spec.template.spec -"]);
    check(
        &service(", spec: {template: {spec: ~}}"),
        &["spec.template.spec -"],
    );
    check(
        &service(", spec: {template: hello}"),
        &[
            "spec.template.spec -",
            "wrong spec.template: string, not map",
        ],
    );
    check(
        &service(", spec: {template: {spec: []}}"),
        &[
            "spec.template.spec -",
            "wrong spec.template.spec: list, not map",
        ],
    );
}

#[test]
fn keeps_wrong_types_of_containers() {
    check(
        "{apiVersion: v1, kind: Pod, spec: {containers: {a: 1}, initContainers: [1, {name: ''}, ~]}}",
        &[
            "spec",
            "init container spec.initContainers[1]",
            "wrong spec.containers: map, not list",
            "wrong spec.initContainers[0]: int, not map",
            "wrong spec.initContainers[2]: null, not map",
        ],
    );
}

/// An `InferenceService` with this spec.
fn inference_service(spec: &str) -> String {
    format!("{{apiVersion: serving.kserve.io/v1beta1, kind: InferenceService, spec: {spec}}}")
}

#[test]
fn finds_the_parts_of_an_inference_service() {
    check(
        &inference_service(
            "{predictor: {containers: [{name: a}], workerSpec: {containers: [{name: w}]}}, transformer: 1}",
        ),
        &[
            "spec.canary.predictor -",
            "spec.canary.predictor.workerSpec -",
            "spec.explainer -",
            "spec.predictor",
            "container spec.predictor.containers[name=a]",
            "spec.predictor.workerSpec",
            "container spec.predictor.workerSpec.containers[name=w]",
            "spec.transformer -",
            "wrong spec.transformer: int, not map",
        ],
    );
}

#[test]
fn finds_containers_that_stand_by_themselves() {
    check(
        &inference_service(
            "{predictor: {model: {name: m}, onnx: ~, triton: x, containers: [{name: a}]}, explainer: {model: {}, art: {}}, canary: [~, {predictor: {sklearn: {}}}]}",
        ),
        &[
            "spec.canary[0].predictor -",
            "spec.canary[1].predictor",
            "container spec.canary[1].predictor.sklearn",
            "spec.canary[0].predictor.workerSpec -",
            "spec.canary[1].predictor.workerSpec -",
            "spec.explainer",
            "container spec.explainer.art",
            "spec.predictor",
            "container spec.predictor.containers[name=a]",
            "container spec.predictor.model",
            "spec.predictor.workerSpec -",
            "spec.transformer -",
            "wrong spec.predictor.triton: string, not map",
        ],
    );
}

#[test]
fn finds_the_metadata_of_pods() {
    let document = document(
        "{apiVersion: apps/v1, kind: Deployment, spec: {template: {metadata: {labels: {a: b}}}}}",
    );
    let workload = Workload::of(object(&document)).unwrap();
    let pod = &workload.pods[0];
    let path = pod.metadata_path.as_ref().map(ToString::to_string);
    assert_eq!(path.as_deref(), Some("spec.template.metadata"));
    assert!(pod.metadata.unwrap().at_path(&["labels", "a"]).is_some());
    assert!(pod.spec.is_none());
}

#[test]
fn inherits_values_of_the_pod_by_their_first_key() {
    let seccomp = |spec: &str| {
        first(spec, |container| {
            match container.inherited::<&str>(&["seccompProfile", "type"]) {
                Inherited::Own(field) => format!("own {:?}", field.value()),
                Inherited::OfPod(field) => format!("pod {:?}", field.value()),
            }
        })
    };
    let pod = "securityContext: {seccompProfile: {type: Localhost}}";
    let of = |container: &str| seccomp(&format!("{{{pod}, containers: [{container}]}}"));
    assert_eq!(of("{}"), r#"pod Some("Localhost")"#);
    assert_eq!(of("{securityContext: ~}"), r#"pod Some("Localhost")"#);
    assert_eq!(
        of("{securityContext: {seccompProfile: ~}}"),
        r#"pod Some("Localhost")"#
    );
    let own = "{securityContext: {seccompProfile: {type: Unconfined}}}";
    assert_eq!(of(own), r#"own Some("Unconfined")"#);
    // The container's profile hides the pod's, even without a type.
    assert_eq!(of("{securityContext: {seccompProfile: {}}}"), "own None");
    assert_eq!(seccomp("{containers: [{}]}"), "pod None");
}

#[test]
fn keeps_wrong_types_of_inherited_values() {
    let user = |spec: &str| {
        first(spec, |container| {
            match container.inherited::<i64>(&["runAsUser"]).field() {
                Field::Absent => "absent".to_owned(),
                Field::Value(user, _) => user.to_string(),
                Field::WrongType(node) => format!("wrong {}", node.type_name()),
            }
        })
    };
    assert_eq!(
        user("{securityContext: {runAsUser: 7}, containers: [{}]}"),
        "7"
    );
    assert_eq!(
        user("{securityContext: {runAsUser: '7'}, containers: [{}]}"),
        "wrong string"
    );
    assert_eq!(
        user("{securityContext: [], containers: [{}]}"),
        "wrong list"
    );
    assert_eq!(
        user("{securityContext: {runAsUser: 7}, containers: [{securityContext: x}]}"),
        "wrong string"
    );
    assert_eq!(
        user("{securityContext: {runAsUser: 7}, containers: [{securityContext: {runAsUser: 0}}]}"),
        "0"
    );
    assert_eq!(
        user("{securityContext: {runAsUser: ~}, containers: [{}]}"),
        "absent"
    );
}

#[test]
fn tells_where_variables_come_from() {
    let kinds = |env: &str| {
        first(&format!("{{containers: [{{env: {env}}}]}}"), |container| {
            let kind = |variable: EnvVar<'_>| match variable.value() {
                EnvValue::Empty => "empty",
                EnvValue::Literal(_) => "literal",
                EnvValue::SecretKey(_) => "secret",
                EnvValue::ConfigMapKey(_) => "config map",
                EnvValue::FieldRef(_) => "field",
                EnvValue::ResourceField(_) => "resource",
                EnvValue::FileKey(_) => "file",
                EnvValue::Other(_) => "other",
                EnvValue::WrongType(_) => "wrong",
            };
            container
                .env()
                .into_iter()
                .map(kind)
                .collect::<Vec<_>>()
                .join(", ")
        })
    };
    assert_eq!(
        kinds("[{name: A}, {name: A, value: ''}, {name: A, value: 1}]"),
        "empty, literal, literal"
    );
    assert_eq!(
        kinds("[{valueFrom: {secretKeyRef: {}}}, {valueFrom: {configMapKeyRef: {}}}]"),
        "secret, config map"
    );
    assert_eq!(
        kinds(
            "[{valueFrom: {fieldRef: {}}}, {valueFrom: {resourceFieldRef: {}}}, {valueFrom: {fileKeyRef: {}}}]"
        ),
        "field, resource, file"
    );
    assert_eq!(
        kinds(
            "[{valueFrom: {}}, {valueFrom: {new: {}}}, {valueFrom: {secretKeyRef: {}, fieldRef: {}}}]"
        ),
        "other, other, other"
    );
    assert_eq!(
        kinds("[1, {valueFrom: x}, {valueFrom: ~}]"),
        "wrong, wrong, empty"
    );
    assert_eq!(
        kinds("[{value: x, valueFrom: {secretKeyRef: {}}}]"),
        "literal"
    );
    assert_eq!(kinds("{A: b}"), "");
}

#[test]
fn reads_ports_resources_and_probes() {
    first(
        "{containers: [{image: nginx, ports: [{containerPort: 80, name: http1}, x], resources: {limits: {cpu: 1, memory: 1Gi}}, livenessProbe: {}, readinessProbe: 1}]}",
        |container| {
            assert_eq!(container.image().value(), Some("nginx"));
            assert!(container.name().is_absent());
            let ports = container.ports();
            assert_eq!(ports[0].number().value(), Some(80));
            assert_eq!(ports[0].name().value(), Some("http1"));
            assert!(ports[0].host_port().is_absent() && ports[0].protocol().is_absent());
            assert!(matches!(ports[1].number(), Field::WrongType(_)));
            assert_eq!(container.limit("cpu").value(), Some(Quantity::Int(1)));
            assert_eq!(
                container.limit("memory").value(),
                Some(Quantity::Text("1Gi"))
            );
            assert!(container.request("cpu").is_absent());
            assert!(container.probe(ProbeKind::Liveness).value().is_some());
            assert!(matches!(
                container.probe(ProbeKind::Readiness),
                Field::WrongType(_)
            ));
            assert!(container.probe(ProbeKind::Startup).is_absent());
        },
    );
}
