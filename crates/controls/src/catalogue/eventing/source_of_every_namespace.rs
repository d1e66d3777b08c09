//! `source-of-every-namespace`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{all, any, item, not, object},
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
    let expressions = || object("spec.namespaceSelector.matchExpressions");
    let labels = || not(object("spec.namespaceSelector.matchLabels").absent_or_empty());
    // What must be absent is absent from every namespace that nobody has labelled, and the name is
    // a label of all.
    let narrows = any([
        item("operator").equals("In"),
        all([
            item("operator").equals("Exists"),
            not(item("key").equals("kubernetes.io/metadata.name")),
        ]),
    ]);
    Rule::objects(
        &[("sources.knative.dev", "ApiServerSource")],
        any([
            not(object("spec.namespaceSelector").present()),
            labels(),
            all([
                any([
                    not(expressions().absent_or_empty()),
                    labels().label("is empty, and an empty selector selects every namespace"),
                ]),
                any([
                    expressions().absent_or_empty(),
                    expressions().items().some(
                        narrows,
                        "selects every namespace that has no label against it, new ones too",
                    ),
                ]),
            ]),
        ]),
    )
}
