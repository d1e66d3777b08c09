//! One document: its objects, as admitted, against the declarative and written rules.

use std::{fmt::Write as _, sync::Arc};

use knight_analysis::{
    secure_defaults::would_fill,
    webhook::{self, Answer},
};
use knight_facts::{
    carriers::{Carrier, Masking, carrier},
    kinds,
};
use knight_model::{
    admitted::Changes,
    cluster::Namespace,
    load::{Problem, ProblemKind},
    object::{Name, Object, ObjectRef, objects},
    path::{FieldPath, Step},
    place::Place,
    tree::{Document, Node},
};

use super::{
    Declared, Engine, Outcome, Unselected,
    owners::Kin,
    pods::{Pods, inline_container},
    written,
};
use crate::{
    control::{Control, On, Safety},
    finding::{Effect, Finding, FindingVerdict, Fix, Folded, NotJudgedReason},
    identity::Fingerprint,
    rule::eval::{Offence, Verdict},
    setting,
    written_rule::Written,
};

/// What the findings on one object have in common.
struct About<'a> {
    object: Object<'a>,
    stored: Object<'a>,
    carrier: Option<&'static Carrier>,
    /// Which document of its file.
    index: usize,
    reference: Arc<ObjectRef>,
    /// Its kind and name, as sentences have them.
    words: String,
    /// Whether its namespace belongs to the platform.
    system: bool,
}

impl Engine<'_> {
    /// Judges every object of a document; `index` says which of its file it is.
    pub fn judge_document(&self, document: &Document, index: usize) -> Outcome {
        let mut outcome = Outcome::default();
        let (found, strangers) = objects(document);
        outcome.problems = strangers
            .iter()
            .map(|stranger| {
                let source = document.source();
                let reason = stranger.reason.to_string();
                Problem::at(
                    source,
                    stranger.span.start,
                    ProblemKind::NotAnObject,
                    reason,
                )
            })
            .collect();
        // What a cluster holds went through its webhooks; what is absent there is absent.
        let written = document.source().is_written();
        let seen = if written {
            self.seen_by_webhooks(&found)
        } else {
            Vec::new()
        };
        let (defaulted, changes) = self.admission.admit_all(&seen);
        let mut changes = changes.into_iter();
        let defaulted = defaulted.as_ref().map(|document| objects(document).0);
        for (at, object) in found.iter().enumerate() {
            let stored = defaulted
                .as_ref()
                .and_then(|all| all.get(at))
                .unwrap_or(object);
            let seen = written && !self.skips_webhooks(object);
            let changes = seen.then(|| changes.next()).flatten().unwrap_or_default();
            self.judge_object(object, stored, &changes, index, &mut outcome);
        }
        if !written {
            written::claims(&found, &mut outcome);
        } else if self.options.written_exceptions {
            written::exceptions(document, &found, &mut outcome);
        }
        outcome
    }

    /// Returns the objects that Knative's webhooks get to see and default.
    fn seen_by_webhooks<'a>(&self, objects: &[Object<'a>]) -> Vec<Object<'a>> {
        objects
            .iter()
            .filter(|object| !self.skips_webhooks(object))
            .copied()
            .collect()
    }

    /// Returns whether the input says that Knative's webhooks skip the object's namespace.
    fn skips_webhooks(&self, object: &Object<'_>) -> bool {
        let namespace = object
            .namespace()
            .and_then(|name| self.context.namespaces.get(name));
        namespace.is_some_and(Namespace::skips_webhooks)
    }

    fn judge_object(
        &self,
        object: &Object<'_>,
        stored: &Object<'_>,
        changes: &Changes,
        index: usize,
        outcome: &mut Outcome,
    ) {
        outcome.objects += 1;
        let written = object.node().document().source().is_written();
        if !written {
            let kind = (object.group().into(), object.kind().into());
            *outcome.from_cluster.entry(kind).or_default() += 1;
        }
        let carrier = carrier(object.group(), object.kind());
        let served = served(object, carrier);
        let mut judged = false;
        let mut raised: Vec<(&'static Control, Offence, Safety)> = Vec::new();
        if served {
            let pods = carrier
                .map(|carrier| Pods::of(stored, carrier))
                .unwrap_or_default();
            for declared in &self.objects {
                if applies(declared.rule.on, stored, carrier) {
                    judged = true;
                    self.judge_declared(declared, stored, &pods, &mut raised);
                }
            }
        }
        let text = Written {
            object: *object,
            changes,
            versions: &self.context.versions,
        };
        for (control, rule) in &self.written {
            if (rule.reads)(&text) {
                // A version that is gone is said, and nothing else is judged of it.
                judged |= served;
                let mut offences = Vec::new();
                (rule.judge)(&text, &mut offences);
                raised.extend(offences.into_iter().map(|o| (*control, o, Safety::Safe)));
            }
        }
        judged |= self.reads_together(object);
        if judged {
            outcome.judged += 1;
        } else {
            let reason = self.why_not(object, carrier, served);
            let key = (
                object.reference().api_version(),
                object.kind().to_owned(),
                reason,
            );
            outcome.count_not_judged(key, 1, place_of(object));
        }
        settle(&mut raised);
        let masked = carrier.is_some_and(|carrier| carrier.knative == Masking::Masked);
        outcome.masked += usize::from(masked && judged);
        if !written {
            outcome.kin.extend(Kin::of(object, !raised.is_empty()));
            outcome.writers.extend(writer(object));
        }
        if raised.is_empty() {
            return;
        }
        let about = About {
            object: *object,
            stored: *stored,
            carrier,
            index,
            reference: Arc::new(object.reference()),
            words: kind_and_name(object),
            system: self.is_system(object.namespace()),
        };
        outcome.findings.reserve(raised.len());
        for raised in raised {
            let (finding, secured) = self.finding(raised, &about);
            let audience = self.options.audience;
            if audience.is_none_or(|only| only == finding.audience) {
                outcome.secured += usize::from(secured);
                outcome.findings.push(finding);
            }
        }
    }

    fn judge_declared(
        &self,
        declared: &Declared,
        object: &Object<'_>,
        pods: &Pods<'_>,
        raised: &mut Vec<(&'static Control, Offence, Safety)>,
    ) {
        let mut offences = Vec::new();
        let (on, params) = (declared.rule.on, &self.options.params);
        pods.judge(on, &declared.holds, object, params, &mut offences);
        let safety = declared.rule.safety;
        raised.extend(
            offences
                .into_iter()
                .map(|offence| (declared.control, offence, safety)),
        );
    }

    fn why_not(
        &self,
        object: &Object<'_>,
        carrier: Option<&'static Carrier>,
        served: bool,
    ) -> NotJudgedReason {
        let (group, kind) = (object.group(), object.kind());
        let unselected = self.unselected.iter().any(|unselected| match unselected {
            Unselected::On(on) => applies(*on, object, carrier),
            Unselected::Reads(rule) => (rule.reads)(object),
        });
        if !served {
            NotJudgedReason::UnknownVersion
        } else if unselected {
            NotJudgedReason::NotSelected
        } else if kinds::is_known(group, kind) {
            NotJudgedReason::NoControl
        } else {
            NotJudgedReason::UnknownKind
        }
    }

    fn finding(
        &self,
        (control, offence, safety): (&'static Control, Offence, Safety),
        about: &About<'_>,
    ) -> (Finding, bool) {
        let About { object, stored, .. } = about;
        let verdict = match offence.verdict {
            Verdict::Unknown => FindingVerdict::Unknown,
            Verdict::Fail | Verdict::Pass => FindingVerdict::Fail,
        };
        let message = message(verdict, control.says, about, &offence.path);
        let (effect, secured) = self.fate(&offence.path, stored, about.carrier);
        let fix = offence.remedy.map(|(path, change)| Fix {
            safety,
            document: about.index,
            path: object.in_document(&as_written(object, stored, path)),
            change,
        });
        let mut finding = Finding {
            control,
            severity: control.severity,
            audience: control.audience.resolve(about.system),
            effect,
            verdict,
            message,
            label: offence.label,
            object: Arc::clone(&about.reference),
            place: Place::of_span(object.node().document(), offence.span),
            path: offence.path,
            origin: offence.origin,
            fix,
            written_by: None,
            folded: Folded::default(),
            fingerprint: Fingerprint::default(),
        };
        finding.fingerprint = Fingerprint::of(&finding, 0);
        (finding, secured)
    }

    /// Returns what becomes of the object for a field of a pod spec, and whether Knative's secure
    /// pod defaults would mend what a finding says of it.
    fn fate(
        &self,
        path: &FieldPath,
        stored: &Object<'_>,
        carrier: Option<&Carrier>,
    ) -> (Effect, bool) {
        if carrier.is_some_and(|carrier| carrier.knative == Masking::Handed) {
            return (Effect::Unknown, false);
        }
        let Some((spec, field)) = self.masked_field(stored, carrier, path) else {
            return (Effect::Live, false);
        };
        // What is not set cannot be refused.
        if stored.node().locate(path).is_none() {
            let version = self.context.versions.knative;
            return (Effect::Live, would_fill(&field, spec, version));
        }
        if self.flags_unread {
            return (Effect::Unknown, false);
        }
        let effect = match webhook::answer(&field, spec, &self.context.settings) {
            Answer::Takes => Effect::Live,
            Answer::Refuses { .. } => Effect::RefusedByWebhook,
            Answer::Unknown => Effect::Unknown,
        };
        (effect, false)
    }

    /// Returns the pod spec that holds a field, and the path of the field in it, where Knative's
    /// webhook masks it.
    fn masked_field<'a>(
        &self,
        stored: &Object<'a>,
        carrier: Option<&Carrier>,
        path: &FieldPath,
    ) -> Option<(Node<'a>, FieldPath)> {
        let carrier = carrier.filter(|carrier| carrier.knative == Masking::Masked)?;
        if self.skips_webhooks(stored) {
            return None;
        }
        carrier.pods.iter().find_map(|pod| {
            let spec: FieldPath = pod.spec.segments().collect();
            let below = path.below(&spec).filter(|below| !below.is_empty())?;
            Some((stored.node().locate(&spec)?, below))
        })
    }
}

/// Whether the fields of this version are known; of carriers, a version that is gone has them too.
fn served(object: &Object<'_>, carrier: Option<&Carrier>) -> bool {
    let version = object.version();
    match (carrier, kinds::kind(object.group(), object.kind())) {
        (Some(carrier), _) => {
            let mut versions = carrier.versions.iter().chain(&carrier.former);
            versions.any(|known| known == version)
        }
        (None, Some(kind)) => kind.version(version).is_some(),
        (None, None) => kinds::removed(object.group(), object.kind(), version).is_none(),
    }
}

fn applies(on: On, object: &Object<'_>, carrier: Option<&Carrier>) -> bool {
    let among = |kinds: &[(&str, &str)]| kinds.iter().any(|(group, kind)| object.is(group, kind));
    match on {
        On::Pods => carrier.is_some(),
        On::PodsOf(kinds) | On::Objects(kinds) => among(kinds),
    }
}

/// Returns a `ConfigMap` of settings with the object of the operator's that writes it back.
fn writer(object: &Object<'_>) -> Option<(ObjectRef, Arc<ObjectRef>)> {
    if !object.is("", "ConfigMap") || !setting::reads(object) {
        return None;
    }
    let owner = object
        .controller()
        .filter(|owner| owner.group == setting::OPERATOR)?;
    let object = object.reference();
    let writer = ObjectRef {
        group: owner.group.into(),
        kind: owner.kind.into(),
        namespace: object.namespace.clone(),
        name: owner.name.into(),
        version: "".into(),
    };
    Some((object, Arc::new(writer)))
}

/// Drops what is said twice: the same control at the same path, and controls that yield to another
/// at the same place.
fn settle(raised: &mut Vec<(&'static Control, Offence, Safety)>) {
    raised.sort_by(|(a, x, _), (b, y, _)| (a.id, &x.path).cmp(&(b.id, &y.path)));
    raised.dedup_by(|(a, x, _), (b, y, _)| a.id == b.id && x.path == y.path);
    let yielded: Vec<&str> = raised
        .iter()
        .flat_map(|(control, ..)| control.yields_to.iter().copied())
        .collect();
    let strong: Vec<(&str, FieldPath)> = raised
        .iter()
        .filter(|(control, ..)| yielded.contains(&control.id))
        .map(|(control, offence, _)| (control.id, offence.path.clone()))
        .collect();
    raised.retain(|(control, offence, _)| {
        control.yields_to.is_empty()
            || !strong.iter().any(|(id, path)| {
                control.yields_to.contains(id)
                    && (path.is_below(&offence.path) || offence.path.is_below(path))
            })
    });
}

/// Returns a path with the names that list items have in the text: admission fills some in.
fn as_written(object: &Object<'_>, stored: &Object<'_>, path: FieldPath) -> FieldPath {
    if std::ptr::eq(object.node().document(), stored.node().document()) {
        return path;
    }
    let mut written = FieldPath::with_capacity(path.steps().len());
    let mut node = Some(object.node());
    for step in path.steps() {
        match step {
            Step::Key(key) => {
                node = node.and_then(|node| node.get(key));
                written.push_key(key);
            }
            Step::Item { index, .. } => {
                let index = usize::try_from(*index).unwrap_or(usize::MAX);
                node = node.and_then(|node| node.as_list()?.items().nth(index));
                let name = node.and_then(|item| item.get("name")?.as_str());
                written.push_item(index, name);
            }
        }
    }
    written
}

/// Says what is wrong with what: "container `a` of Deployment `b` is privileged".
fn message(verdict: FindingVerdict, says: &str, about: &About<'_>, path: &FieldPath) -> String {
    let mut message = String::with_capacity(about.words.len() + says.len() + 40);
    let (before, after) = match verdict {
        FindingVerdict::Fail => ("", ""),
        FindingVerdict::Unknown => ("whether ", " cannot be told"),
    };
    message.push_str(before);
    let inline = about.carrier.and_then(|of| inline_container(of, path));
    let listed = || {
        let mut pairs = path.steps().windows(2);
        pairs.find_map(|pair| {
            let [Step::Key(list), Step::Item { name, index }] = pair else {
                return None;
            };
            let sort = match list.as_str() {
                "containers" => "container",
                "initContainers" => "init container",
                "ephemeralContainers" => "ephemeral container",
                "volumes" => "volume",
                _ => return None,
            };
            Some((sort, name.as_deref(), *index))
        })
    };
    let part = inline
        .map(|key| ("container", Some(key), 0))
        .or_else(listed);
    // Writing to a string cannot fail.
    let _ = match part {
        Some((sort, Some(name), _)) => write!(message, "{sort} `{name}` of "),
        Some((sort, None, index)) => write!(message, "{sort} {index} of "),
        None => Ok(()),
    };
    for words in [about.words.as_str(), " ", says, after] {
        message.push_str(words);
    }
    message
}

fn kind_and_name(object: &Object<'_>) -> String {
    let kind = match (object.group(), object.kind()) {
        ("serving.knative.dev", "Service") => "Knative Service",
        (_, kind) => kind,
    };
    match object.name() {
        Name::Absent => format!("a {kind} without a name"),
        name => format!("{kind} `{name}`"),
    }
}

/// The entry that names an object, or its first key.
fn place_of(object: &Object<'_>) -> Place {
    let node = object.node();
    let kind = node.as_map().and_then(|map| map.entry("kind"));
    let span = kind.map_or_else(|| node.span(), |entry| entry.key_span);
    Place::of_span(node.document(), span)
}
