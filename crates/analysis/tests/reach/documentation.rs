//! Each example of the documentation, in manifests of our own.
//!
//! <https://kubernetes.io/docs/concepts/services-networking/network-policies/>

use knight_analysis::reach::{Cni, Network};

use crate::common::{end, read, with};

const ALL: &str = "All Connections";
const NONE: &str = "No Connections";

fn check(policy: &str, pairs: &[(&str, &str, &str)]) {
    let mut documents = Vec::new();
    for (name, labels) in [
        ("shop", "team: shop"),
        ("partner", "project: partner"),
        ("frontend", "namespace: frontend"),
        ("backend", "namespace: backend"),
    ] {
        documents.push(format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}, labels: \
             {{{labels}}}}}}}\n"
        ));
    }
    for (namespace, name, labels) in [
        ("shop", "store", "role: store"),
        ("shop", "page", "role: page"),
        ("shop", "job", "role: job"),
        ("partner", "reader", "role: reader"),
        ("partner", "page", "role: page"),
        ("frontend", "ui", "role: ui"),
        ("backend", "api", "role: api"),
    ] {
        documents.push(format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {namespace}, \
             labels: {{{labels}}}}}}}\n"
        ));
    }
    documents.push(format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, \
         namespace: shop}}\nspec: {policy}\n"
    ));
    let objects = read(&documents.join("---\n"));
    let network = Network::build(&objects, with(Cni::Cilium));
    for (from, to, expected) in pairs {
        let found = network.between(end(&network, from), end(&network, to));
        assert_eq!(found.to_string(), *expected, "{from} => {to}: {policy}");
    }
}

#[test]
fn the_first_example_isolates_both_ways_and_lets_in_three_sources() {
    check(
        "
  podSelector: {matchLabels: {role: store}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - ipBlock: {cidr: 172.20.0.0/16, except: [172.20.7.0/24]}
    - namespaceSelector: {matchLabels: {project: partner}}
    - podSelector: {matchLabels: {role: page}}
    ports: [{protocol: TCP, port: 6400}]
  egress:
  - to: [{ipBlock: {cidr: 10.9.0.0/24}}]
    ports: [{protocol: TCP, port: 5900}]
",
        &[
            ("shop/page", "shop/store", "TCP 6400"),
            ("shop/job", "shop/store", NONE),
            ("partner/reader", "shop/store", "TCP 6400"),
            ("partner/page", "shop/store", "TCP 6400"),
            ("backend/api", "shop/store", NONE),
            ("172.20.0.1", "shop/store", "TCP 6400"),
            ("172.20.7.1", "shop/store", NONE),
            ("172.20.8.0", "shop/store", "TCP 6400"),
            ("172.21.0.0", "shop/store", NONE),
            ("shop/store", "10.9.0.255", "TCP 5900"),
            ("shop/store", "10.9.1.0", NONE),
            ("shop/store", "shop/page", NONE),
            ("backend/api", "shop/page", ALL),
        ],
    );
}

#[test]
fn one_peer_with_both_selectors_is_not_two_peers() {
    let both = "
  ingress:
  - from:
    - namespaceSelector: {matchLabels: {project: partner}}
      podSelector: {matchLabels: {role: page}}
";
    let two = "
  ingress:
  - from:
    - namespaceSelector: {matchLabels: {project: partner}}
    - podSelector: {matchLabels: {role: page}}
";
    check(
        both,
        &[
            ("partner/page", "shop/store", ALL),
            ("partner/reader", "shop/store", NONE),
            ("shop/page", "shop/store", NONE),
        ],
    );
    check(
        two,
        &[
            ("partner/page", "shop/store", ALL),
            ("partner/reader", "shop/store", ALL),
            ("shop/page", "shop/store", ALL),
            ("shop/job", "shop/store", NONE),
        ],
    );
}

#[test]
fn default_policies_do_what_their_names_say() {
    let into = ("backend/api", "shop/store");
    let out = ("shop/store", "backend/api");
    for (policy, ingress, egress) in [
        ("{podSelector: {}, policyTypes: [Ingress]}", NONE, ALL),
        (
            "{podSelector: {}, ingress: [{}], policyTypes: [Ingress]}",
            ALL,
            ALL,
        ),
        ("{podSelector: {}, policyTypes: [Egress]}", ALL, NONE),
        (
            "{podSelector: {}, egress: [{}], policyTypes: [Egress]}",
            ALL,
            ALL,
        ),
        (
            "{podSelector: {}, policyTypes: [Ingress, Egress]}",
            NONE,
            NONE,
        ),
        (
            "{podSelector: {}, egress: [{}], policyTypes: [Ingress, Egress]}",
            NONE,
            ALL,
        ),
    ] {
        check(policy, &[(into.0, into.1, ingress), (out.0, out.1, egress)]);
    }
}

#[test]
fn a_range_of_ports_has_both_its_ends() {
    check(
        "
  podSelector: {matchLabels: {role: store}}
  policyTypes: [Egress]
  egress:
  - to: [{ipBlock: {cidr: 10.9.0.0/24}}]
    ports: [{protocol: TCP, port: 32000, endPort: 32768}]
",
        &[
            ("shop/store", "10.9.0.1", "TCP 32000-32768"),
            ("shop/store", "10.9.1.1", NONE),
            ("backend/api", "shop/store", ALL),
        ],
    );
}

#[test]
fn several_namespaces_are_named_by_an_expression() {
    check(
        "
  podSelector: {matchLabels: {role: store}}
  policyTypes: [Egress]
  egress:
  - to:
    - namespaceSelector:
        matchExpressions: [{key: namespace, operator: In, values: [frontend, backend]}]
",
        &[
            ("shop/store", "frontend/ui", ALL),
            ("shop/store", "backend/api", ALL),
            ("shop/store", "partner/page", NONE),
            ("shop/store", "shop/page", NONE),
            ("shop/store", "8.8.8.8", NONE),
        ],
    );
}

#[test]
fn a_namespace_is_named_by_the_label_that_the_api_server_gives() {
    check(
        "
  ingress:
  - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: backend}}}]
",
        &[
            ("backend/api", "shop/store", ALL),
            ("frontend/ui", "shop/store", NONE),
        ],
    );
}
