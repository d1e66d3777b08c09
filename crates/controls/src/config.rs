//! `knight.yaml`: what a platform says once instead of with every command.
//!
//! The file is read as every manifest is, so each mistake points to its place. All mistakes are
//! found at once, and a file with any is not used at all.

mod exceptions;
mod pattern;
mod section;
mod tenants;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use knight_facts::{KnativeVersion, KubernetesMinor, components};
use knight_model::{
    Limits, load,
    place::Place,
    source::{Source, Span},
    tree::{Entry, Node},
};

use self::section::Section;
pub use self::{
    pattern::{UnknownPattern, check_pattern},
    tenants::{Subject, SubjectKind, Tenant, Tenants},
};
use crate::{
    control::{Profile, Profiles, Severity},
    exceptions::Exception,
    parameters::{self, Form},
    rule::eval::Params,
};

/// The version of the file's form.
pub const VERSION: i64 = 1;

/// The keys of the file, by the map that they stand in.
///
/// `exceptions` and `tenants` are lists of maps with these keys; `tenants` may also be a map.
pub const KEYS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "exceptions",
            "ignore",
            "knative",
            "kubernetes",
            "parameters",
            "paths",
            "profiles",
            "select",
            "severity",
            "system",
            "tenants",
            "version",
        ],
    ),
    ("exceptions", exceptions::KEYS),
    (
        "parameters",
        &["max-scale", "registries", "timeout-seconds"],
    ),
    ("paths", &["ignore"]),
    ("tenants", tenants::KEYS),
    ("tenants by label", tenants::LABEL_KEYS),
];

/// What the file says; what it leaves out is `None` or empty.
#[derive(Clone, Debug)]
pub struct Config {
    /// The scenarios.
    pub profiles: Option<Profiles>,
    /// The parameters that are set.
    pub params: Params,
    /// Patterns of which a control must match one.
    pub select: Vec<String>,
    /// Patterns of which a control must match none.
    pub ignore: Vec<String>,
    /// The least severity that is reported.
    pub severity: Option<Severity>,
    /// Findings that are accepted.
    pub exceptions: Vec<Exception>,
    /// Who trusts whom.
    pub tenants: Tenants,
    /// Patterns of the namespaces that belong to the platform, those of the system included.
    pub system: Vec<String>,
    /// The minor version of Kubernetes.
    pub kubernetes: Option<KubernetesMinor>,
    /// The version of Knative.
    pub knative: Option<KnativeVersion>,
    /// Patterns of files that are not scanned, as ignore files write them.
    pub ignored_paths: Vec<PathPattern>,
}

/// A pattern of files, with its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PathPattern {
    /// The pattern.
    pub text: String,
    /// Where it is written.
    pub place: Place,
}

/// Something that is wrong with the file.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Mistake {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// The words at the place, when there is more to say.
    pub label: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            profiles: None,
            params: Params::default(),
            select: Vec::new(),
            ignore: Vec::new(),
            severity: None,
            exceptions: Vec::new(),
            tenants: Tenants::default(),
            system: components::system_namespaces()
                .iter()
                .map(|row| row.name.clone())
                .collect(),
            kubernetes: None,
            knative: None,
            ignored_paths: Vec::new(),
        }
    }
}

/// Reads the file, or returns everything that is wrong with it, in the order of the text.
///
/// A file with nothing in it says nothing, and only marks the root.
pub fn read(source: &Arc<Source>) -> Result<Config, Vec<Mistake>> {
    let loaded = load(source, &Limits::default());
    let mut mistakes: Vec<Mistake> = loaded
        .problems
        .iter()
        .map(|problem| Mistake {
            place: place_at(source, problem.line, problem.column),
            message: problem.reason.clone(),
            label: None,
        })
        .collect();
    let mut config = Config::default();
    if let [document, more @ ..] = loaded.documents.as_slice() {
        config.fill(document.root(), &mut mistakes);
        mistakes.extend(more.iter().map(|document| Mistake {
            place: Place::of(document.root()),
            message: "the file holds more than one document".to_owned(),
            label: None,
        }));
    }
    mistakes.sort();
    mistakes.dedup();
    if mistakes.is_empty() {
        Ok(config)
    } else {
        Err(mistakes)
    }
}

impl Config {
    fn fill(&mut self, root: Node<'_>, mistakes: &mut Vec<Mistake>) {
        let Some(mut section) = Section::of(root, "knight.yaml", "", mistakes) else {
            return;
        };
        let mut has_version = false;
        while let Some(Entry { key, value, .. }) = section.next() {
            match key {
                "version" => {
                    has_version = true;
                    if value.as_int() != Some(VERSION) {
                        section.wrong(value, format!("`version` must be {VERSION}"));
                    }
                }
                "profiles" => {
                    let profiles = section.words(value, "profile", &Profile::ALL, Profile::as_str);
                    self.profiles = Some(profiles.into_iter().collect());
                }
                "parameters" => section.inner(value, key, |section| self.parameters(section)),
                "select" => self.select = section.patterns(value),
                "ignore" => self.ignore = section.patterns(value),
                "severity" => {
                    self.severity =
                        section.word(value, "severity", &Severity::ALL, Severity::as_str);
                }
                "exceptions" => self.exceptions = exceptions::read(&mut section, value),
                "tenants" => self.tenants = tenants::read(&mut section, value),
                "system" => self.system.extend(section.texts(value)),
                "kubernetes" => self.kubernetes = section.version(value),
                "knative" => self.knative = section.version(value),
                _ => section.inner(value, key, |section| {
                    while let Some(Entry { value, .. }) = section.next() {
                        self.ignored_paths.extend(section.located_texts(value));
                    }
                }),
            }
        }
        if !has_version {
            let message = format!("the file does not begin with `version: {VERSION}`");
            section.mistake(first_key(root), message, None);
        }
        if self
            .profiles
            .is_some_and(|profiles| profiles.iter().next().is_none())
        {
            self.profiles = None;
        }
    }

    fn parameters(&mut self, section: &mut Section<'_, '_>) {
        while let Some(Entry { key, value, .. }) = section.next() {
            let Some(parameter) = parameters::parameter(key) else {
                continue;
            };
            match parameter.form {
                Form::Int { .. } => match value.as_int().filter(|value| *value > 0) {
                    Some(value) => {
                        self.params.ints.insert(parameter.name, value);
                    }
                    None => section.wrong(value, "this must be a whole number above 0".to_owned()),
                },
                Form::Texts => {
                    let texts = section.texts(value);
                    self.params.texts.insert(parameter.name, texts);
                }
            }
        }
    }
}

/// Returns the place of the first key of a map, or of the whole value.
fn first_key(node: Node<'_>) -> Place {
    let key = node
        .as_map()
        .and_then(|map| map.entries().next())
        .map(|entry| entry.key_span);
    Place::of_span(node.document(), key.unwrap_or_else(|| node.span()))
}

/// Returns the place of the word at a line and column.
fn place_at(source: &Source, line: u32, column: u32) -> Place {
    let span = source.line(line).unwrap_or_default();
    let text = source.slice(span);
    let before: usize = text
        .chars()
        .take((column as usize).saturating_sub(1))
        .map(char::len_utf8)
        .sum();
    let rest = text.get(before..).unwrap_or_default();
    let word = rest.find([' ', ':', ',', '\t']).unwrap_or(rest.len());
    let start = span.start + u32::try_from(before).unwrap_or(0);
    let span = Span::new(start, start + u32::try_from(word).unwrap_or(0));
    Place {
        file: source.name().into(),
        span,
        start: source.position(span.start),
        end: source.position(span.end),
    }
}
