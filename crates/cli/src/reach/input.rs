//! What is read of the network, and what of it could not be.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Result, bail};
use ignore::gitignore::Gitignore;
use knight_model::{
    Limits, Problem, ProblemKind, load,
    network::{Influence, Labels, Namespace, NetworkBuilder, NetworkObjects, Unread},
    object::{NotAnObject, Object, objects},
    snapshot::{self, Identity, List, Unreadable},
};

use crate::source::{
    Input as File, Named, Reader,
    cluster::{self, Asked},
    snapshot::{Snapshot, take},
};

/// Everything that an input says of the network.
#[derive(Debug, Default)]
pub(super) struct Input {
    pub(super) objects: NetworkObjects,
    /// What is wrong with the texts.
    pub(super) problems: Vec<Problem>,
    /// What is missing, as sentences.
    pub(super) notes: Vec<String>,
    /// Whether something that was named could not be read.
    pub(super) failed: bool,
    /// How many objects were read.
    pub(super) read: u64,
    /// Whether it is a cluster, which has the pods that its objects make.
    has_all_pods: bool,
}

/// What is collected on the way.
#[derive(Debug, Default)]
struct Collected {
    builder: NetworkBuilder,
    /// The labels of each namespace; none where two objects of one name do not agree.
    namespaces: BTreeMap<Box<str>, Option<Labels>>,
    input: Input,
    /// Whether a document is hidden that may hold anything.
    hidden: bool,
    /// What a cluster was asked for.
    lists: Option<Vec<List>>,
}

impl Input {
    /// Reads a running cluster.
    pub(super) fn of_cluster(asked: &Asked) -> Result<Self> {
        let taken = cluster::take(asked)?;
        let bytes = taken.write(Vec::new())?;
        let mut collected = Collected::default();
        collected.add_snapshot(&Snapshot::of_bytes("the cluster", bytes))?;
        Ok(collected.finish())
    }

    /// Reads files and folders, or one snapshot.
    pub(super) fn of_paths(paths: &[PathBuf], max_file_bytes: u64) -> Result<Self> {
        let mut found = Named::resolve(paths)?.find(&Gitignore::empty());
        let reader = Reader::new(max_file_bytes);
        let snapshots = take(&mut found, &reader);
        let mut collected = Collected::default();
        collected.input.failed = found.failed;
        collected.hidden = !found.problems.is_empty();
        collected.input.problems = found.problems;
        match (snapshots.as_slice(), found.inputs.is_empty()) {
            ([], _) => {
                for file in &found.inputs {
                    collected.add_file(file, &reader);
                }
            }
            ([snapshot], true) => collected.add_snapshot(snapshot)?,
            // Which of two objects of one name is applied last, nobody could tell.
            _ => bail!("a snapshot is read alone, without other files"),
        }
        Ok(collected.finish())
    }

    /// Returns whether nothing is known to be missing.
    pub(super) fn is_whole(&self) -> bool {
        !self.problems.iter().any(Problem::hides_document)
            && self.notes.is_empty()
            && self.objects.flawed.is_empty()
            && self.objects.unread.is_empty()
            && (self.has_all_pods || self.objects.carriers.is_empty())
    }
}

impl Collected {
    fn add_file(&mut self, file: &File, reader: &Reader) {
        let source = match reader.read(file) {
            Ok(source) => source,
            Err(problem) => return self.add_problem(problem, file.named),
        };
        let is_json = file.path.as_ref().is_some_and(|path| {
            let extension = path.extension();
            extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
        });
        // Most JSON is of another sort, and need not be JSON as Kubernetes reads it.
        if is_json && !file.named && !source.text().contains("apiVersion") {
            return;
        }
        let loaded = load::load(&source, &Limits::default());
        for problem in loaded.problems {
            self.add_problem(problem, file.named);
        }
        for document in &loaded.documents {
            let (found, strangers) = objects(document);
            for object in found {
                self.add(&object);
            }
            for stranger in strangers {
                let hides = matches!(
                    stranger.reason,
                    NotAnObject::ItemsNotAList(_) | NotAnObject::TooManyLists(_)
                );
                let kind = if hides {
                    ProblemKind::Unseen
                } else {
                    ProblemKind::NotAnObject
                };
                let at = stranger.span.start;
                let problem = Problem::at(&source, at, kind, stranger.reason.to_string());
                // What the API server would not take either says nothing, and folders are full of it.
                if hides || file.named {
                    self.add_problem(problem, file.named);
                }
            }
        }
    }

    fn add_problem(&mut self, problem: Problem, named: bool) {
        if problem.hides_document() {
            self.hidden = true;
            self.input.failed |= named;
        }
        self.input.problems.push(problem);
    }

    fn add(&mut self, object: &Object<'_>) {
        self.input.read += 1;
        self.builder.add(object);
        if object.is("", "Namespace") {
            let mut alone = NetworkBuilder::default();
            alone.add(object);
            for namespace in alone.build().namespaces {
                let labels = namespace.place.is_some().then_some(namespace.labels);
                let agreed = self.namespaces.entry(namespace.name);
                let agreed = agreed.or_insert_with(|| labels.clone());
                if *agreed != labels {
                    *agreed = None;
                }
            }
        }
    }

    fn add_snapshot(&mut self, snapshot: &Snapshot) -> Result<()> {
        let read = |this: &mut Self| -> Result<Vec<List>, Unreadable> {
            let mut reader = snapshot.open()?;
            if !reader.header().namespaces.is_empty() {
                this.input.notes.push(format!(
                    "only these namespaces were read: {}",
                    reader.header().namespaces.join(", ")
                ));
            }
            let limits = Limits::default();
            let mut line = String::new();
            while reader.next_object(&mut line)? {
                let object = reader.objects();
                let identity = Identity::of(&line).ok_or(Unreadable::Malformed { object })?;
                let (document, problems) = snapshot::document(&identity, &line, &limits);
                for problem in problems {
                    this.add_problem(problem, true);
                }
                for object in document.iter().flat_map(|document| objects(document).0) {
                    this.add(&object);
                }
                line.clear();
            }
            Ok(reader.lists().unwrap_or_default().to_vec())
        };
        // What cannot be read whole is not judged in part.
        let lists = match read(self) {
            Ok(lists) => lists,
            Err(reason) => bail!("{}", snapshot.problem(&reason)),
        };
        self.builder.add_lists(&lists);
        self.lists = Some(lists);
        self.input.has_all_pods = true;
        Ok(())
    }

    fn finish(self) -> Input {
        let Self {
            builder,
            namespaces,
            mut input,
            hidden,
            lists,
        } = self;
        let mut objects = builder.build();
        for namespace in &mut objects.namespaces {
            if namespaces.get(&namespace.name) == Some(&None) {
                *namespace = Namespace::unseen(&namespace.name);
            }
        }
        if let Some(lists) = lists {
            let unread = not_asked(&lists, &objects.namespaces);
            objects.unread.extend(unread);
        }
        if hidden {
            input.notes.push(
                "a document could not be read, and may be a policy of any namespace or a pod"
                    .to_owned(),
            );
            objects.unread.push(policies(None));
        }
        for pair in objects.policies.windows(2) {
            if let [first, second] = pair
                && (&first.namespace, &first.name) == (&second.namespace, &second.name)
                && first.spec != second.spec
            {
                input.notes.push(format!(
                    "the policy `{}/{}` is there twice, and which is applied last is not known \
                     ({}, {})",
                    first.namespace, first.name, first.place, second.place
                ));
                objects.unread.push(policies(Some(&first.namespace)));
            }
        }
        objects.unread.sort_unstable();
        objects.unread.dedup();
        input.problems.sort();
        input.objects = objects;
        input
    }
}

/// Returns what a cluster was not asked for, of the kinds that decide on connections.
fn not_asked(lists: &[List], namespaces: &[Namespace]) -> Vec<Unread> {
    let mut unread = Vec::new();
    for (group, kind) in Influence::kinds().chain([("networking.k8s.io", "NetworkPolicy")]) {
        let asked = || {
            let lists = lists.iter();
            lists.filter(move |list| list.group == group && list.kind == kind)
        };
        if asked().any(|list| list.namespace.is_none()) {
            continue;
        }
        // In the root namespace of a mesh such objects are about all the others.
        if asked().next().is_none() || group.ends_with("istio.io") {
            unread.push(Unread {
                group: group.into(),
                kind: kind.into(),
                namespace: None,
            });
            continue;
        }
        let is_asked = |name: &str| asked().any(|list| list.namespace.as_deref() == Some(name));
        let others = namespaces.iter().filter(|other| !is_asked(&other.name));
        unread.extend(others.map(|other| policies(Some(&other.name))));
    }
    unread
}

/// Returns that policies are not known: those of a namespace, or all.
fn policies(namespace: Option<&str>) -> Unread {
    Unread {
        group: "networking.k8s.io".into(),
        kind: "NetworkPolicy".into(),
        namespace: namespace.map(Into::into),
    }
}
