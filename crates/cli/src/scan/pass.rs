//! The two passes over the input.
//!
//! The first finds, by bytes, what can say anything of the cluster as a whole, and reads only that:
//! it is the context of every verdict. The second judges every document and drops it. What the
//! first has in hand is kept for the second, up to a bound; the rest is read again. A cluster is
//! read again too, object by object: none of it is kept.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

use aho_corasick::AhoCorasick;
use knight_controls::{
    engine::{Engine, Outcome, Read},
    finding::{Report, Suppressed, SuppressedBy},
};
use knight_facts::KubernetesMinor;
use knight_model::{
    Limits, Problem,
    cluster::{Cluster, ClusterBuilder, Inventoried, needles},
    object::objects,
    snapshot::{self, Header, Identity},
    tree::Document,
    versions::VersionOptions,
};
use rayon::prelude::*;

use super::{
    documents::{ReadDocument, Text},
    setup::Setup,
    streamed::{Streamed, stream},
};
use crate::{
    source::{Input, snapshot::Snapshot},
    terminal::Progress,
};

/// How many bytes of text, trees counted double, are kept from the first pass for the second.
const KEPT: usize = 32 << 20;

/// What is looked for before a file in a folder counts as a manifest in JSON.
const JSON_MARK: &str = "\"apiVersion\"";

/// One run over the input.
#[derive(Debug)]
pub(super) struct Scan<'s> {
    setup: &'s Setup,
    limits: Limits,
    needles: Option<AhoCorasick>,
    kept: AtomicUsize,
}

/// What a run gives.
#[derive(Debug)]
pub(super) struct Scanned {
    pub(super) report: Report,
    /// Whether something that the command line names cannot be read.
    pub(super) failed: bool,
    /// What the input says of the cluster as a whole.
    pub(super) cluster: Cluster,
    /// Every object that was read, where the setup asks for them.
    pub(super) objects: Vec<Inventoried>,
}

/// What the first pass leaves of an input.
#[derive(Debug, Default)]
struct Held {
    text: Option<Text>,
    read: Vec<ReadDocument>,
    problem: Option<Problem>,
}

/// What clusters say of themselves.
#[derive(Debug, Default)]
struct Told {
    builder: ClusterBuilder,
    /// The oldest version that an API server gives for itself.
    server: Option<KubernetesMinor>,
    problems: Vec<Problem>,
}

/// What the second pass makes of an input.
#[derive(Debug, Default)]
struct Judged {
    /// Whether something of it could not be judged because it could not be read.
    failed: bool,
    outcome: Outcome,
    inventory: ClusterBuilder,
    objects: Vec<Inventoried>,
    files: usize,
    documents: usize,
    problems: Vec<Problem>,
}

impl<'s> Scan<'s> {
    pub(super) fn new(setup: &'s Setup) -> Self {
        Self {
            setup,
            limits: Limits::default(),
            needles: AhoCorasick::new(needles()).ok(),
            kept: AtomicUsize::new(0),
        }
    }

    pub(super) fn run(&self) -> Scanned {
        let setup = self.setup;
        let inputs = &setup.found.inputs;
        let progress = Progress::new(2 * inputs.len());
        let done = AtomicUsize::new(0);
        let step = || progress.step(done.fetch_add(1, Ordering::Relaxed) + 1);
        let (mut held, built): (Vec<Held>, Vec<ClusterBuilder>) = inputs
            .par_iter()
            .map(|input| {
                step();
                self.look(input)
            })
            .unzip();
        let (aside, aside_problems) = self.context();
        let clusters = setup.context_clusters.iter().chain(&setup.cluster);
        let told = clusters
            .map(|cluster| self.tell(cluster))
            .fold(Told::default(), Told::merge);
        let builder = built.into_iter().fold(aside, ClusterBuilder::merge);
        let versions = VersionOptions {
            server: told.server.or(setup.versions.server),
            ..setup.versions
        };
        let context = builder.merge(told.builder).build(versions);
        let unreadable = !told.problems.is_empty();
        let engine = Engine::new(&context, setup.options.clone());
        let judged = inputs
            .par_iter()
            .zip(held.par_drain(..))
            .map(|(input, held)| {
                step();
                self.judge(&engine, input, held)
            })
            .fold(Judged::default, Judged::merge)
            .reduce(Judged::default, Judged::merge);
        // What cannot be read whole is not judged in part.
        let judged = match &setup.cluster {
            Some(cluster) if !unreadable => judged.merge(self.judge_cluster(&engine, cluster)),
            Some(_) | None => judged,
        };
        let whole = Cluster {
            inventory: judged.inventory.build(versions).inventory,
            ..context.clone()
        };
        let outcome = judged.outcome.merge(engine.judge_cluster(&whole));
        let mut problems = judged.problems;
        let failed = setup.found.failed || setup.context.failed || unreadable || judged.failed;
        problems.extend(told.problems);
        problems.extend(aside_problems);
        problems.extend(setup.found.problems.iter().cloned());
        problems.extend(setup.context.problems.iter().cloned());
        let read = Read {
            files: judged.files,
            ignored: setup.found.ignored,
            documents: judged.documents,
            problems,
            notes: setup.notes.clone(),
        };
        let mut report = engine.finish(outcome, read);
        report
            .notes
            .extend(in_vain(&setup.options.baseline, &report));
        Scanned {
            report,
            failed,
            cluster: context,
            objects: judged.objects,
        }
    }

    /// Reads an input as far as it says something of the cluster as a whole.
    fn look(&self, input: &Input) -> (Held, ClusterBuilder) {
        let mut builder = ClusterBuilder::default();
        let source = match self.setup.reader.read(input) {
            Ok(source) => source,
            Err(problem) => {
                return (
                    Held {
                        problem: Some(problem),
                        ..Held::default()
                    },
                    builder,
                );
            }
        };
        if !input.named && is_other_json(input, source.text()) {
            return (Held::default(), builder);
        }
        let text = Text::new(source);
        let read = if self.says_something(text.source.text()) {
            text.read_some(&self.limits, |part| self.says_something(part))
        } else {
            Vec::new()
        };
        for document in read.iter().filter_map(|read| read.document.as_ref()) {
            objects(document)
                .0
                .iter()
                .for_each(|object| builder.add_context(object));
        }
        let bytes = text.source.text().len();
        let held = if self.keep(2 * bytes) {
            Held {
                text: Some(text),
                read,
                problem: None,
            }
        } else if self.keep(bytes) {
            Held {
                text: Some(text),
                ..Held::default()
            }
        } else {
            Held::default()
        };
        (held, builder)
    }

    /// Judges every document of an input.
    fn judge(&self, engine: &Engine<'_>, input: &Input, held: Held) -> Judged {
        let mut judged = Judged::default();
        if let Some(problem) = held.problem {
            judged.problems.push(problem);
            return judged;
        }
        let text = match held.text {
            Some(text) => text,
            None => match self.setup.reader.read(input) {
                Ok(source) if !input.named && is_other_json(input, source.text()) => return judged,
                Ok(source) => Text::new(source),
                Err(problem) => {
                    judged.problems.push(problem);
                    return judged;
                }
            },
        };
        judged.files = 1;
        judged.problems.extend_from_slice(text.problems());
        let each = |read: ReadDocument| {
            let mut judged = Judged {
                problems: read.problems,
                ..Judged::default()
            };
            if let Some(document) = read.document.filter(|document| !document.is_empty()) {
                judged.documents = 1;
                judged.outcome = engine.judge_document(&document, read.index);
                list(engine, &document, &mut judged.inventory);
                if self.setup.lists_objects {
                    let objects = objects(&document).0;
                    judged.objects = objects.iter().map(Inventoried::of).collect();
                }
            }
            judged
        };
        let parts = text.each(&self.limits, held.read, |_| true, each);
        parts.into_iter().fold(judged, Judged::merge)
    }

    /// Reads what is given as context only.
    fn context(&self) -> (ClusterBuilder, Vec<Problem>) {
        let mut builder = ClusterBuilder::default();
        let mut problems = Vec::new();
        for input in &self.setup.context.inputs {
            match self.setup.reader.read(input) {
                Ok(source) if !input.named && is_other_json(input, source.text()) => {}
                Ok(source) => {
                    let text = Text::new(source);
                    problems.extend_from_slice(text.problems());
                    for read in text.read_some(&self.limits, |part| self.says_something(part)) {
                        problems.extend(read.problems);
                        let Some(document) = read.document else {
                            continue;
                        };
                        objects(&document)
                            .0
                            .iter()
                            .for_each(|object| builder.add_context(object));
                    }
                }
                Err(problem) => problems.push(problem),
            }
        }
        (builder, problems)
    }

    /// Reads what a cluster says of itself as a whole, and makes sure that it can be read whole.
    fn tell(&self, cluster: &Snapshot) -> Told {
        let told = stream(
            cluster,
            |_, identity, line| {
                let mut builder = ClusterBuilder::default();
                if self.says_something(line)
                    && let (Some(document), _) = snapshot::document(identity, line, &self.limits)
                {
                    for object in &objects(&document).0 {
                        builder.add_context(object);
                    }
                }
                builder
            },
            ClusterBuilder::merge,
        );
        match told {
            Ok(Streamed {
                value: mut builder,
                header,
                lists,
            }) => {
                builder.add_lists(lists);
                let server = header.kubernetes.and_then(|version| version.parse().ok());
                Told {
                    builder,
                    server,
                    problems: Vec::new(),
                }
            }
            Err(reason) => Told {
                problems: vec![cluster.problem(&reason)],
                ..Told::default()
            },
        }
    }

    /// Judges every object of a cluster that was asked for.
    fn judge_cluster(&self, engine: &Engine<'_>, cluster: &Snapshot) -> Judged {
        let judged = stream(
            cluster,
            |header, identity, line| {
                let mut judged = Judged::default();
                if !is_asked_for(header, identity) {
                    return judged;
                }
                let (document, problems) = snapshot::document(identity, line, &self.limits);
                judged.documents = 1;
                judged.failed = problems.iter().any(Problem::hides_document);
                judged.problems = problems;
                if let Some(document) = document {
                    judged.outcome = engine.judge_document(&document, 0);
                    list(engine, &document, &mut judged.inventory);
                }
                judged
            },
            Judged::merge,
        );
        match judged {
            Ok(streamed) => streamed.value,
            // The file has changed between the passes.
            Err(reason) => Judged {
                failed: true,
                problems: vec![cluster.problem(&reason)],
                ..Judged::default()
            },
        }
    }

    fn says_something(&self, text: &str) -> bool {
        self.needles
            .as_ref()
            .is_none_or(|needles| needles.is_match(text))
    }

    /// Takes bytes of the bound, if it has as many left.
    fn keep(&self, bytes: usize) -> bool {
        let take = |kept: usize| kept.checked_add(bytes).filter(|kept| *kept <= KEPT);
        self.kept
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok()
    }
}

impl Told {
    fn merge(mut self, other: Self) -> Self {
        self.problems.extend(other.problems);
        Self {
            builder: self.builder.merge(other.builder),
            // What the oldest lacks, the others may lack.
            server: self.server.into_iter().chain(other.server).min(),
            problems: self.problems,
        }
    }
}

impl Judged {
    fn merge(mut self, other: Self) -> Self {
        self.failed |= other.failed;
        self.files += other.files;
        self.documents += other.documents;
        self.problems.extend(other.problems);
        self.objects.extend(other.objects);
        Self {
            outcome: self.outcome.merge(other.outcome),
            inventory: self.inventory.merge(other.inventory),
            ..self
        }
    }
}

/// Returns whether an object is to be judged, and not there as context only.
fn is_asked_for(header: &Header, identity: &Identity<'_>) -> bool {
    let is_namespace = identity.group().is_empty() && identity.kind == "Namespace";
    let namespace = match identity.namespace() {
        None if is_namespace => Some(identity.name()),
        namespace => namespace,
    };
    header.namespaces.is_empty()
        || namespace.is_some_and(|of| header.namespaces.iter().any(|asked| asked == of))
}

/// Says how much of the baseline covers nothing.
fn in_vain(baseline: &BTreeSet<String>, report: &Report) -> Option<String> {
    let covers = |suppressed: &&Suppressed| suppressed.by == SuppressedBy::Baseline;
    let vain = baseline
        .len()
        .saturating_sub(report.suppressed.iter().filter(covers).count());
    let were = match vain {
        0 => return None,
        1 => "1 finding of the baseline was".to_owned(),
        many => format!("{many} findings of the baseline were"),
    };
    Some(format!(
        "{were} not met: mended, covered by an exception or not asked for"
    ))
}

/// Lists the objects that are judged together with others: no other is asked for.
fn list(engine: &Engine<'_>, document: &Document, inventory: &mut ClusterBuilder) {
    for object in objects(document)
        .0
        .iter()
        .filter(|object| engine.reads_together(object))
    {
        inventory.add(object);
    }
}

/// Returns whether a file that nobody named is JSON of another sort, as most JSON is.
fn is_other_json(input: &Input, text: &str) -> bool {
    let extension = input.path.as_ref().and_then(|path| path.extension());
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
        && !text.contains(JSON_MARK)
}
