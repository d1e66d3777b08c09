//! What would Knative's secure pod defaults fill in?

use std::sync::LazyLock;

use knight_facts::{
    FieldPath as FactPath, KnativeVersion,
    defaulting::{At, Condition, Default, defaults},
};
use knight_model::{
    path::{FieldPath, Step},
    tree::Node,
};

/// The flag of `config-features` that switches the defaults on.
pub const FLAG: &str = "secure-pod-defaults";

/// The value of [`FLAG`] that fills in most.
pub const STRICTEST: &str = "enabled";

/// Returns whether [`STRICTEST`] defaults would set a field that is not set; `path` leads from the
/// pod spec, and `spec` is the pod spec.
pub fn would_fill(path: &FieldPath, spec: Node<'_>, version: KnativeVersion) -> bool {
    let [Step::Key(list), item @ Step::Item { .. }, rest @ ..] = path.steps() else {
        return false;
    };
    let at = |row: &Default| match row.at {
        At::AllContainers => matches!(list.as_str(), "containers" | "initContainers"),
        At::Containers => list == "containers",
        At::InitContainers => list == "initContainers",
        At::Revision | At::Ports | At::VolumeMounts => false,
    };
    let named = |row: &&Row| {
        let keys = rest.iter().map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Item { .. } => None,
        });
        keys.eq(row.keys.iter().map(|key| Some(*key)))
    };
    let Some(row) = ROWS.iter().find(named) else {
        return false;
    };
    let container = spec.get(list).and_then(|list| list.locate_step(item));
    let Some(container) = container else {
        return false;
    };
    let is_set = |value: Node<'_>| !value.is_null();
    if container.at_path(&row.keys).is_some_and(is_set) {
        return false;
    }
    let holds = |condition: &Condition| match condition {
        Condition::Flag { flag, is } => {
            flag == FLAG && is.iter().any(|value| value.eq_ignore_ascii_case(STRICTEST))
        }
        Condition::NonePresent(fields) => fields.iter().all(|field| !has(container, field)),
        Condition::PodUnset(field) => !has(spec, field),
        Condition::Create => true,
        Condition::SettingNotZero
        | Condition::SettingBelow(_)
        | Condition::ServingContainer
        | Condition::Present(_)
        | Condition::NotZero(_)
        | Condition::AnyPortBelow(_)
        | Condition::Applied(_)
        | Condition::VolumeIsNot(_) => false,
    };
    let fills = |row: &Row| {
        let fact = row.fact;
        fact.range.contains(version) && at(fact) && fact.only_if.iter().all(holds)
    };
    ROWS.iter().filter(named).any(fills)
}

/// Returns whether a field below a value is set.
fn has(node: Node<'_>, field: &FactPath) -> bool {
    let mut keys = field.segments();
    keys.try_fold(node, Node::get)
        .is_some_and(|value| !value.is_null())
}

/// A default that the flag switches on, with its path cut into keys.
struct Row {
    keys: Vec<&'static str>,
    fact: &'static Default,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let asks_for_flag = |fact: &&Default| {
        let flag = |condition: &Condition| matches!(condition, Condition::Flag { .. });
        fact.only_if.iter().any(flag)
    };
    let rows = defaults().iter().filter(asks_for_flag);
    rows.map(|fact| Row {
        keys: fact.path.segments().collect(),
        fact,
    })
    .collect()
});

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use knight_facts::versions::newest_knative;
    use knight_model::{Limits, load, source::Source};

    use super::*;

    fn fills(spec: &str, field: &str) -> bool {
        let source = Arc::new(Source::new("spec.yaml", spec));
        let loaded = load(&source, &Limits::default());
        let mut path = FieldPath::from_dotted("containers");
        path.push_item(0, Some("a"));
        path.extend(&FieldPath::from_dotted(field));
        would_fill(&path, loaded.documents[0].root(), newest_knative())
    }

    #[test]
    fn fills_what_is_absent_and_leaves_what_is_written() {
        const SPEC: &str = "containers: [{name: a, securityContext: {runAsNonRoot: false}}]";
        assert!(fills(SPEC, "securityContext.allowPrivilegeEscalation"));
        assert!(fills(SPEC, "securityContext.capabilities.drop"));
        assert!(!fills(SPEC, "securityContext.runAsNonRoot"));
        assert!(!fills(SPEC, "securityContext.readOnlyRootFilesystem"));
    }

    #[test]
    fn any_capabilities_keep_the_default_out() {
        const SPEC: &str = "containers: [{name: a, securityContext: {capabilities: {add: [X]}}}]";
        assert!(!fills(SPEC, "securityContext.capabilities.drop"));
    }
}
