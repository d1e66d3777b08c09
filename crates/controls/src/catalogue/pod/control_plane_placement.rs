//! `control-plane-placement`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{Expr, all, any, entry_key, item, not, pod, these},
};

/// The taints and labels of the nodes of a control plane.
const ROLE: &str = "^node-role[.]kubernetes[.]io/(control-plane|master)$";

pub(super) const CONTROL: Control = Control {
    id: "control-plane-placement",
    title: "A pod may run beside the control plane",
    says: "may run on a node of the control plane",
    help: "Name the taints that the pod must bear, and leave those of the control plane out",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Shared]),
    threats: &[Threat::ElevationOfPrivilege, Threat::DenialOfService],
    mappings: &["nsa/pod-security", "owasp/K01", "mitre/T1610"],
    yields_to: &[],
    page: include_str!("control_plane_placement.md"),
    rule,
};

fn rule() -> Rule {
    Rule::pods(all([
        pod("tolerations").items().every(all([
            not(item("key").matches(ROLE)).label("bears the taint of the control plane"),
            any([
                item("key").matches("."),
                not(item("operator").equals("Exists")).label("without a key it bears every taint"),
            ]),
        ])),
        pod("nodeSelector")
            .entries()
            .every(not(entry_key().matches(ROLE)).label("asks for a node of the control plane")),
        // Affinity asks as well as `nodeSelector` does, and needs another flag of Knative's.
        pod("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms")
            .items()
            .every(asks_elsewhere("matchExpressions")),
        pod("affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution")
            .items()
            .every(asks_elsewhere("preference.matchExpressions")),
    ]))
}

/// No expression of a term wants a node of the control plane; to want none is fine.
fn asks_elsewhere(expressions: &'static str) -> Expr {
    item(expressions).items().every(any([
        item("operator").one_of(these(&["DoesNotExist", "NotIn"])),
        not(item("key").matches(ROLE)).label("asks for a node of the control plane"),
    ]))
}
