//! `tls-opt-out`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Operand, all, not, object},
};

pub(super) const CONTROL: Control = Control {
    id: "tls-opt-out",
    title: "A route opts out of the platform's TLS",
    says: "opts out of the TLS that the platform chose",
    help: "Remove the annotation: the settings `external-domain-tls` and `http-protocol` of the platform then hold",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::InformationDisclosure, Threat::Tampering],
    mappings: &["nsa/network-separation", "owasp/K07", "mitre/T1557"],
    yields_to: &[],
    page: include_str!("tls_opt_out.md"),
    rule,
};

/// What Go's `strconv.ParseBool` reads as true.
const TRUE: &str = "^(1|t|T|true|TRUE|True)$";

fn rule() -> Rule {
    // The first of the spellings that is there counts, in the order in which Knative tries them.
    let disabled = annotation("networking.knative.dev/disableAutoTLS")
        .or(annotation("networking.knative.dev/disable-auto-tls"))
        .or(annotation(
            "networking.knative.dev/disable-external-domain-tls",
        ));
    let protocol = annotation("networking.knative.dev/httpOption")
        .or(annotation("networking.knative.dev/http-protocol"));
    Rule::objects(
        super::ROUTED,
        all([
            not(disabled.matches(TRUE)).label("this route gets no certificate"),
            not(protocol.matches("^[Ee][Nn][Aa][Bb][Ll][Ee][Dd]$"))
                .label("this route answers in the clear, even where the platform redirects"),
        ]),
    )
}

fn annotation(key: &'static str) -> Operand {
    object("metadata.annotations").key(key)
}
