//! A small cluster behind the server, and Knight run against it.

use std::{
    collections::BTreeMap,
    fs,
    io::Read as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use knight_model::snapshot::{Header, List, Listed, Reader};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::{Reply, Seen, Server};

/// What must never be seen in any output.
pub(crate) const TOKEN: &str = "canary-token-4711";

/// The longest that a run may take.
const DEADLINE: Duration = Duration::from_secs(90);

/// The kinds that the cluster serves: group, version, plural, kind, whether it is namespaced.
const SERVED: &[(&str, &str, &str, &str, bool)] = &[
    ("", "v1", "configmaps", "ConfigMap", true),
    ("", "v1", "namespaces", "Namespace", false),
    ("", "v1", "pods", "Pod", true),
    ("apps", "v1", "deployments", "Deployment", true),
    ("serving.knative.dev", "v1", "services", "Service", true),
];

/// The objects of a cluster, by the plural of their kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Objects(BTreeMap<&'static str, Vec<Value>>);

/// A folder with a kubeconfig, and the server that it names.
#[derive(Debug)]
pub(crate) struct World {
    folder: TempDir,
    pub(crate) server: Server,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
    /// The most memory that it had at once, in KiB.
    pub(crate) peak: u64,
}

/// A snapshot, read.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) header: Header,
    pub(crate) objects: Vec<Value>,
    pub(crate) lists: Vec<List>,
}

impl Objects {
    /// Makes a cluster with a namespace and so many pods in it.
    pub(crate) fn with_pods(count: usize) -> Self {
        let mut objects = Self::default();
        objects.add("namespaces", json!({"metadata": {"name": "team-a"}}));
        for at in 0..count {
            let name = format!("pod-{at:06}");
            objects.add(
                "pods",
                json!({
                    "metadata": {"name": name, "namespace": "team-a"},
                    "spec": {"containers": [{"name": "app", "image": "registry.example/app"}]},
                }),
            );
        }
        objects
    }

    pub(crate) fn add(&mut self, plural: &'static str, object: Value) {
        self.0.entry(plural).or_default().push(object);
    }

    /// Answers as an API server does.
    pub(crate) fn answer(&self, seen: &Seen) -> Reply {
        let parts: Vec<&str> = seen.path.trim_matches('/').split('/').collect();
        match parts.as_slice() {
            ["version"] => Reply::json(200, r#"{"gitVersion":"v1.36.2"}"#),
            ["apis"] => groups(),
            ["api", version] => resources("", version),
            ["apis", group, version] => resources(group, version),
            ["api", version, rest @ ..] => self.list("", version, rest, seen),
            ["apis", group, version, rest @ ..] => self.list(group, version, rest, seen),
            _ => Reply::status(404, "no such path"),
        }
    }

    fn list(&self, group: &str, version: &str, rest: &[&str], seen: &Seen) -> Reply {
        let (namespace, plural, name) = match rest {
            ["namespaces", namespace, plural] => (Some(*namespace), *plural, None),
            [plural] => (None, *plural, None),
            [plural, name] => (None, *plural, Some(*name)),
            _ => return Reply::status(404, "no such path"),
        };
        let served = SERVED
            .iter()
            .find(|row| (row.0, row.1, row.2) == (group, version, plural));
        let Some(served) = served else {
            return Reply::status(404, "the server could not find the requested resource");
        };
        let none = Vec::new();
        let all = self.0.get(plural).unwrap_or(&none).iter();
        let text = |object: &Value, key: &str| object["metadata"][key].as_str().map(str::to_owned);
        let all = all.filter(|object| {
            namespace.is_none_or(|wanted| text(object, "namespace").as_deref() == Some(wanted))
        });
        let mut all: Vec<&Value> = all.collect();
        if let Some(name) = name {
            all.retain(|object| text(object, "name").as_deref() == Some(name));
            return match all.first() {
                Some(object) => Reply::json(200, object.to_string()),
                None => Reply::status(404, "not found"),
            };
        }
        let parameter = |name: &str| {
            let mut pairs = seen
                .query
                .split('&')
                .filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let number =
            |name, default| parameter(name).map_or(default, |text| text.parse().expect("a number"));
        let limit: usize = number("limit", usize::MAX);
        let from: usize = number("continue", 0);
        let to = from.saturating_add(limit).min(all.len());
        let token = if to < all.len() {
            to.to_string()
        } else {
            String::new()
        };
        page(served.3, &all[from.min(to)..to], &token)
    }
}

/// Returns a page of a list of a kind of the core group.
pub(crate) fn page(kind: &str, items: &[&Value], token: &str) -> Reply {
    let body = json!({
        "kind": format!("{kind}List"), "apiVersion": "v1",
        "metadata": {"resourceVersion": "7", "continue": token}, "items": items,
    });
    Reply::json(200, body.to_string())
}

fn groups() -> Reply {
    let mut groups: Vec<Value> = Vec::new();
    for (group, version, ..) in SERVED.iter().filter(|row| !row.0.is_empty()) {
        let version = json!({"groupVersion": format!("{group}/{version}"), "version": version});
        groups.push(json!({
            "name": group, "versions": [version], "preferredVersion": version,
        }));
    }
    Reply::json(
        200,
        json!({"kind": "APIGroupList", "groups": groups}).to_string(),
    )
}

fn resources(group: &str, version: &str) -> Reply {
    let rows = SERVED
        .iter()
        .filter(|row| (row.0, row.1) == (group, version));
    let resources: Vec<Value> = rows
        .map(|row| {
            json!({
                "name": row.2, "kind": row.3, "namespaced": row.4, "singularName": "",
                "verbs": ["create", "get", "list", "watch"],
            })
        })
        .collect();
    let body = json!({"kind": "APIResourceList", "groupVersion": version, "resources": resources});
    Reply::json(200, body.to_string())
}

impl World {
    /// Serves objects, but for what the fault says.
    pub(crate) fn faulty(
        objects: Objects,
        fault: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::of(move |seen| fault(seen).unwrap_or_else(|| objects.answer(seen)))
    }

    /// Serves a cluster with one pod, whose list of pods is what is given.
    pub(crate) fn pods(fault: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let fault = move |seen: &Seen| match &*seen.path {
            "/api/v1/pods" => fault(seen),
            _ => None,
        };
        Self::faulty(Objects::with_pods(1), fault)
    }

    pub(crate) fn of(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let server = Server::start(answer);
        let world = Self {
            folder: TempDir::new().expect("a temporary folder"),
            server,
        };
        world.kubeconfig(&world.server.url(), &format!("token: {TOKEN}"));
        world
    }

    /// Writes a kubeconfig with one context.
    pub(crate) fn kubeconfig(&self, server: &str, user: &str) {
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
             clusters: [{{name: test, cluster: {{server: '{server}'}}}}]\n\
             contexts: [{{name: test, context: {{cluster: test, user: test}}}}]\n\
             users: [{{name: test, user: {{{user}}}}}]\n"
        );
        fs::write(self.path("kubeconfig"), text).expect("a new file");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Takes a snapshot, with a short patience if none is given.
    pub(crate) fn take(&self, more: &[&str]) -> Run {
        let mut arguments = vec!["snapshot", "--cluster", "-o", "taken.knight", "--force"];
        if !more.contains(&"--timeout") {
            arguments.extend(["--timeout", "1"]);
        }
        arguments.extend(more);
        self.run(&arguments)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_knight"));
        command
            .env_clear()
            .env("KUBECONFIG", self.path("kubeconfig"))
            .current_dir(self.folder.path())
            .args(arguments);
        command
    }

    /// Runs Knight, which must end, must ask only with GET, and must not show its token.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let started = Instant::now();
        let mut child = self
            .command(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut pipes = (
            child.stdout.take().expect("a pipe"),
            child.stderr.take().expect("a pipe"),
        );
        let stdout = thread::spawn(move || {
            let mut bytes = Vec::new();
            pipes.0.read_to_end(&mut bytes).map(|_| bytes)
        });
        let stderr = thread::spawn(move || {
            let mut bytes = Vec::new();
            pipes.1.read_to_end(&mut bytes).map(|_| bytes)
        });
        let (code, peak) = wait(&mut child, started);
        let stderr = stderr.join().expect("no panic").expect("stderr is read");
        let run = Run {
            code,
            stdout: stdout.join().expect("no panic").expect("stdout is read"),
            stderr: String::from_utf8(stderr).expect("stderr is UTF-8"),
            took: started.elapsed(),
            peak,
        };
        for seen in self.server.seen() {
            assert_eq!(seen.method, "GET", "{seen:?}");
            assert!(!seen.path.contains("secrets"), "{seen:?}");
        }
        let steers = |c: char| c.is_control() && c != '\n';
        assert!(!run.stderr.contains(steers), "{run:?}");
        assert!(!run.stderr.contains(TOKEN), "{run:?}");
        assert!(
            !run.stdout
                .windows(TOKEN.len())
                .any(|bytes| bytes == TOKEN.as_bytes())
        );
        run
    }

    /// Reads the snapshot that was taken.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let bytes = fs::read(self.path("taken.knight")).expect("a snapshot");
        Snapshot::read(&bytes)
    }
}

fn wait(child: &mut Child, started: Instant) -> (Option<i32>, u64) {
    let mut peak = 0;
    let status = format!("/proc/{}/status", child.id());
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return (status.code(), peak);
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
        peak = peak.max(kib.unwrap_or(0));
        if started.elapsed() > DEADLINE {
            child.kill().expect("a child");
            panic!("the program does not end");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

impl Run {
    /// Returns what was said of the list of pods, which must be one line.
    pub(crate) fn about_pods(&self) -> &str {
        let mut lines = self
            .stderr
            .lines()
            .filter_map(|line| line.strip_prefix("knight: warning: pods could not be read: "));
        let line = lines
            .next()
            .unwrap_or_else(|| panic!("nothing about pods: {self:#?}"));
        assert_eq!(lines.next(), None, "{self:#?}");
        line
    }
}

impl Snapshot {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut reader = Reader::open(bytes).expect("a snapshot");
        let (mut objects, mut line) = (Vec::new(), String::new());
        while reader.next_object(&mut line).expect("a whole snapshot") {
            objects.push(serde_json::from_str(&line).expect("JSON"));
        }
        Self {
            header: reader.header().clone(),
            lists: reader.lists().expect("a whole snapshot").to_vec(),
            objects,
        }
    }

    /// Returns the names of the objects of a kind, in order.
    pub(crate) fn names(&self, kind: &str) -> Vec<&str> {
        let all = self.objects.iter().filter(|object| object["kind"] == kind);
        all.map(|object| object["metadata"]["name"].as_str().expect("a name"))
            .collect()
    }

    /// Returns what came of the list of a kind of the core group.
    pub(crate) fn outcome(&self, kind: &str) -> &Listed {
        let mut all = self
            .lists
            .iter()
            .filter(|list| list.group.is_empty() && list.kind == kind);
        &all.next()
            .unwrap_or_else(|| panic!("no list of {kind}"))
            .outcome
    }

    /// Asserts that a kind could not be read, that no object of it is there, and that others are.
    pub(crate) fn assert_lost(&self, kind: &str, reason: &str) {
        let failed = Listed::Failed {
            reason: reason.to_owned(),
        };
        assert_eq!(self.outcome(kind), &failed);
        assert_eq!(self.names(kind), [""; 0]);
        assert_eq!(self.names("Namespace"), ["team-a"]);
    }
}

/// Lets a fault happen the first so many times.
pub(crate) fn first(
    times: usize,
    reply: Reply,
) -> impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static {
    let reply = Arc::new(reply);
    move |seen| (seen.nth < times).then(|| Reply::clone(&reply))
}

/// Lets a fault happen always.
pub(crate) fn always(reply: Reply) -> impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static {
    first(usize::MAX, reply)
}
