use super::*;
use crate::testing::{document, object};

/// Reads a text and compares its objects and problems, one a line, with what is expected.
fn check(yaml: &str, expected: &[&str]) {
    let document = document(yaml);
    let (objects, problems) = objects(&document);
    let mut lines: Vec<String> = Vec::new();
    for object in objects {
        let at = object.prefix();
        let at = if at.is_empty() {
            String::new()
        } else {
            format!("{at}: ")
        };
        lines.push(format!(
            "{at}{} {}",
            object.reference().api_version(),
            object.reference()
        ));
    }
    for problem in problems {
        let text = document
            .source()
            .slice(problem.span)
            .lines()
            .next()
            .unwrap_or_default();
        lines.push(format!("{}: {} <{text}>", problem.path, problem.reason));
    }
    assert_eq!(lines, expected, "{yaml}");
}

#[test]
fn reads_who_an_object_is() {
    check(
        "{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: shop}}",
        &["v1 Pod shop/x"],
    );
    check(
        "{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: cart, namespace: shop}}",
        &["serving.knative.dev/v1 Service.serving.knative.dev shop/cart"],
    );
    check(
        "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}",
        &["v1 Namespace shop"],
    );
    check(
        "{apiVersion: v1, kind: Pod, metadata: {generateName: job-}}",
        &["v1 Pod job-*"],
    );
    check(
        "{apiVersion: v1, kind: Pod, metadata: {name: a, generateName: job-}}",
        &["v1 Pod a"],
    );
    check("{apiVersion: v1, kind: Pod}", &["v1 Pod (no name)"]);
    check(
        "{apiVersion: v1, kind: Pod, metadata: {name: ~, namespace: ''}}",
        &["v1 Pod (no name)"],
    );
    check(
        "{apiVersion: v1, kind: Pod, metadata: [name]}",
        &["v1 Pod (no name)"],
    );
}

#[test]
fn tells_the_service_of_the_core_group_from_that_of_knative() {
    let core = document("{apiVersion: v1, kind: Service}");
    let knative = document("{apiVersion: serving.knative.dev/v1, kind: Service}");
    let (core, knative) = (object(&core), object(&knative));
    assert!(core.is("", "Service") && !core.is("serving.knative.dev", "Service"));
    assert!(knative.is("serving.knative.dev", "Service") && !knative.is("", "Service"));
    assert_ne!(core.reference(), knative.reference());
    assert!(core.reference() < knative.reference());
}

#[test]
fn takes_lists_apart() {
    check(
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- {apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}\n",
        &["items[0]: v1 Pod a", "items[1]: apps/v1 Deployment.apps b"],
    );
    check("{apiVersion: v1, kind: List, items: []}", &[]);
    check("{apiVersion: v1, kind: List, items: ~}", &[]);
    check(
        "{apiVersion: v1, kind: List, items: {a: 1}}",
        &[": the `items` of a list of objects must be a list, not map <{a: 1}>"],
    );
    // A kind of its own that only ends like a list.
    check(
        "{apiVersion: x.io/v1, kind: AllowList, spec: {}}",
        &["x.io/v1 AllowList.x.io (no name)"],
    );
}

#[test]
fn gives_items_of_a_typed_list_its_type() {
    check(
        "{apiVersion: serving.knative.dev/v1, kind: ServiceList, items: [{metadata: {name: a}}]}",
        &["items[0]: serving.knative.dev/v1 Service.serving.knative.dev a"],
    );
    check(
        "{apiVersion: v1, kind: PodList, items: [{kind: Node}, {apiVersion: apps/v1, kind: Job}]}",
        &[
            "items[1]: apps/v1 Job.apps (no name)",
            "items[0]: this is not a Kubernetes object: it has no `apiVersion` <kind>",
        ],
    );
}

#[test]
fn takes_lists_in_lists_apart_up_to_a_bound() {
    let list = |inner: &str| format!("{{apiVersion: v1, kind: List, items: [{inner}]}}");
    let pod = "{apiVersion: v1, kind: Pod}";
    check(&list(&list(pod)), &["items[0].items[0]: v1 Pod (no name)"]);
    let deep = (0..5).fold(pod.to_owned(), |inner, _| list(&inner));
    check(
        &deep,
        &[
            "items[0].items[0].items[0].items[0]: lists of objects are nested more than 4 deep <[{apiVersion: v1, kind: Pod}]>",
        ],
    );
}

#[test]
fn says_why_something_is_no_object() {
    check(
        "[1, 2]",
        &[": a Kubernetes object must be a map, not list <[1, 2]>"],
    );
    check(
        "hello",
        &[": a Kubernetes object must be a map, not string <hello>"],
    );
    check(
        "image: nginx",
        &[": this is not a Kubernetes object: it has no `apiVersion` <image>"],
    );
    check(
        "apiVersion: v1",
        &[": this is not a Kubernetes object: it has no `kind` <apiVersion>"],
    );
    check(
        "{apiVersion: v1, kind: ~}",
        &[": this is not a Kubernetes object: it has no `kind` <apiVersion>"],
    );
    check(
        "{apiVersion: 1, kind: Pod}",
        &[": this is not a Kubernetes object: `apiVersion` must be a string, not int <1>"],
    );
    check(
        "{apiVersion: v1, kind: [Pod]}",
        &[": this is not a Kubernetes object: `kind` must be a string, not list <[Pod]>"],
    );
    for version in ["a/b/c", "/v1", "apps/"] {
        let problem = format!(
            ": this is not a Kubernetes object: `apiVersion` must be `VERSION` or `GROUP/VERSION` <{version}>"
        );
        check(
            &format!("{{apiVersion: {version}, kind: Pod}}"),
            &[&problem],
        );
    }
    check(
        "{apiVersion: v1, kind: List, items: [1, {apiVersion: v1, kind: Pod}]}",
        &[
            "items[1]: v1 Pod (no name)",
            "items[0]: a Kubernetes object must be a map, not int <1>",
        ],
    );
}

#[test]
fn finds_labels_and_annotations() {
    let document = document(
        "{apiVersion: v1, kind: Pod, metadata: {labels: {a: x, b: 1}, annotations: {c/d: z}}}",
    );
    let object = object(&document);
    assert_eq!(object.label("a"), Some("x"));
    assert_eq!(object.label("b"), None, "no string");
    assert_eq!(object.labels().map(Map::len), Some(2));
    let annotation = object
        .annotation("c/d")
        .map(|entry| (entry.key, entry.value.as_str()));
    assert_eq!(annotation, Some(("c/d", Some("z"))));
}

#[test]
fn prefixes_paths_of_items() {
    let document =
        document("{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, spec: {}}]}");
    let path = object(&document).in_document(&FieldPath::from_dotted("spec"));
    assert_eq!(path.to_string(), "items[0].spec");
    assert!(document.root().locate(&path).is_some());
}
