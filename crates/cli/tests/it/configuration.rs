//! `knight.yaml`.

use insta::assert_snapshot;

use crate::common::{HOST_NETWORK, World};

#[test]
fn it_is_found_in_the_root() {
    let world = World::new();
    world.file(
        "knight.yaml",
        "version: 1\nselect: [host-network]\nprofiles: [hosted]\n",
    );
    world.file("apps/web.yaml", HOST_NETWORK);
    let report = world.json(&["apps"]);
    assert_eq!(report["basis"]["profiles"], serde_json::json!(["hosted"]));
    assert_eq!(
        report["basis"]["controls"],
        serde_json::json!(["host-network"])
    );
    // The command line wins.
    let report = world.json(&["apps", "--profile", "single", "--select", "host-pid"]);
    assert_eq!(report["basis"]["profiles"], serde_json::json!(["single"]));
    assert_eq!(report["basis"]["controls"], serde_json::json!(["host-pid"]));
}

#[test]
fn it_marks_a_root() {
    let world = World::without_root();
    world
        .file("knight.yaml", "")
        .file("apps/web.yaml", HOST_NETWORK);
    assert_eq!(
        world.found(&["apps", "--select", "host-network"]),
        ["host-network apps/web.yaml:5"]
    );
}

#[test]
fn every_mistake_is_shown_at_its_place() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    world.file(
        "knight.yaml",
        "version: 2
profile: [shared]
profiles: [shard]
severity: [low]
select:
  - hostnetwork
exceptions:
  - control: host-network
    until: 2027-02-30
  - reason: x
parameters:
  max-scale: many
  max_scale: 5
kubernetes: 1.x
tenants: [{name: a}, {name: a, subjects: [jane]}]
system: kube-system
system: []
",
    );
    assert_snapshot!(world.run(&["scan", "web.yaml"]).all(), @"
    exit: 2
    --- stderr
    error: `version` must be 1
     --> knight.yaml:1:10
      |
    1 | version: 2
      |          ^

    error: `knight.yaml` has no key `profile`, did you mean `profiles`?
     --> knight.yaml:2:1
      |
    2 | profile: [shared]
      | ^^^^^^^ the keys are exceptions, ignore, knative, kubernetes, parameters, paths, profiles, select, severity, system, tenants, version

    error: `shard` is no profile, did you mean `shared`?
     --> knight.yaml:3:12
      |
    3 | profiles: [shard]
      |            ^^^^^ one of hosted, shared, single, airgap

    error: this must be a string, not a list
     --> knight.yaml:4:11
      |
    4 | severity: [low]
      |           ^^^^^

    error: `hostnetwork` names no control, family or mapping, did you mean `host-network`?
     --> knight.yaml:6:5
      |
    6 |   - hostnetwork
      |     ^^^^^^^^^^^

    error: an exception needs a `reason`
     --> knight.yaml:8:5
      |
    8 |   - control: host-network
      |     ^^^^^^^

    error: `2027-02-30` is not a day such as `2027-01-31`
     --> knight.yaml:9:12
      |
    9 |     until: 2027-02-30
      |            ^^^^^^^^^^

    error: an exception needs a `control`
      --> knight.yaml:10:5
       |
    10 |   - reason: x
       |     ^^^^^^

    error: this must be a whole number above 0
      --> knight.yaml:12:14
       |
    12 |   max-scale: many
       |              ^^^^

    error: `parameters` has no key `max_scale`, did you mean `max-scale`?
      --> knight.yaml:13:3
       |
    13 |   max_scale: 5
       |   ^^^^^^^^^ the keys are max-scale, registries, timeout-seconds

    error: `1.x` is not a version like `1.23`
      --> knight.yaml:14:13
       |
    14 | kubernetes: 1.x
       |             ^^^

    error: there are two tenants `a`
      --> knight.yaml:15:23
       |
    15 | tenants: [{name: a}, {name: a, subjects: [jane]}]
       |                       ^^^^

    error: a subject is `User:NAME`, `Group:NAME` or `ServiceAccount:NAMESPACE/NAME`
      --> knight.yaml:15:43
       |
    15 | tenants: [{name: a}, {name: a, subjects: [jane]}]
       |                                           ^^^^

    error: this key is already set at line 16, column 1: only the later value counts
      --> knight.yaml:17:1
       |
    17 | system: []
       | ^^^^^^

    knight: error: 14 mistakes in `knight.yaml`
    ");
}

#[test]
fn it_must_be_yaml() {
    let world = World::new();
    world
        .file("web.yaml", HOST_NETWORK)
        .file("knight.yaml", "version: [1\n");
    assert_snapshot!(world.run(&["scan", "web.yaml"]).all(), @"
    exit: 2
    --- stderr
    error: a list in brackets lacks a `,` or its `]`
     --> knight.yaml:2:1
      |
    2 |
      | ^

    knight: error: 1 mistake in `knight.yaml`
    ");
    world.file("knight.yaml", "- version\n");
    assert_snapshot!(world.run(&["scan", "web.yaml"]).all(), @"
    exit: 2
    --- stderr
    error: `knight.yaml` must be a map, not a list
     --> knight.yaml:1:1
      |
    1 | - version
      | ^^^^^^^^^ with keys such as `exceptions`

    knight: error: 1 mistake in `knight.yaml`
    ");
}

#[test]
fn another_file_can_be_named() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    world
        .file("knight.yaml", "version: 9\n")
        .file("ci.yaml", "version: 1\nselect: [host-pid]\n");
    let run = world.run(&["scan", "web.yaml", "--config", "ci.yaml"]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    let gone = world.run(&["scan", "web.yaml", "--config", "gone.yaml"]);
    assert_eq!(gone.code, Some(2));
    assert!(
        gone.stderr
            .contains("`gone.yaml`: there is no such file or folder"),
        "{gone:#?}"
    );
}

#[test]
fn two_that_apply_are_one_too_many() {
    let world = World::without_root();
    for root in ["one", "two"] {
        world.file(&format!("{root}/knight.yaml"), "version: 1\n");
        world.file(&format!("{root}/web.yaml"), HOST_NETWORK);
    }
    let run = world.run(&["scan", "one", "two"]);
    assert_eq!(run.code, Some(2));
    assert_snapshot!(run.stderr, @"knight: error: `[ROOT]/one/knight.yaml` and `[ROOT]/two/knight.yaml` both configure this scan: choose one by --config");
}

#[test]
fn parameters_set_bounds() {
    let world = World::new();
    world.file(
        "a.yaml",
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a, namespace: b}\n\
         spec: {template: {metadata: {annotations: {autoscaling.knative.dev/max-scale: '9'}}, \
         spec: {containers: [{image: ghcr.io/x/y}]}}}\n",
    );
    let controls = ["--select", "scale-limit-exceeded,foreign-registry"];
    let found = || world.found(&[&["a.yaml"], &controls[..]].concat());
    assert_eq!(found(), [""; 0]);
    world.file(
        "knight.yaml",
        "version: 1\nparameters: {max-scale: 8, registries: [registry.example.com]}\n",
    );
    assert_eq!(
        found(),
        ["foreign-registry a.yaml:4", "scale-limit-exceeded a.yaml:4"]
    );
}

#[test]
fn paths_can_be_left_out() {
    let world = World::new();
    world
        .file("web.yaml", HOST_NETWORK)
        .file("charts/x.yaml", "{{ x }}");
    world.file("knight.yaml", "version: 1\npaths: {ignore: [charts/]}\n");
    let report = world.json(&["."]);
    assert_eq!(report["summary"]["ignored"], 1);
    assert_eq!(report["problems"], serde_json::json!([]));
    world.file("knight.yaml", "version: 1\npaths: {ignore: ['a{']}\n");
    assert_snapshot!(world.run(&["scan", "."]).all(), @"
    exit: 2
    --- stderr
    error: this is no pattern of files
     --> knight.yaml:2:18
      |
    2 | paths: {ignore: ['a{']}
      |                  ^^^^ unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)

    knight: error: 1 mistake in `knight.yaml`
    ");
}

#[test]
fn system_namespaces_belong_to_the_platform() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    let audience =
        || world.json(&["web.yaml", "--select", "host-network"])["findings"][0]["audience"].clone();
    assert_eq!(audience(), "tenant");
    world.file("knight.yaml", "version: 1\nsystem: [sho*]\n");
    assert_eq!(audience(), "platform");
}
