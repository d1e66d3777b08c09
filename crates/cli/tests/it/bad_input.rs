//! Input that cannot be read, or not without doubt: it is never taken for clean.

use insta::assert_snapshot;

use crate::common::{HOST_NETWORK, World, found, problems};

#[test]
fn a_path_that_does_not_exist_is_named() {
    let world = World::new();
    assert_snapshot!(world.run(&["scan", "nowhere.yaml"]).all(), @"
    exit: 2
    --- stdout
    error: nowhere.yaml:1:1: there is no such file or folder

    Nothing was read: see the problems.
    Read: 0 documents and 0 objects in 0 files; 1 problem above hid what could not be read
    Basis: profile shared; Knative 1.23 (the newest known, as nothing in the input says); Kubernetes 1.36 (the newest known, as nothing in the input says)
    Note: `foreign-registry` did not judge: it needs the parameter `registries` in knight.yaml
    ");
    // The rest is reported all the same.
    world.file("web.yaml", HOST_NETWORK);
    let run = world.run(&[
        "scan",
        "web.yaml",
        "nowhere",
        "--select",
        "host-network",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, Some(2));
    assert_eq!(found(&run.json()), ["host-network web.yaml:5"]);
}

#[test]
fn nothing_read_is_not_clean() {
    let world = World::new();
    world.folder("empty");
    world.file("blank.yaml", "# nothing\n---\n");
    world.file("notes/readme.txt", "no manifest");
    let quiet = world.run(&["scan", "empty", "--quiet"]);
    assert!(
        quiet
            .stderr
            .contains("empty:1:1: this folder holds no manifest"),
        "{quiet:#?}"
    );
    for path in ["empty", "notes", "blank.yaml"] {
        let run = world.run(&["scan", path]);
        assert_eq!(run.code, Some(2), "{run:#?}");
        assert!(
            run.stderr.contains(path) || run.stdout.contains("Nothing was read"),
            "{run:#?}"
        );
    }
    let run = world.pipe(&["scan", "-"], "");
    assert_eq!(run.code, Some(2));
    assert_snapshot!(run.all(), @"
    exit: 2
    --- stdout
    Nothing was read: there is no document.
    Read: 0 documents and 0 objects in 1 file
    Basis: profile shared; Knative 1.23 (the newest known, as nothing in the input says); Kubernetes 1.36 (the newest known, as nothing in the input says)
    Note: `foreign-registry` did not judge: it needs the parameter `registries` in knight.yaml
    ");
}

#[test]
fn broken_documents_hide_no_others() {
    let world = World::new();
    let good = HOST_NETWORK;
    let broken = format!("{good}---\na: [1\n---\n{{{{ if .Values.x }}}}\n---\n{good}");
    world.file("all/mixed.yaml", broken);
    let arguments = ["all", "--select", "host-network"];
    let report = world.json(&arguments);
    assert_eq!(
        found(&report),
        [
            "host-network all/mixed.yaml:5",
            "host-network all/mixed.yaml:15"
        ]
    );
    assert_snapshot!(problems(&report).join("\n"), @"
    all/mixed.yaml:8: a list in brackets lacks a `,` or its `]`
    all/mixed.yaml:9: this looks like a template (`{{ }}`): render it, then scan the result
    ");
    // In a folder a problem is reported, and counts when one asks for it.
    let code = |arguments: &[&str]| world.run(arguments).code;
    assert_eq!(code(&["scan", "all", "--select", "host-network"]), Some(1));
    assert_eq!(
        code(&["scan", "all", "--select", "host-network", "--strict"]),
        Some(2)
    );
    assert_eq!(
        code(&["scan", "all/mixed.yaml", "--select", "host-network"]),
        Some(2)
    );
}

#[test]
fn bytes_that_are_no_text_are_problems() {
    let world = World::new();
    world.file("a/web.yaml", HOST_NETWORK);
    world.file("a/binary.yaml", b"\x00\x01\x02");
    world.file("a/latin.yaml", b"a: \xE9\n");
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(HOST_NETWORK.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    world.file("a/utf16.yaml", utf16);
    let report = world.json(&["a", "--select", "host-network"]);
    assert_eq!(
        found(&report),
        ["host-network a/utf16.yaml:5", "host-network a/web.yaml:5"]
    );
    assert_eq!(
        problems(&report),
        [
            "a/binary.yaml:1: a binary file",
            "a/latin.yaml:1: not UTF-8 text"
        ]
    );
}

#[test]
fn duplicate_keys_are_problems_and_the_later_counts() {
    let world = World::new();
    world.file(
        "web.yaml",
        HOST_NETWORK.replace("true\n", "false\n  hostNetwork: true\n"),
    );
    let run = world.run(&[
        "scan",
        "web.yaml",
        "--select",
        "host-network",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, Some(2));
    assert_eq!(found(&run.json()), ["host-network web.yaml:6"]);
    assert_eq!(problems(&run.json()).len(), 1);
}

#[test]
fn bombs_end_in_bounded_errors() {
    let world = World::new();
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for at in 1..10 {
        let before = vec![format!("*a{}", at - 1); 9].join(", ");
        bomb += &[
            "a",
            &at.to_string(),
            ": &a",
            &at.to_string(),
            " [",
            &before,
            "]\n",
        ]
        .concat();
    }
    world.file("bomb.yaml", bomb);
    world.file("deep.yaml", format!("a: {}", "[".repeat(100_000)));
    world.file(
        "long.yaml",
        format!("{HOST_NETWORK}#{}\n", "x".repeat(5000)),
    );
    let report = world.json(&[
        "bomb.yaml",
        "deep.yaml",
        "long.yaml",
        "--max-file-bytes",
        "200000",
    ]);
    assert_eq!(problems(&report).len(), 2, "{:#?}", problems(&report));
    let bounded = world.json(&["long.yaml", "--max-file-bytes", "1000"]);
    assert_eq!(
        problems(&bounded),
        ["long.yaml:1: longer than 1000 bytes, the bound of --max-file-bytes"]
    );
    let piped = world.pipe(
        &["scan", "-", "--max-file-bytes", "10", "--format", "json"],
        HOST_NETWORK,
    );
    assert_eq!(piped.code, Some(2));
    assert_eq!(problems(&piped.json()).len(), 1);
}

#[test]
fn what_is_no_object_and_what_is_not_known_is_said() {
    let world = World::new();
    world.file(
        "a.yaml",
        "a: 1\n---\napiVersion: example.com/v1\nkind: Widget\n---\n\
         apiVersion: serving.knative.dev/v9\nkind: Service\nmetadata: {name: a}\n",
    );
    assert_snapshot!(world.run(&["scan", "a.yaml"]).all(), @"
    exit: 2
    --- stdout
    warning: a.yaml:1:1: this is not a Kubernetes object: it has no `apiVersion`

    Nothing was judged: no object that was read has a selected control.
    Read: 3 documents and 2 objects in 1 file
    Not judged: 2 objects of 2 kinds
      - 1 Widget of example.com/v1: Knight does not know this kind (at a.yaml:4)
      - 1 Service of serving.knative.dev/v9: Knight does not know this version of the kind (at a.yaml:7)
    Basis: profile shared; Knative 1.23 (the newest known, as nothing in the input says); Kubernetes 1.36 (the newest known, as nothing in the input says)
    Note: `foreign-registry` did not judge: it needs the parameter `registries` in knight.yaml
    ");
}

#[test]
fn a_removed_api_version_is_a_finding() {
    let world = World::new();
    world.file(
        "a.yaml",
        "apiVersion: messaging.knative.dev/v1beta1\nkind: Channel\nmetadata: {name: a}\n",
    );
    assert_eq!(world.found(&["a.yaml"]), ["removed-api-version a.yaml:1"]);
}

#[cfg(unix)]
mod unix {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::{PermissionsExt as _, symlink},
        process::Command,
    };

    use super::*;

    #[test]
    fn pipes_and_broken_links_are_problems() {
        let world = World::new();
        world.file("a/web.yaml", HOST_NETWORK);
        let made = Command::new("mkfifo")
            .arg(world.path("a/pipe.yaml"))
            .status();
        assert!(made.expect("mkfifo is there").success());
        symlink("gone.yaml", world.path("a/dangling.yaml")).expect("a link");
        symlink("self.yaml", world.path("a/self.yaml")).expect("a link");
        let report = world.json(&["a", "--select", "host-network"]);
        assert_eq!(found(&report), ["host-network a/web.yaml:5"]);
        assert_snapshot!(problems(&report).join("\n"), @"
        a/dangling.yaml:1: there is no such file or folder
        a/pipe.yaml:1: not a file, though it has the name of one
        a/self.yaml:1: it cannot be read: filesystem loop or indirection limit (e.g. symlink loop)
        ");
        let named = world.run(&["scan", "a/pipe.yaml"]);
        assert_eq!(named.code, Some(2));
    }

    #[test]
    fn links_are_followed_to_files_and_never_twice() {
        let world = World::new();
        world
            .file("a/web.yaml", HOST_NETWORK)
            .file("b/other.yaml", HOST_NETWORK);
        symlink("web.yaml", world.path("a/again.yaml")).expect("a link");
        symlink("../b/other.yaml", world.path("a/other.yaml")).expect("a link");
        symlink("..", world.path("a/loop")).expect("a link");
        symlink(".", world.path("a/here")).expect("a link");
        let report = world.json(&["a", "--select", "host-network"]);
        assert_eq!(
            found(&report),
            ["host-network a/other.yaml:5", "host-network a/web.yaml:5"]
        );
        assert_snapshot!(problems(&report).join("\n"), @"a/loop:1: a link to a folder outside of the one that is scanned is not followed: name that folder to have it read");
    }

    #[test]
    fn a_file_that_may_not_be_read_is_a_problem() {
        let world = World::new();
        world
            .file("a/web.yaml", HOST_NETWORK)
            .file("a/closed.yaml", HOST_NETWORK);
        fs::set_permissions(world.path("a/closed.yaml"), Permissions::from_mode(0o000))
            .expect("other permissions");
        let report = world.json(&["a", "--select", "host-network"]);
        // Root may read everything.
        if fs::read(world.path("a/closed.yaml")).is_err() {
            assert_eq!(
                problems(&report),
                ["a/closed.yaml:1: no permission to read it"]
            );
        } else {
            assert_eq!(found(&report).len(), 2);
        }
    }

    #[test]
    fn names_cannot_steer_a_terminal() {
        let world = World::new();
        world
            .file("a/\u{1b}[2Jweb\n.yaml", HOST_NETWORK)
            .file("a/\u{1b}]0;x.yaml", "a: [");
        for format in ["text", "json", "sarif", "github", "markdown"] {
            let run = world.run(&["scan", "a", "--format", format]);
            assert!(!run.stdout.contains('\u{1b}'), "{format}: {}", run.stdout);
            assert!(!run.stderr.contains('\u{1b}'), "{format}: {}", run.stderr);
        }
        let missing = world.run(&["scan", "\u{1b}[2Jgone"]);
        assert!(!missing.all().contains('\u{1b}'), "{missing:#?}");
    }

    #[test]
    fn deep_folders_are_read_or_named() {
        let world = World::new();
        let deep = vec!["d"; 300].join("/");
        world.file(&format!("{deep}/web.yaml"), HOST_NETWORK);
        assert_eq!(world.found(&["d", "--select", "host-network"]).len(), 1);
    }
}

#[test]
fn an_object_of_an_unknown_version_is_not_judged_and_never_a_pass() {
    let world = World::new();
    world.file(
        "next.yaml",
        "apiVersion: serving.knative.dev/v2\nkind: Service\nmetadata: {name: next}\nspec:\n  \
         template:\n    spec: {hostNetwork: true}\n",
    );
    let run = world.run(&["scan", "next.yaml", "--format", "json"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let report = run.json();
    assert_eq!(report["summary"]["judged"], 0);
    assert_eq!(report["not_judged"][0]["reason"], "unknown-version");
}

#[test]
fn a_version_that_is_gone_is_a_finding_and_not_judged() {
    let world = World::new();
    world.file(
        "old.yaml",
        "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: old}\nspec:\n  \
         template:\n    spec: {hostNetwork: true}\n",
    );
    let report = world.json(&["old.yaml"]);
    assert_eq!(report["findings"][0]["control"], "removed-api-version");
    assert_eq!(report["summary"]["not_judged"], 1);
}
