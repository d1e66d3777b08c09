//! Names of containers that the user does not name.

use std::collections::BTreeSet;

/// A template of Go that makes the name of a container, as far as such templates are understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    Text(Box<str>),
    Name,
    Namespace,
}

/// The longest name of a container; Knative shortens what is longer to a hash.
const LONGEST: usize = 63;

impl Template {
    /// Reads a template of plain text, `{{.Name}}` and `{{.Namespace}}`; `None` for any other.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, action)) = rest.split_once("{{") {
            let (action, after) = action.split_once("}}")?;
            parts.push(Part::Text(before.into()));
            parts.push(match action.trim() {
                ".Name" => Part::Name,
                ".Namespace" => Part::Namespace,
                _ => return None,
            });
            rest = after;
        }
        parts.push(Part::Text(rest.into()));
        Some(Self { parts })
    }

    /// Returns the name for an object.
    pub(super) fn render(&self, name: &str, namespace: &str) -> String {
        let mut rendered = String::new();
        for part in &self.parts {
            rendered.push_str(match part {
                Part::Text(text) => text,
                Part::Name => name,
                Part::Namespace => namespace,
            });
        }
        rendered
    }
}

/// Gives each unnamed container of a list a name, with a number where there could be two of it.
///
/// `names` are those of the list; `taken` those of all containers, where an unnamed one counts as
/// the empty name. `None` stands for a name that is there, or that is too long to tell.
pub(super) fn assign(
    names: &[Option<&str>],
    taken: &BTreeSet<&str>,
    default: &str,
) -> Vec<Option<String>> {
    let mut next = 0_usize;
    let mut name = || {
        if names.len() <= 1 && !taken.contains(default) {
            return default.to_owned();
        }
        loop {
            let name = format!("{default}-{next}");
            next += 1;
            if !taken.contains(name.as_str()) {
                return name;
            }
        }
    };
    let unnamed = |written: Option<&str>| written.is_none_or(str::is_empty);
    let named = names
        .iter()
        .map(|written| unnamed(*written).then(&mut name));
    named
        .map(|name| name.filter(|name| name.len() <= LONGEST))
        .collect()
}
