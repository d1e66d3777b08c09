//! `job-sink-leftover`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::object,
};

pub(super) const CONTROL: Control = Control {
    id: "job-sink-leftover",
    title: "A sink keeps the Jobs that it has made",
    says: "keeps the Jobs that it has made",
    help: "Set `spec.job.spec.ttlSecondsAfterFinished`",
    severity: Severity::Low,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Shared]),
    threats: &[Threat::DenialOfService],
    mappings: &["owasp/K01", "mitre/T1499"],
    yields_to: &[],
    page: include_str!("job_sink_leftover.md"),
    rule,
};

fn rule() -> Rule {
    Rule::objects(
        &[("sinks.knative.dev", "JobSink")],
        object("spec.job.spec.ttlSecondsAfterFinished")
            .between(0, A_WEEK)
            .label("each event leaves a Job, its pod and a Secret with the event")
            .fix_set(3600),
    )
}

const A_WEEK: i64 = 7 * 24 * 3600;
