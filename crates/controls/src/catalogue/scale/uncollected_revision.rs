//! `uncollected-revision`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{not, pod_metadata},
};

pub(super) const CONTROL: Control = Control {
    id: "uncollected-revision",
    title: "Revisions are never cleaned up",
    says: "keeps its revisions for ever",
    help: "Remove `serving.knative.dev/no-gc`; a revision that is to stay gets a tag in the traffic of its route",
    severity: Severity::Low,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Shared]),
    threats: &[Threat::DenialOfService],
    mappings: &["owasp/K01"],
    yields_to: &[],
    page: include_str!("uncollected_revision.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods_of(
        super::SCALED,
        not(pod_metadata("annotations")
            .key("serving.knative.dev/no-gc")
            .matches("^[Tt][Rr][Uu][Ee]$"))
        .label("every change of the template leaves another revision behind"),
    )
}
