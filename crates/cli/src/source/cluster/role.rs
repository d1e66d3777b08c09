//! The roles that a `ServiceAccount` needs to read what Knight reads, and nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
};

use knight_facts::{
    kinds::Scope,
    reading::{self, Reading, System, system_namespaces},
};

/// The name of every object.
const NAME: &str = "knight-reader";

/// The namespace of the `ServiceAccount`.
const NAMESPACE: &str = "knight";

/// Returns the manifests, for some namespaces or, when none is named, for all.
pub(crate) fn manifests(namespaces: &[String]) -> String {
    let mut text = String::new();
    let written = if namespaces.is_empty() {
        whole(&mut text)
    } else {
        some(&mut text, namespaces)
    };
    // INVARIANT: a string takes whatever is written to it.
    written.map_or_else(|_| String::new(), |()| text)
}

fn whole(to: &mut String) -> fmt::Result {
    to.push_str(
        "\
# What Knight needs to read a cluster: get and list, and nothing on Secrets.
# `knight scan --print-role | kubectl apply -f -` applies it again after an update of Knight.
# Which kinds are served, every account may ask: the API server binds `system:discovery` to all.
",
    );
    account(to)?;
    to.push_str(
        "\
---
# Everywhere: what controls judge, and what says how it is judged.
",
    );
    let everywhere = rows(|row| row.system != System::Only);
    head(to, "ClusterRole", None)?;
    rules(to, &everywhere)?;
    to.push_str("---\n");
    binding(to, None)?;
    for namespace in system_namespaces() {
        to.push_str(
            "\
---
# The settings of Knative. ConfigMaps of other namespaces are not read. Where this part of Knative is
# not installed, the namespace is missing, and this role and its binding are not needed.
",
        );
        head(to, "Role", Some(namespace))?;
        rules(to, &rows(|row| row.system == System::Only))?;
        to.push_str("---\n");
        binding(to, Some(namespace))?;
    }
    Ok(())
}

fn some(to: &mut String, namespaces: &[String]) -> fmt::Result {
    let names = namespaces.join(",");
    let cluster = rows(|row| row.scope == Scope::Cluster && row.plural != "namespaces");
    let unread: Vec<&str> = cluster.iter().map(|row| row.kind).collect();
    to.push_str(
        "\
# What Knight needs to read some namespaces: get and list, and nothing on Secrets.
",
    );
    writeln!(
        to,
        "# `knight scan --print-role -n {names} | kubectl apply -f -` applies it again."
    )?;
    to.push_str(
        "\
# Which kinds are served, every account may ask: the API server binds `system:discovery` to all.
#
# These roles do not read the following kinds of the whole cluster, and Knight says so: what depends on
# them is Unknown. Without `-n` there is a role that does.
",
    );
    for kind in unread {
        writeln!(to, "#   {kind}")?;
    }
    account(to)?;
    to.push_str(
        "\
---
# The labels of these namespaces, and of no other.
",
    );
    head(to, "ClusterRole", None)?;
    to.push_str("rules:\n  - apiGroups: [\"\"]\n    resources: [namespaces]\n    resourceNames:\n");
    for name in namespaces {
        // A name of digits alone would be a number.
        writeln!(to, "      - \"{name}\"")?;
    }
    to.push_str("    verbs: [get]\n---\n");
    binding(to, None)?;
    let system: BTreeSet<&str> = system_namespaces().collect();
    let named: BTreeSet<&str> = namespaces.iter().map(String::as_str).collect();
    for namespace in named.union(&system) {
        let (is_named, is_system) = (named.contains(namespace), system.contains(namespace));
        let rows = rows(|row| match row.system {
            _ if row.scope == Scope::Cluster => false,
            System::Asked => is_named,
            System::Always => is_named || is_system,
            System::Only => is_system,
        });
        to.push_str("---\n");
        if !is_named {
            to.push_str(
                "\
# The settings and the version of Knative. Where this part of it is not installed, the namespace is
# missing, and this role and its binding are not needed.
",
            );
        }
        head(to, "Role", Some(namespace))?;
        rules(to, &rows)?;
        to.push_str("---\n");
        binding(to, Some(namespace))?;
    }
    Ok(())
}

fn rows(which: impl Fn(&Reading) -> bool) -> Vec<&'static Reading> {
    let rows = reading::readings().iter();
    rows.filter(|row| which(row)).collect()
}

fn account(to: &mut String) -> fmt::Result {
    write!(
        to,
        "\
---
apiVersion: v1
kind: Namespace
metadata:
  name: {NAMESPACE}
  labels:
    app.kubernetes.io/name: knight
    pod-security.kubernetes.io/enforce: restricted
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {NAME}
  namespace: {NAMESPACE}
  labels:
    app.kubernetes.io/name: knight
# Whoever runs as this account asks for its token.
automountServiceAccountToken: false
"
    )
}

fn head(to: &mut String, kind: &str, namespace: Option<&str>) -> fmt::Result {
    write!(
        to,
        "\
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata:
  name: {NAME}
"
    )?;
    if let Some(namespace) = namespace {
        writeln!(to, "  namespace: \"{namespace}\"")?;
    }
    to.push_str("  labels:\n    app.kubernetes.io/name: knight\n");
    Ok(())
}

/// Writes one rule a group, with the resources in order.
fn rules(to: &mut String, rows: &[&Reading]) -> fmt::Result {
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows {
        groups.entry(row.group).or_default().insert(row.plural);
    }
    to.push_str("rules:\n");
    for (group, resources) in groups {
        writeln!(to, "  - apiGroups: [\"{group}\"]\n    resources:")?;
        for resource in resources {
            writeln!(to, "      - {resource}")?;
        }
        to.push_str("    verbs: [get, list]\n");
    }
    Ok(())
}

fn binding(to: &mut String, namespace: Option<&str>) -> fmt::Result {
    let role = match namespace {
        Some(_) => "Role",
        None => "ClusterRole",
    };
    head(to, &format!("{role}Binding"), namespace)?;
    write!(
        to,
        "\
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {role}
  name: {NAME}
subjects:
  - kind: ServiceAccount
    name: {NAME}
    namespace: {NAMESPACE}
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_reads_secrets_or_writes() {
        for namespaces in [vec![], vec!["team-a".to_owned(), "7".to_owned()]] {
            let text = manifests(&namespaces);
            let rules: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
            assert!(
                rules
                    .iter()
                    .all(|line| !line.contains("secrets") && !line.contains('*'))
            );
            let verbs = rules.iter().filter(|line| line.contains("verbs:"));
            let verbs: BTreeSet<_> = verbs.map(|line| line.trim()).collect();
            let expected: &[&str] = match namespaces.len() {
                0 => &["verbs: [get, list]"],
                _ => &["verbs: [get, list]", "verbs: [get]"],
            };
            assert_eq!(verbs.into_iter().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn config_maps_are_read_in_namespaces_of_knative_alone() {
        let text = manifests(&[]);
        let documents = text.split("---\n");
        let roles = documents.filter(|text| text.contains("- configmaps\n"));
        let namespaces: Vec<&str> = roles
            .filter_map(|text| text.lines().find(|line| line.starts_with("  namespace:")))
            .collect();
        assert_eq!(
            namespaces,
            [
                "  namespace: \"knative-eventing\"",
                "  namespace: \"knative-serving\""
            ]
        );
    }
}
