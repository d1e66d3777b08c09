//! `--diff OLD NEW`.

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::{HOST_NETWORK, Run, World};

const HOST_PID: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostPID: true
";

const SELECT: &[&str] = &["--select", "host-network,host-pid"];

/// Makes two trees with roots of their own.
fn two_trees() -> World {
    let world = World::without_root();
    world.folder("old/.git");
    world.folder("new/.git");
    world
        .file("old/web.yaml", HOST_NETWORK)
        .file("old/cart.yaml", HOST_NETWORK.replace("web", "cart"))
        .file("new/web.yaml", HOST_PID)
        .file("new/cart.yaml", HOST_NETWORK.replace("web", "cart"));
    world
}

fn diff(world: &World, arguments: &[&str]) -> Run {
    let all: Vec<&str> = ["scan", "--diff"]
        .iter()
        .chain(arguments)
        .chain(SELECT)
        .copied()
        .collect();
    world.run(&all)
}

/// Returns how many findings each list of a comparison in JSON has.
fn counts(comparison: &Value) -> Vec<(&str, u64)> {
    let summary = comparison["summary"].as_object().expect("a map");
    let counts = summary
        .iter()
        .map(|(name, count)| (name.as_str(), count.as_u64().expect("a number")));
    counts.filter(|(_, count)| *count > 0).collect()
}

#[test]
fn says_what_is_new_and_what_is_fixed() {
    let world = two_trees();
    world.file("old/gone.yaml", HOST_NETWORK.replace("web", "gone"));
    assert_snapshot!(diff(&world, &["old", "new"]).all(), @r#"
    exit: 1
    --- stdout
    New: 1 finding
      critical[host-pid]: A workload sees the node's processes (1 place)
        Remove `hostPID`.
        - web.yaml:5 Pod `web` shares the node's process namespace: the pod sees every process of the node, with its environment

    Fixed: 2 findings
      critical[host-network]: A workload shares the node's network (2 places)
        - gone.yaml:5 in Pod shop/gone (object gone)
        - web.yaml:5 in Pod shop/web

    Compared: `old` with `new`; profiles shared; Knative 1.23; Kubernetes 1.36; 2 controls
    In all: 1 new, 2 fixed and 1 unchanged
    "#);
}

#[test]
fn nothing_new_is_clean() {
    let world = two_trees();
    let same = diff(&world, &["old", "old"]);
    assert_eq!(same.code, Some(0), "{same:#?}");
    assert_snapshot!(same.stdout, @r#"
    Compared: `old` with `old`; profiles shared; Knative 1.23; Kubernetes 1.36; 2 controls
    In all: 0 new, 0 fixed and 2 unchanged
    "#);
    let fixed = diff(&world, &["old", "new", "--fail-on", "none"]);
    assert_eq!(fixed.code, Some(0), "{fixed:#?}");
}

#[test]
fn a_report_and_the_files_it_is_of_are_equal() {
    let world = two_trees();
    let report = world.run(&["scan", "old", "--format", "json=old.json"]);
    assert_eq!(report.code, Some(1), "{report:#?}");
    for pair in [
        ["old.json", "old"],
        ["old", "old.json"],
        ["old.json", "old.json"],
    ] {
        let run = world.run(&["scan", "--format", "json", "--diff", pair[0], pair[1]]);
        assert_eq!(run.code, Some(0), "{run:#?}");
        let comparison = run.json();
        let counts = counts(&comparison);
        assert!(
            matches!(counts.as_slice(), [("unchanged", 2..)]),
            "{counts:?}"
        );
    }
}

#[test]
fn folders_of_one_root_are_compared_by_what_is_in_them() {
    let world = World::new();
    world
        .file("overlays/old/apps/web.yaml", HOST_NETWORK)
        .file("overlays/old/other.yaml", HOST_PID.replace("web", "other"))
        .file("overlays/new/apps/web.yaml", HOST_NETWORK)
        .file("overlays/new/other.yaml", HOST_PID.replace("web", "other"));
    let run = diff(
        &world,
        &["overlays/old", "overlays/new", "--format", "json"],
    );
    assert_eq!(counts(&run.json()), [("unchanged", 2)]);
}

#[test]
fn single_files_are_compared_whatever_their_names() {
    let world = World::new();
    world
        .file("a.yaml", HOST_NETWORK)
        .file("b.yaml", HOST_NETWORK);
    let run = diff(&world, &["a.yaml", "b.yaml", "--format", "json"]);
    assert_eq!(counts(&run.json()), [("unchanged", 1)]);
    let all: Vec<&str> = ["scan", "--format", "json", "--diff", "a.yaml", "-"]
        .iter()
        .chain(SELECT)
        .copied()
        .collect();
    let piped = world.pipe(&all, HOST_PID);
    assert_eq!(counts(&piped.json()), [("appeared", 1), ("fixed", 1)]);
    let report = world.run(&["scan", "a.yaml", "--format", "json"]).stdout;
    let piped = world.pipe(&all, &report);
    assert_eq!(counts(&piped.json()), [("unchanged", 1)]);
}

#[test]
fn an_object_that_moves_to_another_file_is_the_same() {
    let world = two_trees();
    world.file("new/apps/more.yaml", HOST_NETWORK.replace("web", "moved"));
    world.file("old/moved.yaml", HOST_NETWORK.replace("web", "moved"));
    let run = diff(&world, &["old", "new", "--format", "json"]);
    assert_eq!(
        counts(&run.json()),
        [("appeared", 1), ("fixed", 1), ("unchanged", 2)]
    );
}

#[test]
fn a_control_that_did_not_run_fixes_nothing() {
    let world = two_trees();
    let new = [
        "scan",
        "new",
        "--select",
        "host-pid",
        "--format",
        "json=new.json",
    ];
    world.run(&new);
    let run = diff(&world, &["old", "new.json"]);
    assert_snapshot!(run.all(), @r#"
    exit: 1
    --- stdout
    New: 1 finding
      critical[host-pid]: A workload sees the node's processes (1 place)
        Remove `hostPID`.
        - web.yaml:5 Pod `web` shares the node's process namespace: the pod sees every process of the node, with its environment

    Not comparable: 2 findings
      critical[host-network]: A workload shares the node's network (2 places)
        - cart.yaml:5 in Pod shop/cart (only in the old scan; in the new one the control did not judge)
        - web.yaml:5 in Pod shop/web (only in the old scan; in the new one the control did not judge)

    Scans differ: so findings may too
      - this control judged in the old scan only: host-network

    Compared: `old` with `new.json`; profiles shared; Knative 1.23; Kubernetes 1.36; 1 control
    In all: 1 new, 2 not comparable, 0 fixed and 0 unchanged
    --- stderr
    knight: note: `new.json` is a report and is taken as it is, without --select
    "#);
}

#[test]
fn a_file_that_cannot_be_read_fixes_nothing() {
    let world = two_trees();
    world.file("new/cart.yaml", "a: [\n");
    let run = diff(&world, &["old", "new", "--format", "json"]);
    let comparison = run.json();
    assert_eq!(
        counts(&comparison),
        [("appeared", 1), ("not_comparable", 1), ("fixed", 1)]
    );
    assert_eq!(comparison["not_comparable"][0]["why"], "file-unread");
    assert!(run.stderr.contains("in `new`: cart.yaml:"), "{run:#?}");
    let strict = diff(&world, &["old", "new", "--strict"]);
    assert_eq!(strict.code, Some(2), "{strict:#?}");
}

#[test]
fn an_exception_covers_and_its_end_uncovers() {
    let world = two_trees();
    world.file(
        "new/cart.yaml",
        HOST_NETWORK.replace("web", "cart").replace(
            "true",
            "true # knight: allow host-network reason=\"it is the node's agent\"",
        ),
    );
    let covered = diff(&world, &["old", "new", "--format", "json"]).json();
    assert_eq!(
        counts(&covered),
        [("appeared", 1), ("fixed", 1), ("covered", 1)]
    );
    let uncovered = diff(&world, &["new", "old", "--format", "json"]).json();
    assert_eq!(counts(&uncovered), [("appeared", 2), ("fixed", 1)]);
}

#[test]
fn each_tree_is_judged_by_its_own_configuration() {
    let world = two_trees();
    world.file("new/knight.yaml", "version: 1\nignore: [host-network]\n");
    let run = diff(&world, &["old", "new", "--format", "json"]);
    let comparison = run.json();
    assert_eq!(
        counts(&comparison),
        [("appeared", 1), ("not_comparable", 2)]
    );
    assert_eq!(
        comparison["differences"][0],
        "this control judged in the old scan only: host-network"
    );
}

#[test]
fn severity_and_audience_hold_for_reports_too() {
    let world = two_trees();
    world.run(&["scan", "old", "--format", "json=old.json"]);
    let arguments = ["scan", "--diff", "old.json", "old", "--format", "json"];
    for more in [["--severity", "high"], ["--audience", "tenant"]] {
        let all: Vec<&str> = arguments.iter().chain(&more).copied().collect();
        let run = world.run(&all);
        assert_eq!(run.code, Some(0), "{run:#?}");
        assert_eq!(counts(&run.json()).len(), 1, "{run:#?}");
    }
}

#[test]
fn every_format_of_comparisons_is_written() {
    let world = two_trees();
    assert_snapshot!(diff(&world, &["old", "new", "--format", "github"]).stdout, @r##"
    ::error file=web.yaml,line=5,endLine=5,title=new%3A critical[host-pid]%3A A workload sees the node's processes::Pod `web` shares the node's process namespace: the pod sees every process of the node, with its environment. Remove `hostPID`.
    ::notice title=Knight::1 new, 1 fixed and 1 unchanged.
    "##);
    assert_snapshot!(diff(&world, &["old", "new", "--format", "markdown"]).stdout, @r##"
    ## Knight: 1 new finding

    1 new, 1 fixed and 1 unchanged.

    ### New

    <details><summary><b>critical</b> <code>host-pid</code>: A workload sees the node&#39;s processes (1 place)</summary>

    Remove <code>hostPID</code>.

    - <code>web.yaml:5</code> Pod <code>web</code> shares the node&#39;s process namespace: the pod sees every process of the node, with its environment

    </details>

    ### Fixed

    <details><summary><b>critical</b> <code>host-network</code>: A workload shares the node&#39;s network (1 place)</summary>

    - <code>web.yaml:5</code> in <code>Pod shop/web</code>

    </details>

    <sub><code>old</code> with <code>new</code>; profiles shared; Knative 1.23; Kubernetes 1.36; 2 controls.</sub>
    "##);
    assert_snapshot!(diff(&world, &["old", "new", "--quiet"]).stdout, @r##"
    New: 1 finding
      critical[host-pid]: A workload sees the node's processes (1 place)
        Remove `hostPID`.
        - web.yaml:5 Pod `web` shares the node's process namespace: the pod sees every process of the node, with its environment

    In all: 1 new, 1 fixed and 1 unchanged
    "##);
    let schema: Value =
        serde_json::from_str(include_str!("../../../../schemas/comparison.schema.json"))
            .expect("JSON");
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    for pair in [["old", "new"], ["new", "old"], ["old", "old"]] {
        let run = diff(&world, &[pair[0], pair[1], "--format", "json"]);
        let json = run.json();
        let errors: Vec<String> = validator
            .iter_errors(&json)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new());
        let mut other = json;
        other["appeared"] = Value::Null;
        assert!(!validator.is_valid(&other));
    }
    let sarif = diff(&world, &["old", "new", "--format", "sarif"]);
    assert_snapshot!(sarif.all(), @r##"
    exit: 2
    --- stderr
    knight: error: a comparison cannot be written as `sarif`: use `text`, `json`, `github` or `markdown`
    "##);
}

#[test]
fn rejects_reports_that_it_cannot_read() {
    let world = two_trees();
    world
        .file("newer.json", r#"{"version": 2, "findings": {}}"#)
        .file("broken.json", r#"{"version": 1, "findings": [{}]}"#);
    let newer = diff(&world, &["newer.json", "new"]);
    assert_snapshot!(newer.all(), @r##"
    exit: 2
    --- stderr
    knight: error: `newer.json`: a report of version 2, and this Knight reads version 1: compare with a newer one
    "##);
    let broken = diff(&world, &["old", "broken.json"]);
    assert_eq!(broken.code, Some(2), "{broken:#?}");
    assert!(
        broken.stderr.contains("`broken.json`: not a report"),
        "{broken:#?}"
    );
    let missing = diff(&world, &["old", "nothing.yaml"]);
    assert_eq!(missing.code, Some(2), "{missing:#?}");
    let twice = diff(&world, &["-", "-"]);
    assert_eq!(twice.code, Some(2), "{twice:#?}");
    let both = world.run(&["scan", "old", "--diff", "old", "new"]);
    assert_eq!(both.code, Some(2), "{both:#?}");
}
