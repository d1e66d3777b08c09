//! `unbounded-scratch-volume`: see the page beside this file.

use crate::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::{Expr, Items, Sort, all, any, container, item, not, pod},
};

pub(super) const CONTROL: Control = Control {
    id: "unbounded-scratch-volume",
    title: "A scratch volume may fill its node",
    says: "may fill the disk or memory of its node",
    help: "Set `emptyDir.sizeLimit`",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    audience: Audience::Owner,
    profiles: Profiles::of(&[Profile::Hosted]),
    threats: &[Threat::DenialOfService],
    mappings: &["owasp/K01", "mitre/T1499"],
    yields_to: &[],
    page: include_str!("unbounded_scratch_volume.md"),
    rule,
};

fn rule() -> Rule {
    let in_memory = || item("emptyDir.medium").equals("Memory");
    Rule::pods(all([
        any([
            limited("resources.limits.ephemeral-storage"),
            scratch(
                in_memory(),
                "takes as much of the node's disk as is written to it",
            ),
        ]),
        any([
            limited("resources.limits.memory"),
            scratch(
                not(in_memory()),
                "takes as much of the node's memory as is written to it",
            ),
        ]),
    ]))
}

/// Asks that the limits of the containers bound what the pod may take.
fn limited(field: &'static str) -> Expr {
    Items::Containers(&[Sort::Container]).every(container(field).above_zero())
}

/// Asks for a limit of every scratch volume but some.
fn scratch(but: Expr, label: &'static str) -> Expr {
    pod("volumes").items().every(any([
        not(item("emptyDir").present()),
        but,
        item("emptyDir.sizeLimit").above_zero().label(label),
    ]))
}
