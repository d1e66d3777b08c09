//! Findings that were there before.

use insta::assert_snapshot;

use crate::common::{HOST_NETWORK, World};

#[test]
fn what_is_in_the_baseline_does_not_count() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    let write = [
        "scan",
        ".",
        "--select",
        "host-network",
        "--write-baseline",
        "known.txt",
        "--quiet",
    ];
    let written = world.run(&write);
    assert_eq!(written.code, Some(0), "{written:#?}");
    assert_snapshot!(world.text("known.txt"), @r#"
    {
      "version": 1,
      "findings": [
        {
          "file": "web.yaml",
          "control": "host-network",
          "object": "Pod shop/web",
          "path": "spec.hostNetwork",
          "fingerprint": "d8110285a397cd6afb8856794bb36f1f"
        }
      ]
    }
    "#);
    let scan = [
        "scan",
        ".",
        "--select",
        "host-network",
        "--baseline",
        "known.txt",
    ];
    let known = world.run(&scan);
    assert_eq!(known.code, Some(0), "{known:#?}");
    assert!(
        known
            .stdout
            .contains("Suppressed: 1 finding: 1 by the baseline"),
        "{}",
        known.stdout
    );
    // Lines may move, and what is new is found.
    world.file(
        "web.yaml",
        format!(
            "# moved\n{HOST_NETWORK}---\n{}",
            HOST_NETWORK.replace("web", "new")
        ),
    );
    let more = world.run(&scan);
    assert_eq!(more.code, Some(1));
    assert!(
        more.stdout.contains("1 finding (1 critical)"),
        "{}",
        more.stdout
    );
    // A baseline that is written again keeps what the old one covers.
    let again: Vec<&str> = scan
        .iter()
        .chain(&["--write-baseline", "known.txt"])
        .copied()
        .collect();
    assert!(
        world
            .run(&again)
            .stderr
            .contains("2 findings in the baseline")
    );
}

#[test]
fn what_the_baseline_holds_in_vain_is_said() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    world.run(&[
        "scan",
        ".",
        "--select",
        "host-network",
        "--write-baseline",
        "known.txt",
    ]);
    world.file("web.yaml", HOST_NETWORK.replace("true", "false"));
    let run = world.run(&[
        "scan",
        ".",
        "--select",
        "host-network",
        "--baseline",
        "known.txt",
    ]);
    assert!(
        run.stdout.contains("1 finding of the baseline was not met"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_file_that_is_no_baseline_is_an_error() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK).file("bad.txt", "[]");
    for file in ["bad.txt", "gone.txt"] {
        let run = world.run(&["scan", "web.yaml", "--baseline", file]);
        assert_eq!(run.code, Some(2));
        assert!(run.stderr.contains(file), "{run:#?}");
    }
}
