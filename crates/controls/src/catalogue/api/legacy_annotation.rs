//! `legacy-annotation`: see the page beside this file.

use knight_facts::{
    annotations::{self, Annotation},
    carriers::{Masking, carrier},
};
use knight_model::{
    path::FieldPath,
    tree::{Entry, Map, Node},
};

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{
        RemedyChange,
        eval::{Offence, Verdict},
    },
    written_rule::{Written, WrittenRule},
};

pub(super) const CONTROL: Control = Control {
    id: "legacy-annotation",
    title: "An annotation has its old spelling",
    says: "spells an annotation the old way",
    help: "Write the annotation with hyphens; where both are given the old one is ignored",
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::Tampering],
    mappings: &[],
    yields_to: &[],
    page: include_str!("legacy_annotation.md"),
    rule: || {
        Rule::Written(WrittenRule {
            reads,
            stored: |group, kind| {
                carrier(group, kind).is_some_and(|carrier| carrier.knative == Masking::Masked)
            },
            judge,
        })
    },
};

fn reads(written: &Written<'_>) -> bool {
    legacy(written).next().is_some()
}

fn judge(written: &Written<'_>, offences: &mut Vec<Offence>) {
    offences.extend(legacy(written).map(|(path, entry, fact)| {
        let key = path.key(entry.key);
        Offence {
            verdict: Verdict::Fail,
            span: entry.key_span,
            label: format!("the annotation is called `{}`", fact.key).into(),
            origin: None,
            remedy: Some((key.clone(), RemedyChange::Rename(fact.key.clone()))),
            path: key,
        }
    }));
}

/// Returns the annotations that pods of the object get under an old spelling, unless the new one
/// stands beside it.
fn legacy<'a>(
    written: &Written<'a>,
) -> impl Iterator<Item = (FieldPath, Entry<'a>, &'static Annotation)> {
    let object = written.object;
    let carrier = carrier(object.group(), object.kind());
    let places = carrier.filter(|carrier| carrier.knative == Masking::Masked);
    let places = places.into_iter().flat_map(|carrier| &carrier.pods);
    places
        .filter_map(|place| place.metadata.as_ref())
        .flat_map(move |metadata| {
            let path: FieldPath = metadata.segments().chain(["annotations"]).collect();
            let map = object.node().locate(&path).and_then(Node::as_map);
            let entries = map.into_iter().flat_map(Map::entries);
            entries.filter_map(move |entry| {
                let fact = annotations::alias(entry.key)?;
                let beside = map.is_some_and(|map| map.get(&fact.key).is_some());
                (!beside).then(|| (path.clone(), entry, fact))
            })
        })
}
