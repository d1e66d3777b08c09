//! The fields of a pod spec that feature flags of Serving let tenants use.

use std::collections::BTreeMap;

use knight_facts::{
    pod_spec::{Answer, Gate, Level, fields},
    settings::Component,
};
use knight_model::settings::Settings;

use crate::{
    cluster_rule::ClusterOffence,
    control::Control,
    setting::{self, Seen},
};

/// Fields that hold parts of the node, or rights over it: what Pod Security refuses at its
/// baseline level, and mounts that the node makes.
const OF_NODE: [(Level, &str); 6] = [
    (Level::ContainerSecurityContext, "capabilities.add"),
    (Level::Pod, "hostIPC"),
    (Level::Pod, "hostNetwork"),
    (Level::Pod, "hostPID"),
    (Level::Volume, "hostPath"),
    (Level::VolumeMount, "mountPropagation"),
];

/// The ConfigMap of the flags.
const FEATURES: &str = "config-features";

/// A flag that is set to a value at which it lets fields pass.
#[derive(Debug)]
pub(super) struct Opened<'s> {
    /// The flag.
    pub(super) flag: Seen<'s>,
    fields: Vec<(Level, &'static str)>,
}

/// Returns the flags that an object writes, and that let fields pass which are refused without.
pub(super) fn opened(settings: &Settings) -> Vec<Opened<'_>> {
    if !settings.has(Component::Serving, FEATURES) {
        return Vec::new();
    }
    let mut gated = BTreeMap::<&'static str, Vec<(&'static Gate, Level, &'static str)>>::new();
    let version = settings.version();
    for row in fields().iter().filter(|row| row.range.contains(version)) {
        let gates = match &row.answer {
            Answer::Gated(gates) | Answer::OnlyValue { gates, .. } => gates.as_slice(),
            Answer::Allowed
            | Answer::Refused
            | Answer::Pruned
            | Answer::AtMost(_)
            | Answer::Rewritten(_) => &[],
        };
        // A gate that lets only some values pass is a mask of its own.
        for gate in gates.iter().filter(|gate| gate.only.is_empty()) {
            let of_flag = gated.entry(&gate.flag).or_default();
            of_flag.push((gate, row.level, row.field.as_str()));
        }
    }
    let mut found = Vec::new();
    for (flag, gated) in gated {
        let seen = setting::seen((Component::Serving, FEATURES, flag), settings);
        for seen in seen.into_iter().filter(Seen::is_written) {
            let opens = |value: &str| {
                let open = gated.iter().filter(|(gate, ..)| gate.opens_at(value));
                open.map(|(_, level, field)| (*level, *field))
                    .collect::<Vec<_>>()
            };
            let fields = opens(seen.value());
            let by_default = seen.setting().default.as_deref().map(opens);
            if !fields.is_empty() && by_default.as_ref() != Some(&fields) {
                found.push(Opened { flag: seen, fields });
            }
        }
    }
    found
}

impl Opened<'_> {
    /// Returns whether a field that it opens holds a part of the node.
    pub(super) fn reaches_node(&self) -> bool {
        self.fields.iter().any(|field| OF_NODE.contains(field))
    }

    /// Makes the finding: which fields, why it matters, and what `more` says.
    pub(super) fn offence(&self, control: &Control, more: &str) -> ClusterOffence {
        let mut fields: Vec<String> = self
            .fields
            .iter()
            .map(|(_, field)| format!("`{field}`"))
            .collect();
        fields.sort_unstable();
        fields.dedup();
        let fields = fields.join(", ");
        let why = setting::clause(&self.flag.setting().why);
        self.flag
            .offence(control, &format!("opens {fields}{more}: {why}"))
    }
}
