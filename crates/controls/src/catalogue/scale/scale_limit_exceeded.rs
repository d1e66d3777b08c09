//! `scale-limit-exceeded`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Bound, pod_metadata},
};

pub(super) const CONTROL: Control = Control {
    id: "scale-limit-exceeded",
    title: "A service may grow beyond the limit",
    says: "may grow beyond the limit",
    help: "Set `autoscaling.knative.dev/max-scale` to a number from 1 to the parameter `max-scale`",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::DenialOfService],
    mappings: &["owasp/K01", "mitre/T1496"],
    yields_to: &[],
    page: include_str!("scale_limit_exceeded.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods_of(
        super::SCALED,
        pod_metadata("annotations")
            .key("autoscaling.knative.dev/max-scale")
            .or(pod_metadata("annotations").key("autoscaling.knative.dev/maxScale"))
            .absent_or_text_between(1, Bound::Param("max-scale")),
    )
}
