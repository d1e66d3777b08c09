//! `unmasked-proc-user-namespace`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::since,
};

pub(super) const CONTROL: Control = Control {
    id: "unmasked-proc-user-namespace",
    title: "A container in a user namespace sees the whole of /proc",
    says: "unmasks /proc in a user namespace",
    help: "Remove `procMount`",
    severity: Severity::Low,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &["pss/restricted"],
    yields_to: &["unmasked-proc"],
    page: include_str!("unmasked_proc_user_namespace.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(since(35, super::unmasked_proc::masked()))
}
