//! The test bed, and Knight run against it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
};

use knight_testbed_client::{Client, Kubeconfig, Level, Testbed};
use serde_json::Value;
use tempfile::TempDir;

/// The test bed of all tests here, with the controllers.
pub(crate) fn testbed() -> &'static Testbed {
    Testbed::shared(Level::Full).expect("the test bed starts")
}

/// Returns what only one test at a time has: the whole cluster as it is.
///
/// All scans here see everything, so no test may change anything while another one looks.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns a kubeconfig for a service account.
pub(crate) fn account(namespace: &str, name: &str) -> Kubeconfig {
    let testbed = testbed();
    let token = testbed.client().token(namespace, name).expect("a token");
    Kubeconfig::read(testbed.kubeconfig(), None)
        .expect("the test bed has a kubeconfig")
        .with_token(&token)
}

/// Returns a client for a service account.
pub(crate) fn client_of(namespace: &str, name: &str) -> Client {
    Client::new(&account(namespace, name)).expect("a client")
}

/// A folder, and Knight run in it with nothing of the environment but where the cluster is.
#[derive(Debug)]
pub(crate) struct World {
    folder: TempDir,
    kubeconfig: PathBuf,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl World {
    /// Makes a folder for somebody who may do everything.
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().expect("a temporary folder"),
            kubeconfig: testbed().kubeconfig().to_owned(),
        }
    }

    /// Makes a folder for somebody else.
    pub(crate) fn of(somebody: &Kubeconfig) -> Self {
        let mut world = Self::new();
        world.kubeconfig = world.path("kubeconfig");
        fs::write(&world.kubeconfig, somebody.to_text()).expect("a new file");
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_knight"));
        let output = command
            .env_clear()
            .env("KUBECONFIG", &self.kubeconfig)
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .expect("the program starts");
        Run {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }
}

impl Run {
    /// Reads the JSON report.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|_| panic!("no JSON: {self:#?}"))
    }
}

/// An object as reports name it: namespace, API version, kind, name.
pub(crate) type Named = (String, String, String, String);

/// Returns how reports name an object.
pub(crate) fn named(object: &Value) -> Named {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &object["metadata"];
    (
        text(&metadata["namespace"]),
        text(&object["apiVersion"]),
        text(&object["kind"]),
        text(&metadata["name"]),
    )
}

/// Returns which controls fail on which objects.
pub(crate) fn failed(report: &Value) -> BTreeSet<(Named, String)> {
    let findings = report["findings"].as_array().expect("a list");
    let failed = findings
        .iter()
        .filter(|finding| finding["verdict"] == "fail");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    failed
        .map(|finding| {
            let object = &finding["object"];
            let of = (
                text(&object["namespace"]),
                text(&object["apiVersion"]),
                text(&object["kind"]),
                text(&object["name"]),
            );
            (of, text(&finding["control"]))
        })
        .collect()
}

/// Returns the files of a folder whose names end so, in order.
pub(crate) fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(end))
        .collect();
    files.sort();
    files
}
