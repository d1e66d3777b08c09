//! `ineffective-visibility`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Expr, all, any, not, object, unless},
};

/// The label that Knative reads, on the Service or Route itself.
const KEY: &str = "networking.knative.dev/visibility";
const LOCAL: &str = "cluster-local";

pub(super) const CONTROL: Control = Control {
    id: "ineffective-visibility",
    title: "A route that was to be private is public",
    says: "says how visible it is in a way that Knative does not read",
    help: "Set the label `networking.knative.dev/visibility: cluster-local` on the Knative Service or Route itself",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::InformationDisclosure],
    mappings: &["nsa/network-separation", "owasp/K07", "mitre/T1190"],
    yields_to: &[],
    page: include_str!("ineffective_visibility.md"),
    rule,
};

fn rule() -> Rule {
    let label = || object("metadata.labels").key(KEY);
    let is_mapping = || object("kind").equals("DomainMapping");
    Rule::objects(
        super::ROUTED,
        all([
            any([
                not(is_mapping()),
                not(label().present()).label("a DomainMapping is public, whatever its labels say"),
            ]),
            unless(
                is_mapping(),
                all([
                    label()
                        .absent_or_equals(LOCAL)
                        .label(
                            "only `cluster-local` hides a route; with any other value it is public",
                        )
                        .fix_set(LOCAL),
                    elsewhere("metadata.annotations", "it is read as a label only"),
                    elsewhere(
                        "spec.template.metadata.labels",
                        "it is read on the Service itself, not on its template",
                    ),
                    elsewhere(
                        "spec.template.metadata.annotations",
                        "it is read as a label of the Service itself",
                    ),
                ]),
            ),
        ]),
    )
}

/// Asks that the key is not where nobody reads it, unless the label says the same.
fn elsewhere(place: &'static str, label: &'static str) -> Expr {
    any([
        object("metadata.labels").key(KEY).equals(LOCAL),
        not(object(place).key(KEY).present()).label(label),
    ])
}
