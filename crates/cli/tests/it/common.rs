//! A folder with files, and Knight run in it.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// A Knative Service that shares the node's network.
pub(crate) const HOST_NETWORK: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostNetwork: true
";

/// A folder with a root marker, and Knight run in it with nothing of the environment.
#[derive(Debug)]
pub(crate) struct World {
    folder: TempDir,
    program: PathBuf,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Self::without_root();
        world.folder(".git");
        world
    }

    pub(crate) fn without_root() -> Self {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_knight"));
        Self {
            folder: TempDir::new().expect("a temporary folder"),
            program,
        }
    }

    /// Makes the program one that was started under another name.
    pub(crate) fn named(mut self, name: &str) -> Self {
        let program = self.path(name);
        // A copy could still be open for writing in a process that another test starts.
        std::os::unix::fs::symlink(&self.program, &program).expect("a link to the program");
        self.program = program;
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let root = self
            .folder
            .path()
            .canonicalize()
            .expect("the folder exists");
        root.join(name)
    }

    pub(crate) fn folder(&self, name: &str) {
        fs::create_dir_all(self.path(name)).expect("a new folder");
    }

    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or(&path)).expect("a new folder");
        fs::write(path, text).expect("a new file");
        self
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file with text")
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_in(Path::new(""), arguments, "")
    }

    pub(crate) fn pipe(&self, arguments: &[&str], stdin: &str) -> Run {
        self.run_in(Path::new(""), arguments, stdin)
    }

    pub(crate) fn run_in(&self, folder: &Path, arguments: &[&str], stdin: &str) -> Run {
        let mut child = self
            .command(folder, arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        // A program that reads no stdin may have ended.
        let _ = pipe.write_all(stdin.as_bytes());
        drop(pipe);
        let output = child.wait_with_output().expect("the program ends");
        let text = |bytes: Vec<u8>| {
            String::from_utf8(bytes)
                .expect("output is UTF-8")
                .replace(&self.path("").to_string_lossy().into_owned(), "[ROOT]/")
        };
        Run {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    pub(crate) fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear().current_dir(self.path("").join(folder));
        // Exceptions expire by a day that does not pass.
        if arguments.first() == Some(&"scan") && !arguments.contains(&"--today") {
            command
                .args(["scan", "--today", "2027-01-01"])
                .args(&arguments[1..]);
        } else {
            command.args(arguments);
        }
        command
    }

    /// Scans and reads the JSON report.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let all: Vec<&str> = ["scan", "--format", "json"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        self.run(&all).json()
    }

    /// Scans and returns the controls that fail, with their files and lines.
    pub(crate) fn found(&self, arguments: &[&str]) -> Vec<String> {
        found(&self.json(arguments))
    }
}

impl Run {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("no JSON: {self:#?}"))
    }

    /// Returns all of it, for a snapshot.
    pub(crate) fn all(&self) -> String {
        let code = self
            .code
            .map_or_else(|| "a signal".to_owned(), |code| code.to_string());
        let mut all = format!("exit: {code}\n");
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                all += &["--- ", name, "\n", text].concat();
            }
        }
        all
    }
}

/// Returns the controls that fail, with their files and lines.
pub(crate) fn found(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list");
    let text = |finding: &Value| {
        let (control, location) = (&finding["control"], &finding["location"]);
        let (control, file) = (control.as_str(), location["file"].as_str());
        format!(
            "{} {}:{}",
            control.expect("an id"),
            file.expect("a name"),
            location["line"]
        )
    };
    findings.iter().map(text).collect()
}

/// Returns the problems as text.
pub(crate) fn problems(report: &Value) -> Vec<String> {
    let problems = report["problems"].as_array().expect("a list");
    let text = |problem: &Value| {
        let (file, reason) = (problem["file"].as_str(), problem["reason"].as_str());
        format!(
            "{}:{}: {}",
            file.expect("a name"),
            problem["line"],
            reason.expect("a reason")
        )
    };
    problems.iter().map(text).collect()
}
