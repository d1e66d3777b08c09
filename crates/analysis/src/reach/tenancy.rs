//! Who trusts whom.

use std::collections::BTreeMap;

/// To whom namespaces belong; one that nobody was said to own is a tenant of its own name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tenancy {
    owners: BTreeMap<Box<str>, Owner>,
}

/// To whom a namespace belongs.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Owner {
    /// To those who run the cluster.
    System,
    /// To this tenant.
    Tenant(Box<str>),
}

impl Tenancy {
    /// Makes a tenancy of the namespaces that belong to somebody else than a tenant of their name.
    pub fn new(owners: impl IntoIterator<Item = (Box<str>, Owner)>) -> Self {
        Self {
            owners: owners.into_iter().collect(),
        }
    }

    /// Makes a tenancy in which every namespace but these is a tenant.
    pub fn with_system<'n>(namespaces: impl IntoIterator<Item = &'n str>) -> Self {
        let namespaces = namespaces.into_iter();
        Self::new(namespaces.map(|name| (name.into(), Owner::System)))
    }

    /// Returns the tenant of a namespace; none for those who run the cluster.
    pub fn tenant<'t>(&'t self, namespace: &'t str) -> Option<&'t str> {
        match self.owners.get(namespace) {
            None => Some(namespace),
            Some(Owner::System) => None,
            Some(Owner::Tenant(tenant)) => Some(tenant),
        }
    }
}
