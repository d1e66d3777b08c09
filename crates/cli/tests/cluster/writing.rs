//! The file that `knight snapshot` writes.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Stdio};

use serde_json::json;

use crate::{
    server::Reply,
    world::{Objects, Snapshot, World, always},
};

fn world() -> World {
    World::faulty(Objects::with_pods(2), |_| None)
}

fn names(world: &World) -> Vec<String> {
    let folder = world.path("");
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            entry.file_name().into_string().expect("a name of text")
        })
        .collect();
    names.sort();
    names
}

#[test]
fn is_for_its_owner_alone_and_leaves_nothing_beside() {
    let world = world();
    let run = world.run(&["snapshot", "--cluster", "-o", "taken.knight"]);
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert_eq!(names(&world), ["kubeconfig", "taken.knight"]);
    let mode = fs::metadata(world.path("taken.knight"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let bytes = fs::read(world.path("taken.knight")).unwrap().len();
    assert_eq!(
        run.stderr,
        format!("knight: note: 3 objects of 2 kinds, in the {bytes} bytes of `taken.knight`\n")
    );
    assert_eq!(run.stdout, b"");
}

#[test]
fn replaces_another_only_when_told_to() {
    let world = world();
    fs::write(world.path("taken.knight"), "precious").unwrap();
    let run = world.run(&["snapshot", "--cluster", "-o", "taken.knight"]);
    assert_eq!(run.code, Some(2), "{run:#?}");
    assert_eq!(
        run.stderr,
        "knight: error: `taken.knight` exists: --force writes over it\n"
    );
    assert_eq!(fs::read(world.path("taken.knight")).unwrap(), b"precious");
    assert_eq!(world.server.seen().len(), 0);

    assert_eq!(world.take(&[]).code, Some(0));
    assert_eq!(world.snapshot().objects.len(), 3);
}

#[test]
fn goes_to_stdout_as_well() {
    let world = world();
    let run = world.run(&["snapshot", "--cluster", "-o", "-"]);
    assert_eq!((run.code, &*run.stderr), (Some(0), ""), "{run:#?}");
    assert_eq!(Snapshot::read(&run.stdout).objects.len(), 3);
}

#[test]
fn says_how_many_lists_are_missing() {
    let world = World::pods(always(Reply::status(403, "no")));
    let run = world.take(&[]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    let note = "knight: note: 1 object of 1 kind, and 1 list that could not be read, in the ";
    assert!(
        run.stderr.lines().any(|line| line.starts_with(note)),
        "{run:#?}"
    );
}

#[test]
fn says_where_it_cannot_be_written() {
    let world = world();
    fs::create_dir(world.path("folder")).unwrap();
    for (output, reason) in [
        ("nowhere/taken.knight", "there is no folder `nowhere`"),
        ("folder", "it is a folder"),
    ] {
        let run = world.run(&["snapshot", "--cluster", "--force", "-o", output]);
        assert_eq!(run.code, Some(2), "{run:#?}");
        assert_eq!(
            run.stderr,
            format!("knight: error: cannot write `{output}`: {reason}\n")
        );
    }
    // Nothing is asked for what could not be kept.
    assert_eq!(world.server.seen().len(), 0);
    let run = world.run(&["snapshot", "-o", "taken.knight"]);
    assert_eq!(run.code, Some(2), "{run:#?}");
    assert!(run.stderr.contains("--cluster"), "{run:#?}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut objects = Objects::with_pods(0);
    for at in 0..2000 {
        // Labels are kept, and these do not shrink: the pipe cannot hold them.
        let label = format!("{:x}", 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(at));
        let labels = json!({"a": label, "b": label.chars().rev().collect::<String>()});
        let metadata =
            json!({"name": format!("pod-{at}"), "namespace": "team-a", "labels": labels});
        objects.add("pods", json!({"metadata": metadata}));
    }
    let world = World::faulty(objects, |_| None);
    let whole = world.run(&["snapshot", "--cluster", "-o", "-"]);
    assert!(whole.stdout.len() > 1 << 16, "{}", whole.stdout.len());
    let mut child = world
        .command(&["snapshot", "--cluster", "-o", "-"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
