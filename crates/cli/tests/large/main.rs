//! Knight against a large cluster: as many objects as a platform of thousands of tenants has.
//!
//! It is a program of its own because its test bed has no controllers: they would make pods of it all.
#![expect(
    clippy::disallowed_methods,
    reason = "tests write files and start processes"
)]

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
};

use knight_testbed_client::{Fleet, Level, Testbed};
use serde_json::Value;
use tempfile::TempDir;
use wait4::Wait4 as _;

/// What a scan may take of the machine's memory.
const MOST_MEMORY: u64 = 300 << 20;
const OBJECTS: usize = 20_000;

#[test]
fn judges_twenty_thousand_objects_in_bounded_memory() {
    let testbed = Testbed::shared(Level::Crds).expect("the test bed starts");
    let fleet = Fleet {
        objects: OBJECTS,
        seed: 1,
    };
    let made = fleet.create(testbed.client()).expect("a large cluster");
    assert_eq!(made, OBJECTS);

    let folder = TempDir::new().expect("a temporary folder");
    let run = |arguments: &[&str], code: i32| {
        let output = folder.path().join("output");
        let mut command = Command::new(env!("CARGO_BIN_EXE_knight"));
        let child = command
            .env_clear()
            .env("KUBECONFIG", testbed.kubeconfig())
            .current_dir(folder.path())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(File::create(&output).expect("a new file"))
            .spawn();
        let used = child.expect("the program starts").wait4().expect("it ends");
        assert_eq!(used.status.code(), Some(code), "{arguments:?}");
        let peak = used.rusage.maxrss;
        assert!(peak < MOST_MEMORY, "{arguments:?}: {} MiB", peak >> 20);
        read(&output)
    };
    let judge = ["--format", "json", "--today", "2027-01-01"];
    let live = run(&[&["scan", "--cluster"], &judge[..]].concat(), 1);
    run(&["snapshot", "--cluster", "-o", "large.knight"], 0);
    let offline = run(&[&["scan", "large.knight"], &judge[..]].concat(), 1);
    assert!(live == offline);

    let report: Value = serde_json::from_slice(&live).expect("JSON");
    let seen = report["summary"]["from_cluster"].as_u64();
    assert!(seen >= Some(OBJECTS as u64), "{seen:?}");
    let findings = report["summary"]["findings"].as_u64();
    assert!(findings > Some(5000), "{findings:?}");
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("the output")
}
