//! `event-every-second`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{all, any, not, object},
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

/// Six fields of which the first, that of seconds, names more than one. Whatever is no graphic
/// character of ASCII parts them: Go takes any white space of Unicode.
const SECONDS: &str = concat!(
    "^[^!-~]*((TZ|CRON_TZ)=[!-~]+[^!-~]+)?",
    "[!-?A-~]*[*?,/-][!-~]*([^!-~]+[!-~]+){5}[^!-~]*$",
);

/// An interval.
const EVERY: &str = "^((TZ|CRON_TZ)=[!-~]+[^!-~]+)?@every ";

/// An interval of which one part alone makes a minute; none that is below 0.
const A_MINUTE: &str = concat!(
    "@every [+]?([0-9.]+[a-zµμ]+)*",
    "(0*[1-9][0-9]*([.][0-9]*)?(h|m([0-9.]|$))",
    "|0*[.][1-9][0-9]*h",
    "|0*([6-9][0-9]|[1-9][0-9]{2,})([.][0-9]*)?s)",
);

fn rule() -> Rule {
    const SHARED: &str = "one process sends the events of all PingSources of the cluster";
    let schedule = || object("spec.schedule");
    Rule::objects(
        &[("sources.knative.dev", "PingSource")],
        all([
            not(schedule().matches(SECONDS)).label(SHARED),
            any([
                schedule().matches(A_MINUTE),
                not(schedule().matches(EVERY)).label(SHARED),
            ]),
        ]),
    )
}
