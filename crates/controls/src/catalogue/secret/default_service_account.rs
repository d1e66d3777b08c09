//! `default-service-account`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{all, not, pod, these, unless},
};

pub(super) const CONTROL: Control = Control {
    id: "default-service-account",
    title: "A pod acts as the default service account of its namespace",
    says: "acts as the default service account of its namespace",
    help: "Give the workload a service account of its own, or set `automountServiceAccountToken: false`",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Single]),
    threats: &[
        Threat::ElevationOfPrivilege,
        Threat::Spoofing,
        Threat::Repudiation,
    ],
    mappings: &[
        "cis/5.1.5",
        "nsa/authentication",
        "owasp/K03",
        "mitre/T1078",
    ],
    yields_to: &[],
    page: include_str!("default_service_account.md"),
    rule,
};

fn rule() -> Rule {
    // `serviceAccount` is the older name of the field, which Pods still keep filled in.
    let account = || pod("serviceAccountName").or(pod("serviceAccount"));
    Rule::pods(unless(
        pod("automountServiceAccountToken").equals(false),
        all([
            account()
                .present()
                .label("without a name it is the account `default`"),
            not(account().one_of(these(&["", "default"])))
                .label("whatever is granted to this account, every pod of the namespace may do"),
        ]),
    ))
}
