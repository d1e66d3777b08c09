//! The engine: documents in, a report out.
//!
//! ```text
//!             ┌ judge_document ─▶ Outcome ┐
//! Cluster ─▶ Engine                       ├ merge ─▶ finish ─▶ Report
//!             └ judge_cluster  ─▶ Outcome ┘
//! ```
//!
//! Documents are judged one by one and in any order, so that a reader need not keep them. The
//! context (settings, namespaces, versions) is known before the first is judged.

mod finish;
mod object;
mod outcome;
mod owners;
mod pods;
mod unread;
mod written;

use std::collections::BTreeSet;

use knight_model::{admitted::Admission, cluster::Cluster, object::Object};

pub use self::outcome::{Outcome, Read};
pub(crate) use self::pods::Pods;
use crate::cluster_rule::ClusterRule;
use crate::{
    catalogue,
    control::{Control, ObjectRule, On, Profiles, Rule, Severity},
    exceptions::{Day, Exception},
    finding::Owner,
    rule::{Expr, eval::Params},
    written_rule::WrittenRule,
};

/// What to judge, and by what.
#[derive(Clone, Debug)]
pub struct Options {
    /// The scenarios; a control of any of them judges.
    pub profiles: Profiles,
    /// Patterns of which a control must match one; empty for all.
    pub select: Vec<String>,
    /// Patterns of which a control must match none.
    pub ignore: Vec<String>,
    /// The least severity that is reported.
    pub severity: Severity,
    /// Whose findings are reported; `None` for everyone's.
    pub audience: Option<Owner>,
    /// The values of parameters.
    pub params: Params,
    /// The day by which exceptions expire.
    pub today: Day,
    /// The exceptions of the configuration.
    pub exceptions: Vec<Exception>,
    /// Whether annotations and comments can allow controls: in files, not on a cluster.
    pub written_exceptions: bool,
    /// Fingerprints of findings that are known.
    pub baseline: BTreeSet<String>,
    /// Patterns of the namespaces that belong to the platform.
    pub system: Vec<String>,
}

/// Judges documents in one context.
#[derive(Debug)]
pub struct Engine<'c> {
    context: &'c Cluster,
    options: Options,
    admission: Admission,
    objects: Vec<Declared>,
    written: Vec<(&'static Control, WrittenRule)>,
    clusters: Vec<(&'static Control, ClusterRule)>,
    /// Controls that were asked for and need a parameter that has no value.
    idle: Vec<(&'static Control, Vec<&'static str>)>,
    /// What every control of the catalogue that is not selected reads.
    unselected: Vec<Unselected>,
    /// Whether the flags of Serving could not be read, so that its defaults must not be assumed.
    flags_unread: bool,
}

/// A declarative control, fixed to one Kubernetes minor.
#[derive(Debug)]
struct Declared {
    control: &'static Control,
    rule: ObjectRule,
    holds: Expr,
}

#[derive(Debug)]
enum Unselected {
    On(On),
    Reads(ClusterRule),
}

impl<'c> Engine<'c> {
    /// Makes ready the controls that the options select.
    pub fn new(context: &'c Cluster, options: Options) -> Self {
        let versions = &context.versions;
        let mut engine = Self {
            context,
            admission: Admission::new(&context.settings, versions.knative),
            objects: Vec::new(),
            written: Vec::new(),
            clusters: Vec::new(),
            idle: Vec::new(),
            unselected: Vec::new(),
            flags_unread: unread::flags(context),
            options,
        };
        for control in catalogue::controls() {
            let rule = (control.rule)();
            let selected = engine.options.selects(control);
            match rule {
                Rule::Object(rule) if selected => engine.add(control, rule, versions.kubernetes.0),
                Rule::Object(rule) => engine.unselected.push(Unselected::On(rule.on)),
                Rule::Written(rule) if selected => engine.written.push((control, rule)),
                Rule::Written(_) => {}
                Rule::Cluster(rule) if selected => engine.clusters.push((control, rule)),
                Rule::Cluster(rule) => engine.unselected.push(Unselected::Reads(rule)),
            }
        }
        engine
    }

    fn add(&mut self, control: &'static Control, rule: ObjectRule, minor: u16) {
        let holds = rule.holds.at_minor(minor);
        let missing: Vec<&str> = holds
            .params()
            .into_iter()
            .filter(|name| !self.options.params.has(name))
            .collect();
        if !missing.is_empty() {
            self.idle.push((control, missing));
            self.unselected.push(Unselected::On(rule.on));
        } else if holds != Expr::Const(true) {
            self.objects.push(Declared {
                control,
                rule,
                holds,
            });
        }
    }

    /// Returns the controls that judge, by id.
    pub fn controls(&self) -> Vec<&'static Control> {
        let mut controls: Vec<_> = self
            .objects
            .iter()
            .map(|declared| declared.control)
            .chain(self.written.iter().map(|(control, _)| *control))
            .chain(self.clusters.iter().map(|(control, _)| *control))
            .collect();
        controls.sort_unstable_by_key(|control| control.id);
        controls
    }

    /// Returns whether a control that judges several objects together reads an object.
    pub fn reads_together(&self, object: &Object<'_>) -> bool {
        self.clusters.iter().any(|(_, rule)| (rule.reads)(object))
    }

    fn is_system(&self, namespace: Option<&str>) -> bool {
        let namespace = namespace.unwrap_or_default();
        self.options
            .system
            .iter()
            .any(|system| crate::exceptions::glob(system, namespace))
    }
}

impl Options {
    /// Returns whether a control judges.
    pub fn selects(&self, control: &Control) -> bool {
        let named = |patterns: &[String]| patterns.iter().any(|pattern| control.matches(pattern));
        // A control that is asked for by name judges whatever the scenario.
        let wanted = if self.select.is_empty() {
            control.profiles.overlaps(self.profiles)
        } else {
            named(&self.select)
        };
        wanted && !named(&self.ignore) && control.severity >= self.severity
    }
}
