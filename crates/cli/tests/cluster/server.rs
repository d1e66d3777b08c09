//! An API server that answers as a test says, on loopback, and remembers what it was asked.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// The path, without the query.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) authorization: Option<String>,
    /// How many requests for this path came before.
    pub(crate) nth: usize,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A status, headers and a whole body.
    Whole(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Bytes as they are, after which the connection is closed.
    Raw(Vec<u8>),
    /// Nothing, for so long.
    Silence(Duration),
    /// A body that goes on with these bytes, until so many are sent or nobody takes them.
    Endless(Vec<u8>, u64),
    /// A head, and then the bytes of the body one at a time, with a pause before each.
    Drip(Vec<u8>, Duration),
}

/// The server; it ends with the test.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    sent: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        let kind = ("content-type", "application/json".to_owned());
        Self::Whole(status, vec![kind], body.into().into_bytes())
    }

    /// Returns what the API server answers when it does not do what it was asked for.
    pub(crate) fn status(status: u16, message: &str) -> Self {
        let body = serde_json::json!({
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status,
            "message": message,
        });
        Self::json(status, body.to_string())
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Whole(_, headers, _) = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }

    /// Returns the bytes of a whole reply.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Self::Whole(status, headers, body) = self else {
            panic!("no whole reply: {self:?}");
        };
        let mut head = format!("HTTP/1.1 {status} Said\r\nconnection: close\r\n");
        let length = ("content-length", body.len().to_string());
        let has_length = headers.iter().any(|(name, _)| *name == length.0);
        for (name, value) in headers.iter().chain((!has_length).then_some(&length)) {
            head.extend([*name, ": ", value, "\r\n"]);
        }
        let mut bytes = format!("{head}\r\n").into_bytes();
        bytes.extend(body);
        bytes
    }
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("an address");
        let server = Self {
            address,
            seen: Arc::default(),
            sent: Arc::default(),
            stopped: Arc::default(),
        };
        let (seen, sent) = (Arc::clone(&server.seen), Arc::clone(&server.sent));
        let stopped = Arc::clone(&server.stopped);
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (seen, sent) = (Arc::clone(&seen), Arc::clone(&sent));
                let answer = Arc::clone(&answer);
                thread::spawn(move || {
                    // Whoever went away is not waited for.
                    let _ = serve(stream, &seen, &sent, &*answer);
                });
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no test panics here").clone()
    }

    /// Returns how many requests for a path came.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.seen().iter().filter(|seen| seen.path == path).count()
    }

    /// Returns how many bytes of endless bodies were taken.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the listener, so that its thread ends.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(
    mut stream: TcpStream,
    all: &Mutex<Vec<Seen>>,
    sent: &AtomicU64,
    answer: &(dyn Fn(&Seen) -> Reply + Send + Sync),
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    let Some(mut seen) = read(&stream)? else {
        return Ok(());
    };
    {
        let mut all = all.lock().expect("no test panics here");
        seen.nth = all.iter().filter(|other| other.path == seen.path).count();
        all.push(seen.clone());
    }
    match answer(&seen) {
        whole @ Reply::Whole(..) => stream.write_all(&whole.bytes()),
        Reply::Raw(bytes) => stream.write_all(&bytes),
        Reply::Silence(duration) => {
            // Ends early when the other side does.
            stream.set_read_timeout(Some(duration))?;
            stream.read(&mut [0]).map(|_| ())
        }
        Reply::Endless(bytes, most) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")?;
            let mut total = 0;
            while total < most {
                stream.write_all(&bytes)?;
                total += bytes.len() as u64;
                sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            }
            Ok(())
        }
        Reply::Drip(bytes, pause) => {
            let length = bytes.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n"
            )?;
            for byte in bytes {
                thread::sleep(pause);
                stream.write_all(&[byte])?;
                stream.flush()?;
            }
            Ok(())
        }
    }
}

fn read(stream: &TcpStream) -> std::io::Result<Option<Seen>> {
    let mut lines = BufReader::new(stream).lines();
    let Some(first) = lines.next().transpose()? else {
        return Ok(None);
    };
    let mut words = first.split(' ');
    let (method, target) = (words.next(), words.next());
    let (Some(method), Some(target)) = (method, target) else {
        return Ok(None);
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut seen = Seen {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        authorization: None,
        nth: 0,
    };
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("authorization")
        {
            seen.authorization = Some(value.trim().to_owned());
        }
    }
    Ok(Some(seen))
}
