//! `event-every-second`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{not, object},
};

pub(super) const CONTROL: Control = Control {
    id: "event-every-second",
    title: "A source sends events every few seconds",
    says: "sends events more often than once a minute",
    help: "Write the schedule with five fields, minutes first",
    severity: Severity::Low,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Shared]),
    threats: &[Threat::DenialOfService],
    mappings: &["owasp/K01", "mitre/T1499"],
    yields_to: &[],
    page: include_str!("event_every_second.md"),
    rule,
};

/// Six fields of which the first, that of seconds, names more than one; or an interval in parts of
/// a minute.
const OFTEN: &str = concat!(
    "^[ \t]*((TZ|CRON_TZ)=[^ \t]+[ \t]+)?(",
    "[^ \t@]*[*?,/-][^ \t]*([ \t]+[^ \t]+){5}",
    "|@every [ \t]*[0-9.]*(ns|us|µs|μs|ms)",
    "|@every [ \t]*([1-5]?[0-9](\\.[0-9]+)?|\\.[0-9]+)s",
    ")[ \t]*$",
);

fn rule() -> Rule {
    Rule::objects(
        &[("sources.knative.dev", "PingSource")],
        not(object("spec.schedule").matches(OFTEN))
            .label("one process sends the events of all PingSources of the cluster"),
    )
}
