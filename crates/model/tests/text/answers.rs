//! The Go program, asked.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use serde_json::{Value, json};

/// What Kubernetes says of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// It refuses the text.
    Refused(String),
    /// It reads this value.
    Read {
        /// In the encoding of [`super::reading::tagged`]; none where it is too deep to be printed.
        value: Option<Value>,
        /// Why a strict reader refuses it.
        strict: Option<String>,
    },
    /// It reads one of several values by chance.
    Ambiguous,
}

/// Returns the root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Asks one operation of the program about many texts at once.
pub(crate) fn ask(op: &str, texts: &[impl AsRef<str>]) -> Vec<Value> {
    let program = env::var_os("KNIGHT_ORACLE")
        .map_or_else(|| root().join("target/oracle/oracle"), PathBuf::from);
    let mut oracle = Command::new(&program)
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!(
                "could not start {}: {error}; `cargo xtask test` builds it",
                program.display()
            )
        });
    let mut input = oracle.stdin.take().expect("stdin is piped");
    let output = BufReader::new(oracle.stdout.take().expect("stdout is piped"));
    let requests: Vec<_> = texts
        .iter()
        .map(|text| json!({ "op": op, "id": 0, "text": text.as_ref() }).to_string())
        .collect();
    let writer = thread::spawn(move || {
        for request in requests {
            writeln!(input, "{request}").expect("the program reads its requests");
        }
    });
    let answers: Vec<Value> = output
        .lines()
        .map(|line| serde_json::from_str(&line.expect("an answer is text")).expect("… and JSON"))
        .collect();
    writer.join().expect("the requests were written");
    assert!(oracle.wait().expect("the program ends").success());
    assert_eq!(answers.len(), texts.len(), "one answer for each text");
    answers
}

/// Asks what values texts are, as `yaml` or as `json`.
pub(crate) fn values(op: &str, texts: &[impl AsRef<str>]) -> Vec<Answer> {
    ask(op, texts).into_iter().map(answer).collect()
}

fn answer(mut answer: Value) -> Answer {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(error) = answer.get("error").and_then(text) {
        return Answer::Refused(error);
    }
    if answer.get("ambiguous").is_some() {
        return Answer::Ambiguous;
    }
    Answer::Read {
        strict: answer.get("strict_error").and_then(text),
        value: answer.get_mut("value").map(Value::take),
    }
}
