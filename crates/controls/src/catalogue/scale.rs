//! How much of the cluster a service may take.

mod long_timeout;
mod pinned_activator;
mod scale_floor_exceeded;
mod scale_limit_exceeded;
mod sidecar_resource_override;
mod uncollected_revision;

use crate::control::Control;

/// The carriers that Knative's autoscaler scales.
pub(super) const SCALED: &[(&str, &str)] = &[
    ("serving.knative.dev", "Service"),
    ("serving.knative.dev", "Configuration"),
    ("serving.knative.dev", "Revision"),
];

pub(super) const CONTROLS: &[&Control] = &[
    &long_timeout::CONTROL,
    &pinned_activator::CONTROL,
    &scale_floor_exceeded::CONTROL,
    &scale_limit_exceeded::CONTROL,
    &sidecar_resource_override::CONTROL,
    &uncollected_revision::CONTROL,
];
