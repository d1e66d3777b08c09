//! A running cluster: what is asked of it, and what it gave.
//!
//! ```text
//! kubeconfig ─▶ Api (GET alone) ─▶ discovery ─▶ lists to ask for ─▶ pages ─▶ redacted lines ─▶ snapshot
//! ```
//!
//! The server is not trusted: every body, every wait and every loop has a bound, and what it says
//! is one line without control characters before anybody sees it. A list that cannot be read to its
//! end leaves no object behind, and says so in [`Taken::lists`].

mod api;
mod args;
mod connect;
mod discovery;
mod list;
mod page;
mod plan;
mod role;
mod spool;

use std::{
    io::Write,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use anyhow::{Context as _, Result, bail};
use knight_model::snapshot::{Header, List, Listed, Writer};
use tokio::{runtime, task::JoinSet};

use self::{
    api::Api,
    list::{Answer, Fatal},
    plan::Ask,
    spool::{Room, Spool},
};
use crate::terminal::{Progress, Terminal};

pub(crate) use args::{Args, Asked};

/// How many lists are read at once: enough to hide the way to the server, and few enough to leave
/// its fair queue to others.
const LANES: usize = 4;

/// What a cluster gave.
#[derive(Debug)]
pub(crate) struct Taken {
    header: Header,
    /// What was asked, in order, and what came of it.
    lists: Vec<List>,
    /// The objects of each list.
    spools: Vec<Spool>,
}

/// What the lanes share.
#[derive(Debug)]
struct Round {
    api: Api,
    asks: Vec<Ask>,
    /// The first of them that no lane has taken.
    next: AtomicUsize,
    done: AtomicUsize,
    objects: AtomicU64,
    room: Room,
    answers: Mutex<Vec<Option<Answer>>>,
    progress: Progress,
}

/// Reads a cluster.
pub(crate) fn take(asked: &Asked) -> Result<Taken> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .context("no runtime for the connections")?;
    let taken = runtime.block_on(read(asked));
    // A command that gives credentials may hang: it is not waited for.
    runtime.shutdown_background();
    taken
}

async fn read(asked: &Asked) -> Result<Taken> {
    let api = connect::connect(asked).await?;
    let kubernetes = discovery::version(&api).await?;
    let found = discovery::discover(&api).await?;
    let asks = plan::plan(&found, &asked.namespaces);
    let round = Arc::new(Round {
        api,
        next: AtomicUsize::new(0),
        done: AtomicUsize::new(0),
        objects: AtomicU64::new(0),
        room: Room::default(),
        answers: Mutex::new(asks.iter().map(|_| None).collect()),
        progress: Progress::of(asks.len(), "lists"),
        asks,
    });
    let mut lanes = JoinSet::new();
    for _ in 0..LANES {
        lanes.spawn(Arc::clone(&round).lane());
    }
    while let Some(ended) = lanes.join_next().await {
        // What ends one lane ends all: dropping the set aborts the others.
        ended.context("a list could not be read")??;
    }
    let header = Header {
        knight: env!("CARGO_PKG_VERSION").to_owned(),
        kubernetes,
        namespaces: asked.namespaces.clone(),
    };
    drop(lanes);
    let Some(round) = Arc::into_inner(round) else {
        bail!("a list is still being read");
    };
    round.taken(header)
}

impl Round {
    /// Reads list after list, until all are read or somebody else reads them.
    async fn lane(self: Arc<Self>) -> Result<(), Fatal> {
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(ask) = self.asks.get(at) else {
                return Ok(());
            };
            let count = |objects| self.count(objects);
            let answer = list::read(&self.api, ask, &self.room, &count).await?;
            if let Ok(mut answers) = self.answers.lock()
                && let Some(slot) = answers.get_mut(at)
            {
                *slot = Some(answer);
            }
            let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
            self.progress.step(done);
        }
    }

    fn count(&self, objects: u64) {
        let objects = self.objects.fetch_add(objects, Ordering::Relaxed) + objects;
        let done = self.done.load(Ordering::Relaxed);
        self.progress.say(done, || format!("{objects} objects"));
    }

    fn taken(self, header: Header) -> Result<Taken> {
        let answers = self.answers.into_inner().unwrap_or_default();
        let (mut lists, mut spools) = (Vec::new(), Vec::new());
        for (ask, answer) in self.asks.into_iter().zip(answers) {
            // A lane that ended early would have ended all of it.
            let answer = answer.unwrap_or_else(|| Answer::failed("it was not asked for"));
            lists.push(List {
                group: ask.group,
                version: ask.version,
                resource: ask.plural.to_owned(),
                kind: ask.kind.to_owned(),
                namespace: ask.namespace,
                outcome: answer.outcome,
            });
            spools.push(answer.spool);
        }
        let taken = Taken {
            header,
            lists,
            spools,
        };
        taken.check()?;
        Ok(taken)
    }
}

impl Taken {
    /// Refuses a cluster that gave nothing: "nothing was read" is never "clean".
    fn check(&self) -> Result<()> {
        if self.objects() > 0 {
            return Ok(());
        }
        let because = self.unread().next().map(|list| match &list.outcome {
            Listed::Refused { reason } | Listed::Failed { reason } => {
                format!("{}: {reason}", list.resource)
            }
            Listed::Read { .. } | Listed::NotServed => String::new(),
        });
        match because {
            Some(because) => bail!("nothing was read of the cluster: {because}"),
            None => bail!(
                "nothing was read of the cluster: it has no object of any kind that Knight reads"
            ),
        }
    }

    /// Returns how many objects there are.
    pub(crate) fn objects(&self) -> u64 {
        self.spools.iter().map(Spool::objects).sum()
    }

    /// Returns of how many kinds there are objects.
    pub(crate) fn kinds(&self) -> usize {
        let read = self.lists.iter().zip(&self.spools);
        let mut kinds: Vec<_> = read
            .filter(|(_, spool)| spool.objects() > 0)
            .map(|(list, _)| (&list.group, &list.kind))
            .collect();
        // The lists of one kind stand together.
        kinds.dedup();
        kinds.len()
    }

    /// Returns the lists that were refused or failed.
    pub(crate) fn unread(&self) -> impl Iterator<Item = &List> {
        self.lists.iter().filter(|list| list.is_unread())
    }

    /// Writes the snapshot, and returns what it was written to.
    pub(crate) fn write<W: Write>(self, to: W) -> Result<W> {
        let mut writer = Writer::new(to, &self.header)?;
        for spool in self.spools {
            spool.each(|line| Ok(writer.object(line)?))?;
        }
        Ok(writer.finish(&self.lists)?)
    }
}

/// Says what could not be read, on stderr.
pub(crate) fn complain(taken: &Taken) {
    for list in taken.unread() {
        let (Listed::Refused { reason } | Listed::Failed { reason }) = &list.outcome else {
            continue;
        };
        let group = if list.group.is_empty() {
            String::new()
        } else {
            format!(".{}", list.group)
        };
        let place = match &list.namespace {
            Some(namespace) => format!(" in `{namespace}`"),
            None => String::new(),
        };
        let resource = &list.resource;
        Terminal::warning(&format!(
            "{resource}{group}{place} could not be read: {reason}"
        ));
    }
}

/// Returns the manifests of the role that reading what the arguments name needs.
pub(crate) fn role(args: &Args) -> String {
    role::manifests(&args.namespaces())
}
