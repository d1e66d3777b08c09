//! `added-capability`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{container, containers, item, these},
};

/// The capabilities that container runtimes give by default.
pub(super) const DEFAULT: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

pub(super) const CONTROL: Control = Control {
    id: "added-capability",
    title: "A container adds a dangerous capability",
    says: "adds a capability beyond the default set",
    help: "Remove the capability from `capabilities.add`",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &[
        "pss/baseline",
        "cis/5.2.9",
        "nsa/pod-security",
        "owasp/K01",
        "mitre/T1611",
    ],
    yields_to: &[],
    page: include_str!("added_capability.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(
        containers().every(
            container("securityContext.capabilities.add").items().every(
                item("")
                    .one_of(these(&DEFAULT))
                    .label("is not one of the capabilities that containers get by default"),
            ),
        ),
    )
}
