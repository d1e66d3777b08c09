//! `knight completions`.

use crate::common::World;

#[test]
fn every_shell_gets_a_script() {
    let world = World::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = world.run(&["completions", shell]);
        assert_eq!(run.code, Some(0), "{run:#?}");
        assert!(
            run.stdout.contains("knight") && run.stdout.contains("baseline"),
            "{shell}"
        );
    }
    assert_eq!(world.run(&["completions", "tcsh"]).code, Some(2));
}
