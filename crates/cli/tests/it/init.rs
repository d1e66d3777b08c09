//! `knight init`.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use knight_controls::config;
use knight_model::{Limits, load, source::Source};
use serde_json::Value;

use crate::common::{HOST_NETWORK, World};

fn schema() -> Value {
    World::new().run(&["init", "--schema"]).json()
}

#[test]
fn writes_a_file_that_scan_takes() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    let before = world.json(&["web.yaml"]);
    assert_snapshot!(world.run(&["init"]).all(), @"
    exit: 0
    --- stderr
    knight: note: wrote `./knight.yaml`
    ");
    assert_eq!(
        world.json(&["web.yaml"]),
        before,
        "the template changes nothing"
    );
}

#[test]
fn writes_over_a_file_only_when_told_to() {
    let world = World::new();
    world.file("knight.yaml", "version: 1\n");
    assert_snapshot!(world.run(&["init"]).all(), @"
    exit: 2
    --- stderr
    knight: error: `./knight.yaml` exists: --force writes over it
    ");
    assert_eq!(world.text("knight.yaml"), "version: 1\n");
    assert_eq!(world.run(&["init", "--force"]).code, Some(0));
    assert!(world.text("knight.yaml").contains("profiles: [shared]"));
    assert_eq!(world.run(&["init", "nowhere"]).code, Some(2));
}

#[test]
fn the_schema_knows_the_keys_of_the_parser() {
    let schema = schema();
    let of = |pointer: &str| -> BTreeSet<String> {
        let properties = schema.pointer(pointer).and_then(Value::as_object);
        properties.expect(pointer).keys().cloned().collect()
    };
    for (name, keys) in config::KEYS {
        let pointer = match *name {
            "" => "/properties".to_owned(),
            "exceptions" => "/properties/exceptions/items/properties".to_owned(),
            "tenants" => "/properties/tenants/oneOf/2/items/properties".to_owned(),
            "tenants by label" => "/properties/tenants/oneOf/1/properties".to_owned(),
            name => format!("/properties/{name}/properties"),
        };
        let known: BTreeSet<String> = keys.iter().map(|&key| key.to_owned()).collect();
        assert_eq!(of(&pointer), known, "{name}");
    }
}

#[test]
fn the_schema_agrees_with_the_parser() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let template = include_str!("../../src/init/knight.yaml");
    for (valid, text) in [
        (true, template),
        (
            true,
            "version: 1\ntenants: {label: a}\nkubernetes: 1.30\nknative: '1.22'\n",
        ),
        (
            true,
            "version: 1\ntenants: [{name: a, namespaces: [b], subjects: ['Group:c']}]\n",
        ),
        (
            true,
            "version: 1\nexceptions: [{control: pod, reason: x, until: '2027-01-01', name: a*}]\n",
        ),
        (
            true,
            "version: 1\nparameters: {max-scale: 5, registries: [a], timeout-seconds: 9}\n",
        ),
        (true, "version: 1\nselect: []\nprofiles: []\npaths:\n"),
        (false, "{}\n"),
        (false, "version: 2\n"),
        (false, "version: 1\nprofiles: shared\n"),
        (false, "version: 1\nprofiles: [shard]\n"),
        (false, "version: 1\nseverity: hihg\n"),
        (false, "version: 1\nparameters: {max-scale: 0}\n"),
        (false, "version: 1\nparameters: {max-scale: '5'}\n"),
        (false, "version: 1\nexceptions: [{control: pod}]\n"),
        (
            false,
            "version: 1\nexceptions: [{control: pod, reason: ' '}]\n",
        ),
        (false, "version: 1\ntenants: [{namespaces: [a]}]\n"),
        (
            false,
            "version: 1\ntenants: [{name: a, subjects: [jane]}]\n",
        ),
        (false, "version: 1\ntenants: {}\n"),
        (false, "version: 1\nkubernetes: [1]\n"),
        (false, "version: 1\nunknown: 1\n"),
        (false, "version: 1\npaths: {ignored: []}\n"),
    ] {
        let source = std::sync::Arc::new(Source::new("knight.yaml", text));
        let document = &load(&source, &Limits::default()).documents[0];
        let json = document.root().to_json();
        assert_eq!(validator.is_valid(&json), valid, "schema: {text}");
        assert_eq!(config::read(&source).is_ok(), valid, "parser: {text}");
    }
}
