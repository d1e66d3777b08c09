//! `host-path-volume`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{item, not, pod},
};

pub(super) const CONTROL: Control = Control {
    id: "host-path-volume",
    title: "A volume mounts a folder of the node",
    says: "mounts a folder of the node",
    help: "Use an `emptyDir`, a ConfigMap, a Secret or a claim",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[
        Threat::ElevationOfPrivilege,
        Threat::Tampering,
        Threat::InformationDisclosure,
    ],
    mappings: &[
        "pss/baseline",
        "cis/5.2.12",
        "nsa/pod-security",
        "owasp/K01",
        "mitre/T1611",
    ],
    yields_to: &[],
    page: include_str!("host_path_volume.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(pod("volumes").items().every(
        // Without a word on what should take its place, taking it out mends nothing.
        not(item("hostPath").present()).label("files of the node can be read, and mostly written"),
    ))
}
