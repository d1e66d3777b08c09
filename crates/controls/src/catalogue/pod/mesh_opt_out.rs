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

/// What is read as a yes where going past the proxy is asked for.
const BYPASS: &str = "^([Tt]|1|[Tt][Rr][Uu][Ee])$";

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
        not(annotation("traffic.sidecar.istio.io/excludeInterfaces").matches("[^, ]"))
            .label("traffic of these interfaces goes past the proxy"),
        past("config.linkerd.io/skip-inbound-ports"),
        annotation("traffic.sidecar.istio.io/includeInboundPorts")
            .absent_or_matches("^[ ]*[*][ ]*$")
            .label("traffic to all other ports goes past the proxy"),
        not(annotation("sidecar.istio.io/interceptionMode").equals("NONE"))
            .label("nothing goes through the proxy by itself"),
        not(annotation("ambient.istio.io/bypass-inbound-capture").matches(BYPASS))
            .label("what comes in goes past the proxy"),
    ]))
}
