//! `capability-beyond-restricted`: see the page beside this file.

use super::privilege_escalation::unless_windows;
use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{container, containers, item, since},
};

pub(super) const CONTROL: Control = Control {
    id: "capability-beyond-restricted",
    title: "A container adds a capability",
    says: "adds a capability other than NET_BIND_SERVICE",
    help: "Remove the capability from `capabilities.add`",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &["pss/restricted", "cis/5.2.9", "owasp/K01"],
    yields_to: &["added-capability"],
    page: include_str!("capability_beyond_restricted.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(since(
        22,
        unless_windows(
            containers().every(
                container("securityContext.capabilities.add").items().every(
                    item("")
                        .equals("NET_BIND_SERVICE")
                        .label("only `NET_BIND_SERVICE` may be added"),
                ),
            ),
        ),
    ))
}
