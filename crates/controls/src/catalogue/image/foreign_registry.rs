//! `foreign-registry`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Texts, container, containers},
};

pub(super) const CONTROL: Control = Control {
    id: "foreign-registry",
    title: "An image comes from a registry that is not allowed",
    says: "takes its image from a registry that is not allowed",
    help: "Mirror the image into one of the registries of the parameter `registries`",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::Tampering, Threat::InformationDisclosure],
    mappings: &["cis/5.5.1", "nsa/supply-chain", "owasp/K02", "mitre/T1525"],
    yields_to: &[],
    page: include_str!("foreign_registry.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(
        containers().every(
            container("image")
                .image_below(Texts::Param("registries"))
                .label("is not below one of the allowed registries"),
        ),
    )
}
