//! `pruned-field`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{
        RemedyChange,
        eval::{Offence, Verdict},
    },
    written_rule::{Written, WrittenRule},
};

pub(super) const CONTROL: Control = Control {
    id: "pruned-field",
    title: "A field is dropped without an error",
    says: "sets a field that Knative's schema drops",
    help: "Remove the field; the API server drops it with a warning at most",
    severity: Severity::Low,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::Tampering],
    mappings: &[],
    yields_to: &[],
    page: include_str!("pruned_field.md"),
    rule: || {
        Rule::Written(WrittenRule {
            reads,
            // What a cluster holds went through the schema.
            stored: |_, _| false,
            judge,
        })
    },
};

fn reads(written: &Written<'_>) -> bool {
    !written.changes.pruned.is_empty()
}

fn judge(written: &Written<'_>, offences: &mut Vec<Offence>) {
    offences.extend(written.changes.pruned.iter().map(|pruned| Offence {
        verdict: Verdict::Fail,
        path: pruned.path.clone(),
        span: pruned.key_span,
        label: "the schema of Knative's kinds lacks this field".into(),
        origin: None,
        remedy: Some((pruned.path.clone(), RemedyChange::Remove)),
    }));
}
