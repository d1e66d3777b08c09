//! What Knative's webhook fills in.

use std::collections::BTreeSet;

use knight_facts::{
    KnativeVersion,
    defaulting::{self, At, Condition, Default as Fact, Form, When},
    settings::Component,
};
use serde_json::Value;

use super::{
    Changes, Rewritten,
    names::{self, Template},
    scope::{Filled, Found, Scope, Target},
};
use crate::{
    edit::{Change, Edit},
    object::{Name, Object},
    settings::{Effective, Settings},
    tree::{List, Node, Origin},
    workload::{Pod, Sort},
};

/// A default whose settings are known.
#[derive(Debug)]
pub(super) struct Prepared {
    fact: &'static Fact,
    value: Filling,
    origin: Origin,
}

#[derive(Debug)]
enum Filling {
    Value(Value),
    Name(Template),
}

/// Returns the defaults that apply under the settings of an input.
pub(super) fn prepare(settings: &Settings, version: KnativeVersion) -> Vec<Prepared> {
    let facts = defaulting::defaults()
        .iter()
        .filter(|fact| fact.range.contains(version));
    facts
        .filter_map(|fact| prepare_one(fact, settings))
        .collect()
}

fn prepare_one(fact: &'static Fact, settings: &Settings) -> Option<Prepared> {
    let effective =
        |config_map: &str, key: &str| settings.effective(Component::Serving, config_map, key);
    let mut flag_origin = None;
    for condition in &fact.only_if {
        if let Condition::Flag { flag, is } = condition {
            let flag = effective("config-features", flag)?;
            let value = flag.value.as_deref()?;
            if !is.iter().any(|word| word.eq_ignore_ascii_case(value)) {
                return None;
            }
            flag_origin = Some(flag.origin());
        }
    }
    let (value, from) = match &fact.value {
        defaulting::Value::Literal(json) => {
            let own = || "Knative's own defaulting, whatever the settings".to_owned();
            let value = serde_json::from_str(json).ok()?;
            (Filling::Value(value), flag_origin.unwrap_or_else(own))
        }
        defaulting::Value::Setting {
            config_map,
            key,
            form,
        } => {
            let setting = effective(config_map, key)?;
            (filling(*form, &setting)?, setting.origin())
        }
    };
    let not_zero = fact.only_if.contains(&Condition::SettingNotZero);
    let zero = matches!(&value, Filling::Value(value) if value.as_i64() == Some(0));
    (!(not_zero && zero)).then(|| Prepared {
        fact,
        value,
        origin: Origin { from: from.into() },
    })
}

fn filling(form: Form, setting: &Effective<'_>) -> Option<Filling> {
    let text = setting.value.as_deref()?;
    match form {
        Form::Integer => Some(Filling::Value(text.parse::<i64>().ok()?.into())),
        Form::Text => Some(Filling::Value(text.into())),
        Form::Tristate => match text {
            "true" => Some(Filling::Value(true.into())),
            "false" => Some(Filling::Value(false.into())),
            _ => None,
        },
        Form::ContainerName => Template::parse(text).map(Filling::Name),
    }
}

/// Adds what is filled in to a revision's spec.
pub(super) fn fill<'a>(
    defaults: &[Prepared],
    object: &Object<'a>,
    pod: &Pod<'a>,
    changes: &mut Changes,
) {
    let mut filler = Filler {
        object,
        pod,
        targets: Target::all(pod),
        filled: Filled::default(),
        applied: Vec::new(),
        changes,
    };
    for default in defaults {
        filler.fill(default);
    }
}

struct Filler<'f, 'a> {
    object: &'f Object<'a>,
    pod: &'f Pod<'a>,
    targets: Vec<Target<'a>>,
    filled: Filled,
    applied: Vec<(Scope, &'static str)>,
    changes: &'f mut Changes,
}

impl<'a> Filler<'_, 'a> {
    fn fill(&mut self, default: &Prepared) {
        let at = default.fact.at;
        let names = match &default.value {
            Filling::Name(template) => self.names(at, template),
            Filling::Value(_) => Vec::new(),
        };
        for index in 0..self.targets.len() {
            let target = self.targets[index];
            if !target.scope.is(at) {
                continue;
            }
            match &default.value {
                Filling::Value(value) => self.fill_one(default, target, value),
                Filling::Name(_) => {
                    let name = target
                        .scope
                        .container()
                        .and_then(|(_, at)| names.get(at)?.clone());
                    if let Some(name) = name {
                        self.fill_one(default, target, &name.into());
                    }
                }
            }
        }
    }

    fn fill_one(&mut self, default: &Prepared, target: Target<'a>, value: &Value) {
        let fact = default.fact;
        let found = self.filled.find(target, &fact.path);
        let unset = match (fact.when, found) {
            (_, Found::Absent) => true,
            (_, Found::Unreachable | Found::FilledInside) | (When::Absent, _) => false,
            (When::AbsentOrZero, found) => found.is_zero(),
            (When::Always, Found::Written(node)) => node.to_json() != *value,
            (When::Always, Found::Filled(filled)) => filled != value,
        };
        let written = match found {
            Found::Written(node) => Some(node.span()),
            Found::Absent | Found::Filled(_) | Found::FilledInside | Found::Unreachable => None,
        };
        if !unset
            || !fact
                .only_if
                .iter()
                .all(|condition| self.holds(condition, target, value))
        {
            return;
        }
        let path = target.path(self.pod, &fact.path);
        let in_document = self.object.in_document(&path);
        let origin = default.origin.clone();
        match written {
            Some(span) => {
                let edit = Edit {
                    path: in_document.clone(),
                    change: Change::Remove,
                };
                self.changes.edits.push(edit);
                let origin = origin.clone();
                self.changes
                    .rewritten
                    .push(Rewritten { path, span, origin });
            }
            None => self.changes.added.push((path, origin.clone())),
        }
        let change = Change::Default(value.clone(), origin);
        self.changes.edits.push(Edit {
            path: in_document,
            change,
        });
        self.filled.add(target.scope, &fact.path, value.clone());
        self.applied.push((target.scope, &fact.id));
    }

    /// Returns whether a condition holds; those on settings were decided before.
    fn holds(&self, condition: &Condition, target: Target<'a>, value: &Value) -> bool {
        let in_pod = |path| {
            let spec = self.pod.spec.map(|node| Target {
                scope: Scope::Revision,
                node,
            });
            spec.map_or(Found::Absent, |spec| self.filled.find(spec, path))
        };
        let in_container = |path| self.filled.find(target, path);
        match condition {
            Condition::Create | Condition::Flag { .. } | Condition::SettingNotZero => true,
            Condition::SettingBelow(path) => value
                .as_i64()
                .zip(in_pod(path).as_int())
                .is_some_and(|(value, of)| value < of),
            Condition::ServingContainer => {
                let containers = self.list(Sort::Container).count();
                containers == 1 || ports(target.node).next().is_some()
            }
            Condition::Present(path) => in_container(path).is_present(),
            Condition::NotZero(path) => in_container(path).as_int().is_some_and(|int| int != 0),
            Condition::NonePresent(paths) => {
                paths.iter().all(|path| !in_container(path).is_present())
            }
            // `false` is set here: only a string can be written and empty.
            Condition::PodUnset(path) => match in_pod(path) {
                Found::Absent => true,
                Found::Written(node) => node.as_str() == Some(""),
                Found::Filled(_) | Found::FilledInside | Found::Unreachable => false,
            },
            // A port without a number has the number 0.
            Condition::AnyPortBelow(bound) => ports(target.node).any(|port| {
                let number = port.get("containerPort").filter(|number| !number.is_null());
                number
                    .map_or(Some(0), Node::as_int)
                    .is_some_and(|n| n < i64::from(*bound))
            }),
            Condition::Applied(id) => self.applied.contains(&(target.scope, id)),
            Condition::VolumeIsNot(sources) => !self.mounts_any(target.node, sources),
        }
    }

    /// Returns whether the volume of a mount has one of these sources.
    fn mounts_any(&self, mount: Node<'a>, sources: &[String]) -> bool {
        let name = |node: Node<'a>| node.get("name").and_then(Node::as_str).unwrap_or_default();
        let volumes = self.pod.field::<List<'a>>(&["volumes"]).value();
        let mut volumes = volumes.into_iter().flat_map(List::items);
        volumes.any(|volume| {
            let written = |source: &String| volume.get(source).is_some_and(|of| !of.is_null());
            name(volume) == name(mount) && sources.iter().any(written)
        })
    }

    /// Returns the names that the containers of a list get, `None` for those that have one.
    fn names(&self, at: At, template: &Template) -> Vec<Option<String>> {
        let sort = match at {
            At::InitContainers => Sort::Init,
            At::Revision | At::Containers | At::AllContainers | At::Ports | At::VolumeMounts => {
                Sort::Container
            }
        };
        let name = |node: Node<'a>| node.get("name").and_then(Node::as_str);
        let all = [Sort::Container, Sort::Init]
            .into_iter()
            .flat_map(|sort| self.list(sort));
        let taken: BTreeSet<&str> = all.map(|node| name(node).unwrap_or_default()).collect();
        let names: Vec<Option<&str>> = self.list(sort).map(name).collect();
        // A Revision that nobody owns is defaulted without its own metadata in view.
        let (parent, namespace) = match (self.object.kind(), self.object.name()) {
            ("Revision", _) => ("", ""),
            (_, Name::Written(name)) => (name, self.object.namespace().unwrap_or_default()),
            (_, Name::Generated(_) | Name::Absent) => {
                ("", self.object.namespace().unwrap_or_default())
            }
        };
        names::assign(&names, &taken, &template.render(parent, namespace))
    }

    fn list(&self, sort: Sort) -> impl Iterator<Item = Node<'a>> {
        self.pod
            .field::<List<'a>>(&[sort.field()])
            .value()
            .into_iter()
            .flat_map(List::items)
    }
}

fn ports(container: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    container
        .get("ports")
        .and_then(Node::as_list)
        .into_iter()
        .flat_map(List::items)
}
