//! `ingress-class-override`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{Expr, all, not, object},
};

pub(super) const CONTROL: Control = Control {
    id: "ingress-class-override",
    title: "A route picks its own ingress or issuer of certificates",
    says: "picks an ingress or an issuer of certificates other than the platform's",
    help: "Remove the annotation: the settings `ingress-class` and `certificate-class` of the platform then hold",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted]),
    threats: &[Threat::Tampering, Threat::Spoofing],
    mappings: &["nsa/network-separation", "owasp/K07", "mitre/T1562"],
    yields_to: &[],
    page: include_str!("ingress_class_override.md"),
    rule,
};

fn rule() -> Rule {
    const INGRESS: &str = "chooses the ingress that serves this route";
    const ISSUER: &str = "chooses who issues the certificates of this route";
    Rule::objects(
        super::ROUTED,
        all([
            unset("networking.knative.dev/ingress-class", INGRESS),
            unset("networking.knative.dev/ingress.class", INGRESS),
            unset("networking.knative.dev/certificate-class", ISSUER),
            unset("networking.knative.dev/certificate.class", ISSUER),
        ]),
    )
}

fn unset(key: &'static str, label: &'static str) -> Expr {
    not(object("metadata.annotations").key(key).present())
        .label(label)
        .fix_remove()
}
