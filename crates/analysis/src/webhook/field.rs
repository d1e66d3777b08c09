//! What the webhook does with one field.

use knight_facts::{
    pod_spec::{Answer as Fact, Field, Gate},
    settings::Component,
};
use knight_model::{
    settings::Settings,
    tree::{Kind, List, Map, Node},
};

use super::{Answer, place::Place};

/// Answers for a field, with its value where it is set.
pub(super) fn answer(
    fact: &Field,
    value: Option<Node<'_>>,
    place: &Place<'_>,
    settings: &Settings,
) -> Answer {
    if fact.zero_is_unset && value.is_some_and(is_zero) {
        return Answer::Takes;
    }
    let items = value.and_then(Node::as_list).map_or(0, List::len);
    for (applies, gates) in [
        (place.in_sidecar, &fact.in_sidecars),
        (items > 1, &fact.several),
    ] {
        if applies && !gates.is_empty() {
            let refused @ Answer::Refuses { .. } = through(gates, value, settings) else {
                continue;
            };
            return refused;
        }
    }
    if !fact.unless_volume.is_empty() {
        return mount(fact, value, place);
    }
    let fact_answer = if place.in_init {
        &fact.init_containers
    } else {
        &fact.answer
    };
    match fact_answer {
        Fact::Allowed | Fact::Pruned | Fact::Rewritten(_) => Answer::Takes,
        Fact::Refused => refused(),
        Fact::Gated(gates) => through(gates, value, settings),
        Fact::AtMost(key) => at_most(key, fact.zero_needs.as_deref(), value, settings),
        Fact::OnlyValue { values, gates } => {
            let absent = fact.absent.as_ref().filter(|_| value.is_none());
            if among(value, values) || absent.is_some_and(|absent| values.contains(absent)) {
                Answer::Takes
            } else {
                through(gates, value, settings)
            }
        }
    }
}

fn refused() -> Answer {
    Answer::Refuses { closed: Vec::new() }
}

/// Answers for a number that a key of `config-defaults` bounds.
fn at_most(
    key: &str,
    zero_needs: Option<&str>,
    value: Option<Node<'_>>,
    settings: &Settings,
) -> Answer {
    let setting = |key: &str| {
        let effective = settings.effective(Component::Serving, "config-defaults", key);
        effective.and_then(|effective| effective.value)
    };
    let most = setting(key).and_then(|value| value.parse::<i64>().ok());
    let zero_passes = zero_needs.is_none_or(|key| setting(key).as_deref() == Some("true"));
    let least = i64::from(!zero_passes);
    match (value.and_then(Node::as_int), most) {
        (Some(value), Some(most)) if (least..=most).contains(&value) => Answer::Takes,
        (Some(_), Some(_)) => refused(),
        _ => Answer::Unknown,
    }
}

fn through(gates: &[Gate], value: Option<Node<'_>>, settings: &Settings) -> Answer {
    let mut closed = Vec::new();
    for gate in gates {
        let effective = settings.effective(Component::Serving, "config-features", &gate.flag);
        let flag = effective
            .and_then(|effective| effective.value)
            .unwrap_or_default();
        if gate.opens_at(&flag) && (gate.only.is_empty() || among(value, &gate.only)) {
            return Answer::Takes;
        }
        closed.push((gate.flag.clone(), flag.into()));
    }
    Answer::Refuses { closed }
}

/// Answers for whether a mount is read-only, which depends on what is mounted.
fn mount(fact: &Field, value: Option<Node<'_>>, place: &Place<'_>) -> Answer {
    let read_only = value.and_then(Node::as_bool).unwrap_or(false);
    let name = |node: Node<'_>| node.get("name").and_then(Node::as_str).map(str::to_owned);
    let mounted = place.node.and_then(name);
    let volumes = place.spec.get("volumes").and_then(Node::as_list);
    let mut volumes = volumes.into_iter().flat_map(List::items);
    let volume = volumes.find(|volume| name(*volume) == mounted);
    let source = |key: &str| {
        volume
            .and_then(|volume| volume.get(key))
            .filter(|of| !of.is_null())
    };
    let keeps = fact.unless_volume.iter().any(|key| source(key).is_some());
    let claim = source("persistentVolumeClaim").and_then(|claim| claim.get("readOnly")?.as_bool());
    let rewrites = !place.in_init && !keeps;
    if read_only || rewrites || keeps && claim != Some(true) {
        Answer::Takes
    } else {
        refused()
    }
}

/// Whether a value, or every item of a list, is one of these.
fn among(value: Option<Node<'_>>, these: &[String]) -> bool {
    let known = |node: Node<'_>| as_yaml(node).is_some_and(|value| these.contains(&value));
    value.is_some_and(|node| {
        known(node) || node.as_list().is_some_and(|list| list.items().all(known))
    })
}

fn as_yaml(node: Node<'_>) -> Option<String> {
    match node.kind() {
        Kind::Bool(value) => Some(value.to_string()),
        Kind::Int(value) => Some(value.to_string()),
        Kind::Text(value) => Some(value.to_owned()),
        Kind::List(list) => {
            let items: Option<Vec<String>> = list.items().map(as_yaml).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Kind::Null | Kind::Float(_) | Kind::Map(_) => None,
    }
}

/// Whether Go writes the value when nothing is set.
fn is_zero(value: Node<'_>) -> bool {
    match value.kind() {
        Kind::Null => true,
        Kind::Bool(value) => !value,
        Kind::Int(value) => value == 0,
        Kind::Text(value) => value.is_empty(),
        Kind::List(list) => list.is_empty(),
        Kind::Map(map) => Map::is_empty(map),
        Kind::Float(_) => false,
    }
}
