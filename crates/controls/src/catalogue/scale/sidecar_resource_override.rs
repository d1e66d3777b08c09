//! `sidecar-resource-override`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{entry_key, not, pod_metadata},
};

pub(super) const CONTROL: Control = Control {
    id: "sidecar-resource-override",
    title: "A service resizes the platform's sidecar",
    says: "sets the resources of the platform's sidecar",
    help: "Remove the annotations `queue.sidecar.serving.knative.dev/…`: the settings of `config-deployment` then hold",
    severity: Severity::Low,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted]),
    threats: &[Threat::DenialOfService, Threat::Tampering],
    mappings: &["owasp/K01", "mitre/T1496"],
    yields_to: &[],
    page: include_str!("sidecar_resource_override.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods_of(
        super::SCALED,
        pod_metadata("annotations").entries().every(
            not(entry_key().matches("^queue[.]sidecar[.]serving[.]knative[.]dev/"))
                .label("overrules the platform's requests and limits of queue-proxy"),
        ),
    )
}
