//! `unrestricted-volume`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{all, entry_key, item, pod, these},
};

const SOURCES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

pub(super) const CONTROL: Control = Control {
    id: "unrestricted-volume",
    title: "A volume is of a type that tenants should not use",
    says: "mounts a volume of a restricted type",
    help: "Use a ConfigMap, a Secret, an `emptyDir`, a projected volume, a CSI or ephemeral volume, or a claim",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::Tampering, Threat::InformationDisclosure],
    mappings: &["pss/restricted", "cis/5.2.12", "owasp/K01"],
    yields_to: &["host-path-volume"],
    page: include_str!("unrestricted_volume.md"),
    rule,
};

fn rule() -> Rule {
    let source = all([entry_key().one_of(these(&SOURCES)), item("").present()]);
    Rule::pods(pod("volumes").items().every(item("").entries().some(
        source,
        "its type is not one of those that any tenant may use",
    )))
}
