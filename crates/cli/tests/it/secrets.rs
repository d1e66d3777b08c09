//! Values that no output may show.

use crate::common::World;

const SECRET: &str = "hunter2-correct-horse";

#[test]
fn secret_values_are_in_no_output() {
    let world = World::new();
    world.file(
        "a.yaml",
        format!(
            "apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  template:
    metadata:
      annotations: {{autoscaling.knative.dev/maxScale: '3'}}
    spec:
      containers:
        - {{name: a, image: x, env: [{{name: DB_PASSWORD, value: {SECRET}}}]}}
        - name: b
          image: x
          env:
            - name: API_TOKEN
              value: {SECRET}
            - name: AWS_SECRET_ACCESS_KEY
              value: |
                {SECRET}
---
apiVersion: v1
kind: Secret
metadata: {{name: s, namespace: shop}}
stringData: {{password: {SECRET}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: broken
spec: {{containers: [{{name: a, env: [{{name: PASSWORD, value: {SECRET}}}]}}]}}
"
        ),
    );
    let found = world.found(&["a.yaml"]);
    assert!(
        found
            .iter()
            .any(|finding| finding.starts_with("secret-in-env")),
        "{found:?}"
    );
    for format in ["text", "json", "sarif", "github", "markdown"] {
        let run = world.run(&["scan", "a.yaml", "--format", format, "--max-places", "100"]);
        assert!(run.stdout.contains("secret-in-env"), "{format}");
        assert!(!run.all().contains("hunter2"), "{format}: {}", run.all());
    }
    for more in [
        &["--fix", "--dry-run"][..],
        &["--fix", "--dry-run", "--unsafe-fixes"],
    ] {
        let run = world.run(&[&["scan", "a.yaml"], more].concat());
        assert!(run.stdout.starts_with("--- a/a.yaml"), "{}", run.stdout);
        assert!(!run.all().contains("hunter2"), "{}", run.all());
    }
    world.run(&["scan", "a.yaml", "--write-baseline", "known.txt"]);
    assert!(!world.text("known.txt").contains("hunter2"));
}
