//! The role that reading needs.

use crate::world::{Objects, World};

fn printed(arguments: &[&str]) -> String {
    let world = World::faulty(Objects::default(), |_| None);
    let all: Vec<&str> = ["scan", "--print-role"]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    let run = world.run(&all);
    assert_eq!((run.code, &*run.stderr), (Some(0), ""), "{run:#?}");
    assert_eq!(world.server.seen().len(), 0);
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn is_the_same_for_all_namespaces_whenever_it_is_printed() {
    insta::assert_snapshot!(printed(&[]), @"");
}

#[test]
fn reads_named_namespaces_and_little_else() {
    insta::assert_snapshot!(printed(&["-n", "team-b,team-a"]), @"");
}
