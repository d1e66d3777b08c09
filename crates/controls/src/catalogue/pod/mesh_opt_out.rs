//! `mesh-opt-out`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{all, not, pod_metadata},
};

pub(super) const CONTROL: Control = Control {
    id: "mesh-opt-out",
    title: "A workload steps out of the service mesh",
    says: "steps out of the service mesh",
    help: "Remove the label or annotation; where no mesh is installed it has no use",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Single]),
    threats: &[
        Threat::Spoofing,
        Threat::InformationDisclosure,
        Threat::ElevationOfPrivilege,
    ],
    mappings: &["nsa/network-separation", "owasp/K07", "mitre/T1562"],
    yields_to: &[],
    page: include_str!("mesh_opt_out.md"),
    rule,
};

/// What Istio takes for a yes; the empty string leaves the choice to the namespace.
const YES: &str = "^([Tt][Rr][Uu][Ee]|[Yy]([Ee][Ss])?|[Oo][Nn])?$";

fn rule() -> Rule {
    const ISTIO: &str = "sidecar.istio.io/inject";
    const SIDECAR: &str = "the pod runs without the proxy that enforces the mesh's policies";
    let label = |key| pod_metadata("labels").key(key);
    let annotation = |key| pod_metadata("annotations").key(key);
    let past = |key| {
        not(annotation(key).matches("[^, ]")).label("traffic to these ports goes past the proxy")
    };
    Rule::pods(all([
        label(ISTIO).absent_or_matches(YES).label(SIDECAR),
        annotation(ISTIO).absent_or_matches(YES).label(SIDECAR),
        not(label("istio.io/dataplane-mode").equals("none")).label(SIDECAR),
        not(annotation("linkerd.io/inject").equals("disabled")).label(SIDECAR),
        past("traffic.sidecar.istio.io/excludeInboundPorts"),
        past("config.linkerd.io/skip-inbound-ports"),
    ]))
}
