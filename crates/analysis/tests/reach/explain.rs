//! Explanations of single connections.

use knight_analysis::reach::{Cni, DecidedBy, Explanation, Nearest, Network, Side};
use knight_model::network::{Answer, Protocol};

use crate::common::{end, read, with};

const CLUSTER: &str = "apiVersion: v1
kind: Namespace
metadata: {name: a}
---
apiVersion: v1
kind: Namespace
metadata: {name: b, labels: {team: two}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: a, labels: {app: web}}
spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: job, namespace: b, labels: {app: job}}
status: {podIP: 10.0.0.7}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: a}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
  - from:
    - podSelector: {}
    - namespaceSelector: {matchLabels: {team: three}}
      podSelector: {matchLabels: {app: api}}
  - from:
    - namespaceSelector: {matchLabels: {team: two}}
      podSelector: {matchLabels: {app: api}}
    ports:
    - {port: http}
  - from:
    - ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.128/25]}
";

fn explain(from: &str, to: &str, port: u16) -> Explanation {
    let objects = read(CLUSTER);
    let network = Network::build(&objects, with(Cni::Calico));
    let (from, to) = (end(&network, from), end(&network, to));
    network.explain(from, to, Some((Protocol::Tcp, port)))
}

/// Shows why the nearest rule misses.
fn misses(side: &Side) -> Vec<String> {
    let Some(nearest) = side.nearest else {
        return Vec::new();
    };
    let rule = &side.policies[nearest.policy].rules[nearest.rule];
    let peer = nearest.peer.map(|peer| &rule.peers[peer]);
    let port = nearest.port.map(|port| &rule.ports[port]);
    let parts = peer.into_iter().chain(port);
    let whys = parts.flat_map(|part| &part.whys);
    whys.map(ToString::to_string).collect()
}

#[test]
fn names_the_rule_that_misses_by_least() {
    let explanation = explain("b/job", "a/web", 8080);
    let egress = explanation.egress.expect("it is a pod");
    assert_eq!(
        (egress.answer, egress.decided_by),
        (Answer::Yes, DecidedBy::NoPolicy)
    );
    let ingress = explanation.ingress.expect("it is a pod");
    assert_eq!(
        (ingress.answer, ingress.decided_by),
        (Answer::No, DecidedBy::Policies)
    );
    let expected = Nearest {
        policy: 0,
        rule: 1,
        peer: Some(0),
        port: None,
    };
    assert_eq!(ingress.nearest, Some(expected));
    assert_eq!(
        misses(&ingress),
        ["the pod's label `app` is `job`, and must be `api`"]
    );
}

#[test]
fn says_which_port_a_name_means() {
    let explanation = explain("b/job", "a/web", 80);
    let ingress = explanation.ingress.expect("it is a pod");
    assert_eq!(
        misses(&ingress),
        [
            "the pod's label `app` is `job`, and must be `api`",
            "the pod calls its port 8080 `http`",
        ]
    );
}

#[test]
fn says_which_exception_an_address_is_in() {
    let explanation = explain("192.0.2.200", "a/web", 80);
    assert_eq!(explanation.egress, None);
    let ingress = explanation.ingress.expect("it is a pod");
    assert_eq!(
        misses(&ingress),
        ["192.0.2.200 is in the exception 192.0.2.128/25"]
    );
    let explanation = explain("192.0.2.1", "a/web", 80);
    let ingress = explanation.ingress.expect("it is a pod");
    assert_eq!((ingress.answer, ingress.nearest), (Answer::Yes, None));
}

#[test]
fn knows_the_line_of_a_rule() {
    let objects = read(CLUSTER);
    let [policy] = &*objects.policies else {
        panic!("there is one policy");
    };
    let direction = knight_model::network::Direction::Ingress;
    let line = policy.peer_position(direction, 1, 0).line;
    let text = CLUSTER.lines().nth(line as usize - 1);
    assert_eq!(
        text,
        Some("    - namespaceSelector: {matchLabels: {team: two}}")
    );
    assert_eq!(policy.port_position(direction, 1, 0).line, line + 3);
    assert_eq!(policy.rule_position(direction, 1).line, line - 1);
}

#[test]
fn a_pod_reaches_itself() {
    let explanation = explain("a/web", "a/web", 1);
    let ingress = explanation.ingress.expect("it is a pod");
    assert_eq!(
        (ingress.answer, ingress.decided_by),
        (Answer::Yes, DecidedBy::Itself)
    );
}
