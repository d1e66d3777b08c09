//! `automounted-token`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::pod,
};

pub(super) const CONTROL: Control = Control {
    id: "automounted-token",
    title: "A pod gets a token of the API server",
    says: "mounts a token of its service account",
    help: "Set `automountServiceAccountToken: false` unless the code calls the API server",
    severity: Severity::Low,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Single]),
    threats: &[Threat::ElevationOfPrivilege, Threat::Spoofing],
    mappings: &[
        "cis/5.1.6",
        "nsa/authentication",
        "owasp/K03",
        "mitre/T1528",
    ],
    yields_to: &[],
    page: include_str!("automounted_token.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(
        pod("automountServiceAccountToken")
            .equals(false)
            .label("every container of the pod can act as its service account")
            .fix_set(false),
    )
}
