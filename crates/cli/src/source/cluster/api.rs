//! The API server, asked to tell: the only module that sends it requests.

use std::{
    fmt::{self, Write as _},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use http::{
    Request, Response, StatusCode,
    header::{ACCEPT, RETRY_AFTER, USER_AGENT},
};
use http_body_util::BodyExt as _;
use kube::{Client, client::Body};
use serde::Deserialize;
use thiserror::Error;
use tokio::{sync::Semaphore, time};

/// The most bytes of a body that is read to see why a request failed.
const ERROR_BYTES: usize = 64 << 10;

/// The most characters of what the server says that anybody sees.
const MESSAGE_CHARS: usize = 200;

/// How long to wait before a request is sent again, where the server does not say.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// The longest that the server may ask to wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How many times its patience one answer may take, however slowly it drips.
const LONGEST_ANSWER: u32 = 10;

/// How many times its patience all requests that fail may take together, pauses included.
const LONGEST_FAILING: u32 = 8;

/// An API server that is only ever asked to tell.
///
/// INVARIANT: [`get`](Self::get) is the one function that sends something, and it sends GET.
pub(super) struct Api {
    client: Client,
    patience: Duration,
    /// How many milliseconds went into requests that failed.
    failing: AtomicU64,
    /// Lets one page be taken apart at a time, so that memory is bounded by one.
    pub(super) parsing: Semaphore,
}

/// Why a request has no answer that could be used.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// Nobody who says who he is as we do is known (401).
    #[error("{0}")]
    Unauthorized(String),
    /// Whoever asks has no right to (403).
    #[error("{0}")]
    Refused(String),
    /// There is no such path (404).
    #[error("the server does not know it")]
    NotFound,
    /// The list cannot be continued as it was begun (410); the server may say how else.
    #[error("the server cannot continue it")]
    Expired(Option<String>),
    /// The answer is longer than it may be.
    #[error("an answer is longer than {0} bytes")]
    TooLong(usize),
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

/// What one request came to.
enum Attempt {
    Whole(Vec<u8>),
    Final(Failure),
    /// Something that may not happen again; the server may say when.
    Passing(String, Option<Duration>),
}

/// The answer of an API server that did not do what it was asked for.
#[derive(Default, Deserialize)]
struct Status {
    message: Option<String>,
    metadata: Option<StatusMetadata>,
}

#[derive(Deserialize)]
struct StatusMetadata {
    #[serde(rename = "continue")]
    token: Option<String>,
}

impl Api {
    pub(super) fn new(client: Client, patience: Duration) -> Self {
        Self {
            client,
            patience,
            failing: AtomicU64::new(0),
            parsing: Semaphore::new(1),
        }
    }

    /// Asks for a path, again where that may help, and returns a body of at most so many bytes.
    pub(super) async fn get(&self, path: &str, most: usize) -> Result<Vec<u8>, Failure> {
        if self.is_spent() {
            return Err(Failure::Other(
                "it was not asked for: too much time went into requests that failed".to_owned(),
            ));
        }
        let mut pauses = PAUSES.into_iter();
        loop {
            let started = Instant::now();
            let (reason, asked) = match self.attempt(path, most).await {
                Attempt::Whole(body) => return Ok(body),
                Attempt::Final(failure) => return Err(failure),
                Attempt::Passing(reason, asked) => (reason, asked),
            };
            self.spend(started.elapsed());
            let Some(pause) = pauses.next() else {
                return Err(Failure::Other(format!(
                    "{reason}, {} times in a row",
                    PAUSES.len() + 1
                )));
            };
            // A server that asks for no pause is not believed.
            let pause = asked.map_or(pause, |asked| asked.max(PAUSES[0]));
            if pause > LONGEST_PAUSE {
                let seconds = pause.as_secs();
                return Err(Failure::Other(format!(
                    "{reason}, and it asks to wait for {seconds} seconds"
                )));
            }
            self.pause(pause).await;
            if self.is_spent() {
                return Err(Failure::Other(format!(
                    "{reason}, and too much time went into requests that failed"
                )));
            }
        }
    }

    /// Waits before something is asked for again, and counts that as failing.
    pub(super) async fn pause(&self, pause: Duration) {
        self.spend(pause);
        time::sleep(pause).await;
    }

    /// Returns whether so much time went into failures that nothing should be asked for any more.
    pub(super) fn is_spent(&self) -> bool {
        let most = (self.patience * LONGEST_FAILING).as_millis();
        u128::from(self.failing.load(Ordering::Relaxed)) >= most
    }

    fn spend(&self, time: Duration) {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.failing.fetch_add(milliseconds, Ordering::Relaxed);
    }

    async fn attempt(&self, path: &str, most: usize) -> Attempt {
        let request = Request::get(path)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, concat!("knight/", env!("CARGO_PKG_VERSION")))
            .body(Body::empty());
        let request = match request {
            Ok(request) => request,
            Err(error) => return Attempt::Final(Failure::Other(line(&error.to_string()))),
        };
        let whole = async {
            let sent = time::timeout(self.patience, self.client.send(request)).await;
            let response = match sent {
                Ok(Ok(response)) => response,
                Ok(Err(error)) => return of_error(&error),
                Err(_) => return self.silence(),
            };
            if response.status().is_success() {
                self.body(response, most).await
            } else {
                self.refusal(response).await
            }
        };
        match time::timeout(self.patience * LONGEST_ANSWER, whole).await {
            Ok(attempt) => attempt,
            Err(_) => Attempt::Passing("the server takes too long to answer".to_owned(), None),
        }
    }

    async fn body(&self, response: Response<Body>, most: usize) -> Attempt {
        let mut body = response.into_body();
        let mut read = Vec::new();
        loop {
            let frame = match time::timeout(self.patience, body.frame()).await {
                Ok(None) => return Attempt::Whole(read),
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(error))) => {
                    let reason = format!("the answer is cut off or damaged ({})", cause(&error));
                    return Attempt::Passing(line(&reason), None);
                }
                Err(_) => return self.silence(),
            };
            let Some(data) = frame.data_ref() else {
                continue;
            };
            if read.len() + data.len() > most {
                return Attempt::Final(Failure::TooLong(most));
            }
            read.extend_from_slice(data);
        }
    }

    /// Reads why the server does not give what it was asked for.
    async fn refusal(&self, response: Response<Body>) -> Attempt {
        let status = response.status();
        let asked = response.headers().get(RETRY_AFTER);
        let asked = asked.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let asked = asked.map(Duration::from_secs);
        let said: Status = match self.body(response, ERROR_BYTES).await {
            Attempt::Whole(body) => serde_json::from_slice(&body).unwrap_or_default(),
            // That it refuses is known without its reasons.
            Attempt::Final(_) | Attempt::Passing(..) => Status::default(),
        };
        let token = said.metadata.and_then(|metadata| metadata.token);
        let message = said.message.map(|message| line(&message));
        let message = message.filter(|message| !message.is_empty());
        let answer = format!("the server answers {}", line(&status.to_string()));
        let answer = match message.clone() {
            Some(message) => format!("{answer}: {message}"),
            None => answer,
        };
        match status {
            StatusCode::UNAUTHORIZED => Attempt::Final(Failure::Unauthorized(answer)),
            StatusCode::FORBIDDEN => Attempt::Final(Failure::Refused(message.unwrap_or(answer))),
            StatusCode::NOT_FOUND => Attempt::Final(Failure::NotFound),
            StatusCode::GONE => {
                Attempt::Final(Failure::Expired(token.filter(|token| !token.is_empty())))
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
                Attempt::Passing(answer, asked)
            }
            status if status.is_server_error() => Attempt::Passing(answer, asked),
            status if status.is_redirection() => Attempt::Final(Failure::Other(format!(
                "{answer}, which leads elsewhere and is not followed"
            ))),
            _ => Attempt::Final(Failure::Other(answer)),
        }
    }

    fn silence(&self) -> Attempt {
        let seconds = self.patience.as_secs();
        Attempt::Passing(
            format!("the server is silent for {seconds} seconds (--timeout)"),
            None,
        )
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client holds credentials.
        f.debug_struct("Api").finish_non_exhaustive()
    }
}

/// Decides on a request that had no answer at all.
fn of_error(error: &kube::Error) -> Attempt {
    if let Some(failed) = auth_error(error) {
        return Attempt::Final(Failure::Unauthorized(failed));
    }
    let cause = line(&cause(error));
    // The error is that of a crate which we do not name: its words are what is left of it.
    if cause.contains("certificate") || cause.contains("TLS") || cause.contains("tls") {
        return Attempt::Final(Failure::Other(format!(
            "the connection is not secure ({cause}): the kubeconfig's `certificate-authority` must \
             be the one that signed the server's certificate, and its `server` a name in it"
        )));
    }
    Attempt::Passing(format!("the server cannot be reached ({cause})"), None)
}

/// Returns what went wrong where credentials should have come from, without what a command printed:
/// that may be a credential.
pub(super) fn auth_error(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    use kube::client::AuthError;
    let mut next = Some(error);
    while let Some(error) = next {
        next = error.source();
        let error = match error.downcast_ref::<kube::Error>() {
            Some(kube::Error::Auth(error)) => Some(error),
            _ => error.downcast_ref::<AuthError>(),
        };
        let Some(error) = error else {
            continue;
        };
        return Some(match error {
            // Its arguments and its environment may hold credentials as well.
            AuthError::AuthExecRun { out, .. } => {
                let status = out.status;
                format!("the kubeconfig's command that gives credentials failed ({status})")
            }
            AuthError::AuthExecStart(error) => {
                let error = line(&error.to_string());
                format!("the kubeconfig's command that gives credentials cannot be run: {error}")
            }
            AuthError::ReadTokenFile(error, path) => {
                let (path, error) = (line(&path.to_string_lossy()), line(&error.to_string()));
                format!("the file with the token, `{path}`, cannot be read: {error}")
            }
            AuthError::ExecPluginFailed | AuthError::AuthExecParse(_) | AuthError::AuthExec(_) => {
                "the kubeconfig's command that gives credentials gave none".to_owned()
            }
            _ => "the kubeconfig gives no credentials that could be used".to_owned(),
        });
    }
    None
}

/// Returns what is at the bottom of an error, where the reason is.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(next) = innermost.source() {
        innermost = next;
    }
    innermost.to_string()
}

/// Returns a text as one short line that steers no terminal.
pub(super) fn line(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || c.is_whitespace()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown = String::new();
    let (mut length, mut pending) = (0, false);
    for c in text.chars() {
        if steers(c) {
            pending = length > 0;
            continue;
        }
        if length >= MESSAGE_CHARS {
            shown.push('…');
            break;
        }
        if std::mem::take(&mut pending) {
            shown.push(' ');
            length += 1;
        }
        shown.push(c);
        length += 1;
    }
    shown
}

/// Returns a text as it may stand in the query of a URL.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // A string takes whatever is written to it.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_becomes_one_short_line() {
        assert_eq!(line(" a\n\tb\u{1b}[2J\u{202e}c "), "a b [2J c");
        assert_eq!(line("pods is \"x\": é"), "pods is \"x\": é");
        let long = line(&"x".repeat(5000));
        assert_eq!(long.chars().count(), MESSAGE_CHARS + 1);
        assert_eq!(line(""), "");
    }

    #[test]
    fn tokens_stay_one_parameter_of_the_query() {
        assert_eq!(encoded("aZ0-._~"), "aZ0-._~");
        assert_eq!(encoded("a&limit=9#\n%é"), "a%26limit%3D9%23%0A%25%C3%A9");
    }

    /// A second place that sends would need the client, which only this module has.
    #[test]
    fn requests_that_are_sent_are_get() {
        let sources = [
            include_str!("api.rs"),
            include_str!("connect.rs"),
            include_str!("discovery.rs"),
            include_str!("list.rs"),
        ];
        let count = |needle: &str| -> usize {
            sources
                .iter()
                .map(|source| source.matches(needle).count())
                .sum()
        };
        assert_eq!(count(concat!(".se", "nd(")), 1);
        assert_eq!(count(concat!("Request::", "get(")), 1);
        for other in ["post(", "put(", "patch(", "delete(", "builder(", "method("] {
            assert_eq!(count(&["Request::", other].concat()), 0, "{other}");
        }
    }

    #[test]
    fn a_certificate_that_is_not_trusted_is_not_tried_again() {
        let reason = |words: &str| match of_error(&kube::Error::Service(words.into())) {
            Attempt::Final(Failure::Other(reason)) => Some(reason),
            _ => None,
        };
        let said = reason("invalid peer certificate: UnknownIssuer").expect("no other try");
        assert!(said.starts_with(
            "the connection is not secure (invalid peer certificate: UnknownIssuer): the \
             kubeconfig's `certificate-authority`"
        ));
        assert_eq!(reason("connection reset by peer"), None);
    }
}
