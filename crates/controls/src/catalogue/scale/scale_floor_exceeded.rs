//! `scale-floor-exceeded`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Bound, Expr, all, pod_metadata},
};

/// The annotations that ask for pods whatever the load is, with the older spelling that Knative
/// reads where the first is absent.
const FLOORS: [(&str, Option<&str>); 3] = [
    (
        "autoscaling.knative.dev/min-scale",
        Some("autoscaling.knative.dev/minScale"),
    ),
    (
        "autoscaling.knative.dev/initial-scale",
        Some("autoscaling.knative.dev/initialScale"),
    ),
    ("autoscaling.knative.dev/activation-scale", None),
];

pub(super) const CONTROL: Control = Control {
    id: "scale-floor-exceeded",
    title: "A service holds more pods than the limit without any load",
    says: "starts with or keeps more pods than the limit",
    help: "Lower the annotation to at most the parameter `max-scale`; Knative's own `max-scale-limit` does not bound it",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::DenialOfService],
    mappings: &["owasp/K01", "mitre/T1496"],
    yields_to: &[],
    page: include_str!("scale_floor_exceeded.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods_of(super::SCALED, all(FLOORS.map(floor)))
}

fn floor((name, legacy): (&'static str, Option<&'static str>)) -> Expr {
    let annotation = |key| pod_metadata("annotations").key(key);
    let scale = annotation(name);
    let scale = match legacy {
        Some(legacy) => scale.or(annotation(legacy)),
        None => scale,
    };
    scale.absent_or_text_between(0, Bound::Param("max-scale"))
}
