//! `endless-retry`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{all, item, object},
};

pub(super) const CONTROL: Control = Control {
    id: "endless-retry",
    title: "A delivery is tried again without a sensible end",
    says: "tries a delivery again more often than Knative itself would",
    help: "Lower `retry` to at most 10, and name a dead-letter sink",
    severity: Severity::Low,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Shared]),
    threats: &[Threat::DenialOfService],
    mappings: &["owasp/K01", "mitre/T1499"],
    yields_to: &[],
    page: include_str!("endless_retry.md"),
    rule,
};

/// How often Knative's own default for Brokers tries again.
const MOST: i64 = 10;

fn rule() -> Rule {
    Rule::objects(
        &[
            ("eventing.knative.dev", "Broker"),
            ("eventing.knative.dev", "Trigger"),
            ("flows.knative.dev", "Parallel"),
            ("flows.knative.dev", "Sequence"),
            ("messaging.knative.dev", "Channel"),
            ("messaging.knative.dev", "InMemoryChannel"),
            ("messaging.knative.dev", "KafkaChannel"),
            ("messaging.knative.dev", "Subscription"),
            ("sources.knative.dev", "KafkaSource"),
        ],
        all([
            object("spec.delivery.retry").absent_or_between(0, MOST),
            object("spec.channelTemplate.spec.delivery.retry").absent_or_between(0, MOST),
            object("spec.subscribers")
                .items()
                .every(item("delivery.retry").absent_or_between(0, MOST)),
            object("spec.steps")
                .items()
                .every(item("delivery.retry").absent_or_between(0, MOST)),
            object("spec.branches")
                .items()
                .every(item("delivery.retry").absent_or_between(0, MOST)),
        ]),
    )
}
