//! What another version of Knative would change for what is there.
//!
//! The same input is judged by the version that is installed and by the one that is planned; what
//! differs between the two reports, and between what the facts say of both versions, is the plan.

mod settings;

use std::collections::BTreeMap;

use knight_facts::{
    KnativeVersion, KubernetesMinor,
    kinds::{self, Release},
    versions,
};
use knight_model::{
    cluster::{Cluster, Inventoried},
    object::ObjectRef,
    place::Place,
    versions::VersionFrom,
};

pub use self::settings::{SettingChange, SettingChanged};
use crate::{
    finding::{Finding, Report},
    identity::Fingerprint,
};

/// What the planned version of Knative changes.
#[derive(Clone, Debug)]
pub struct Upgrade {
    /// The version that is installed.
    pub installed: KnativeVersion,
    /// The label that says so.
    pub place: Place,
    /// The version that is planned, by which the report is.
    pub planned: KnativeVersion,
    /// The oldest Kubernetes that the planned version starts on, where the facts know it.
    pub needs_kubernetes: Option<KubernetesMinor>,
    /// The Kubernetes there is, when it is known and too old for the planned version.
    pub kubernetes_too_old: Option<KubernetesMinor>,
    /// Findings that the planned version brings, as the report has them.
    pub appeared: Vec<Finding>,
    /// Findings that are not alike, by the installed version and by the planned one.
    pub changed: Vec<(Finding, Finding)>,
    /// Findings that the planned version takes away.
    pub gone: Vec<Finding>,
    /// Settings that change their meaning.
    pub settings: Vec<SettingChange>,
    /// API versions in use that the planned version no longer serves.
    pub apis: Vec<ApiGone>,
}

/// An API version in use that is no longer served.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiGone {
    /// The API version, with its group.
    pub api_version: String,
    /// The kind.
    pub kind: Box<str>,
    /// How many objects use it.
    pub objects: usize,
    /// The first of them.
    pub first: Place,
    /// The first version of Knative that does not serve it.
    pub since: KnativeVersion,
    /// The API version that serves the kind instead; absent when none does.
    pub replacement: Option<String>,
    /// Whether only the line `apiVersion` need change.
    pub same_schema: bool,
}

/// One input, judged by one version of Knative.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'j> {
    /// What was found.
    pub report: &'j Report,
    /// What the input says of the cluster as a whole.
    pub cluster: &'j Cluster,
}

impl Upgrade {
    /// Returns what a planned version changes, when labels say that an older one is installed.
    pub fn of(before: Judged<'_>, after: Judged<'_>, objects: &[Inventoried]) -> Option<Self> {
        let versions = &after.cluster.versions;
        let (installed, place) = versions.installed.clone()?;
        let planned = versions.knative;
        if installed >= planned {
            return None;
        }
        let needs_kubernetes = versions::knative_release(planned).map(|row| row.min_kubernetes);
        let is_known = match versions.kubernetes_from {
            VersionFrom::Option | VersionFrom::Server | VersionFrom::Label(_) => true,
            VersionFrom::Development(_) | VersionFrom::Unknown { .. } | VersionFrom::Newest => {
                false
            }
        };
        let too_old = |needed: &KubernetesMinor| is_known && versions.kubernetes < *needed;
        let kubernetes_too_old = needs_kubernetes
            .filter(too_old)
            .map(|_| versions.kubernetes);
        let mut upgrade = Self {
            installed,
            place,
            planned,
            needs_kubernetes,
            kubernetes_too_old,
            appeared: Vec::new(),
            changed: Vec::new(),
            gone: Vec::new(),
            settings: settings::changes(&before.cluster.settings, &after.cluster.settings),
            apis: apis(installed, planned, objects),
        };
        upgrade.compare(before.report, after.report);
        Some(upgrade)
    }

    /// Compares the findings. Objects and files are the same ones, so fingerprints say it all.
    fn compare(&mut self, before: &Report, after: &Report) {
        let mut old: BTreeMap<Fingerprint, &Finding> = before
            .findings
            .iter()
            .map(|finding| (finding.fingerprint, finding))
            .collect();
        let state = |it: &Finding| (it.severity, it.verdict, it.effect);
        for new in &after.findings {
            match old.remove(&new.fingerprint) {
                None => self.appeared.push(new.clone()),
                Some(old) if state(old) != state(new) => {
                    self.changed.push((old.clone(), new.clone()));
                }
                Some(_) => {}
            }
        }
        let gone = before.findings.iter();
        let gone = gone.filter(|finding| old.contains_key(&finding.fingerprint));
        self.gone = gone.cloned().collect();
    }
}

/// Returns the API versions in use that are served from the one version of Knative and not by the
/// other.
fn apis(
    installed: KnativeVersion,
    planned: KnativeVersion,
    objects: &[Inventoried],
) -> Vec<ApiGone> {
    let mut gone: BTreeMap<(&str, &str, &str), ApiGone> = BTreeMap::new();
    for Inventoried { object, place } in objects {
        let key = (&*object.group, &*object.kind, &*object.version);
        if let Some(entry) = gone.get_mut(&key) {
            entry.objects += 1;
            if *place < entry.first {
                entry.first = place.clone();
            }
        } else if let Some(entry) = api_gone(installed, planned, object, place) {
            gone.insert(key, entry);
        }
    }
    gone.into_values().collect()
}

fn api_gone(
    installed: KnativeVersion,
    planned: KnativeVersion,
    object: &ObjectRef,
    place: &Place,
) -> Option<ApiGone> {
    let of_version = kinds::removed(&object.group, &object.kind, &object.version);
    let of_version = of_version.and_then(|row| match row.removed {
        Release::Knative(since) => Some((since, row.replacement.clone(), row.same_schema)),
        Release::Kubernetes(_) => None,
    });
    // A kind can go with all its versions.
    let of_kind = || {
        let row = kinds::kind(&object.group, &object.kind)?;
        Some((row.range().until?, None, false))
    };
    let (since, replacement, same_schema) = of_version.or_else(of_kind)?;
    (installed < since && since <= planned).then(|| ApiGone {
        api_version: object.api_version(),
        kind: object.kind.clone(),
        objects: 1,
        first: place.clone(),
        since,
        replacement,
        same_schema,
    })
}

#[cfg(test)]
mod tests;
