//! The names of files in reports: relative to one folder, whatever the working directory.

use std::path::Path;

use crate::common::{HOST_NETWORK, World, found};

#[test]
fn names_are_relative_to_the_root() {
    let world = World::new();
    world.file("apps/shop/web.yaml", HOST_NETWORK);
    for (folder, path) in [
        ("", "apps"),
        ("apps", "."),
        ("apps/shop", "web.yaml"),
        ("apps/shop", "../../apps/shop"),
    ] {
        let arguments = ["scan", path, "--select", "host-network", "--format", "json"];
        let run = world.run_in(Path::new(folder), &arguments, "");
        assert_eq!(
            found(&run.json()),
            ["host-network apps/shop/web.yaml:5"],
            "{folder} {path}"
        );
    }
}

#[test]
fn without_a_root_names_are_relative_to_what_is_scanned() {
    let world = World::without_root();
    world.file("apps/shop/web.yaml", HOST_NETWORK);
    assert_eq!(
        world.found(&["apps", "--select", "host-network"]),
        ["host-network shop/web.yaml:5"]
    );
    let file = world.found(&["apps/shop/web.yaml", "--select", "host-network"]);
    assert_eq!(file, ["host-network web.yaml:5"]);
}

#[test]
fn files_of_several_roots_never_share_a_name() {
    let world = World::without_root();
    for root in ["one", "two"] {
        world.folder(&format!("{root}/.git"));
        world.file(&format!("{root}/web.yaml"), HOST_NETWORK);
    }
    let expected = ["host-network one/web.yaml:5", "host-network two/web.yaml:5"];
    assert_eq!(
        world.found(&["one", "two", "--select", "host-network"]),
        expected
    );
    assert_eq!(
        world.found(&["two", "one", "--select", "host-network"]),
        expected
    );
    assert_eq!(
        world.found(&["one", "--select", "host-network"]),
        ["host-network web.yaml:5"]
    );
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let world = World::new();
    let fingerprint = |text: &str| {
        world.file("web.yaml", text);
        world.json(&["web.yaml", "--select", "host-network"])["findings"][0]["fingerprint"].clone()
    };
    let first = fingerprint(HOST_NETWORK);
    assert_eq!(fingerprint(&format!("# moved\n\n{HOST_NETWORK}")), first);
    assert_ne!(fingerprint(&HOST_NETWORK.replace("web", "other")), first);
}
