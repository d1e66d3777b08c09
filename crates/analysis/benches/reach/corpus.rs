//! Clusters of a given shape and size, always the same ones.
//!
//! | name | shape |
//! |---|---|
//! | `templated` | namespaces made from one template: 10 pods in 4 sorts, 8 policies; 3 pods of the system |
//! | `unique` | pods with a label of their own each, and policies for every tenth |
//! | `small` | many namespaces with 4 pods and 3 policies |
//! | `crowded` | one namespace with as many policies as pods |
//! | `paired` | a policy for each pod that lets in one other pod |
//! | `blocks` | one policy with many blocks of addresses, each with an exception |
//! | `planted` | `templated`, and one flow from one tenant to another |

use std::{net::IpAddr, sync::Arc};

use knight_model::{
    network::{
        Block, Cidr, LabelTest, Labels, NAMESPACE_NAME_LABEL, NamedPort, Namespace, NetworkObjects,
        Owner, Peer, Pod, Policy, PolicySpec, PortRule, Ports, Protocol, Requirement, Rule,
        Selector, UnknownKeys,
    },
    place::Place,
    source::{Position, Span},
};

/// Makes the cluster of a name and a size.
pub(crate) fn named(name: &str, size: usize) -> Option<NetworkObjects> {
    Some(match name {
        "templated" => templated(size),
        "unique" => unique(size),
        "small" => small(size),
        "crowded" => crowded(size),
        "paired" => paired(size),
        "blocks" => blocks(size),
        "planted" => planted(size),
        _ => return None,
    })
}

/// Makes tenants from one template.
pub(crate) fn templated(tenants: usize) -> NetworkObjects {
    let mut made = Maker::default();
    for (namespace, name, app) in [
        ("knative-serving", "activator", "activator"),
        ("kourier-system", "gateway", "3scale-kourier-gateway"),
        ("kube-system", "coredns", "kube-dns"),
    ] {
        made.namespace(namespace, &[("tier", "system")]);
        made.pod(namespace, name, &[("app", app)], &[]);
    }
    for tenant in 0..tenants {
        let namespace = format!("tenant-{tenant:05}");
        made.namespace(&namespace, &[("tenant", &namespace)]);
        for pod in 0..10 {
            let app = ["web", "api", "worker", "cache"][pod % 4];
            let ports = [("http", 8080), ("metrics", 9090)];
            made.pod(&namespace, &format!("{app}-{pod}"), &[("app", app)], &ports);
        }
        for (name, spec) in template() {
            made.policy(&namespace, name, spec);
        }
    }
    made.finish()
}

/// The eight policies of a tenant.
fn template() -> Vec<(&'static str, PolicySpec)> {
    let everything = Selector::default;
    let denied = |ingress: bool, egress: bool| PolicySpec {
        pods: everything(),
        ingress: ingress.then(Box::default),
        egress: egress.then(Box::default),
    };
    let in_namespace = |name: &str, app: &str| Peer::Namespaces {
        namespaces: selector(&[(NAMESPACE_NAME_LABEL, name)]),
        pods: selector(&[("app", app)]),
    };
    let own = || rule(vec![Peer::Own(everything())], vec![]);
    let port = |protocol, number| PortRule {
        protocol,
        ports: Ports::Range(number, number),
    };
    let named = PortRule {
        protocol: Protocol::Tcp,
        ports: Ports::Named("http".into()),
    };
    let block = |cidr: &str, except: &str| {
        Peer::Block(Block {
            cidr: Cidr::parse(cidr).expect("it is a block"),
            except: [Cidr::parse(except).expect("it is a block")].into(),
        })
    };
    let outside = vec![
        block("0.0.0.0/0", "10.0.0.0/8"),
        block("172.16.0.0/12", "172.16.99.0/24"),
        block("192.168.0.0/16", "192.168.7.0/24"),
        block("203.0.113.0/24", "203.0.113.128/25"),
    ];
    vec![
        ("deny-ingress", denied(true, false)),
        ("deny-egress", denied(false, true)),
        (
            "own-ingress",
            PolicySpec {
                ingress: Some([own()].into()),
                ..PolicySpec::default()
            },
        ),
        (
            "own-egress",
            PolicySpec {
                egress: Some([own()].into()),
                ..PolicySpec::default()
            },
        ),
        (
            "dns",
            PolicySpec {
                egress: Some(
                    [rule(
                        vec![in_namespace("kube-system", "kube-dns")],
                        vec![port(Protocol::Udp, 53), port(Protocol::Tcp, 53)],
                    )]
                    .into(),
                ),
                ..PolicySpec::default()
            },
        ),
        (
            "knative",
            PolicySpec {
                ingress: Some(
                    [rule(
                        vec![
                            in_namespace("knative-serving", "activator"),
                            in_namespace("kourier-system", "3scale-kourier-gateway"),
                        ],
                        vec![port(Protocol::Tcp, 8012), port(Protocol::Tcp, 8112), named],
                    )]
                    .into(),
                ),
                ..PolicySpec::default()
            },
        ),
        (
            "outside",
            PolicySpec {
                pods: selector(&[("app", "api")]),
                egress: Some([rule(outside, vec![port(Protocol::Tcp, 443)])].into()),
                ..PolicySpec::default()
            },
        ),
        (
            "cache",
            PolicySpec {
                pods: selector(&[("app", "cache")]),
                ingress: Some(
                    [rule(
                        vec![Peer::Own(selector(&[("app", "api")]))],
                        vec![port(Protocol::Tcp, 6379)],
                    )]
                    .into(),
                ),
                ..PolicySpec::default()
            },
        ),
    ]
}

/// Makes tenants from one template, and lets one of them reach another.
pub(crate) fn planted(tenants: usize) -> NetworkObjects {
    let mut objects = templated(tenants);
    let (from, to) = (tenants / 3, tenants - 1);
    let (from, to) = (format!("tenant-{from:05}"), format!("tenant-{to:05}"));
    let towards = |name: &str, app: &str| {
        let peer = Peer::Namespaces {
            namespaces: selector(&[("tenant", name)]),
            pods: selector(&[("app", app)]),
        };
        let ports = Ports::Range(6379, 6379);
        let port = PortRule {
            protocol: Protocol::Tcp,
            ports,
        };
        Some(Box::from([rule(vec![peer], vec![port])]))
    };
    let out = PolicySpec {
        pods: selector(&[("app", "worker")]),
        egress: towards(&to, "cache"),
        ..PolicySpec::default()
    };
    let into = PolicySpec {
        pods: selector(&[("app", "cache")]),
        ingress: towards(&from, "worker"),
        ..PolicySpec::default()
    };
    objects
        .policies
        .push(Policy::new(&from, "planted", nowhere(), out));
    objects
        .policies
        .push(Policy::new(&to, "planted", nowhere(), into));
    sort(&mut objects);
    objects
}

/// Makes pods of which each has a label of its own.
pub(crate) fn unique(pods: usize) -> NetworkObjects {
    let mut made = Maker::default();
    for number in 0..pods {
        let namespace = format!("team-{:05}", number / 100);
        if number % 100 == 0 {
            made.namespace(&namespace, &[]);
            made.policy(&namespace, "deny", PolicySpec::nothing());
        }
        let app = format!("app-{number:06}");
        made.pod(&namespace, &app, &[("app", &app)], &[]);
        if number % 10 == 0 {
            let spec = PolicySpec {
                pods: selector(&[("app", &app)]),
                ingress: Some([rule(vec![Peer::Own(Selector::default())], vec![])].into()),
                ..PolicySpec::default()
            };
            made.policy(&namespace, &app, spec);
        }
    }
    made.finish()
}

/// Makes many namespaces with few pods.
pub(crate) fn small(namespaces: usize) -> NetworkObjects {
    let mut made = Maker::default();
    for number in 0..namespaces {
        let namespace = format!("ns-{number:05}");
        made.namespace(&namespace, &[]);
        for pod in 0..4 {
            made.pod(
                &namespace,
                &format!("p{pod}"),
                &[("app", ["a", "b"][pod % 2])],
                &[],
            );
        }
        made.policy(&namespace, "deny", PolicySpec::nothing());
        for (name, app, other) in [("a", "a", "b"), ("b", "b", "a")] {
            let spec = PolicySpec {
                pods: selector(&[("app", app)]),
                ingress: Some([rule(vec![Peer::Own(selector(&[("app", other)]))], vec![])].into()),
                ..PolicySpec::default()
            };
            made.policy(&namespace, name, spec);
        }
    }
    made.finish()
}

/// Makes one namespace with as many policies as pods.
pub(crate) fn crowded(pods: usize) -> NetworkObjects {
    let mut made = Maker::default();
    made.namespace("crowd", &[]);
    one_each(&mut made, "crowd", 0..pods);
    made.finish()
}

/// Makes a policy for each pod, a hundred pods in a namespace.
pub(crate) fn paired(pods: usize) -> NetworkObjects {
    let mut made = Maker::default();
    for first in (0..pods).step_by(100) {
        let namespace = format!("pairs-{:05}", first / 100);
        made.namespace(&namespace, &[]);
        one_each(&mut made, &namespace, first..(first + 100).min(pods));
    }
    made.finish()
}

/// Makes pods, each with a policy that lets in the next one.
fn one_each(made: &mut Maker, namespace: &str, pods: std::ops::Range<usize>) {
    for number in pods {
        let app = format!("app-{number:06}");
        let next = format!("app-{:06}", number + 1);
        made.pod(namespace, &app, &[("app", &app)], &[]);
        let spec = PolicySpec {
            pods: selector(&[("app", &app)]),
            ingress: Some([rule(vec![Peer::Own(selector(&[("app", &next)]))], vec![])].into()),
            ..PolicySpec::default()
        };
        made.policy(namespace, &app, spec);
    }
}

/// Makes one policy with many blocks.
pub(crate) fn blocks(count: usize) -> NetworkObjects {
    let mut made = Maker::default();
    made.namespace("edge", &[]);
    for number in 0..10 {
        made.pod("edge", &format!("proxy-{number}"), &[("app", "proxy")], &[]);
    }
    let block = |number: usize| {
        let number = u8::try_from(number % 250).unwrap_or_default();
        let part = |of: usize| u8::try_from(of % 256).unwrap_or_default();
        (number, part)
    };
    let peers = (0..count).map(|number| {
        let (low, part) = block(number);
        let (high, middle) = (part(11 + number / 62_500), part(number / 250));
        let cidr = |prefix| Cidr::new(IpAddr::from([high, middle, low, 0]), prefix);
        Peer::Block(Block {
            cidr: cidr(24).expect("it is a block"),
            except: [cidr(28).expect("it is a block")].into(),
        })
    });
    let spec = PolicySpec {
        ingress: Some([rule(peers.collect(), vec![])].into()),
        ..PolicySpec::default()
    };
    made.policy("edge", "blocks", spec);
    made.finish()
}

#[derive(Default)]
struct Maker {
    objects: NetworkObjects,
}

impl Maker {
    fn namespace(&mut self, name: &str, labels: &[(&str, &str)]) {
        let mut all = vec![(NAMESPACE_NAME_LABEL, name)];
        all.extend(labels);
        self.objects.namespaces.push(Namespace {
            name: name.into(),
            labels: Labels::new(all, UnknownKeys::None),
            place: Some(nowhere()),
        });
    }

    fn pod(&mut self, namespace: &str, name: &str, labels: &[(&str, &str)], ports: &[(&str, u16)]) {
        let number = u32::try_from(self.objects.pods.len()).unwrap_or_default();
        let ports = ports.iter().map(|(name, number)| NamedPort {
            name: (*name).into(),
            protocol: Protocol::Tcp,
            number: *number,
        });
        self.objects.pods.push(Pod {
            namespace: namespace.into(),
            name: name.into(),
            workload: Owner {
                group: "".into(),
                kind: "Pod".into(),
                name: name.into(),
            },
            labels: Labels::new(labels.iter().copied(), UnknownKeys::None),
            ports: ports.collect(),
            host_network: false,
            node: None,
            addresses: [IpAddr::V4((0x0a00_0001 + number).into())].into(),
            service_account: "".into(),
            place: nowhere(),
        });
    }

    fn policy(&mut self, namespace: &str, name: &str, spec: PolicySpec) {
        self.objects
            .policies
            .push(Policy::new(namespace, name, nowhere(), spec));
    }

    fn finish(self) -> NetworkObjects {
        let mut objects = self.objects;
        sort(&mut objects);
        objects
    }
}

fn sort(objects: &mut NetworkObjects) {
    objects.namespaces.sort_by(|a, b| a.name.cmp(&b.name));
    objects
        .pods
        .sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
    objects
        .policies
        .sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
}

fn selector(labels: &[(&str, &str)]) -> Selector {
    Selector::new(labels.iter().map(|(key, value)| Requirement {
        key: (*key).into(),
        test: LabelTest::In([(*value).into()].into()),
    }))
}

fn rule(peers: Vec<Peer>, ports: Vec<PortRule>) -> Rule {
    Rule {
        peers: (!peers.is_empty()).then(|| peers.into()),
        ports: (!ports.is_empty()).then(|| ports.into()),
    }
}

fn nowhere() -> Place {
    let start = Position { line: 0, column: 0 };
    Place {
        file: Arc::from("corpus"),
        span: Span::default(),
        start,
        end: start,
    }
}
