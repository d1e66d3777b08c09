//! Reports in several formats at once.

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::{HOST_NETWORK, World};

#[test]
fn reports_go_to_files_and_one_to_stdout() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    let run = world.run(&[
        "scan",
        "web.yaml",
        "--select",
        "host-network",
        "--format=json=out/../report.txt",
        "--format=sarif=report.sarif",
        "--format=github",
        "--format=markdown=report.md",
        "--color=always",
    ]);
    assert_eq!(run.code, Some(2), "the folder `out` is not there: {run:#?}");
    world.folder("out");
    let run = world.run(&[
        "scan",
        "web.yaml",
        "--select",
        "host-network",
        "--format=json=out/../report.txt",
        "--format=sarif=report.sarif",
        "--format=text=report.out",
        "--format=github",
        "--format=markdown=report.md",
        "--color=always",
    ]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(
        run.stdout.starts_with("::error file=web.yaml,line=5"),
        "{}",
        run.stdout
    );
    let json: Value = serde_json::from_str(&world.text("report.txt")).expect("JSON");
    assert_eq!(json["version"], 1);
    let sarif: Value = serde_json::from_str(&world.text("report.sarif")).expect("SARIF");
    assert_eq!(sarif["version"], "2.1.0");
    assert!(world.text("report.md").starts_with("## Knight: 1 finding"));
    assert!(
        !world.text("report.out").contains('\u{1b}'),
        "files have no colours"
    );
}

#[test]
fn two_reports_cannot_share_a_place() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    let error = |formats: [&str; 2]| {
        let run = world.run(&[
            "scan", "web.yaml", "--format", formats[0], "--format", formats[1],
        ]);
        assert_eq!(run.code, Some(2));
        run.stderr
    };
    assert_snapshot!(error(["text", "json"]), @"knight: error: only one report can go to stdout: give the others files, as in `--format json=FILE`");
    assert_snapshot!(error(["text=a", "json=a"]), @"knight: error: two reports cannot both go to `a`");
    assert_snapshot!(error(["text=", "json"]), @"knight: error: `--format text=` names no file");
}

#[test]
fn json_is_valid_against_its_schema() {
    let world = World::new();
    world.file("web.yaml", format!("{HOST_NETWORK}---\na: [\n---\na: 1\n"));
    let schema: Value =
        serde_json::from_str(include_str!("../../../../schemas/report.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let report = world.json(&["web.yaml"]);
    let errors: Vec<String> = validator
        .iter_errors(&report)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn sarif_carries_fixes_as_text() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    let run = world.run(&[
        "scan",
        "web.yaml",
        "--select",
        "host-network",
        "--format",
        "sarif",
    ]);
    let change = &run.json()["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "web.yaml");
    assert_eq!(
        change["replacements"].as_array().map(Vec::len),
        Some(1),
        "{change}"
    );
}
