//! What to ask for, in the order in which a snapshot has it.

use std::collections::BTreeSet;

use knight_facts::{
    kinds::Scope,
    reading::{Reading, System, system_namespaces},
};

use super::discovery::{Found, Kinds};

/// One list, or one object, to ask for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Ask {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) plural: &'static str,
    pub(super) kind: &'static str,
    /// The namespace that is asked for; of Namespaces, the one that is.
    pub(super) namespace: Option<String>,
    pub(super) what: What,
}

/// What is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum What {
    /// Every object there is.
    List(Scope),
    /// The object of this name, of the whole cluster.
    Object(String),
    /// Nothing: the cluster does not serve the kind.
    NotServed,
    /// Nothing: nobody knows whether the cluster serves the kind.
    Failed(String),
}

/// Returns what to ask for, by group, kind and namespace.
pub(super) fn plan(kinds: &Kinds, namespaces: &[String]) -> Vec<Ask> {
    let mut asks = Vec::new();
    for (reading, found) in kinds {
        let (version, what) = match found {
            Found::In(version) => (version.clone(), What::List(reading.scope)),
            Found::NotServed => (newest(reading), What::NotServed),
            Found::Failed(reason) => (newest(reading), What::Failed(reason.clone())),
        };
        let ask = |namespace: Option<&str>, what: What| Ask {
            group: reading.group.to_owned(),
            version: version.clone(),
            plural: reading.plural,
            kind: reading.kind,
            namespace: namespace.map(str::to_owned),
            what,
        };
        if matches!(what, What::NotServed | What::Failed(_)) {
            asks.push(ask(None, what));
            continue;
        }
        let named: BTreeSet<&str> = namespaces.iter().map(String::as_str).collect();
        let within = match (reading.system, reading.scope) {
            (System::Only, _) => system_namespaces().collect(),
            (_, _) if named.is_empty() => BTreeSet::new(),
            (System::Always, Scope::Namespaced) => {
                let mut named = named;
                for namespace in system_namespaces() {
                    named.insert(namespace);
                }
                named
            }
            (System::Asked, Scope::Namespaced) => named,
            (System::Asked | System::Always, Scope::Cluster) if is_namespace(reading) => {
                for name in named {
                    asks.push(ask(Some(name), What::Object(name.to_owned())));
                }
                continue;
            }
            (System::Asked | System::Always, Scope::Cluster) => BTreeSet::new(),
        };
        if within.is_empty() {
            asks.push(ask(None, what));
        } else {
            asks.extend(
                within
                    .into_iter()
                    .map(|namespace| ask(Some(namespace), what.clone())),
            );
        }
    }
    asks
}

fn is_namespace(reading: &Reading) -> bool {
    (reading.group, reading.kind) == ("", "Namespace")
}

fn newest(reading: &Reading) -> String {
    reading.versions.last().copied().unwrap_or("v1").to_owned()
}

impl Ask {
    /// Returns the path of what is asked for, without a query.
    pub(super) fn path(&self) -> String {
        let mut path = match &*self.group {
            "" => format!("/api/{}", self.version),
            group => format!("/apis/{group}/{}", self.version),
        };
        let within = match (&self.what, &self.namespace) {
            (What::List(Scope::Namespaced), Some(namespace)) => Some(namespace),
            _ => None,
        };
        if let Some(namespace) = within {
            path.push_str("/namespaces/");
            path.push_str(namespace);
        }
        path.push('/');
        path.push_str(self.plural);
        if let What::Object(name) = &self.what {
            path.push('/');
            path.push_str(name);
        }
        path
    }

    /// Returns how objects name their group and version.
    pub(super) fn api_version(&self) -> String {
        match &*self.group {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }
}

#[cfg(test)]
mod tests {
    use knight_controls::{
        catalogue,
        control::{On, Rule},
    };
    use knight_facts::{carriers, reading};

    use super::*;

    fn everything() -> Kinds {
        let all = reading::readings().iter();
        all.map(|row| (row, Found::In(newest(row)))).collect()
    }

    fn paths(kind: &str, namespaces: &[&str]) -> Vec<String> {
        let namespaces: Vec<String> = namespaces.iter().map(|name| (*name).to_owned()).collect();
        let asks = plan(&everything(), &namespaces);
        let asks = asks.iter().filter(|ask| ask.kind == kind);
        asks.map(Ask::path).collect()
    }

    #[test]
    fn a_whole_cluster_is_one_list_a_kind() {
        assert_eq!(paths("Pod", &[]), ["/api/v1/pods"]);
        assert_eq!(paths("Namespace", &[]), ["/api/v1/namespaces"]);
        assert_eq!(
            paths("Service", &[]),
            ["/api/v1/services", "/apis/serving.knative.dev/v1/services"]
        );
        assert_eq!(
            paths("ConfigMap", &[]),
            [
                "/api/v1/namespaces/knative-eventing/configmaps",
                "/api/v1/namespaces/knative-serving/configmaps"
            ]
        );
    }

    #[test]
    fn named_namespaces_are_read_with_what_says_how_they_are_judged() {
        assert_eq!(
            paths("Pod", &["a", "b"]),
            ["/api/v1/namespaces/a/pods", "/api/v1/namespaces/b/pods"]
        );
        assert_eq!(paths("Namespace", &["a"]), ["/api/v1/namespaces/a"]);
        assert_eq!(paths("Node", &["a"]), ["/api/v1/nodes"]);
        assert_eq!(
            paths("Deployment", &["a"]),
            [
                "/apis/apps/v1/namespaces/a/deployments",
                "/apis/apps/v1/namespaces/knative-eventing/deployments",
                "/apis/apps/v1/namespaces/knative-serving/deployments"
            ]
        );
        assert_eq!(paths("ConfigMap", &["a"]).len(), 2);
    }

    /// A control over a kind that nobody reads would always pass.
    #[test]
    fn every_kind_that_a_control_judges_is_read() {
        let mut judged = BTreeSet::new();
        for control in catalogue::controls() {
            let Rule::Object(rule) = (control.rule)() else {
                continue;
            };
            match rule.on {
                On::Pods => judged.extend(
                    carriers::carriers()
                        .iter()
                        .map(|row| (&*row.group, &*row.kind)),
                ),
                On::PodsOf(kinds) | On::Objects(kinds) => judged.extend(kinds.iter().copied()),
            }
        }
        assert!(judged.len() > 20);
        for (group, kind) in judged {
            assert!(reading::reading(group, kind).is_some(), "{group}/{kind}");
        }
    }
}
