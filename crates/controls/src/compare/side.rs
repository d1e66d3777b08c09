//! One of two scans.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use knight_model::{cluster::Inventoried, object::ObjectRef, place::Place};

use super::{Obstacle, Presence, Recorded};
use crate::{
    catalogue,
    control::Rule,
    finding::{Basis, Finding, NotJudgedReason, Owner, Report, Unread},
};

/// What one scan found, and what it could have found.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// What the scan rests on.
    pub basis: SideBasis,
    /// How many files it read. Where both scans read one, its name tells nothing.
    pub files: usize,
    /// The name of the folder that was scanned, as the names of its files begin; empty where it is
    /// the root. Absent for a report and for what is no folder.
    pub folder: Option<Box<str>>,
    /// The findings.
    pub findings: Vec<Arc<Recorded>>,
    /// Findings that an exception or the baseline covers.
    pub covered: Vec<Arc<Recorded>>,
    /// The kinds, with their groups, of which objects may exist that the scan did not see.
    pub unread: BTreeSet<UnreadKind>,
    /// Files with a problem that may hide objects.
    pub broken: BTreeSet<Box<str>>,
    /// API versions and kinds of objects that no control judged, as no such version is known.
    pub unknown_versions: BTreeSet<(Box<str>, Box<str>)>,
    /// Every object that was read; absent for a report, which names those with findings only.
    pub objects: Option<Objects>,
}

/// A kind of which objects may exist that a scan did not see.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct UnreadKind {
    /// The API group; empty for the core group.
    pub group: Box<str>,
    /// The kind.
    pub kind: Box<str>,
    /// The namespace; absent for all.
    pub namespace: Option<Box<str>>,
    /// The controls that may fail on what was not seen, by id.
    pub controls: BTreeSet<Box<str>>,
}

/// What a scan rests on, in the words of reports.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SideBasis {
    /// What was scanned, as the user names it.
    pub name: String,
    /// The scenarios.
    pub profiles: Vec<String>,
    /// Whose findings were asked for; absent for everyone's.
    pub audience: Option<Owner>,
    /// The version of Knative.
    pub knative: String,
    /// The version of Kubernetes.
    pub kubernetes: String,
    /// The ids of the controls that judged.
    pub controls: BTreeSet<Box<str>>,
}

/// The objects that a scan read, by group, kind, namespace and name, and their files.
#[derive(Clone, Debug, Default)]
pub struct Objects(BTreeMap<Identity, BTreeSet<Arc<str>>>);

type Identity = (Box<str>, Box<str>, Option<Box<str>>, Box<str>);

impl Side {
    /// Makes a side of a report, with the objects that the scan read.
    pub fn of(name: &str, report: &Report, objects: Option<Objects>) -> Self {
        let record = |finding: &Finding| Arc::new(Recorded::of(finding));
        let unknown = report
            .not_judged
            .iter()
            .filter(|entry| entry.reason == NotJudgedReason::UnknownVersion);
        Self {
            basis: SideBasis::of(name, &report.basis),
            files: report.summary.files,
            folder: None,
            findings: report.findings.iter().map(record).collect(),
            covered: report
                .suppressed
                .iter()
                .map(|suppressed| record(&suppressed.finding))
                .collect(),
            unread: report.unread.iter().map(UnreadKind::of).collect(),
            broken: report
                .problems
                .iter()
                .filter(|problem| problem.hides_document())
                .map(|problem| problem.file.clone())
                .collect(),
            unknown_versions: unknown
                .map(|entry| {
                    (
                        entry.api_version.as_str().into(),
                        entry.kind.as_str().into(),
                    )
                })
                .collect(),
            objects,
        }
    }

    /// Returns why the scan could not have a finding of another; nothing when it could.
    ///
    /// `file` is absent where names of files tell nothing.
    pub(super) fn obstacle(&self, finding: &Recorded, file: Option<&str>) -> Option<Obstacle> {
        let object = &finding.object;
        let is_unread = |unread: &UnreadKind| {
            let is_of_kind = unread.group == object.group
                && unread.kind == object.kind
                && (unread.namespace.is_none() || unread.namespace == object.namespace);
            is_of_kind || unread.controls.contains(&finding.control) && is_of_several(finding)
        };
        let is_unknown = |(api_version, kind): &(Box<str>, Box<str>)| {
            let group = api_version.split_once('/').map_or("", |(group, _)| group);
            *kind == object.kind && group == &*object.group
        };
        let audience = self.basis.audience;
        if !self.basis.controls.contains(&finding.control) {
            Some(Obstacle::ControlDidNotJudge)
        } else if audience.is_some_and(|only| only != finding.audience) {
            Some(Obstacle::AudienceLeftOut)
        } else if self.unread.iter().any(is_unread) {
            Some(Obstacle::KindUnread)
        } else if self.unknown_versions.iter().any(is_unknown) {
            Some(Obstacle::VersionUnknown)
        } else if match file {
            Some(file) => self.broken.contains(file),
            None => !self.broken.is_empty(),
        } {
            Some(Obstacle::FileUnread)
        } else {
            None
        }
    }

    /// Returns the objects that findings name.
    pub(super) fn named(&self) -> Objects {
        let findings = self.findings.iter().chain(&self.covered);
        Objects::collect(findings.map(|finding| (&*finding.object, &finding.place)))
    }

    /// Returns whether the scan has the object of a finding of another, in that file if one is
    /// given; `named` are the objects that its findings name.
    pub(super) fn presence(
        &self,
        named: &Objects,
        finding: &Recorded,
        file: Option<&str>,
    ) -> Presence {
        match &self.objects {
            Some(objects) if objects.has(&finding.object, file) => Presence::There,
            Some(_) => Presence::Gone,
            None if named.has(&finding.object, file) => Presence::There,
            None => Presence::Unknown,
        }
    }

    /// Returns what this scan could not see and the other could, as whole sentences.
    pub(super) fn unseen_besides(&self, other: &Self) -> Vec<String> {
        let is_same = |a: &UnreadKind, b: &UnreadKind| {
            (&a.group, &a.kind, &a.namespace) == (&b.group, &b.kind, &b.namespace)
        };
        let unread = self.unread.iter().filter(|unread| {
            // What no control asks for hides nothing.
            !unread.controls.is_empty() && !other.unread.iter().any(|it| is_same(it, unread))
        });
        let kinds = unread.map(|unread| {
            let in_namespace = match &unread.namespace {
                Some(namespace) => format!(" in namespace {namespace}"),
                None => String::new(),
            };
            let kind = match &*unread.group {
                "" => unread.kind.to_string(),
                group => format!("{}.{group}", unread.kind),
            };
            format!("the objects of kind {kind}{in_namespace} could not be listed")
        });
        let versions = self
            .unknown_versions
            .difference(&other.unknown_versions)
            .map(|(api_version, kind)| {
                format!(
                    "objects of kind {kind} in {api_version} were not judged: Knight does not \
                     know this version"
                )
            });
        kinds.chain(versions).collect()
    }
}

impl UnreadKind {
    fn of(unread: &Unread) -> Self {
        Self {
            group: unread.group.as_str().into(),
            kind: unread.kind.as_str().into(),
            namespace: unread.namespace.as_deref().map(Into::into),
            controls: unread
                .controls
                .iter()
                .map(|control| control.id.into())
                .collect(),
        }
    }
}

impl SideBasis {
    fn of(name: &str, basis: &Basis) -> Self {
        Self {
            name: name.to_owned(),
            profiles: basis.profiles.iter().map(ToString::to_string).collect(),
            audience: basis.audience,
            knative: basis.knative.to_string(),
            kubernetes: basis.kubernetes.to_string(),
            controls: basis
                .controls
                .iter()
                .map(|control| control.id.into())
                .collect(),
        }
    }
}

impl Objects {
    /// Makes a set of what was read.
    pub fn of<'a>(objects: impl IntoIterator<Item = &'a Inventoried>) -> Self {
        let objects = objects.into_iter();
        Self::collect(objects.map(|Inventoried { object, place }| (object, place)))
    }

    fn collect<'a>(objects: impl Iterator<Item = (&'a ObjectRef, &'a Place)>) -> Self {
        let mut all: BTreeMap<Identity, BTreeSet<Arc<str>>> = BTreeMap::new();
        for (object, place) in objects {
            let files = all.entry(identity(object)).or_default();
            files.insert(Arc::clone(&place.file));
        }
        Self(all)
    }

    /// Returns whether an object is there, in that file if one is given.
    pub(super) fn has(&self, object: &ObjectRef, file: Option<&str>) -> bool {
        let files = self.0.get(&identity(object));
        files.is_some_and(|files| file.is_none_or(|file| files.contains(file)))
    }
}

impl Recorded {
    /// Records a finding.
    pub fn of(finding: &Finding) -> Self {
        Self {
            control: finding.control.id.into(),
            title: finding.control.title.into(),
            severity: finding.severity,
            audience: finding.audience,
            effect: finding.effect,
            verdict: finding.verdict,
            message: finding.message.as_str().into(),
            label: (&*finding.label).into(),
            object: Arc::clone(&finding.object),
            path: finding.path.to_string().into(),
            place: finding.place.clone(),
            fingerprint: finding.fingerprint.to_string().into(),
        }
    }
}

/// Returns whether the control of a finding judges several objects together, so that one that was
/// not seen can decide about another.
fn is_of_several(finding: &Recorded) -> bool {
    catalogue::control(&finding.control)
        .is_some_and(|control| matches!((control.rule)(), Rule::Cluster(_)))
}

fn identity(object: &ObjectRef) -> Identity {
    let ObjectRef {
        group,
        kind,
        namespace,
        name,
        ..
    } = object;
    (group.clone(), kind.clone(), namespace.clone(), name.clone())
}
