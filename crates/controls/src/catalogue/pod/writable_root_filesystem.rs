//! `writable-root-filesystem`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{container, containers, pod, unless},
};

pub(super) const CONTROL: Control = Control {
    id: "writable-root-filesystem",
    title: "A container may change its own programs",
    says: "may write to its root file system",
    help: "Set `readOnlyRootFilesystem: true`, and mount an `emptyDir` where the program writes",
    severity: Severity::Low,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Single]),
    threats: &[Threat::Tampering],
    mappings: &["nsa/pod-security", "owasp/K01", "mitre/T1105"],
    yields_to: &[],
    page: include_str!("writable_root_filesystem.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(unless(
        // Windows needs to write there.
        pod("os.name").equals("windows"),
        containers().every(
            container("securityContext.readOnlyRootFilesystem")
                .equals(true)
                .label("programs and libraries of the image can be replaced at run time")
                .fix_set(true),
        ),
    ))
}
