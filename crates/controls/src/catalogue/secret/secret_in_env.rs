//! `secret-in-env`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{all, container, containers, item, not, unless},
};

/// Names that say the value is a secret.
const NAME: &str = "(?i)(^|_)(password|passwd|pwd|passphrase|secret|api_?key|access_?key|secret_?key|\
    private_?key|auth_?token|access_?token|refresh_?token|token|credentials?|connection_?string)$";
/// Values that are none: empty, a reference to another variable, a path or a flag.
const PLACEHOLDER: &str = "^$|^[$][(]|^/|^(true|false|TRUE|FALSE|none|None|disabled|enabled)$";
/// Values that are keys or tokens whatever their name: PEM, AWS, GitHub, Slack, Google, Stripe,
/// JSON Web Tokens, and passwords in URLs.
const SHAPE: &str = "-----BEGIN [A-Z ]*PRIVATE KEY-----|(^|[^A-Z0-9])(AKIA|ASIA)[A-Z0-9]{16}([^A-Z0-9]|$)|\
    gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40}|xox[abprs]-[A-Za-z0-9-]{10}|\
    AIza[0-9A-Za-z_-]{35}|[sr]k_live_[0-9a-zA-Z]{16}|\
    eyJ[A-Za-z0-9_-]{10,}[.]eyJ[A-Za-z0-9_-]{10,}[.][A-Za-z0-9_-]{10,}|\
    [a-z][a-z0-9+.-]*://[^/@: ]+:[^/@$ ]+@";

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
                    not(item("name").matches(NAME)),
                    item("value")
                        .absent_or_matches(PLACEHOLDER)
                        .label("looks like a secret by its name"),
                ),
                not(item("value").matches(SHAPE)).label("has the shape of a key or token"),
            ])),
        ),
    )
}
