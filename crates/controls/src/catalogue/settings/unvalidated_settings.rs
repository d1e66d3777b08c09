//! `unvalidated-settings`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{all, any, not, object, these},
};

pub(super) const CONTROL: Control = Control {
    id: "unvalidated-settings",
    title: "Knative's webhook does not look at a ConfigMap of settings",
    says: "lacks the labels by which Knative's webhook finds it",
    help: "Give it the labels that it has in the release",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    audience: Audience::Platform,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Single]),
    threats: &[Threat::Tampering],
    mappings: &["owasp/K09"],
    yields_to: &[],
    page: include_str!("unvalidated_settings.md"),
    rule,
};

fn rule() -> Rule {
    let name = object("metadata.name").one_of(these(&[
        "config-autoscaler",
        "config-certmanager",
        "config-defaults",
        "config-deployment",
        "config-domain",
        "config-features",
        "config-gc",
        "config-leader-election",
        "config-logging",
        "config-network",
        "config-observability",
    ]));
    let of_serving = object("metadata.namespace").equals("knative-serving");
    Rule::objects(
        &[("", "ConfigMap")],
        any([
            not(of_serving),
            not(name),
            all([
                object("metadata.labels")
                    .key("app.kubernetes.io/name")
                    .equals("knative-serving"),
                object("metadata.labels")
                    .key("app.kubernetes.io/component")
                    .one_of(these(&[
                        "autoscaler",
                        "controller",
                        "logging",
                        "net-certmanager",
                        "networking",
                        "observability",
                        "tracing",
                    ]))
                    .label("must be the component of the release, such as `controller`"),
            ]),
        ]),
    )
}
