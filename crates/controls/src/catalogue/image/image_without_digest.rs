//! `image-without-digest`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{container, containers},
};

pub(super) const CONTROL: Control = Control {
    id: "image-without-digest",
    title: "An image can change without a deployment",
    says: "does not name its image by digest",
    help: "Name the image by digest: `registry/name@sha256:…`",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Single, Profile::Airgap]),
    threats: &[Threat::Tampering],
    mappings: &["cis/5.5.1", "nsa/supply-chain", "owasp/K02", "mitre/T1525"],
    yields_to: &[],
    page: include_str!("image_without_digest.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(
        containers().every(
            container("image")
                .absent_or_matches("@sha256:[0-9a-f]{64}$")
                .label("a tag can name another image tomorrow"),
        ),
    )
}
