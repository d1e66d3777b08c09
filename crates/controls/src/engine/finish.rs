//! From outcomes to a report: cluster controls, exceptions, order, identity, counts.

use knight_analysis::secure_defaults;
use knight_facts::settings::Component;
use knight_model::{cluster::Cluster, place::Place};
use rayon::prelude::*;

use super::{Engine, Outcome, Read, owners::Owners, unread::FEATURES};
use crate::{
    cluster_rule::ClusterOffence,
    control::Audience,
    exceptions::{self, Exception},
    finding::{
        Basis, Effect, ExceptionNote, Finding, FindingVerdict, Folded, NotJudged, Report, Summary,
        Suppressed, SuppressedBy,
    },
    identity::{self, Fingerprint},
    rule::eval::Verdict,
};

impl Engine<'_> {
    /// Judges all objects together.
    pub fn judge_cluster(&self, cluster: &Cluster) -> Outcome {
        let mut outcome = Outcome::default();
        for (control, rule) in &self.clusters {
            let offences = (rule.judge)(cluster, self.options.profiles).into_iter();
            for offence in offences.filter(|offence| is_listed(cluster, offence)) {
                let system = self.is_system(offence.object.namespace.as_deref());
                let mut finding = Finding {
                    control,
                    severity: control.severity,
                    audience: control.audience.resolve(system),
                    effect: Effect::Live,
                    verdict: match offence.verdict {
                        Verdict::Unknown => FindingVerdict::Unknown,
                        Verdict::Fail | Verdict::Pass => FindingVerdict::Fail,
                    },
                    message: offence.message,
                    label: offence.label,
                    object: offence.object.into(),
                    path: offence.path,
                    place: offence.place,
                    origin: None,
                    fix: None,
                    written_by: None,
                    folded: Folded::default(),
                    fingerprint: Fingerprint::default(),
                };
                finding.fingerprint = Fingerprint::of(&finding, 0);
                if self
                    .options
                    .audience
                    .is_none_or(|only| only == finding.audience)
                {
                    outcome.findings.push(finding);
                }
            }
        }
        outcome
    }

    /// Makes the report of everything that was judged and read.
    pub fn finish(&self, outcome: Outcome, read: Read) -> Report {
        let Outcome {
            objects,
            judged,
            masked,
            secured,
            not_judged,
            findings,
            problems,
            exceptions,
            notes,
            claims,
            from_cluster,
            kin,
            writers,
        } = outcome;
        let mut findings = findings;
        findings.par_sort_by(|a, b| place_order(a).cmp(&place_order(b)));
        identity::tell_apart(&mut findings);
        let mut exceptions: Vec<Exception> = exceptions
            .into_iter()
            .chain(self.options.exceptions.iter().cloned())
            .collect();
        exceptions.sort_by(exceptions::by_place);
        let mut notes = notes;
        let (kept, mut suppressed) = self.except(findings, &exceptions, &mut notes);
        // Behind the exceptions, so that nobody takes part in one by an owner that he makes up; before
        // the baseline, so that it need not name pods, whose names change.
        let (kept, folded) = Owners::new(kin).fold(kept);
        let (mut kept, known): (Vec<_>, Vec<_>) = kept
            .into_iter()
            .partition(|finding| !self.is_known(finding));
        suppressed.extend(known.into_iter().map(|finding| Suppressed {
            finding,
            reason: "known when the baseline was written".to_owned(),
            by: SuppressedBy::Baseline,
        }));
        suppressed.sort_by(|a, b| place_order(&a.finding).cmp(&place_order(&b.finding)));
        for finding in &mut kept {
            finding.written_by = writers.get(&*finding.object).cloned();
        }
        // Stable: what is equal here stays in the order of places.
        kept.sort_by(|a, b| report_order(a).cmp(&report_order(b)));
        let mut claims = claims;
        claims.sort_unstable();
        notes.sort_by(|a, b| (&a.place, &a.message).cmp(&(&b.place, &b.message)));
        let mut problems: Vec<_> = problems.into_iter().chain(read.problems).collect();
        problems.sort();
        problems.dedup();
        let count = |verdict| {
            kept.iter()
                .filter(|finding| finding.verdict == verdict)
                .count()
        };
        let summary = Summary {
            files: read.files,
            ignored: read.ignored,
            documents: read.documents,
            objects,
            from_cluster: from_cluster.values().sum(),
            kinds: from_cluster.len(),
            judged,
            not_judged: objects - judged,
            findings: count(FindingVerdict::Fail),
            unknown: count(FindingVerdict::Unknown),
            suppressed: suppressed.len(),
            folded,
            problems: problems.len(),
        };
        let not_judged =
            not_judged
                .into_iter()
                .map(|((api_version, kind, reason), (count, first))| NotJudged {
                    api_version,
                    kind,
                    reason,
                    count,
                    first,
                });
        Report {
            basis: self.basis(),
            summary,
            findings: kept,
            upgrade: None,
            problems,
            unread: self.unread(),
            not_judged: not_judged.collect(),
            suppressed,
            exceptions: notes,
            claims,
            notes: read
                .notes
                .into_iter()
                .chain(self.notes(masked, secured))
                .collect(),
        }
    }

    fn basis(&self) -> Basis {
        let versions = &self.context.versions;
        Basis {
            profiles: self.options.profiles.iter().collect(),
            audience: self.options.audience,
            knative: versions.knative,
            knative_from: versions.knative_from.to_string(),
            kubernetes: versions.kubernetes,
            kubernetes_from: versions.kubernetes_from.to_string(),
            controls: self.controls(),
        }
    }

    /// Returns what a reader must know of the basis: the settings that were assumed, the controls
    /// that had nothing to go by, and the one setting that would mend many findings.
    fn notes(&self, masked: usize, secured: usize) -> Vec<String> {
        let mut notes = Vec::new();
        let known = self.context.settings.has(Component::Serving, FEATURES);
        if masked > 0 && self.flags_unread {
            notes.push(format!(
                "ConfigMap knative-serving/{FEATURES} could not be read: what Knative's webhook \
                 does with the workloads of Knative is unknown, and its own defaults are assumed \
                 where files leave a field out"
            ));
        } else if masked > 0 && !known {
            notes.push(format!(
                "ConfigMap knative-serving/{FEATURES} is not in the input: Knative's own defaults \
                 are assumed (`--context` reads the platform's)"
            ));
        }
        if secured > 0 {
            notes.push(format!(
                "`{}: {}` in ConfigMap knative-serving/{FEATURES} would fill in what {secured} \
                 of the findings on Knative's kinds ask for",
                secure_defaults::FLAG,
                secure_defaults::STRICTEST,
            ));
        }
        notes.extend(self.context.settings.ambiguous().iter().map(|several| {
            let map = several.config_map;
            let places: Vec<String> = several.places.iter().map(ToString::to_string).collect();
            format!(
                "ConfigMap {}/{} is written more than once, and not alike ({}): what depends on it \
                 goes by the first",
                map.namespace,
                map.name,
                places.join(", ")
            )
        }));
        notes.extend(self.idle.iter().map(|(control, missing)| {
            let missing: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
            let missing = missing.join(" and ");
            format!(
                "`{}` did not judge: it needs the parameter {missing} in knight.yaml",
                control.id
            )
        }));
        notes
    }

    fn is_known(&self, finding: &Finding) -> bool {
        let baseline = &self.options.baseline;
        !baseline.is_empty() && baseline.contains(&finding.fingerprint.to_string())
    }

    /// Takes out the findings that an exception covers.
    fn except(
        &self,
        findings: Vec<Finding>,
        exceptions: &[Exception],
        notes: &mut Vec<ExceptionNote>,
    ) -> (Vec<Finding>, Vec<Suppressed>) {
        let mut used = vec![false; exceptions.len()];
        let mut kept = Vec::new();
        let mut suppressed = Vec::new();
        for finding in findings {
            let covering = exceptions
                .iter()
                .zip(&mut used)
                .filter(|(exception, _)| exception.covers(&finding))
                .map(|(exception, used)| {
                    *used = true;
                    exception
                })
                .find(|exception| exception.invalid(self.options.today).is_none());
            if let Some(exception) = covering {
                let reason = exception.reason.clone();
                suppressed.push(Suppressed {
                    finding,
                    reason,
                    by: exception.by(),
                });
            } else {
                kept.push(finding);
            }
        }
        let controls = self.controls();
        for (exception, used) in exceptions.iter().zip(used) {
            let unused = !used && exception.concerns(&controls);
            let message = exception.invalid(self.options.today).or_else(|| {
                unused.then(|| {
                    format!(
                        "the exception for `{}` matches no finding",
                        exception.control
                    )
                })
            });
            if let Some(message) = message {
                notes.push(ExceptionNote {
                    place: exception.place.clone(),
                    message,
                });
            }
        }
        (kept, suppressed)
    }
}

/// Returns whether what is wrong is so with an object of the inventory.
fn is_listed(cluster: &Cluster, offence: &ClusterOffence) -> bool {
    let inventory = &cluster.inventory;
    let first = inventory.partition_point(|listed| listed.object < offence.object);
    inventory[first..]
        .iter()
        .take_while(|listed| listed.object == offence.object)
        .any(|listed| listed.place.file == offence.place.file)
}

/// Findings by place, for their identity.
fn place_order(finding: &Finding) -> (&Place, &'static str, &knight_model::path::FieldPath) {
    (&finding.place, finding.control.id, &finding.path)
}

/// Findings as a reader wants them: the worst first, what fails before what cannot be told, what
/// the cluster takes before what it refuses, and each control together, by place.
///
/// A cluster is full of what its vendors run with rights that it needs; in files somebody is about
/// to change it, but in a cluster it comes behind all that tenants did and that settings decide.
fn report_order(finding: &Finding) -> impl Ord + '_ {
    (
        finding.is_of_the_system(),
        std::cmp::Reverse(finding.severity),
        finding.verdict,
        finding.effect,
        // In files the control alone tells causes of one severity apart.
        !finding.place.is_written() && finding.control.audience != Audience::Platform,
        finding.control.id,
    )
}
