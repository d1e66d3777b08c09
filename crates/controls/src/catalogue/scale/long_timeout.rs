//! `long-timeout`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Bound, pod},
};

pub(super) const CONTROL: Control = Control {
    id: "long-timeout",
    title: "A request may hold a pod for long",
    says: "lets one request hold a pod for longer than the limit",
    help: "Lower `timeoutSeconds` to at most the parameter `timeout-seconds`",
    severity: Severity::Low,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::DenialOfService],
    mappings: &["owasp/K01"],
    yields_to: &[],
    page: include_str!("long_timeout.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods_of(
        super::SCALED,
        pod("timeoutSeconds").absent_or_between(0, Bound::Param("timeout-seconds")),
    )
}
