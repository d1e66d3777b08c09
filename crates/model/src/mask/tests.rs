use super::*;
use crate::testing::{document, documents};

/// Masks a text and compares it with what is expected.
fn check(yaml: &str, expected: &str) {
    let mut shown = String::new();
    let documents = documents(yaml);
    let secrets: Vec<Span> = documents.iter().flat_map(secret_spans).collect();
    if let Some(document) = documents.first() {
        let source = document.source();
        let whole = Span::new(0, u32::try_from(source.text().len()).unwrap());
        shown = masked(source, whole, &secrets).into_owned();
    }
    assert_eq!(shown, expected, "{yaml}");
    assert_eq!(shown.chars().count(), yaml.chars().count(), "columns stay");
}

#[test]
fn hides_literal_values_of_variables() {
    check(
        "\
apiVersion: v1
kind: Pod
spec:
  containers:
  - name: app
    env:
    - name: PASSWORD
      value: hunter2  # seen
    - {name: B, value: 'x y', other: z}
    - name: C
      valueFrom: {secretKeyRef: {name: s, key: k}}
  initContainers:
  - env: [{value: 1}]
",
        "\
apiVersion: v1
kind: Pod
spec:
  containers:
  - name: app
    env:
    - name: PASSWORD
      value: *******  # seen
    - {name: B, value: *****, other: z}
    - name: C
      valueFrom: {secretKeyRef: {name: s, key: k}}
  initContainers:
  - env: [{value: *}]
",
    );
}

#[test]
fn hides_the_data_of_secrets_and_of_no_config_map() {
    check(
        "apiVersion: v1\nkind: Secret\ndata:\n  a: eHk=\nstringData:\n  b: |\n    one\n    two\n",
        "apiVersion: v1\nkind: Secret\ndata:\n  *******\nstringData:\n  ****\n*******\n*******\n",
    );
    check(
        "{apiVersion: v1, kind: ConfigMap, data: {a: x}}",
        "{apiVersion: v1, kind: ConfigMap, data: {a: x}}",
    );
    check(
        "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, data: {a: xx}}]}",
        "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, data: *******}]}",
    );
    check(
        "{apiVersion: v1, kind: Secret, data: oops}",
        "{apiVersion: v1, kind: Secret, data: ****}",
    );
}

#[test]
fn hides_the_copy_that_kubectl_keeps() {
    check(
        "{apiVersion: v1, kind: Pod, metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: 'a'}}}",
        "{apiVersion: v1, kind: Pod, metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: ***}}}",
    );
}

#[test]
fn is_generous_where_the_kind_is_unknown() {
    check(
        "env:\n- name: A\n  value: b\n",
        "env:\n- name: A\n  value: *\n",
    );
    check(
        "{kind: Odd, a: [{env: [{name: A, value: bc}]}]}",
        "{kind: Odd, a: [{env: [{name: A, value: **}]}]}",
    );
    check("{x: {stringData: {a: b}}}", "{x: {stringData: ******}}");
}

#[test]
fn hides_the_target_of_an_alias() {
    check(
        "word: &w hidden\nenv:\n- name: A\n  value: *w\n",
        "word: &w ******\nenv:\n- name: A\n  value****\n",
    );
}

#[test]
fn hides_values_that_a_duplicate_key_drops() {
    let source = std::sync::Arc::new(Source::new(
        "a",
        "env:\n- name: A\n  value: one\n  value: two\n",
    ));
    let loaded = crate::load(&source, &crate::Limits::default());
    let secrets = secret_spans(&loaded.documents[0]);
    for line in 3..=4 {
        let shown = masked_line(&source, line, &secrets).unwrap();
        assert!(!shown.contains("one") && !shown.contains("two"), "{shown}");
    }
}

#[test]
fn hides_variables_below_a_key_that_a_duplicate_drops() {
    let hidden = |yaml: &str| {
        let source = std::sync::Arc::new(Source::new("a", yaml));
        let loaded = crate::load(&source, &crate::Limits::default());
        let secrets = secret_spans(&loaded.documents[0]);
        let whole = Span::new(0, u32::try_from(yaml.len()).unwrap());
        let shown = masked(&source, whole, &secrets);
        assert!(!shown.contains("leak"), "{shown}");
    };
    hidden("env: [{name: A, value: leak}]\nenv: []\n");
    hidden("containers: [{env: [{name: A, value: leak}]}]\ncontainers: []\n");
}

#[test]
fn hides_variables_that_are_no_list_of_maps() {
    check("env: {A: bc}", "env: *******");
    check(
        "env: [A=b, {name: A, value: b}]",
        "env: [***, {name: A, value: *}]",
    );
    check("env: 'A=b'", "env: *****");
    check("Env: [{name: A, Value: b}]", "Env: [{name: A, Value: *}]");
    check(
        "env: [{name: A, valueFrom: {x: y}}] # why",
        "env: [{name: A, valueFrom: {x: y}}] # why",
    );
}

#[test]
fn masks_characters_and_not_bytes() {
    let document = document("env: [{value: 'öä€'}]");
    let secrets = secret_spans(&document);
    assert_eq!(
        masked_line(document.source(), 1, &secrets).unwrap(),
        "env: [{value: *****}]"
    );
    assert_eq!(masked_line(document.source(), 2, &secrets), None);
}

#[test]
fn knows_which_spans_touch_secrets() {
    let secrets = [Span::new(2, 4), Span::new(8, 9)];
    let touched: Vec<u32> = (0..12)
        .filter(|&at| touches(Span::new(at, at + 1), &secrets))
        .collect();
    assert_eq!(touched, [2, 3, 8]);
    assert!(touches(Span::new(0, 12), &secrets));
    assert!(!touches(Span::new(4, 8), &secrets));
}
