//! `--fix` and `--dry-run`.

use insta::assert_snapshot;

use crate::common::{HOST_NETWORK, World};

const OLD_SPELLING: &str = "\
# The shop.
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: web # the name
  namespace: shop
spec:
  template:
    metadata:
      annotations:
        # Not too many.
        autoscaling.knative.dev/maxScale: \"3\" # three
    spec:
      containers:
        - image: registry.example.com/web:1
          env:
            - name: TOKEN
              value: hunter2
";

#[test]
fn a_safe_fix_takes_its_finding_away_and_adds_none() {
    let world = World::new();
    world.file("a.yaml", OLD_SPELLING);
    let before = world.found(&["a.yaml"]);
    assert!(
        before.contains(&"legacy-annotation a.yaml:12".to_owned()),
        "{before:?}"
    );
    let run = world.run(&["scan", "a.yaml", "--fix", "--format", "json"]);
    assert_eq!(run.stderr, "knight: note: made 1 fix in 1 file\n");
    let expected = OLD_SPELLING.replace("maxScale", "max-scale");
    assert_eq!(world.text("a.yaml"), expected, "comments and layout stay");
    let mut rest = before;
    rest.retain(|finding| !finding.starts_with("legacy-annotation"));
    assert_eq!(crate::common::found(&run.json()), rest);
}

#[test]
fn every_safe_fix_of_the_catalogue_keeps_its_word() {
    let world = World::new();
    world.file(
        "all.yaml",
        format!(
            "{OLD_SPELLING}---\napiVersion: messaging.knative.dev/v1beta1\nkind: InMemoryChannel\n\
             metadata: {{name: a, namespace: shop}}\n"
        ),
    );
    let report = world.json(&["all.yaml"]);
    let findings = report["findings"].as_array().expect("a list");
    let safe: Vec<&str> = findings
        .iter()
        .filter(|finding| finding["fix"]["safety"] == "safe")
        .map(|finding| finding["control"].as_str().expect("an id"))
        .collect();
    assert!(
        safe.contains(&"legacy-annotation") && safe.contains(&"removed-api-version"),
        "{safe:?}"
    );
    let before = world.found(&["all.yaml"]);
    world.run(&["scan", "all.yaml", "--fix"]);
    let after = world.found(&["all.yaml"]);
    let kept: Vec<String> = before
        .into_iter()
        .filter(|finding| !safe.iter().any(|id| finding.starts_with(id)))
        .collect();
    assert_eq!(after, kept);
}

#[test]
fn unsafe_fixes_are_asked_for() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    world.run(&["scan", "web.yaml", "--select", "host-network", "--fix"]);
    assert_eq!(world.text("web.yaml"), HOST_NETWORK);
    let run = world.run(&[
        "scan",
        "web.yaml",
        "--select",
        "host-network",
        "--fix",
        "--unsafe-fixes",
    ]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert_eq!(
        world.text("web.yaml"),
        HOST_NETWORK.replace("spec:\n  hostNetwork: true\n", "spec: {}\n")
    );
    let alone = world.run(&["scan", "web.yaml", "--unsafe-fixes"]);
    assert_eq!(alone.code, Some(2));
}

#[test]
fn a_diff_shows_what_would_change_and_changes_nothing() {
    let world = World::new();
    world.file("a.yaml", OLD_SPELLING);
    let run = world.run(&["scan", "a.yaml", "--fix", "--dry-run"]);
    assert_snapshot!(run.all(), @r#"
    exit: 1
    --- stdout
    --- a/a.yaml
    +++ b/a.yaml
    @@ -9,7 +9,7 @@
         metadata:
           annotations:
             # Not too many.
    -        autoscaling.knative.dev/maxScale: "3" # three
    +        autoscaling.knative.dev/max-scale: "3" # three
         spec:
           containers:
             - image: registry.example.com/web:1
    --- stderr
    knight: note: 1 fix could be made in 1 file
    "#);
    assert_eq!(world.text("a.yaml"), OLD_SPELLING);
    // The container has no name: admission gives it one, and the text is found none the less.
    let all = world.run(&["scan", "a.yaml", "--fix", "--dry-run", "--unsafe-fixes"]);
    assert!(all.stdout.contains("runAsNonRoot: true"), "{}", all.stdout);
    assert!(!all.stdout.contains("hunter2"), "{}", all.stdout);
}

#[test]
fn stdin_is_shown_as_a_diff_and_never_fixed() {
    let world = World::new();
    let diff = world.pipe(&["scan", "-", "--fix", "--dry-run"], OLD_SPELLING);
    assert!(
        diff.stdout.starts_with("--- a/<stdin>\n+++ b/<stdin>\n@@ "),
        "{}",
        diff.stdout
    );
    let fix = world.pipe(&["scan", "-", "--fix"], OLD_SPELLING);
    assert_eq!(fix.code, Some(2));
    assert_snapshot!(fix.all(), @"
    exit: 2
    --- stderr
    knight: error: stdin cannot be fixed: --dry-run shows what would change
    ");
}

#[test]
fn several_documents_of_a_file_are_fixed_at_once() {
    let world = World::new();
    let text =
        format!("# kept\n---\n{OLD_SPELLING}---\na: [\n---\n{OLD_SPELLING}").replace('\n', "\r\n");
    world.file("a.yaml", &text);
    let run = world.run(&["scan", "a.yaml", "--fix"]);
    assert!(run.stderr.contains("made 2 fixes in 1 file"), "{run:#?}");
    assert_eq!(run.code, Some(2), "the broken document is still there");
    assert_eq!(world.text("a.yaml"), text.replace("maxScale", "max-scale"));
}

#[test]
fn a_fix_that_cannot_be_made_is_said_so() {
    let world = World::new();
    let text = "\
apiVersion: v1
kind: List
items:
  - &pod
    apiVersion: v1
    kind: Pod
    metadata: {name: web, namespace: shop}
    spec: {hostNetwork: true}
  - *pod
";
    world.file("web.yaml", text);
    let run = world.run(&[
        "scan",
        "web.yaml",
        "--select",
        "host-network",
        "--fix",
        "--unsafe-fixes",
    ]);
    assert_eq!(world.text("web.yaml"), text);
    assert!(
        run.stdout
            .contains("was not fixed: an alias or a merge stands in the way"),
        "{run:#?}"
    );
}

#[cfg(unix)]
mod unix {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::{PermissionsExt as _, symlink},
    };

    use super::*;

    #[test]
    fn permissions_stay() {
        let world = World::new();
        world.file("a.yaml", OLD_SPELLING);
        fs::set_permissions(world.path("a.yaml"), Permissions::from_mode(0o640)).expect("a mode");
        world.run(&["scan", "a.yaml", "--fix"]);
        let mode = fs::metadata(world.path("a.yaml"))
            .expect("the file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o640);
        assert!(!world.text("a.yaml").contains("maxScale"));
    }

    #[test]
    fn links_out_of_the_tree_are_not_written_through() {
        let world = World::without_root();
        world.folder("tree/.git");
        world
            .file("outside.yaml", OLD_SPELLING)
            .file("tree/inside.yaml", OLD_SPELLING);
        symlink("../outside.yaml", world.path("tree/link.yaml")).expect("a link");
        let run = world.run(&["scan", "tree", "--fix"]);
        assert!(run.stdout.contains("link out of the folder"), "{run:#?}");
        assert_eq!(world.text("outside.yaml"), OLD_SPELLING);
        assert!(!world.text("tree/inside.yaml").contains("maxScale"));
    }
}
