//! `secret-in-env`: see the page beside this file.

use knight_facts::secrets;

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{all, container, containers, item, not, unless},
};

pub(super) const CONTROL: Control = Control {
    id: "secret-in-env",
    title: "A secret stands in an environment variable",
    says: "holds a secret in clear text in its environment",
    help: "Put the value into a Secret and name it with `valueFrom.secretKeyRef`",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::InformationDisclosure],
    mappings: &["cis/5.4.1", "nsa/secrets", "owasp/K08", "mitre/T1552"],
    yields_to: &[],
    page: include_str!("secret_in_env.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(
        containers().every(
            container("env").items().every(all([
                unless(
                    not(item("name").matches(secrets::names())),
                    item("value")
                        .absent_or_matches(secrets::placeholders())
                        .label("looks like a secret by its name"),
                ),
                not(item("value").matches(secrets::shapes()))
                    .label("has the shape of a key or token"),
            ])),
        ),
    )
}
