//! `webhook-exclusion`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::object,
};

pub(super) const CONTROL: Control = Control {
    id: "webhook-exclusion",
    title: "A namespace switches Knative's admission off",
    says: "switches Knative's admission off",
    help: "Remove the label `webhooks.knative.dev/exclude`, and refuse it on tenants' namespaces",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege, Threat::Tampering],
    mappings: &["cis/5.2.1", "owasp/K01", "mitre/T1562"],
    yields_to: &[],
    page: include_str!("webhook_exclusion.md"),
    rule,
};

fn rule() -> Rule {
    Rule::objects(
        &[("", "Namespace")],
        object("metadata.labels")
            .key("webhooks.knative.dev/exclude")
            .absent()
            .label("Knative's webhooks skip every object of this namespace"),
    )
}
