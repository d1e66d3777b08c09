//! `source-of-every-namespace`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{any, not, object},
};

pub(super) const CONTROL: Control = Control {
    id: "source-of-every-namespace",
    title: "A source watches every namespace",
    says: "watches the objects of every namespace",
    help: "Select namespaces by a label, or leave `namespaceSelector` out",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Shared]),
    threats: &[Threat::InformationDisclosure],
    mappings: &["owasp/K03"],
    yields_to: &[],
    page: include_str!("source_of_every_namespace.md"),
    rule,
};

fn rule() -> Rule {
    let selector = object("spec.namespaceSelector");
    let asks = |part| not(object(part).absent_or_empty());
    Rule::objects(
        &[("sources.knative.dev", "ApiServerSource")],
        any([
            not(selector.present()),
            asks("spec.namespaceSelector.matchExpressions"),
            asks("spec.namespaceSelector.matchLabels")
                .label("is empty, and an empty selector selects every namespace"),
        ]),
    )
}
