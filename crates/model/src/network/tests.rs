use super::*;
use crate::{
    object::objects,
    snapshot::{List, Listed},
    testing::documents,
};

/// Reads everything in a text.
fn read(yaml: &str) -> NetworkObjects {
    let mut builder = NetworkBuilder::default();
    for document in &documents(yaml) {
        let (objects, problems) = objects(document);
        assert_eq!(problems, []);
        for object in &objects {
            builder.add(object);
        }
    }
    builder.build()
}

/// Reads the spec of a policy.
fn spec(yaml: &str) -> Result<PolicySpec, String> {
    let found = read(&format!(
        "{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p}}, \
         spec: {yaml}}}"
    ));
    if let [flawed] = &*found.flawed {
        assert_eq!(found.policies, [], "{yaml}");
        return Err(flawed.flaw.to_string());
    }
    let [policy] = &*found.policies else {
        panic!("{yaml}: {found:?}");
    };
    Ok(policy.spec.clone())
}

/// Shows rules, short enough for a table.
fn shown(rules: Option<&[Rule]>) -> String {
    let Some(rules) = rules else {
        return "not spoken of".to_owned();
    };
    let peer = |peer: &Peer| match peer {
        Peer::Own(pods) => format!("own {}", selector(pods)),
        Peer::Namespaces { namespaces, pods } => {
            format!("in {} {}", selector(namespaces), selector(pods))
        }
        Peer::Block(block) => block.to_string(),
    };
    let port = |port: &PortRule| match &port.ports {
        Ports::All => port.protocol.to_string(),
        Ports::Range(first, last) => format!("{} {first}-{last}", port.protocol),
        Ports::Named(name) => format!("{} {name}", port.protocol),
    };
    let rule = |rule: &Rule| {
        let peers = rule.peers.as_ref().map_or_else(
            || "all".to_owned(),
            |peers| peers.iter().map(peer).collect::<Vec<_>>().join(" | "),
        );
        let ports = rule.ports.as_ref().map_or_else(
            || "all".to_owned(),
            |ports| ports.iter().map(port).collect::<Vec<_>>().join(" | "),
        );
        format!("{peers} on {ports}")
    };
    let rules: Vec<String> = rules.iter().map(rule).collect();
    format!("[{}]", rules.join("; "))
}

fn selector(selector: &Selector) -> String {
    let requirement = |requirement: &Requirement| {
        let key = &requirement.key;
        match &requirement.test {
            LabelTest::In(values) => format!("{key}={}", values.join("/")),
            LabelTest::NotIn(values) => format!("{key}!={}", values.join("/")),
            LabelTest::Exists => key.to_string(),
            LabelTest::DoesNotExist => format!("!{key}"),
        }
    };
    let requirements: Vec<String> = selector.requirements().iter().map(requirement).collect();
    format!("{{{}}}", requirements.join(","))
}

fn check(yaml: &str, ingress: &str, egress: &str) {
    let spec = spec(yaml).unwrap_or_else(|flaw| panic!("{yaml}: {flaw}"));
    assert_eq!(shown(spec.ingress.as_deref()), ingress, "ingress of {yaml}");
    assert_eq!(shown(spec.egress.as_deref()), egress, "egress of {yaml}");
}

/// `kubernetes/kubernetes@release-1.36 pkg/apis/networking/v1/defaults.go`.
#[test]
fn fills_in_policy_types_as_the_api_server_does() {
    let not = "not spoken of";
    check("{}", "[]", not);
    check("null", "[]", not);
    check("{podSelector: {}}", "[]", not);
    check("{podSelector: {}, policyTypes: []}", "[]", not);
    check("{podSelector: {}, policyTypes: null}", "[]", not);
    check("{podSelector: {}, egress: []}", "[]", not);
    check("{podSelector: {}, egress: [{}]}", "[]", "[all on all]");
    check("{podSelector: {}, policyTypes: [Egress]}", not, "[]");
    check("{policyTypes: [Egress], ingress: [{}]}", not, "[]");
    check("{policyTypes: [Ingress], egress: [{}]}", "[]", not);
    check("{policyTypes: [Ingress, Egress]}", "[]", "[]");
    check("{policyTypes: [Ingress, Ingress]}", "[]", not);
    check("{ingress: [{}]}", "[all on all]", not);
}

#[test]
fn reads_rules_as_the_api_server_decodes_them() {
    let not = "not spoken of";
    check("{ingress: [null]}", "[all on all]", not);
    check("{ingress: [{from: [], ports: []}]}", "[all on all]", not);
    check("{ingress: [{ports: [{}]}]}", "[all on TCP]", not);
    check("{ingress: [{ports: [null]}]}", "[all on TCP]", not);
    check(
        "{ingress: [{ports: [{port: 53, protocol: UDP}, {port: http}, {port: 1, endPort: 9, \
         protocol: SCTP}]}]}",
        "[all on UDP 53-53 | TCP http | SCTP 1-9]",
        not,
    );
    check(
        "{ingress: [{from: [{podSelector: {}}, {namespaceSelector: {}}]}]}",
        "[own {} | in {} {} on all]",
        not,
    );
    check(
        "{ingress: [{from: [{podSelector: {matchLabels: {a: b}}, namespaceSelector: \
         {matchExpressions: [{key: k, operator: In, values: [z, x, z]}]}}]}]}",
        "[in {k=x/z} {a=b} on all]",
        not,
    );
    check(
        "{ingress: [{from: [{podSelector: {}, namespaceSelector: null}]}]}",
        "[own {} on all]",
        not,
    );
    check(
        "{ingress: [{from: [{ipBlock: {cidr: 10.1.2.3/8, except: [10.2.0.0/16]}}, \
         {ipBlock: {cidr: 'fd00::/8'}}]}]}",
        "[10.0.0.0/8 except 10.2.0.0/16 | fd00::/8 on all]",
        not,
    );
    check(
        "{podSelector: {matchExpressions: [{key: a, operator: NotIn, values: ['']}, \
         {key: b, operator: Exists}, {key: c.d/e, operator: DoesNotExist, values: []}]}}",
        "[]",
        not,
    );
}

/// What the API server refuses, with the flaw that is named.
const FLAWS: &[(&str, &str)] = &[
    ("[]", "`spec`: it must be a map, not list"),
    (
        "{policyTypes: [ingress]}",
        "`spec.policyTypes[0]`: `ingress` is no policy type: there are `Ingress` and `Egress`",
    ),
    (
        "{policyTypes: [Ingress, Egress, Egress]}",
        "`spec.policyTypes`: there are more than two policy types",
    ),
    (
        "{policyTypes: Ingress}",
        "`spec.policyTypes`: it must be a list, not string",
    ),
    (
        "{ingress: {}}",
        "`spec.ingress`: it must be a list, not map",
    ),
    (
        "{ingress: [[]]}",
        "`spec.ingress[0]`: it must be a map, not list",
    ),
    (
        "{ingress: [{from: [{}]}]}",
        "`spec.ingress[0].from[0]`: a peer must say `podSelector`, `namespaceSelector` or \
             `ipBlock`",
    ),
    (
        "{ingress: [{from: [null]}]}",
        "`spec.ingress[0].from[0]`: a peer must say `podSelector`, `namespaceSelector` or \
             `ipBlock`",
    ),
    (
        "{egress: [{to: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}",
        "`spec.egress[0].to[0]`: `ipBlock` stands alone: no selector may stand beside it",
    ),
    (
        "{egress: [{to: [{ipBlock: {}}]}]}",
        "`spec.egress[0].to[0].ipBlock`: `cidr` is missing",
    ),
    (
        "{egress: [{to: [{ipBlock: {cidr: 10.0.0.1}}]}]}",
        "`spec.egress[0].to[0].ipBlock.cidr`: `10.0.0.1` is no block of addresses",
    ),
    (
        "{egress: [{to: [{ipBlock: {cidr: 10.0.0.0/33}}]}]}",
        "`spec.egress[0].to[0].ipBlock.cidr`: `10.0.0.0/33` is no block of addresses",
    ),
    (
        "{egress: [{to: [{ipBlock: {cidr: 010.0.0.0/8}}]}]}",
        "`spec.egress[0].to[0].ipBlock.cidr`: `010.0.0.0/8` is read in different ways: write \
             it without leading zeros, or as IPv4",
    ),
    (
        "{egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]}",
        "`spec.egress[0].to[0].ipBlock.except[0]`: `10.0.0.0/8` must lie inside of the block \
             and be smaller",
    ),
    (
        "{egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]}",
        "`spec.egress[0].to[0].ipBlock.except[0]`: `11.0.0.0/16` must lie inside of the block \
             and be smaller",
    ),
    (
        "{ingress: [{ports: [{protocol: tcp}]}]}",
        "`spec.ingress[0].ports[0].protocol`: `tcp` is no protocol: there are `TCP`, `UDP` \
             and `SCTP`",
    ),
    (
        "{ingress: [{ports: [{port: 0}]}]}",
        "`spec.ingress[0].ports[0].port`: 0 is no port: they go from 1 to 65535",
    ),
    (
        "{ingress: [{ports: [{port: '8080'}]}]}",
        "`spec.ingress[0].ports[0].port`: `8080` is no name of a port",
    ),
    (
        "{ingress: [{ports: [{port: 9, endPort: 8}]}]}",
        "`spec.ingress[0].ports[0].endPort`: `endPort` must not be less than `port`",
    ),
    (
        "{ingress: [{ports: [{port: http, endPort: 8}]}]}",
        "`spec.ingress[0].ports[0].endPort`: `endPort` needs a `port` that is a number",
    ),
    (
        "{ingress: [{ports: [{endPort: 8}]}]}",
        "`spec.ingress[0].ports[0].endPort`: `endPort` needs a `port` that is a number",
    ),
    (
        "{podSelector: {matchLabels: {a: 1}}}",
        "`spec.podSelector.matchLabels.a`: it must be a string, not int",
    ),
    (
        "{podSelector: {matchLabels: {a: 'x y'}}}",
        "`spec.podSelector.matchLabels.a`: `x y` is no value of a label",
    ),
    (
        "{podSelector: {matchExpressions: [{key: a, operator: In}]}}",
        "`spec.podSelector.matchExpressions[0].values`: `In` and `NotIn` need at least one \
             value",
    ),
    (
        "{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}",
        "`spec.podSelector.matchExpressions[0].values`: `Exists` and `DoesNotExist` take no \
             values",
    ),
    (
        "{podSelector: {matchExpressions: [{key: a, operator: Gt, values: ['1']}]}}",
        "`spec.podSelector.matchExpressions[0].operator`: `Gt` is no operator: there are \
             `In`, `NotIn`, `Exists` and `DoesNotExist`",
    ),
    (
        "{podSelector: {matchExpressions: [{operator: Exists}]}}",
        "`spec.podSelector.matchExpressions[0].key`: `` is no key of a label",
    ),
];

/// `kubernetes/kubernetes@release-1.36 pkg/apis/networking/validation/validation.go`.
#[test]
fn names_the_flaw_of_what_the_api_server_refuses() {
    for (yaml, flaw) in FLAWS {
        assert_eq!(
            spec(yaml).as_ref().map_err(String::as_str),
            Err(*flaw),
            "{yaml}"
        );
    }
}

/// `kubernetes/apimachinery@release-1.36 pkg/labels/selector.go`.
#[test]
fn selects_as_kubernetes_does() {
    let labels = Labels::new([("a", "1"), ("b", "")], UnknownKeys::These(&["u"]));
    let cases = [
        ("{}", Answer::Yes),
        ("{matchLabels: {a: '1'}}", Answer::Yes),
        ("{matchLabels: {a: '2'}}", Answer::No),
        ("{matchLabels: {b: ''}}", Answer::Yes),
        ("{matchLabels: {c: ''}}", Answer::No),
        ("{matchLabels: {a: '1', c: '1'}}", Answer::No),
        (
            "{matchExpressions: [{key: a, operator: In, values: ['2', '1']}]}",
            Answer::Yes,
        ),
        (
            "{matchExpressions: [{key: a, operator: NotIn, values: ['1']}]}",
            Answer::No,
        ),
        (
            "{matchExpressions: [{key: c, operator: NotIn, values: ['1']}]}",
            Answer::Yes,
        ),
        (
            "{matchExpressions: [{key: c, operator: In, values: ['']}]}",
            Answer::No,
        ),
        (
            "{matchExpressions: [{key: b, operator: Exists}]}",
            Answer::Yes,
        ),
        (
            "{matchExpressions: [{key: b, operator: DoesNotExist}]}",
            Answer::No,
        ),
        (
            "{matchExpressions: [{key: c, operator: DoesNotExist}]}",
            Answer::Yes,
        ),
        ("{matchLabels: {u: '1'}}", Answer::Maybe),
        (
            "{matchExpressions: [{key: u, operator: DoesNotExist}]}",
            Answer::Maybe,
        ),
        ("{matchLabels: {u: '1', a: '2'}}", Answer::No),
    ];
    for (yaml, expected) in cases {
        let spec = spec(&format!("{{podSelector: {yaml}}}")).expect("it has no flaw");
        assert_eq!(spec.pods.selects(&labels), expected, "{yaml}");
    }
}

#[test]
fn reads_a_pod_as_the_network_sees_it() {
    let found = read(
        "apiVersion: v1
kind: Pod
metadata:
  {name: web-5d8f-x, namespace: a, labels: {app: web, pod-template-hash: 5d8f, empty: null},
   ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d8f, controller: true}]}
spec:
  nodeName: n1
  serviceAccountName: runner
  initContainers:
  - {name: i, ports: [{name: gone, containerPort: 1}]}
  - {name: s, restartPolicy: Always, ports: [{name: side, containerPort: 15090}]}
  containers:
  - {name: c, ports: [{name: http, containerPort: 8080}, {containerPort: 9}]}
  - {name: d, ports: [{name: dns, containerPort: 53, protocol: UDP}]}
status: {phase: Running, podIP: 10.0.0.9, podIPs: [{ip: 10.0.0.9}, {ip: 'fd00::9'}]}
",
    );
    let [pod] = &*found.pods else {
        panic!("{found:?}")
    };
    let port = |name: &str, protocol, number| NamedPort {
        name: name.into(),
        protocol,
        number,
    };
    let expected = Pod {
        namespace: "a".into(),
        name: "web-5d8f-x".into(),
        workload: Owner {
            group: "apps".into(),
            kind: "Deployment".into(),
            name: "web".into(),
        },
        labels: Labels::new(
            [("app", "web"), ("pod-template-hash", "5d8f"), ("empty", "")],
            UnknownKeys::None,
        ),
        ports: [
            port("dns", Protocol::Udp, 53),
            port("http", Protocol::Tcp, 8080),
            port("side", Protocol::Tcp, 15090),
        ]
        .into(),
        host_network: false,
        node: Some("n1".into()),
        addresses: ["10.0.0.9".parse().unwrap(), "fd00::9".parse().unwrap()].into(),
        service_account: "runner".into(),
        place: pod.place.clone(),
    };
    assert_eq!(*pod, expected);
    assert_eq!(found.namespaces, [Namespace::unseen("a")]);
}

#[test]
fn leaves_out_pods_that_have_ended_and_templates_of_owned_objects() {
    let found = read(
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, status: {phase: Succeeded}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b}, status: {phase: Failed}}
---
{apiVersion: v1, kind: PodTemplate, metadata: {name: c}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  {name: web-1, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, controller: true}]}
---
apiVersion: batch/v1
kind: Job
metadata:
  {name: j-1, ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: j, controller: true}]}
---
apiVersion: v1
kind: Pod
metadata:
  {name: j-1-x, ownerReferences: [{apiVersion: batch/v1, kind: Job, name: j-1, controller: true}]}
",
    );
    let pods: Vec<String> = found
        .pods
        .iter()
        .map(|pod| format!("{} of {}", pod.name, pod.workload))
        .collect();
    assert_eq!(pods, ["j-1-x of CronJob/j"]);
}

#[test]
fn names_what_says_more_than_is_judged() {
    let found = read(
        "{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: a, namespace: ns}}
---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: b, namespace: ns}}
---
{apiVersion: v1, kind: Pod, metadata: {name: c, labels: [1]}}
---
{apiVersion: extensions/v1beta1, kind: NetworkPolicy, metadata: {name: d}}
",
    );
    let names = |list: &[NotJudged]| -> Vec<String> {
        list.iter().map(|item| item.object.to_string()).collect()
    };
    assert_eq!(names(&found.carriers), ["Service.serving.knative.dev ns/a"]);
    assert_eq!(
        names(&found.not_judged),
        ["CiliumNetworkPolicy.cilium.io ns/b"]
    );
    let flawed: Vec<String> = found
        .flawed
        .iter()
        .map(|flawed| format!("{}: {}", flawed.object, flawed.flaw))
        .collect();
    assert_eq!(
        flawed,
        [
            "Pod default/c: `metadata.labels`: it must be a map, not list",
            "NetworkPolicy.extensions default/d: `apiVersion`: the API version `v1beta1` is not \
             known",
        ]
    );
    assert_eq!(found.pods, []);
    let names: Vec<&str> = found.namespaces.iter().map(|found| &*found.name).collect();
    assert_eq!(names, ["default", "ns"]);
}

#[test]
fn remembers_lists_that_were_not_given() {
    let list = |kind: &str, outcome| List {
        group: String::new(),
        version: "v1".to_owned(),
        resource: kind.to_lowercase(),
        kind: kind.to_owned(),
        namespace: None,
        outcome,
    };
    let refused = list(
        "Pod",
        Listed::Refused {
            reason: String::new(),
        },
    );
    let mut builder = NetworkBuilder::default();
    builder.add_lists([&refused, &list("Node", Listed::NotServed)]);
    let expected = Unread {
        group: "".into(),
        kind: "Pod".into(),
        namespace: None,
    };
    assert_eq!(builder.build().unread, [expected]);
}

#[test]
fn reads_services_and_nodes() {
    let found = read(
        "apiVersion: v1
kind: Service
metadata: {name: s, namespace: a}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: http}, {port: 443, nodePort: 30443}]
---
{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {type: ExternalName, externalName: b.c}}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
spec: {podCIDR: 10.244.1.0/24, podCIDRs: [10.244.1.0/24, 'fd00:1::/64']}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}, {type: Hostname, address: n1}]}
",
    );
    let shown: Vec<String> = found
        .services
        .iter()
        .map(|service| {
            let ports: Vec<String> = service
                .ports
                .iter()
                .map(|port| format!("{}->{:?}@{:?}", port.number, port.target, port.node_port))
                .collect();
            format!(
                "{} {} {ports:?} {:?}",
                service.name, service.kind, service.external_name
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            r#"s ClusterIP ["80->Named(\"http\")@None", "443->Number(443)@Some(30443)"] None"#,
            r#"x ExternalName [] Some("b.c")"#,
        ]
    );
    let [node] = &*found.nodes else {
        panic!("{found:?}")
    };
    let ranges: Vec<String> = node.pod_ranges.iter().map(ToString::to_string).collect();
    assert_eq!(ranges, ["10.244.1.0/24", "fd00:1::/64"]);
    assert_eq!(
        *node.addresses,
        ["192.168.0.1".parse::<std::net::IpAddr>().unwrap()]
    );
}

#[test]
fn blocks_hold_their_first_and_last_address() {
    let cases = [
        ("10.0.0.0/8", "10.0.0.0", "10.255.255.255"),
        ("0.0.0.0/0", "0.0.0.0", "255.255.255.255"),
        ("1.2.3.4/32", "1.2.3.4", "1.2.3.4"),
        ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fd00::1/128", "fd00::1", "fd00::1"),
    ];
    for (text, first, last) in cases {
        let cidr = Cidr::parse(text).unwrap();
        assert_eq!(cidr.first().to_string(), first, "{text}");
        assert_eq!(cidr.last().to_string(), last, "{text}");
        assert!(cidr.contains(cidr.last()) && cidr.meets(&cidr) && !cidr.strictly_contains(&cidr));
    }
    for text in [
        "10.0.0.0/+8",
        "10.0.0.0/",
        "/8",
        "a/8",
        "1.2.3/8",
        "::ffff:1.2.3.4/128",
    ] {
        Cidr::parse(text).unwrap_err();
    }
}
