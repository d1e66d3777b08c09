//! Who may reach a service, and how.

mod ineffective_visibility;
mod ingress_class_override;
mod tls_opt_out;

use crate::control::Control;

/// The kinds whose metadata decide how Knative's ingress serves them.
const ROUTED: &[(&str, &str)] = &[
    ("serving.knative.dev", "DomainMapping"),
    ("serving.knative.dev", "Route"),
    ("serving.knative.dev", "Service"),
];

pub(super) const CONTROLS: &[&Control] = &[
    &ineffective_visibility::CONTROL,
    &ingress_class_override::CONTROL,
    &tls_opt_out::CONTROL,
];
