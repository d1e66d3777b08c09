//! What the webhook of Knative Serving does with each field of a pod spec.

use std::sync::LazyLock;

use serde::Deserialize;
use thiserror::Error;

use crate::{FieldPath, KnativeVersion, Range, parse_embedded};

/// A part of a pod spec that fields belong to.
///
/// The paths of the rows are relative to it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// An item of `containers` or `initContainers`.
    Container,
    /// The `securityContext` of a container.
    ContainerSecurityContext,
    /// An item of a container's `env`.
    Env,
    /// The pod spec.
    Pod,
    /// The `securityContext` of the pod.
    PodSecurityContext,
    /// An item of a container's `ports`.
    Port,
    /// A liveness, readiness or startup probe.
    Probe,
    /// An item of a projected volume's `sources`.
    Projection,
    /// An item of the pod's `volumes`.
    Volume,
    /// An item of a container's `volumeMounts`.
    VolumeMount,
}

/// A field, and what becomes of it in a Knative Service, Configuration or Revision.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "Row")]
pub struct Field {
    /// The part of the pod spec that the field belongs to.
    pub level: Level,
    /// The path of the field from its level.
    pub field: FieldPath,
    /// What becomes of it.
    pub answer: Answer,
    /// What becomes of it in an init container; as a rule the same.
    pub init_containers: Answer,
    /// Gates of which one must be open too, in a container without a port beside others.
    pub in_sidecars: Vec<Gate>,
    /// Gates of which one must be open too, where the list has more than one item.
    pub several: Vec<Gate>,
    /// What a missing field means, as YAML writes it; absent when nothing is judged then.
    pub absent: Option<String>,
    /// Whether `false`, `0` and what is empty count as missing.
    pub zero_is_unset: bool,
    /// The key of `config-defaults` that must be `true` for the number 0 to pass.
    pub zero_needs: Option<String>,
    /// Sources of a volume that keep what a mount of it says.
    ///
    /// A claim that is read-only must be mounted so all the same.
    pub unless_volume: Vec<String>,
    /// The Knative versions for which this holds.
    pub range: Range<KnativeVersion>,
    /// Where the fact was read.
    pub source: String,
    /// What else is worth knowing.
    pub note: Option<String>,
}

/// What becomes of a field of a pod spec.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// The field is let through.
    Allowed,
    /// The field is let through when any of these gates is open, else the webhook refuses the object.
    Gated(Vec<Gate>),
    /// The webhook refuses the object.
    Refused,
    /// The API server drops the field, because the schema of the kind lacks it.
    ///
    /// A client that asks for strict validation is refused instead.
    Pruned,
    /// The webhook refuses numbers above the effective value of this key of `config-defaults`.
    AtMost(String),
    /// The webhook replaces the value by this one.
    Rewritten(String),
    /// The webhook refuses every value but these, unless one of the gates is open.
    OnlyValue {
        /// The values that pass, as YAML writes them.
        values: Vec<String>,
        /// The gates that let other values pass.
        gates: Vec<Gate>,
    },
}

/// A flag of `config-features` that lets a field pass.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The key in `config-features`.
    pub flag: String,
    /// The values that open the gate.
    pub needs: Needs,
    /// The values of the field that the open gate lets pass, as YAML writes them; empty for all.
    #[serde(default)]
    pub only: Vec<String>,
}

impl Gate {
    /// Returns whether `value`, the flag's effective value, opens the gate.
    ///
    /// Case does not matter, as it does not to Knative.
    pub fn opens_at(&self, value: &str) -> bool {
        let is = |word: &str| value.eq_ignore_ascii_case(word);
        match self.needs {
            Needs::Enabled => is("enabled"),
            Needs::AllowedOrEnabled => is("allowed") || is("enabled"),
            Needs::EnabledOrAllowRootBounded => is("enabled") || is("AllowRootBounded"),
        }
    }
}

/// The values of a flag that open a gate.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// Only `enabled`.
    Enabled,
    /// `allowed` and `enabled`.
    AllowedOrEnabled,
    /// `enabled` and `AllowRootBounded`, the levels of `secure-pod-defaults`.
    EnabledOrAllowRootBounded,
}

/// Returns every field, by level and path.
pub fn fields() -> &'static [Field] {
    &FILE.field
}

/// Returns the row of the field at this path from its level.
pub fn field(level: Level, path: &str) -> Option<&'static Field> {
    let rows = fields();
    let key = (level, path);
    let found = rows.binary_search_by(|row| (row.level, row.field.as_str()).cmp(&key));
    found.ok().map(|at| &rows[at])
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    parse_embedded(
        "pod-spec",
        include_str!(concat!(env!("OUT_DIR"), "/pod-spec.json")),
    )
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    field: Vec<Field>,
}

/// A row as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Row {
    level: Level,
    field: FieldPath,
    answer: Word,
    #[serde(default)]
    gate: Vec<Gate>,
    #[serde(default)]
    values: Vec<String>,
    init: Option<InitWord>,
    #[serde(default)]
    sidecar: Vec<Gate>,
    #[serde(default)]
    several: Vec<Gate>,
    absent: Option<String>,
    zero: Option<ZeroWord>,
    zero_needs: Option<String>,
    #[serde(default)]
    unless_volume: Vec<String>,
    since: Option<KnativeVersion>,
    until: Option<KnativeVersion>,
    source: String,
    note: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Allowed,
    AtMost,
    Gated,
    OnlyValue,
    Pruned,
    Refused,
    Rewritten,
}

/// What may differ in init containers.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum InitWord {
    Refused,
}

/// What Go's zero values may mean.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ZeroWord {
    Unset,
}

/// A row whose parts do not fit together.
#[derive(Debug, Error)]
#[error("`{field}` is {word:?}, which takes {takes}")]
struct Misfit {
    field: FieldPath,
    word: Word,
    takes: &'static str,
}

impl TryFrom<Row> for Field {
    type Error = Misfit;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let Row {
            level,
            field,
            answer: word,
            gate: gates,
            mut values,
            source,
            note,
            ..
        } = row;
        let answer = match (word, gates.is_empty(), values.len()) {
            (Word::Allowed, true, 0) => Answer::Allowed,
            (Word::Pruned, true, 0) => Answer::Pruned,
            (Word::Refused, true, 0) => Answer::Refused,
            (Word::Gated, false, 0) => Answer::Gated(gates),
            (Word::OnlyValue, _, 1..) => Answer::OnlyValue { values, gates },
            (Word::Rewritten, true, 1) => Answer::Rewritten(values.remove(0)),
            (Word::AtMost, true, 1) => Answer::AtMost(values.remove(0)),
            (Word::Allowed | Word::Pruned | Word::Refused, ..) => {
                return Err(Misfit {
                    field,
                    word,
                    takes: "neither gates nor values",
                });
            }
            (Word::Gated, ..) => {
                return Err(Misfit {
                    field,
                    word,
                    takes: "gates and no values",
                });
            }
            (Word::OnlyValue, ..) => {
                return Err(Misfit {
                    field,
                    word,
                    takes: "values",
                });
            }
            (Word::AtMost | Word::Rewritten, ..) => {
                return Err(Misfit {
                    field,
                    word,
                    takes: "one value",
                });
            }
        };
        let init_containers = match row.init {
            Some(InitWord::Refused) => Answer::Refused,
            None => answer.clone(),
        };
        let range = Range {
            since: row.since,
            until: row.until,
        };
        Ok(Self {
            level,
            field,
            answer,
            init_containers,
            in_sidecars: row.sidecar,
            several: row.several,
            absent: row.absent,
            zero_is_unset: row.zero.is_some(),
            zero_needs: row.zero_needs,
            unless_volume: row.unless_volume,
            range,
            source,
            note,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_opens_at_the_values_it_needs() {
        let opens = |needs, value| {
            let gate = Gate {
                flag: String::new(),
                needs,
                only: Vec::new(),
            };
            gate.opens_at(value)
        };
        assert!(opens(Needs::Enabled, "Enabled"));
        assert!(!opens(Needs::Enabled, "allowed"));
        assert!(opens(Needs::AllowedOrEnabled, "ALLOWED"));
        assert!(!opens(Needs::AllowedOrEnabled, "disabled"));
        assert!(opens(Needs::EnabledOrAllowRootBounded, "allowrootbounded"));
        assert!(!opens(Needs::EnabledOrAllowRootBounded, "allowed"));
    }

    #[test]
    fn rejects_rows_whose_parts_do_not_fit_together() {
        let read = |rest: &str| {
            let text = format!("[[field]]\nlevel = 'pod'\nfield = 'x'\nsource = 's'\n{rest}");
            toml::from_str::<File>(&text)
        };
        let gate = "gate = [{ flag = 'f', needs = 'enabled' }]";
        assert!(read("answer = 'refused'").is_ok());
        assert!(read(&format!("answer = 'gated'\n{gate}")).is_ok());
        for rest in [
            "answer = 'gated'",
            "answer = 'rewritten'",
            "answer = 'only-value'",
            &format!("answer = 'allowed'\n{gate}"),
        ] {
            let reason = read(rest).unwrap_err().to_string();
            assert!(reason.contains("which takes"), "{reason}");
        }
    }
}
