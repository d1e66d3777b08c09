//! Would the webhook of Knative Serving take this field of a pod spec?
//!
//! The webhook masks the pod specs of Services, Configurations and Revisions: some fields pass,
//! some pass when a flag of `config-features` opens them, the others are refused.

use knight_facts::{
    pod_spec::{self, Answer as Fact, Field, Gate, Level},
    settings::Component,
};
use knight_model::{
    path::{FieldPath, Step},
    settings::Settings,
    tree::{Kind, Node},
};

/// What the webhook does with a field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// It lets the field pass.
    Takes,
    /// It refuses the object for it.
    Refuses {
        /// The flags of `config-features` that would let it pass, with the value each has; none where
        /// no flag would.
        closed: Vec<(String, String)>,
    },
    /// No fact says.
    Unknown,
}

/// Answers for a field that is set; `path` leads from the pod spec, `value` is what it is set to.
pub fn answer(path: &FieldPath, value: Option<Node<'_>>, settings: &Settings) -> Answer {
    let version = settings.version();
    let mut worst = None;
    let init = matches!(path.steps().first(), Some(Step::Key(list)) if &**list == "initContainers");
    for (level, keys) in fields(path) {
        let fact = known(level, &keys).filter(|field| field.range.contains(version));
        let inside_init = init && level != Level::Pod;
        let fact = fact.map(|field| {
            if inside_init {
                &field.init_containers
            } else {
                &field.answer
            }
        });
        let answer = match fact {
            None => Answer::Unknown,
            Some(Fact::Allowed | Fact::Pruned | Fact::Rewritten(_)) => Answer::Takes,
            Some(Fact::Refused) => Answer::Refuses { closed: Vec::new() },
            Some(Fact::Gated(gates)) => through(gates, value, settings),
            Some(Fact::AtMost(key)) => at_most(key, value, settings),
            Some(Fact::OnlyValue { values, gates }) => {
                if among(value, values) {
                    Answer::Takes
                } else {
                    through(gates, value, settings)
                }
            }
        };
        worst = match (worst, answer) {
            (Some(refused @ Answer::Refuses { .. }), _) | (_, refused @ Answer::Refuses { .. }) => {
                Some(refused)
            }
            (Some(Answer::Unknown), _) | (_, Answer::Unknown) => Some(Answer::Unknown),
            (_, Answer::Takes) => Some(Answer::Takes),
        };
    }
    worst.unwrap_or(Answer::Unknown)
}

/// Answers for a number that a key of `config-defaults` bounds.
fn at_most(key: &str, value: Option<Node<'_>>, settings: &Settings) -> Answer {
    let most = settings
        .effective(Component::Serving, "config-defaults", key)
        .and_then(|effective| effective.value?.parse::<i64>().ok());
    match (value.and_then(Node::as_int), most) {
        (Some(value), Some(most)) if (0..=most).contains(&value) => Answer::Takes,
        (Some(_), Some(_)) => Answer::Refuses { closed: Vec::new() },
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

/// Returns the fields of the facts that a path leads through, outermost first.
fn fields(path: &FieldPath) -> Vec<(Level, Vec<&str>)> {
    let mut fields = Vec::new();
    let mut level = Level::Pod;
    let mut keys: Vec<&str> = Vec::new();
    for step in path.steps() {
        let next = match step {
            Step::Key(key) => {
                keys.push(key);
                match (level, keys.as_slice()) {
                    (Level::Pod, ["securityContext"]) => Level::PodSecurityContext,
                    (Level::Container, ["securityContext"]) => Level::ContainerSecurityContext,
                    (Level::Container, ["livenessProbe" | "readinessProbe" | "startupProbe"]) => {
                        Level::Probe
                    }
                    _ => continue,
                }
            }
            Step::Item { .. } => match (level, keys.as_slice()) {
                (Level::Pod, ["containers" | "initContainers"]) => Level::Container,
                (Level::Pod, ["volumes"]) => Level::Volume,
                (Level::Container, ["env"]) => Level::Env,
                (Level::Container, ["ports"]) => Level::Port,
                (Level::Container, ["volumeMounts"]) => Level::VolumeMount,
                (Level::Volume, ["projected", "sources"]) => Level::Projection,
                _ => continue,
            },
        };
        fields.push((level, std::mem::take(&mut keys)));
        level = next;
    }
    if !keys.is_empty() {
        fields.push((level, keys));
    }
    fields
}

/// Returns the row of the field or of the nearest one around it.
fn known(level: Level, keys: &[&str]) -> Option<&'static Field> {
    (1..=keys.len()).rev().find_map(|count| {
        let keys = keys.get(..count)?;
        pod_spec::field(level, &keys.join("."))
    })
}

/// Whether a value, or every item of a list, is one of these.
fn among(value: Option<Node<'_>>, these: &[String]) -> bool {
    let known = |node: Node<'_>| as_yaml(node).is_some_and(|value| these.contains(&value));
    value.is_some_and(|node| match node.as_list() {
        Some(list) => list.items().all(known),
        None => known(node),
    })
}

fn as_yaml(node: Node<'_>) -> Option<String> {
    match node.kind() {
        Kind::Bool(value) => Some(value.to_string()),
        Kind::Int(value) => Some(value.to_string()),
        Kind::Text(value) => Some(value.to_owned()),
        Kind::Null | Kind::Float(_) | Kind::List(_) | Kind::Map(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use knight_facts::versions::newest_knative;

    use super::*;

    fn stock(path: &str, item: Option<&str>) -> Answer {
        let mut full = FieldPath::new();
        if let Some(list) = item {
            full.push_key(list);
            full.push_item(0, Some("a"));
        }
        full.extend(&FieldPath::from_dotted(path));
        answer(&full, None, &Settings::none(newest_knative()))
    }

    #[test]
    fn stock_flags_refuse_what_reaches_the_node() {
        assert!(
            matches!(stock("hostNetwork", None), Answer::Refuses { closed } if closed.len() == 1)
        );
        assert!(matches!(
            stock("hostPath", Some("volumes")),
            Answer::Refuses { .. }
        ));
        assert!(matches!(
            stock("securityContext.privileged", Some("containers")),
            Answer::Refuses { .. }
        ));
    }

    #[test]
    fn stock_flags_take_root_and_escalation() {
        for field in [
            "runAsNonRoot",
            "runAsUser",
            "allowPrivilegeEscalation",
            "seccompProfile.type",
        ] {
            let path = format!("securityContext.{field}");
            assert_eq!(stock(&path, Some("containers")), Answer::Takes, "{field}");
        }
    }

    #[test]
    fn a_container_of_a_closed_sort_is_refused_whatever_it_says() {
        let answer = stock("securityContext.runAsNonRoot", Some("initContainers"));
        assert!(matches!(answer, Answer::Refuses { .. }));
    }
}
