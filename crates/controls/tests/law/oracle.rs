//! The Go program, asked.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

/// A running oracle; it ends with its input.
#[derive(Debug)]
pub(crate) struct Oracle {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// What a policy decides of one request.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    /// Whether all match conditions hold.
    pub(crate) matched: bool,
    /// Whether the request is let in.
    pub(crate) allowed: bool,
    /// What failed at run time.
    pub(crate) error: Option<String>,
    /// What evaluation cost; none when a budget was exceeded.
    pub(crate) cost: Option<u64>,
}

/// Returns the root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the folder in which tables are left, below the target directory.
pub(crate) fn tables() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("it lies in the target");
    target.join("law")
}

impl Oracle {
    /// Starts the program.
    pub(crate) fn start() -> Self {
        let program = env::var_os("KNIGHT_ORACLE")
            .map_or_else(|| root().join("target/oracle/oracle"), PathBuf::from);
        let started = Command::new(&program)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = started.unwrap_or_else(|error| {
            let program = program.display();
            panic!("could not start {program}: {error}; `cargo xtask test` builds it")
        });
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Self {
            child,
            input,
            output,
        }
    }

    /// Asks one question.
    pub(crate) fn ask(&mut self, request: &Value) -> Value {
        let input = self.input.as_mut().expect("stdin is piped");
        writeln!(input, "{request}").expect("the program reads its requests");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("an answer is text");
        let answer: Value = serde_json::from_str(&line).expect("an answer is JSON");
        assert!(
            answer["error"].is_null(),
            "the oracle could not answer: {}",
            answer["error"]
        );
        answer
    }

    /// Compiles a policy as a server of 1.`minor` does, and lets it decide.
    pub(crate) fn decide(
        &mut self,
        minor: u16,
        policy: &Value,
        cases: &[Value],
    ) -> Result<Vec<Decision>, Value> {
        let answer = self.ask(&json!({
            "op": "cel", "id": 0, "minor": minor, "policy": policy, "cases": cases,
        }));
        if answer["compile_errors"]
            .as_array()
            .is_none_or(|errors| !errors.is_empty())
        {
            return Err(answer["compile_errors"].clone());
        }
        let results = answer["results"].as_array().expect("results are a list");
        assert_eq!(results.len(), cases.len(), "one decision for each case");
        let bool = |value: &Value| value.as_bool().expect("a boolean");
        Ok(results
            .iter()
            .map(|result| Decision {
                matched: bool(&result["matched"]),
                allowed: bool(&result["allowed"]),
                error: result["error"].as_str().map(str::to_owned),
                cost: result["cost"].as_u64(),
            })
            .collect())
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        drop(self.input.take());
        // Whether it ended well is of no interest to a test that is over.
        let _ = self.child.wait();
    }
}
