//! The process of a test bed that is ours.

use std::{
    collections::VecDeque,
    io::{BufRead as _, BufReader, ErrorKind, Read},
    path::{Path, PathBuf},
    process::{self, ChildStdin, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use serde::Deserialize;

use crate::{Error, Level, audit::Audit};

/// How long a start may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_mins(4);
/// How many of the last lines of its output are kept.
const KEPT: usize = 60;

/// What the program says on one line when it is ready. It says more, which is not needed here.
#[derive(Debug, Deserialize)]
pub(crate) struct Ready {
    /// Where the kubeconfig is.
    pub(crate) kubeconfig: PathBuf,
    /// The folder of the test bed.
    pub(crate) dir: PathBuf,
}

/// The running program. It ends when this process does: the system then closes the pipe that is its
/// input, also after a panic, an abort or a kill.
#[derive(Debug)]
pub(crate) struct Child {
    process: process::Child,
    input: Option<ChildStdin>,
    log: Log,
}

/// The last lines of the output.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<VecDeque<String>>>);

/// Starts the program, and waits until it is ready.
pub(crate) fn launch(program: &Path, level: Level) -> Result<(Child, Ready), Error> {
    let mut command = Command::new(program);
    command
        .arg("up")
        .args(level.arguments())
        .arg("--audit-policy")
        .arg(Audit::policy())
        .arg("--until-stdin-closes");
    start(command, program, PATIENCE)
}

fn start(
    mut command: Command,
    program: &Path,
    patience: Duration,
) -> Result<(Child, Ready), Error> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = command.spawn().map_err(|source| match source.kind() {
        ErrorKind::NotFound => Error::Missing(program.to_owned()),
        _ => Error::Start {
            program: program.to_owned(),
            source: Arc::new(source),
        },
    })?;
    let log = Log::default();
    let (said, hears) = channel();
    if let Some(output) = process.stdout.take() {
        follow(output, log.clone(), Some(said));
    }
    if let Some(errors) = process.stderr.take() {
        follow(errors, log.clone(), None);
    }
    let child = Child {
        input: process.stdin.take(),
        process,
        log,
    };
    match hears.recv_timeout(patience) {
        Ok(line) => match serde_json::from_str(&line) {
            Ok(ready) => Ok((child, ready)),
            Err(source) => Err(Error::Ready {
                line,
                source: Arc::new(source),
            }),
        },
        Err(RecvTimeoutError::Disconnected) => {
            let mut child = child;
            // The reason may still be on its way through the other pipe.
            let _ = child.process.wait();
            thread::sleep(Duration::from_millis(100));
            Err(Error::Ended { log: child.log() })
        }
        Err(RecvTimeoutError::Timeout) => Err(Error::NotReady {
            seconds: patience.as_secs(),
            log: child.log(),
        }),
    }
}

/// Reads a pipe to its end in a thread, so that the writer never blocks. Each line goes to `said`
/// while someone listens.
fn follow(pipe: impl Read + Send + 'static, log: Log, mut said: Option<Sender<String>>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n') {
            let Ok(line) = line else { return };
            let line = String::from_utf8_lossy(&line).into_owned();
            log.push(line.clone());
            said = said.filter(|said| said.send(line).is_ok());
        }
    });
}

impl Child {
    /// Returns the last lines of the output.
    pub(crate) fn log(&self) -> String {
        self.log.text()
    }
}

impl Drop for Child {
    /// Ends a test bed that did not get ready; one that did lives as long as the process.
    fn drop(&mut self) {
        drop(self.input.take());
        // It tidies up after itself when its input ends; one that hangs is not waited for.
        for _ in 0..100 {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Log {
    fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, patience: Duration) -> Result<(Child, Ready), Error> {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        start(command, Path::new("sh"), patience)
    }

    #[test]
    fn reads_where_the_kubeconfig_and_the_folder_are() {
        let script = r#"echo up >&2; echo '{"kubeconfig": "/a/b", "dir": "/a", "pid": 1}'; cat"#;
        let (_child, ready) = shell(script, Duration::from_secs(20)).unwrap();
        assert_eq!(
            (ready.kubeconfig, ready.dir),
            (PathBuf::from("/a/b"), PathBuf::from("/a"))
        );
    }

    #[test]
    fn says_how_to_build_what_is_missing() {
        let program = Path::new("/nowhere/testbed");
        let error = launch(program, Level::Api).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no test bed at `/nowhere/testbed`: `cargo xtask testbed build` builds it"
        );
    }

    #[test]
    fn says_what_a_test_bed_said_that_ended() {
        let error = shell("echo broken >&2", Duration::from_secs(20)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the test bed ended before it was ready; it said:\nbroken\n"
        );
    }

    #[test]
    fn rejects_a_first_line_that_is_no_answer() {
        let error = shell("echo hello; cat", Duration::from_secs(20)).unwrap_err();
        assert!(matches!(error, Error::Ready { line, .. } if line == "hello"));
    }

    #[test]
    fn does_not_wait_for_ever() {
        let error = shell("cat", Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, Error::NotReady { .. }));
    }
}
