//! The test bed of this process.

use std::{
    env,
    path::{Path, PathBuf},
    process,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use crate::{
    Client, Error, Kubeconfig, Namespaces, Request,
    audit::Audit,
    launch::{Child, launch},
};

/// How much of a cluster there is, each level with all of those before it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Level {
    /// The API server.
    Api,
    /// The custom resources of Knative.
    Crds,
    /// The webhooks of Knative.
    Webhooks,
    /// The controllers of Kubernetes and of Knative: objects become pods.
    Full,
}

/// A running test bed.
#[derive(Debug)]
pub struct Testbed {
    level: Level,
    kubeconfig: PathBuf,
    client: Client,
    /// None where it is not ours.
    own: Option<Own>,
}

/// What there is of a test bed that this process started.
#[derive(Debug)]
struct Own {
    /// Holds the pipe that keeps it running.
    child: Child,
    audit: Audit,
}

impl Testbed {
    /// Returns the test bed of this process, which the first call starts.
    ///
    /// It ends with this process, however that ends. A process has one: the first call decides on
    /// the level, and a later one that asks for more is an error.
    pub fn shared(level: Level) -> Result<&'static Self, Error> {
        static SHARED: OnceLock<Result<Testbed, Error>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Self::from_environment(level));
        let testbed = shared.as_ref().map_err(Clone::clone)?;
        if level > testbed.level {
            return Err(Error::Level {
                asked: level,
                running: testbed.level,
            });
        }
        Ok(testbed)
    }

    fn from_environment(level: Level) -> Result<Self, Error> {
        if let Some(kubeconfig) = env::var_os("KNIGHT_TESTBED_KUBECONFIG") {
            return Self::connect(level, PathBuf::from(kubeconfig), None);
        }
        let program = env::var_os("KNIGHT_TESTBED").map_or_else(built, PathBuf::from);
        let (child, ready) = launch(&program, level)?;
        let audit = Audit::of(&ready.dir);
        Self::connect(level, ready.kubeconfig, Some(Own { child, audit }))
    }

    fn connect(level: Level, kubeconfig: PathBuf, own: Option<Own>) -> Result<Self, Error> {
        let client = Client::new(&Kubeconfig::read(&kubeconfig, None)?)?;
        Ok(Self {
            level,
            kubeconfig,
            client,
            own,
        })
    }

    /// Returns a client with all rights.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns a client of another context of the kubeconfig.
    pub fn client_of(&self, context: &str) -> Result<Client, Error> {
        Client::new(&Kubeconfig::read(&self.kubeconfig, Some(context))?)
    }

    /// Returns where the kubeconfig is.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Returns how much of a cluster there is.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Returns the last lines that the test bed wrote; empty where it is not ours.
    pub fn log(&self) -> String {
        let own = self.own.as_ref();
        own.map(|own| own.child.log()).unwrap_or_default()
    }

    /// Returns every request so far that is neither of the administrator nor of a component, in the
    /// order in which the server was done with them.
    ///
    /// Those of other tests are among them: tell them apart by their user. What this method itself
    /// asks is of the user `developer`.
    pub fn requests(&self) -> Result<Vec<Request>, Error> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let own = self.own.as_ref().ok_or(Error::NotAudited)?;
        let mark = COUNT.fetch_add(1, Ordering::Relaxed);
        let mark = format!("/version?mark={}-{mark}", process::id());
        own.audit.requests(&self.client_of("developer")?, &mark)
    }

    /// Returns namespaces for one test, whose names start with `stem`.
    pub fn namespaces(&self, stem: &str) -> Namespaces<'_> {
        Namespaces::new(&self.client, self.level, stem, self.own.is_some())
    }
}

impl Level {
    /// Returns the arguments of `testbed up` for this level.
    pub(crate) fn arguments(self) -> [&'static str; 4] {
        let (level, knative) = match self {
            Self::Api => ("api", "none"),
            Self::Crds => ("api", "crds"),
            Self::Webhooks => ("api", "webhooks"),
            Self::Full => ("controllers", "full"),
        };
        ["--level", level, "--knative", knative]
    }

    /// Returns whether the controllers of Kubernetes run.
    pub(crate) fn has_controllers(self) -> bool {
        self == Self::Full
    }
}

/// Returns where the test bed is built to, below the root of the workspace.
fn built() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.unwrap_or_else(|| Path::new(""))
        .join("target/testbed/testbed")
}
