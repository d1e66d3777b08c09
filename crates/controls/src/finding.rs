//! What a scan says.

use std::{borrow::Cow, collections::BTreeMap, fmt, sync::Arc};

use knight_facts::{KnativeVersion, KubernetesMinor};
use knight_model::{
    edit::{Change, Edit},
    load::Problem,
    object::ObjectRef,
    path::FieldPath,
    place::Place,
};
use serde_json::json;

use crate::{
    control::{Audience, Confidence, Control, Profile, Safety, Severity, words},
    identity::Fingerprint,
    rule::{Literal, RemedyChange},
    upgrade::Upgrade,
};

/// A control that fails at a place, or that cannot be told to hold there.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The control.
    pub control: &'static Control,
    /// How bad it is; the control's own, unless the configuration says otherwise.
    pub severity: Severity,
    /// Who can mend it.
    pub audience: Owner,
    /// What becomes of the object in a cluster with these settings.
    pub effect: Effect,
    /// Whether the control fails here or cannot be told to hold.
    pub verdict: FindingVerdict,
    /// One sentence: who does what.
    pub message: String,
    /// The words at the place.
    pub label: Cow<'static, str>,
    /// The object, shared by its findings.
    pub object: Arc<ObjectRef>,
    /// The field, from the object.
    pub path: FieldPath,
    /// Where it is written.
    pub place: Place,
    /// Where the value came from, when nobody wrote it.
    pub origin: Option<Arc<str>>,
    /// What would mend it.
    pub fix: Option<Fix>,
    /// The object that writes this one back, so that only a change there lasts.
    pub written_by: Option<Arc<ObjectRef>>,
    /// The same findings on objects that the object owns, which it stands for.
    pub folded: Folded,
    /// The same for the same finding in the next scan (see [`crate::identity`]).
    pub fingerprint: Fingerprint,
}

/// Findings that one on their owner stands for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Folded {
    /// How many.
    pub findings: usize,
    /// On how many objects.
    pub objects: usize,
}

/// A change of the document that mends a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// Whether it cannot stop or change a running workload.
    pub safety: Safety,
    /// The document in its file, counted from 0 among those with text.
    pub document: usize,
    /// The place, from the document's root.
    pub path: FieldPath,
    /// What it does there.
    pub change: RemedyChange,
}

impl Fix {
    /// Returns what the fix does, as an imperative sentence.
    pub fn title(&self) -> String {
        let path = &self.path;
        match &self.change {
            RemedyChange::Set(literal) => format!("set `{path}` to {literal}"),
            RemedyChange::SetTexts(texts) => format!("set `{path}` to `[{}]`", texts.join(", ")),
            RemedyChange::Remove => format!("remove `{path}`"),
            RemedyChange::Rename(key) => format!("rename `{path}` to `{key}`"),
            RemedyChange::SetText(text) => format!("set `{path}` to `{text}`"),
        }
    }

    /// Returns the fix as an edit of its document.
    pub fn edit(&self) -> Edit {
        let change = match &self.change {
            RemedyChange::Set(Literal::Bool(value)) => Change::Set(json!(value)),
            RemedyChange::Set(Literal::Int(value)) => Change::Set(json!(value)),
            RemedyChange::Set(Literal::Text(value)) => Change::Set(json!(value)),
            RemedyChange::SetText(text) => Change::Set(json!(text)),
            RemedyChange::SetTexts(texts) => Change::Set(json!(texts)),
            RemedyChange::Remove => Change::Remove,
            RemedyChange::Rename(key) => Change::Rename(key.as_str().into()),
        };
        Edit {
            path: self.path.clone(),
            change,
        }
    }
}

/// Who can mend a finding: resolved from [`Audience`] for one object.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Owner {
    /// Whoever runs the platform.
    Platform,
    /// Whoever owns the namespace.
    Tenant,
}

/// Whether a control fails or cannot be told to hold.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum FindingVerdict {
    /// It fails.
    Fail,
    /// It cannot be told.
    Unknown,
}

/// What becomes of an object that a finding is about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Effect {
    /// The cluster takes it: the problem is real.
    Live,
    /// Knative's webhook refuses the object, with the settings of the input or Knative's own.
    RefusedByWebhook,
    /// What the cluster does cannot be told.
    Unknown,
}

words!(Owner { Platform = "platform", Tenant = "tenant" });
words!(FindingVerdict { Fail = "fail", Unknown = "unknown" });
words!(Effect {
    Live = "live",
    RefusedByWebhook = "refused-by-webhook",
    Unknown = "unknown",
});

/// Everything that a scan found, in an order that does not depend on that of the input.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was asked for and assumed.
    pub basis: Basis,
    /// Counts.
    pub summary: Summary,
    /// The findings, worst first.
    pub findings: Vec<Finding>,
    /// What the version that is asked for changes, where an older one is installed.
    pub upgrade: Option<Box<Upgrade>>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Lists of a cluster that could not be read.
    pub unread: Vec<Unread>,
    /// What was read and not judged, and why.
    pub not_judged: Vec<NotJudged>,
    /// Findings that an exception or the baseline covers.
    pub suppressed: Vec<Suppressed>,
    /// Exceptions that cover nothing, have no reason or have expired.
    pub exceptions: Vec<ExceptionNote>,
    /// Exceptions that objects of a cluster claim for themselves, and that do not count.
    pub claims: Vec<Claim>,
    /// What else a reader must know, as whole sentences.
    pub notes: Vec<String>,
}

/// What a scan was asked for and what it assumed.
#[derive(Clone, Debug)]
pub struct Basis {
    /// The scenarios.
    pub profiles: Vec<Profile>,
    /// Whose findings are reported; `None` for everyone's.
    pub audience: Option<Owner>,
    /// The Knative minor that facts were taken of.
    pub knative: KnativeVersion,
    /// Where that version came from, as a phrase.
    pub knative_from: String,
    /// The Kubernetes minor that facts were taken of.
    pub kubernetes: KubernetesMinor,
    /// Where that minor came from, as a phrase.
    pub kubernetes_from: String,
    /// The controls that judged, by id.
    pub controls: Vec<&'static Control>,
}

/// Counts of a scan.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Summary {
    /// Files read.
    pub files: usize,
    /// Files that ignore files left out.
    pub ignored: usize,
    /// Documents with something in them; an object of a cluster is one.
    pub documents: usize,
    /// Kubernetes objects, the items of lists one by one.
    pub objects: usize,
    /// Those of the objects that a cluster gave, itself or by a snapshot.
    pub from_cluster: usize,
    /// How many kinds those are of.
    pub kinds: usize,
    /// Objects that a control judged.
    pub judged: usize,
    /// Objects that none did.
    pub not_judged: usize,
    /// Findings with the verdict `fail`.
    pub findings: usize,
    /// Findings with the verdict `unknown`.
    pub unknown: usize,
    /// Findings that an exception or the baseline covers.
    pub suppressed: usize,
    /// Findings on owned objects that those on their owners stand for.
    pub folded: usize,
    /// What could not be read.
    pub problems: usize,
}

/// A list of a cluster that could not be read, so that objects may exist that nothing judged.
#[derive(Clone, Debug)]
pub struct Unread {
    /// The API group; empty for the core group.
    pub group: String,
    /// The plural under which the API serves the kind.
    pub resource: String,
    /// The kind.
    pub kind: String,
    /// The namespace that was asked for; absent for all of them, and for kinds without.
    pub namespace: Option<String>,
    /// What stood in the way.
    pub why: WhyUnread,
    /// What the cluster or the way to it said.
    pub reason: String,
    /// The controls that may fail on what was not seen, by id.
    pub controls: Vec<&'static Control>,
}

/// What stood in the way of a list.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum WhyUnread {
    /// The cluster refused it.
    Refused,
    /// It broke off, or could not be understood.
    Failed,
}

words!(WhyUnread { Refused = "refused", Failed = "failed" });

/// An exception that an object of a cluster claims for itself by an annotation.
///
/// A tenant must not exempt himself, so it does not count; the configuration could say the same.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Claim {
    /// What the annotation names; not necessarily a control that there is.
    pub control: String,
    /// The object.
    pub object: ObjectRef,
    /// Where the annotation is.
    pub place: Place,
    /// What it says: a reason, and maybe a day.
    pub reason: String,
}

/// Objects of one kind that no control judged.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct NotJudged {
    /// The API version as written.
    pub api_version: String,
    /// The kind as written.
    pub kind: String,
    /// Why not.
    pub reason: NotJudgedReason,
    /// How many.
    pub count: usize,
    /// The first of them.
    pub first: Place,
}

/// Why an object was not judged.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum NotJudgedReason {
    /// Knight knows the kind and has no control for it.
    NoControl,
    /// Knight does not know the kind.
    UnknownKind,
    /// Knight knows the kind, not this version of it.
    UnknownVersion,
    /// The controls for it were not selected.
    NotSelected,
}

words!(NotJudgedReason {
    NoControl = "no-control",
    UnknownKind = "unknown-kind",
    UnknownVersion = "unknown-version",
    NotSelected = "not-selected",
});

/// A finding that does not count, and why.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// The reason that was given.
    pub reason: String,
    /// Where it was given.
    pub by: SuppressedBy,
}

/// Where an exception stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SuppressedBy {
    /// An annotation of the object.
    Annotation(Place),
    /// A comment on the line or the line above.
    Comment(Place),
    /// An entry of `knight.yaml`.
    Configuration(Place),
    /// The baseline file.
    Baseline,
}

/// What is wrong with an exception.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExceptionNote {
    /// Where it stands.
    pub place: Place,
    /// What is wrong, as a whole sentence.
    pub message: String,
}

impl Finding {
    /// Returns how sure the finding is.
    pub fn confidence(&self) -> Confidence {
        self.control.confidence
    }

    /// Returns whether it is about what the platform itself runs in a cluster, which a vendor wrote,
    /// and not about what decides for the workloads of others.
    pub fn is_of_the_system(&self) -> bool {
        !self.place.is_written()
            && self.audience == Owner::Platform
            && self.control.audience == Audience::Owner
    }
}

impl Audience {
    /// Returns who it is for one object.
    pub fn resolve(self, in_system_namespace: bool) -> Owner {
        match self {
            Self::Owner if !in_system_namespace => Owner::Tenant,
            Self::Owner | Self::Platform => Owner::Platform,
        }
    }
}

impl Report {
    /// Returns whether a selected control of a severity fails, or was not seen to pass.
    pub fn fails(&self, least: Severity) -> bool {
        let of_unread = |unread: &Unread| {
            let mut controls = unread.controls.iter();
            controls.any(|control| control.severity >= least)
        };
        // A version that is not known hides an object from every control: nothing tells that they
        // pass.
        let hidden = |kind: &NotJudged| kind.reason == NotJudgedReason::UnknownVersion;
        self.findings
            .iter()
            .any(|finding| finding.severity >= least)
            || self.unread.iter().any(of_unread)
            || self.not_judged.iter().any(hidden)
    }

    /// Returns the findings by control, in the order of the findings: one cause, one group.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut at: BTreeMap<(&str, FindingVerdict, Effect, bool), usize> = BTreeMap::new();
        let mut groups: Vec<Group<'_>> = Vec::new();
        for finding in &self.findings {
            let Finding {
                control,
                verdict,
                effect,
                ..
            } = finding;
            // What the vendors of a cluster run is parted from what tenants do.
            let key = (control.id, *verdict, *effect, finding.is_of_the_system());
            let index = *at.entry(key).or_insert_with(|| {
                groups.push(Group {
                    findings: Vec::new(),
                });
                groups.len() - 1
            });
            groups[index].findings.push(finding);
        }
        groups
    }
}

/// Findings with one cause: the same control, verdict and effect. There is at least one.
#[derive(Clone, Debug)]
pub struct Group<'r> {
    /// The findings, in the order of the report.
    pub findings: Vec<&'r Finding>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}[{}]: {}",
            self.severity, self.control.id, self.message
        )
    }
}
