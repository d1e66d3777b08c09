//! `secret-in-event`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{item, not, object, unless},
};

pub(super) const CONTROL: Control = Control {
    id: "secret-in-event",
    title: "Secrets are sent as events",
    says: "sends Secrets as events",
    help: "Leave Secrets out of `resources`, or set `mode: Reference`",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::InformationDisclosure],
    mappings: &["owasp/K08", "mitre/T1552.007"],
    yields_to: &[],
    page: include_str!("secret_in_event.md"),
    rule,
};

/// The source guesses the resource of a kind from its small letters.
const SECRET: &str = "(?i)^secret$";

fn rule() -> Rule {
    Rule::objects(
        &[("sources.knative.dev", "ApiServerSource")],
        unless(
            not(object("spec.mode").equals("Resource")),
            object("spec.resources").items().every(
                not(item("kind").matches(SECRET))
                    .label("each change of one is sent with all that it holds"),
            ),
        ),
    )
}
