//! `internal-registry`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{container, containers, not, unless},
};

/// Hosts that Knative never asks: the settings skip them by default.
const NEVER_ASKED: &str = "^(dev|kind|ko)[.]local/";
/// Hosts that lie inside: addresses, `localhost`, names of the cluster, of the link and of no public
/// zone, and names of one part with a port, which the search path of the one who asks completes.
const INSIDE: &str = "(?i)^([0-9]+([.][0-9]+)+[.]?|\\[[0-9a-f:.]+\\]|([^/]*[.])?localhost[.]?|\
    [^/]*[.](local|svc)[.]?|metadata[.]google[.]internal[.]?)(:[0-9]+)?/|^[^./:]+:[0-9]+/";

pub(super) const CONTROL: Control = Control {
    id: "internal-registry",
    title: "An image names a host inside the network as registry",
    says: "takes its image from a host inside the network",
    help: "Take the image from a registry with a public name; give an exception for one of the platform",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Shared]),
    threats: &[Threat::InformationDisclosure, Threat::Tampering],
    mappings: &["nsa/supply-chain", "owasp/K02", "mitre/T1046"],
    yields_to: &["foreign-registry"],
    page: include_str!("internal_registry.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(
        containers().every(unless(
            container("image").matches(NEVER_ASKED),
            not(container("image").matches(INSIDE))
                .label("the platform calls this host to resolve or pull the image"),
        )),
    )
}
