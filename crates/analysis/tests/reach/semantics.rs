//! Each rule of the specification as a table.
//!
//! `concepts` is <https://kubernetes.io/docs/concepts/services-networking/network-policies/>, `types` is
//! `kubernetes/api@release-1.36 networking/v1/types.go`.

use knight_analysis::reach::{Cni, Network};

use crate::common::{end, read, with};

/// Three namespaces with pods of two sorts; each has an address and a port `http`.
const BASE: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {team: one}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: b, labels: {team: two, env: prod}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: c}}
---
{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}}
";

fn pod(name: &str, labels: &str, port: u16, address: &str, more: &str) -> String {
    let (namespace, name) = name.split_once('/').expect("NAMESPACE/NAME");
    format!(
        "---\n{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {namespace}, \
         labels: {{{labels}}}}}, spec: {{{more} containers: [{{name: c, ports: [{{name: http, \
         containerPort: {port}}}]}}]}}, status: {{podIPs: [{{ip: '{address}'}}]}}}}\n"
    )
}

fn policy(at: usize, namespace: &str, spec: &str) -> String {
    format!(
        "---\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p{at}, \
         namespace: {namespace}}}, spec: {spec}}}\n"
    )
}

fn cluster(policies: &[(&str, &str)]) -> String {
    let mut yaml = BASE.to_owned();
    yaml += &pod("a/web", "app: web", 8080, "10.0.0.1", "nodeName: n1,");
    yaml += &pod("a/db", "app: db", 5432, "10.0.0.2", "nodeName: n2,");
    yaml += &pod("b/web", "app: web", 9090, "10.1.0.1", "nodeName: n2,");
    yaml += &pod("c/web", "app: web", 80, "fd00::3", "nodeName: n2,");
    yaml += &pod(
        "c/host",
        "app: web",
        80,
        "192.168.0.1",
        "nodeName: n1, hostNetwork: true,",
    );
    for (at, (namespace, spec)) in policies.iter().enumerate() {
        yaml += &policy(at, namespace, spec);
    }
    yaml
}

fn check_text(yaml: &str, cni: Cni, pairs: &[(&str, &str, &str)]) {
    let objects = read(yaml);
    let network = Network::build(&objects, with(cni));
    for (from, to, expected) in pairs {
        let found = network.between(end(&network, from), end(&network, to));
        assert_eq!(found.to_string(), *expected, "{from} => {to} in {yaml}");
    }
}

fn check(policies: &[(&str, &str)], pairs: &[(&str, &str, &str)]) {
    check_text(&cluster(policies), Cni::Calico, pairs);
}

const ALL: &str = "All Connections";
const NONE: &str = "No Connections";

/// concepts: a pod that no policy selects is open.
#[test]
fn a_pod_that_nothing_selects_is_open() {
    check(
        &[("a", "{podSelector: {matchLabels: {app: db}}}")],
        &[
            ("b/web", "a/web", ALL),
            ("a/web", "b/web", ALL),
            ("8.8.8.8", "a/web", ALL),
            ("a/web", "2001:db8::1", ALL),
            ("b/web", "a/db", NONE),
            ("a/db", "b/web", ALL),
        ],
    );
}

/// concepts: policies select pods of their own namespace only.
#[test]
fn a_policy_is_about_its_own_namespace() {
    check(
        &[("a", "{podSelector: {}}")],
        &[("c/web", "b/web", ALL), ("c/web", "a/web", NONE)],
    );
}

/// types: `policyTypes` absent means ingress, and egress where there is an egress rule.
#[test]
fn isolates_the_directions_of_the_policy() {
    let deny = [("a/web", "b/web", NONE), ("b/web", "a/web", ALL)];
    check(&[("a", "{podSelector: {}, policyTypes: [Egress]}")], &deny);
    check(
        &[("a", "{podSelector: {}, egress: []}")],
        &[("a/web", "b/web", ALL), ("b/web", "a/web", NONE)],
    );
    check(
        &[(
            "a",
            "{podSelector: {}, egress: [{ports: [{port: 53, protocol: UDP}]}]}",
        )],
        &[("a/web", "b/web", "UDP 53"), ("b/web", "a/web", NONE)],
    );
}

/// concepts: both ends must allow a connection, and policies add up.
#[test]
fn both_ends_must_allow_and_policies_add_up() {
    check(
        &[
            (
                "a",
                "{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: 80}, {port: 81}]}]}",
            ),
            ("a", "{podSelector: {}, ingress: [{ports: [{port: 82}]}]}"),
            (
                "b",
                "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 81, endPort: 90}]}]}",
            ),
        ],
        &[
            ("b/web", "a/web", "TCP 81-82"),
            ("c/web", "a/web", "TCP 80-82"),
            ("b/web", "c/web", "TCP 81-90"),
        ],
    );
}

/// concepts: what a rule leaves out, it does not restrict.
#[test]
fn an_empty_rule_allows_everything() {
    for rules in ["[{}]", "[{from: [], ports: []}]", "[null]"] {
        let spec = format!("{{podSelector: {{}}, ingress: {rules}}}");
        check(
            &[("a", &spec)],
            &[("b/web", "a/web", ALL), ("8.8.8.8", "a/web", ALL)],
        );
    }
}

/// concepts: "Behavior of `to` and `from` selectors".
#[test]
fn peers_combine_as_the_specification_says() {
    let from = |peers: &str| format!("{{podSelector: {{}}, ingress: [{{from: {peers}}}]}}");
    let table = [
        // Pods of the own namespace.
        ("[{podSelector: {}}]", [ALL, NONE, NONE]),
        (
            "[{podSelector: {matchLabels: {app: web}}}]",
            [ALL, NONE, NONE],
        ),
        (
            "[{podSelector: {matchLabels: {app: db}}}]",
            [NONE, NONE, NONE],
        ),
        // All pods of namespaces.
        ("[{namespaceSelector: {}}]", [ALL, ALL, ALL]),
        (
            "[{namespaceSelector: {matchLabels: {team: two}}}]",
            [NONE, ALL, NONE],
        ),
        (
            "[{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: c}}}]",
            [NONE, NONE, ALL],
        ),
        (
            "[{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: a}}}]",
            [ALL, NONE, NONE],
        ),
        // Both in one item: all must hold; in two: one of them.
        (
            "[{namespaceSelector: {matchLabels: {team: two}}, podSelector: {matchLabels: {app: db}}}]",
            [NONE, NONE, NONE],
        ),
        (
            "[{namespaceSelector: {matchLabels: {team: two}}}, {podSelector: {matchLabels: {app: web}}}]",
            [ALL, ALL, NONE],
        ),
        // Expressions; a label that is absent is not in any set.
        (
            "[{namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [one, two]}]}}]",
            [ALL, ALL, NONE],
        ),
        (
            "[{namespaceSelector: {matchExpressions: [{key: team, operator: NotIn, values: [one]}]}}]",
            [NONE, ALL, ALL],
        ),
        (
            "[{namespaceSelector: {matchExpressions: [{key: env, operator: Exists}]}}]",
            [NONE, ALL, NONE],
        ),
        (
            "[{namespaceSelector: {matchExpressions: [{key: env, operator: DoesNotExist}]}}]",
            [ALL, NONE, ALL],
        ),
        (
            "[{namespaceSelector: {matchLabels: {team: two}, matchExpressions: [{key: env, operator: DoesNotExist}]}}]",
            [NONE, NONE, NONE],
        ),
    ];
    for (peers, expected) in table {
        let [own, b, c] = expected;
        check(
            &[("a", &from(peers))],
            &[
                ("a/web", "a/db", own),
                ("b/web", "a/db", b),
                ("c/web", "a/db", c),
                ("8.8.8.8", "a/db", NONE),
            ],
        );
    }
}

/// types: `NetworkPolicyPort`.
#[test]
fn ports_mean_what_the_types_say() {
    let table = [
        ("[{}]", "TCP 1-65535"),
        ("[{protocol: UDP}]", "UDP 1-65535"),
        ("[{protocol: SCTP, port: 7}]", "SCTP 7"),
        ("[{port: 7}]", "TCP 7"),
        ("[{port: 7, endPort: 7}]", "TCP 7"),
        ("[{port: 1, endPort: 65535}]", "TCP 1-65535"),
        (
            "[{port: 7}, {port: 8}, {port: 10, protocol: UDP}]",
            "TCP 7-8, UDP 10",
        ),
        ("[{port: http}]", "TCP 5432"),
        ("[{port: http, protocol: UDP}]", NONE),
        ("[{port: nothing}]", NONE),
    ];
    for (ports, expected) in table {
        let spec = format!("{{podSelector: {{}}, ingress: [{{ports: {ports}}}]}}");
        check(&[("a", &spec)], &[("b/web", "a/db", expected)]);
    }
}

/// types: a name is that of a port on the pod at the end of the connection, in both directions.
#[test]
fn a_named_port_is_that_of_the_destination() {
    check(
        &[
            ("a", "{podSelector: {}, ingress: [{ports: [{port: http}]}]}"),
            (
                "b",
                "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: http}]}]}",
            ),
        ],
        &[
            ("b/web", "a/web", "TCP 8080"),
            ("b/web", "a/db", "TCP 5432"),
            ("b/web", "c/web", "TCP 80"),
            ("b/web", "8.8.8.8", NONE),
        ],
    );
}

/// types: `IPBlock`.
#[test]
fn blocks_mean_addresses_without_their_exceptions() {
    let to = "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, \
              except: [10.1.0.0/16, 10.0.0.2/32]}}, {ipBlock: {cidr: 'fd00::/64'}}]}]}";
    check(
        &[("a", to)],
        &[
            ("a/web", "9.255.255.255", NONE),
            ("a/web", "10.0.0.0", ALL),
            ("a/web", "10.0.255.255", ALL),
            ("a/web", "10.1.0.0", NONE),
            ("a/web", "10.1.255.255", NONE),
            ("a/web", "10.2.0.0", ALL),
            ("a/web", "10.255.255.255", ALL),
            ("a/web", "11.0.0.0", NONE),
            ("a/web", "fd00::ffff", ALL),
            ("a/web", "fd00:0:0:1::", NONE),
            ("a/web", "a/db", NONE),
            ("a/db", "a/web", ALL),
            ("a/web", "b/web", NONE),
            ("a/web", "c/web", ALL),
            ("a/web", "a/web", ALL),
        ],
    );
    // Whether a block means pods, the network plugin decides.
    check_text(
        &cluster(&[("a", to)]),
        Cni::Cilium,
        &[("a/db", "a/web", NONE), ("a/web", "10.2.0.0", ALL)],
    );
    check_text(
        &cluster(&[("a", to)]),
        Cni::Any,
        &[("a/db", "a/web", "No Connections (possibly All Connections)")],
    );
}

/// concepts: the section on `hostNetwork` pods, and that traffic with a pod's own node is allowed.
#[test]
fn pods_of_a_node_s_network_are_as_their_node() {
    let deny = ("a", "{podSelector: {}, policyTypes: [Ingress, Egress]}");
    let selects = (
        "a",
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}",
    );
    let by_block = (
        "a",
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.168.0.0/16}}]}]}",
    );
    // It is on the node of a/web and not on that of a/db.
    check(
        &[deny],
        &[("c/host", "a/web", ALL), ("c/host", "a/db", NONE)],
    );
    check(&[deny], &[("n1", "a/web", ALL), ("n1", "a/db", NONE)]);
    check(
        &[selects],
        &[("c/host", "a/db", NONE), ("c/web", "a/db", ALL)],
    );
    check(&[by_block], &[("c/host", "a/db", ALL), ("n1", "a/db", ALL)]);
    let own = "No Connections (possibly All Connections)";
    check(
        &[deny],
        &[("a/web", "c/host", own), ("a/db", "c/host", NONE)],
    );
    // Policies that select it hold for it only with some plugins.
    let host = ("c", "{podSelector: {}, policyTypes: [Ingress, Egress]}");
    check(
        &[host],
        &[("b/web", "c/host", ALL), ("c/host", "b/web", ALL)],
    );
    let may = "No Connections (possibly All Connections)";
    check_text(
        &cluster(&[host]),
        Cni::Any,
        &[("b/web", "c/host", may), ("c/host", "b/web", may)],
    );
    check_text(&cluster(&[selects]), Cni::Any, &[("c/host", "a/db", may)]);
}

/// A pod without an address can have any; known ranges of pods say more.
#[test]
fn a_pod_without_an_address_may_be_in_any_block() {
    let yaml = "
{apiVersion: v1, kind: Namespace, metadata: {name: a}}
---
{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: a}}
---
{apiVersion: v1, kind: Pod, metadata: {name: w, namespace: a}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: a}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]
";
    let may = "No Connections (possibly All Connections)";
    check_text(yaml, Cni::Calico, &[("a/x", "a/w", may)]);
    let objects = read(yaml);
    let mut options = with(Cni::Calico);
    options.pod_ranges = vec![knight_model::network::Cidr::parse("10.0.0.0/16").unwrap()];
    let network = Network::build(&objects, options);
    let found = network.between(end(&network, "a/x"), end(&network, "a/w"));
    assert_eq!(found.to_string(), NONE);
}

/// A policy that cannot be read neither isolates nor allows: what depends on it is open.
#[test]
fn what_a_flawed_policy_could_say_is_not_known() {
    let may = "No Connections (possibly All Connections)";
    check(
        &[("a", "{podSelector: {}, ingress: [{from: [{}]}]}")],
        &[("b/web", "a/web", may), ("b/web", "c/web", ALL)],
    );
    check(
        &[
            ("a", "{podSelector: {}, ingress: [{from: [{}]}]}"),
            ("a", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"),
        ],
        &[(
            "b/web",
            "a/web",
            "No Connections (possibly All Connections)",
        )],
    );
}

/// Kinds that are not judged make what they could change open, and nothing else.
#[test]
fn what_kinds_that_are_not_judged_could_change_is_not_known() {
    let deny = [("a", "{podSelector: {}}")];
    let with_object = |object: &str| format!("{}---\n{object}\n", cluster(&deny));
    let may = "No Connections (possibly All Connections)";
    let table = [
        (
            "{apiVersion: policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy, metadata: {name: x}}",
            [may, may],
        ),
        (
            "{apiVersion: policy.networking.k8s.io/v1alpha1, kind: BaselineAdminNetworkPolicy, metadata: {name: x}}",
            [NONE, may],
        ),
        (
            "{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: x, namespace: a}}",
            [may, ALL],
        ),
        (
            "{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: x, namespace: a}}",
            [NONE, may],
        ),
        (
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}",
            [NONE, ALL],
        ),
    ];
    for (object, [denied, open]) in table {
        check_text(
            &with_object(object),
            Cni::Calico,
            &[("b/web", "a/web", denied), ("c/web", "b/web", open)],
        );
    }
}

/// The labels of a namespace that is not in the input are not known, but for its name.
#[test]
fn labels_of_unseen_namespaces_are_not_known() {
    let yaml = "
{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: a}}
---
{apiVersion: v1, kind: Pod, metadata: {name: w, namespace: b}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: a}
spec:
  podSelector: {}
  ingress:
  - from: [{namespaceSelector: {matchLabels: {team: one}}}]
    ports: [{port: 1}]
  - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]
    ports: [{port: 2}]
  - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: c}}}]
    ports: [{port: 3}]
";
    check_text(
        yaml,
        Cni::Calico,
        &[("b/w", "a/x", "TCP 2 (possibly TCP 1-2)")],
    );
}

/// Labels that a controller adds to the pods of a template are not known before it does.
#[test]
fn labels_that_controllers_add_are_not_known() {
    let yaml = "
{apiVersion: v1, kind: Namespace, metadata: {name: a}}
---
{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: a}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: a}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: []}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: a}
spec: {podSelector: {matchLabels: {pod-template-hash: abc}}, ingress: [{ports: [{port: 1}]}]}
";
    let may = "No Connections (possibly All Connections)";
    check_text(
        yaml,
        Cni::Calico,
        &[("a/x", "a/web", may), ("a/web", "a/x", ALL)],
    );
}

/// Which of several ports with one name is meant, network plugins decide.
#[test]
fn a_name_of_several_ports_is_not_known() {
    let yaml = "
{apiVersion: v1, kind: Namespace, metadata: {name: a}}
---
{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: a}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: a}
spec:
  containers:
  - {name: c, ports: [{name: http, containerPort: 80}]}
  - {name: d, ports: [{name: http, containerPort: 90}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: a}
spec: {podSelector: {}, ingress: [{ports: [{port: http}]}]}
";
    let may = "No Connections (possibly TCP 80,90)";
    check_text(yaml, Cni::Calico, &[("a/x", "a/web", may)]);
}
