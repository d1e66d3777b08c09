//! How much memory a snapshot may cost that somebody made for harm.
//!
//! It is a program of its own because the system counts what a process has when it starts another
//! as the other's: tests that hold much would show here.
#![expect(
    clippy::disallowed_methods,
    reason = "tests write files and start processes"
)]

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    process::{Command, Stdio},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use tempfile::TempDir;
use wait4::Wait4 as _;

const MIB: usize = 1 << 20;

/// What a scan may take, however long the snapshot is once it is inflated: the program, two lines as
/// long as they may be, and what is on its way between the cores.
const MOST_MEMORY: u64 = 100 << 20;

/// What is inflated in each test: more than twice what the scan may take.
const INFLATED: usize = 256;

const HEADER: &[u8] = b"{\"knightSnapshot\":1,\"knight\":\"\"}\n";

/// Scans a snapshot that `fill` writes; returns the exit code and the report.
fn scan(fill: impl FnOnce(&mut GzEncoder<BufWriter<File>>)) -> (Option<i32>, Value) {
    let folder = TempDir::new().expect("a temporary folder");
    let (snapshot, output) = (folder.path().join("s"), folder.path().join("output"));
    let file = BufWriter::new(File::create(&snapshot).expect("a new file"));
    let mut to = GzEncoder::new(file, Compression::fast());
    to.write_all(HEADER).expect("room on the disk");
    fill(&mut to);
    to.finish()
        .and_then(|mut file| file.flush())
        .expect("room on the disk");
    let size = fs::metadata(&snapshot).expect("the snapshot").len();
    assert!(size < 4 * MIB as u64, "{size} bytes are no bomb");
    let child = Command::new(env!("CARGO_BIN_EXE_knight"))
        .env_clear()
        .current_dir(folder.path())
        .args(["scan", "s", "--format", "json", "--today", "2027-01-01"])
        .stdin(Stdio::null())
        .stdout(File::create(&output).expect("a new file"))
        .spawn();
    let used = child.expect("the program starts").wait4().expect("it ends");
    let peak = used.rusage.maxrss;
    assert!(peak < MOST_MEMORY, "{} MiB", peak >> 20);
    let report = fs::read_to_string(&output).expect("the output");
    (
        used.status.code(),
        serde_json::from_str(&report).expect("JSON"),
    )
}

#[test]
fn an_endless_line_is_refused_at_its_bound() {
    let (code, report) = scan(|to| {
        let part = "a".repeat(MIB);
        to.write_all(b"{\"a\":\"").expect("room on the disk");
        for _ in 0..INFLATED {
            to.write_all(part.as_bytes()).expect("room on the disk");
        }
    });
    assert_eq!(code, Some(2));
    assert_eq!(
        report["problems"][0]["reason"],
        "a line of this snapshot has more than 8388608 bytes"
    );
}

#[test]
fn objects_are_judged_one_by_one() {
    const BYTES: usize = 128 << 10;
    let objects = INFLATED * MIB / BYTES;
    let data = "a".repeat(BYTES);
    let (code, report) = scan(|to| {
        for number in 0..objects {
            writeln!(
                to,
                "{{\"apiVersion\":\"v1\",\"data\":{{\"a\":\"{data}\"}},\"kind\":\"ConfigMap\",\
                 \"metadata\":{{\"name\":\"m{number}\",\"namespace\":\"a\"}}}}"
            )
            .expect("room on the disk");
        }
        writeln!(to, "{{\"end\":{{\"objects\":{objects},\"lists\":[]}}}}")
            .expect("room on the disk");
    });
    assert_eq!(code, Some(0), "{report:#}");
    assert_eq!(report["summary"]["documents"], objects);
}
