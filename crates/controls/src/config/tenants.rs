//! `tenants`: who trusts whom.

use std::collections::BTreeSet;

use knight_model::{
    place::Place,
    tree::{Entry, Kind, Node},
};

use super::section::{Section, type_words};
use crate::words::plain;

pub(super) const KEYS: &[&str] = &["name", "namespaces", "subjects"];
pub(super) const LABEL_KEYS: &[&str] = &["label"];

/// How namespaces belong to tenants; a namespace that belongs to none is its own.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Tenants {
    /// Every namespace is its own tenant.
    #[default]
    Namespaces,
    /// Namespaces with the same value of this label are one tenant.
    Label(String),
    /// These.
    Named(Vec<Tenant>),
}

/// Namespaces and subjects that trust each other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tenant {
    /// The name.
    pub name: String,
    /// Patterns of the namespaces.
    pub namespaces: Vec<String>,
    /// Who acts for the tenant.
    pub subjects: Vec<Subject>,
}

/// Who acts for a tenant: `User:jane`, `Group:team-a` or `ServiceAccount:ci/deployer`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subject {
    /// The sort.
    pub kind: SubjectKind,
    /// The name; of a service account, with its namespace.
    pub name: String,
}

/// A sort of subject, as RBAC knows them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SubjectKind {
    /// A user.
    User,
    /// A group of users.
    Group,
    /// A service account.
    ServiceAccount,
}

/// Reads the value.
pub(super) fn read<'a>(section: &mut Section<'a, '_>, value: Node<'a>) -> Tenants {
    match value.kind() {
        Kind::Null => Tenants::Namespaces,
        Kind::Map(_) => by_label(section, value).map_or(Tenants::Namespaces, Tenants::Label),
        Kind::List(list) => {
            let mut names = BTreeSet::new();
            let mut tenants = Vec::new();
            for item in list.items() {
                let Some(tenant) = tenant(section, item) else {
                    continue;
                };
                if !names.insert(tenant.name.clone()) {
                    let message = format!("there are two tenants `{}`", plain(&tenant.name));
                    section.mistake(super::first_key(item), message, None);
                }
                tenants.push(tenant);
            }
            Tenants::Named(tenants)
        }
        Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => {
            let found = type_words(value);
            let message = format!("`tenants` must be a list or `{{label: KEY}}`, not {found}");
            section.mistake(Place::of(value), message, None);
            Tenants::Namespaces
        }
    }
}

fn by_label<'a>(section: &mut Section<'a, '_>, value: Node<'a>) -> Option<String> {
    let mut section = section.item(value, "tenants", "tenants by label")?;
    let mut label = None;
    let mut said = false;
    while let Some(Entry { value, .. }) = section.next() {
        said = true;
        label = section.text(value).map(str::to_owned);
    }
    if !said {
        let place = section.here();
        section.mistake(
            place,
            "`tenants` needs a `label`, or must be a list".to_owned(),
            None,
        );
    }
    label
}

fn tenant<'a>(section: &mut Section<'a, '_>, item: Node<'a>) -> Option<Tenant> {
    let mut section = section.item(item, "a tenant", "tenants")?;
    let mut name = None;
    let mut namespaces = Vec::new();
    let mut subjects = Vec::new();
    while let Some(Entry { key, value, .. }) = section.next() {
        match key {
            "name" => name = Some(section.text(value)),
            "namespaces" => namespaces = section.texts(value),
            _ => {
                for item in section.list(value) {
                    let Some(text) = section.text(item) else {
                        continue;
                    };
                    match Subject::of(text) {
                        Some(subject) => subjects.push(subject),
                        None => section.wrong(
                            item,
                            "a subject is `User:NAME`, `Group:NAME` or \
                             `ServiceAccount:NAMESPACE/NAME`"
                                .to_owned(),
                        ),
                    }
                }
            }
        }
    }
    if name.is_none() {
        let place = section.here();
        section.mistake(place, "a tenant needs a `name`".to_owned(), None);
    }
    Some(Tenant {
        name: name??.to_owned(),
        namespaces,
        subjects,
    })
}

impl Subject {
    fn of(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once(':')?;
        let kind = match kind {
            "User" => SubjectKind::User,
            "Group" => SubjectKind::Group,
            "ServiceAccount" => SubjectKind::ServiceAccount,
            _ => return None,
        };
        let complete = match (kind, name.split_once('/')) {
            (SubjectKind::ServiceAccount, Some((namespace, name))) => {
                !namespace.is_empty() && !name.is_empty()
            }
            (SubjectKind::ServiceAccount, None) => false,
            (SubjectKind::User | SubjectKind::Group, _) => !name.is_empty(),
        };
        complete.then(|| Self {
            kind,
            name: name.to_owned(),
        })
    }
}
