//! `knight list`.

use crate::common::World;

#[test]
fn lists_controls_for_people_and_programs() {
    let world = World::new();
    let text = world.run(&["list", "controls"]).stdout;
    let json = world.run(&["list", "controls", "--format", "json"]).json();
    let markdown = world
        .run(&["list", "controls", "--format", "markdown"])
        .stdout;
    let controls = json["controls"].as_array().expect("a list");
    assert_eq!(text.lines().count(), controls.len() + 1);
    assert_eq!(markdown.lines().count(), controls.len() + 2);
    for control in controls {
        let id = control["id"].as_str().expect("an id");
        assert!(text.contains(id) && markdown.contains(id), "{id}");
    }
    assert!(text.starts_with("control "), "{text}");
    assert!(markdown.starts_with("| control | severity |"), "{markdown}");
}

#[test]
fn lists_settings_for_people_and_programs() {
    let world = World::new();
    let json = world.run(&["list", "settings", "--format", "json"]).json();
    let settings = json["settings"].as_array().expect("a list");
    let text = world.run(&["list", "settings"]).stdout;
    assert_eq!(text.lines().count(), settings.len() + 1);
    assert!(
        text.contains("config-features/secure-pod-defaults"),
        "{text}"
    );
}
