//! Would the webhook of Knative Serving take this field of a pod spec?
//!
//! The webhook masks the pod specs of Services, Configurations and Revisions: some fields pass,
//! some pass when a flag of `config-features` opens them, the others are refused.
//!
//! [`answer`] tells of one field, [`refusals`] finds all that are refused. The masks are all that
//! these know: the webhook also wants an image that parses, one port, mounts of volumes that exist.

mod field;
mod place;

use knight_facts::{
    FieldPath as FactPath,
    pod_spec::{self, Field, Level},
};
use knight_model::{path::FieldPath, settings::Settings, tree::Node};

use self::place::{Place, fields, parts};

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

/// A field that the webhook refuses an object for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The path from the pod spec; the field is missing where a missing one is what is refused.
    pub path: FieldPath,
    /// The flags of `config-features` that would let it pass, with the value each has.
    pub closed: Vec<(String, String)>,
}

/// Answers for a field of a pod spec; `path` leads from the pod spec to the field, which is set.
///
/// A field inside of one that is refused is refused.
pub fn answer(path: &FieldPath, spec: Node<'_>, settings: &Settings) -> Answer {
    let mut worst = None;
    for (level, at, keys) in fields(path) {
        let answer = match known(level, &keys, settings) {
            None => Answer::Unknown,
            Some(fact) => {
                let mut own = at.clone();
                fact.field.segments().for_each(|key| own.push_key(key));
                let place = Place::at(spec, level, &at);
                field::answer(fact, spec.locate(&own), &place, settings)
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

/// Returns every field of a pod spec that the webhook refuses, outer ones before inner ones.
///
/// What is in containers of a sort that is refused as such is not looked at, as the webhook does not.
pub fn refusals(spec: Node<'_>, settings: &Settings) -> Vec<Refusal> {
    let version = settings.version();
    let mut found: Vec<Refusal> = Vec::new();
    for part in parts(spec) {
        let hidden = |refusal: &Refusal| {
            let lists = [
                FieldPath::from_dotted("containers"),
                FieldPath::from_dotted("initContainers"),
            ];
            lists.contains(&refusal.path) && part.path.below(&refusal.path).is_some()
        };
        if found.iter().any(hidden) {
            continue;
        }
        let place = Place::at(spec, part.level, &part.path);
        let rows = pod_spec::fields().iter();
        let rows = rows.filter(|row| row.level == part.level && row.range.contains(version));
        for fact in rows {
            let value = match value_at(part.node, &fact.field) {
                Reached::Value(node) => Some(node),
                Reached::Parent if fact.absent.is_some() => None,
                Reached::Parent | Reached::Nothing => continue,
            };
            if let Answer::Refuses { closed } = field::answer(fact, value, &place, settings) {
                let mut path = part.path.clone();
                fact.field.segments().for_each(|key| path.push_key(key));
                found.push(Refusal { path, closed });
            }
        }
    }
    found
}

/// How far a path leads.
enum Reached<'a> {
    /// To a value that is not `null`.
    Value(Node<'a>),
    /// To the map that the value would be in.
    Parent,
    Nothing,
}

fn value_at<'a>(node: Node<'a>, path: &FactPath) -> Reached<'a> {
    let mut node = node;
    let mut keys = path.segments().peekable();
    while let Some(key) = keys.next() {
        match node.get(key).filter(|value| !value.is_null()) {
            Some(value) => node = value,
            None if keys.peek().is_none() && node.as_map().is_some() => return Reached::Parent,
            None => return Reached::Nothing,
        }
    }
    Reached::Value(node)
}

/// Returns the row of the field or of the nearest one around it.
fn known(level: Level, keys: &[&str], settings: &Settings) -> Option<&'static Field> {
    let found = (1..=keys.len()).rev().find_map(|count| {
        let keys = keys.get(..count)?;
        pod_spec::field(level, &keys.join("."))
    });
    found.filter(|field| field.range.contains(settings.version()))
}

#[cfg(test)]
mod tests;
