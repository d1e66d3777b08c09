//! `mesh-opt-out`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{Operand, all, not, pod_metadata, these},
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

fn rule() -> Rule {
    const ISTIO: &str = "sidecar.istio.io/inject";
    const OFF: &[&str] = &["0", "f", "F", "false", "FALSE", "False", "n", "no", "off"];
    const SIDECAR: &str = "the pod runs without the proxy that enforces the mesh's policies";
    const PORTS: &str = "traffic to these ports goes past the proxy";
    let label = |key: &'static str| pod_metadata("labels").key(key);
    let annotation = |key: &'static str| pod_metadata("annotations").key(key);
    let off = |operand: Operand, values| not(operand.one_of(these(values))).label(SIDECAR);
    Rule::pods(all([
        off(label(ISTIO), OFF),
        off(annotation(ISTIO), OFF),
        off(label("istio.io/dataplane-mode"), &["none"]),
        off(annotation("linkerd.io/inject"), &["disabled"]),
        not(annotation("traffic.sidecar.istio.io/excludeInboundPorts").matches("[^, ]"))
            .label(PORTS),
        not(annotation("config.linkerd.io/skip-inbound-ports").matches("[^, ]")).label(PORTS),
    ]))
}
