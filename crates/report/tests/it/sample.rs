//! A report with something of everything, and ways to write it.

use std::{borrow::Cow, sync::Arc};

use knight_controls::{
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Safety, Severity, Threat},
    finding::{
        Basis, Claim, Effect, ExceptionNote, Finding, FindingVerdict, Fix, Folded, NotJudged,
        NotJudgedReason, Owner, Report, Summary, Suppressed, SuppressedBy, Unread, WhyUnread,
    },
    identity::Fingerprint,
    rule::{RemedyChange, all, pod},
    upgrade::{ApiGone, SettingChange, SettingChanged, Upgrade},
};
use knight_facts::{
    KnativeVersion, KubernetesMinor,
    settings::{Component, settings_of},
};
use knight_model::{
    load::{Problem, ProblemKind},
    object::ObjectRef,
    path::FieldPath,
    place::Place,
    source::{Position, Span},
};
use knight_report::{Format, MaskedFiles, Options, Replacement, Sources};

pub(crate) const PRIVILEGED: Control = Control {
    id: "privileged",
    title: "A container has every right on its node",
    says: "is privileged",
    help: "Remove `privileged`",
    severity: Severity::Critical,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege],
    mappings: &["pss/baseline", "cis/5.2.1"],
    yields_to: &[],
    page: "# privileged\n\n## What it finds\n\nContainers that are\nprivileged.\n",
    rule: || Rule::pods(pod("privileged").absent_or_equals(false)),
};

pub(crate) const SHARED_NETWORK: Control = Control {
    id: "shared-network",
    title: "A workload shares the node's network",
    says: "shares the node's network",
    help: "Remove `hostNetwork`",
    severity: Severity::High,
    threats: &[Threat::Spoofing, Threat::InformationDisclosure],
    mappings: &["pss/baseline"],
    page: "",
    ..PRIVILEGED
};

pub(crate) const GATE_OPEN: Control = Control {
    id: "gate-open",
    title: "A feature gate lets workloads ask for the node",
    says: "lets every workload share the node's network",
    help: "Set the flag to `disabled`",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Platform,
    mappings: &[],
    rule: || Rule::objects(&[("", "ConfigMap")], all([])),
    ..SHARED_NETWORK
};

pub(crate) const LOOSE_TAG: Control = Control {
    id: "loose-tag",
    title: "An image can change under its name",
    says: "has an image without a digest",
    help: "Name the image by its digest",
    severity: Severity::Info,
    confidence: Confidence::Low,
    ..PRIVILEGED
};

const CART: &str = "\
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  template:
    spec:
      hostNetwork: true
      containers:
      - image: example.com/cart
        env:
        - {name: TOKEN, value: ******}
        securityContext: {privileged: true}
";

const SETTINGS: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: config-features, namespace: knative-serving}
data:
\tkubernetes.podspec-hostnetwork: enabled # größer
";

/// Texts with one fix in them.
#[derive(Debug)]
pub(crate) struct Texts {
    files: MaskedFiles,
}

impl Texts {
    pub(crate) fn new() -> Self {
        let mut files = MaskedFiles::default();
        files.insert("apps/cart.yaml", CART);
        files.insert("platform/settings.yaml", SETTINGS);
        Self { files }
    }
}

impl Sources for Texts {
    fn line(&self, file: &str, line: u32) -> Option<Cow<'_, str>> {
        self.files.line(file, line)
    }

    fn replacements(&self, finding: &Finding) -> Option<Vec<Replacement>> {
        let place = place(&finding.place.file, 12, 9, 12, 43);
        finding.fix.as_ref().map(|_| {
            vec![Replacement {
                place,
                text: "{}".to_owned(),
            }]
        })
    }
}

pub(crate) fn place(file: &str, line: u32, column: u32, end_line: u32, end: u32) -> Place {
    Place {
        file: Arc::from(file),
        span: Span::default(),
        start: Position { line, column },
        end: Position {
            line: end_line,
            column: end,
        },
    }
}

pub(crate) fn service(namespace: &str, name: &str) -> ObjectRef {
    ObjectRef {
        group: "serving.knative.dev".into(),
        kind: "Service".into(),
        namespace: Some(namespace.into()),
        name: name.into(),
        version: "v1".into(),
    }
}

pub(crate) fn finding(control: &'static Control, object: ObjectRef, place: Place) -> Finding {
    Finding {
        control,
        severity: control.severity,
        audience: control.audience.resolve(false),
        effect: Effect::Live,
        verdict: FindingVerdict::Fail,
        message: format!("{object} {}", control.says),
        label: "this is why".into(),
        object: object.into(),
        path: FieldPath::from_dotted("spec.template.spec"),
        place,
        origin: None,
        fix: None,
        written_by: None,
        folded: Folded::default(),
        fingerprint: Fingerprint::default(),
    }
}

pub(crate) fn empty() -> Report {
    Report {
        basis: Basis {
            profiles: vec![Profile::Shared],
            audience: None,
            knative: KnativeVersion::new(1, 23),
            knative_from: "the newest known".to_owned(),
            kubernetes: KubernetesMinor(36),
            kubernetes_from: "--k8s-version".to_owned(),
            controls: vec![&PRIVILEGED, &SHARED_NETWORK, &GATE_OPEN],
        },
        summary: Summary::default(),
        findings: Vec::new(),
        upgrade: None,
        problems: Vec::new(),
        unread: Vec::new(),
        not_judged: Vec::new(),
        suppressed: Vec::new(),
        exceptions: Vec::new(),
        claims: Vec::new(),
        notes: Vec::new(),
    }
}

/// A report of objects that were judged and have nothing wrong.
pub(crate) fn nothing_found() -> Report {
    let summary = Summary {
        files: 2,
        documents: 31,
        objects: 33,
        judged: 33,
        ..Summary::default()
    };
    Report { summary, ..empty() }
}

pub(crate) fn full() -> Report {
    let problem = |line, kind, reason: &str| Problem {
        file: "broken.yaml".into(),
        line,
        column: 5,
        kind,
        reason: reason.to_owned(),
    };
    Report {
        summary: Summary {
            files: 6,
            ignored: 1,
            documents: 12,
            objects: 13,
            judged: 10,
            not_judged: 3,
            findings: 4,
            unknown: 1,
            suppressed: 2,
            problems: 2,
            ..Summary::default()
        },
        findings: findings(),
        problems: vec![
            problem(
                2,
                ProblemKind::Syntax,
                "a value starts where a key must stand",
            ),
            problem(
                9,
                ProblemKind::DuplicateKey,
                "this key is already set at line 8, column 5",
            ),
        ],
        not_judged: vec![
            NotJudged {
                api_version: "example.com/v1".to_owned(),
                kind: "Widget".to_owned(),
                reason: NotJudgedReason::UnknownKind,
                count: 2,
                first: place("apps/widget.yaml", 1, 1, 4, 1),
            },
            NotJudged {
                api_version: "v1".to_owned(),
                kind: "LimitRange".to_owned(),
                reason: NotJudgedReason::NoControl,
                count: 1,
                first: place("apps/cart.yaml", 20, 1, 24, 1),
            },
        ],
        suppressed: suppressed(),
        exceptions: vec![ExceptionNote {
            place: place("knight.yaml", 3, 5, 3, 20),
            message: "the exception for `gate-open` matches no finding".to_owned(),
        }],
        notes: vec!["`loose-tag` did not judge: it needs the parameter `x`".to_owned()],
        ..empty()
    }
}

fn findings() -> Vec<Finding> {
    vec![
        Finding {
            path: {
                let mut path = FieldPath::from_dotted("spec.template.spec.containers");
                path.push_item(0, Some("user-container"));
                path.key("securityContext").key("privileged")
            },
            fix: Some(Fix {
                safety: Safety::Unsafe,
                document: 0,
                path: FieldPath::new().key("privileged"),
                change: RemedyChange::Remove,
            }),
            ..finding(
                &PRIVILEGED,
                service("shop", "cart"),
                place("apps/cart.yaml", 12, 27, 12, 43),
            )
        },
        Finding {
            effect: Effect::RefusedByWebhook,
            ..finding(
                &SHARED_NETWORK,
                service("shop", "cart"),
                place("apps/cart.yaml", 7, 20, 7, 24),
            )
        },
        Finding {
            audience: Owner::Platform,
            object: ObjectRef {
                group: "".into(),
                kind: "ConfigMap".into(),
                namespace: Some("knative-serving".into()),
                name: "config-features".into(),
                version: "v1".into(),
            }
            .into(),
            message: "ConfigMap knative-serving/config-features opens the gate".to_owned(),
            path: FieldPath::from_dotted("data").key("kubernetes.podspec-hostnetwork"),
            fix: Some(Fix {
                safety: Safety::Safe,
                document: 0,
                path: FieldPath::new().key("flag"),
                change: RemedyChange::SetText("disabled".to_owned()),
            }),
            ..finding(
                &GATE_OPEN,
                service("a", "b"),
                place("platform/settings.yaml", 5, 34, 6, 1),
            )
        },
        Finding {
            verdict: FindingVerdict::Unknown,
            label: "a string where a boolean must stand".into(),
            message: "whether Service shop/old is privileged cannot be told".to_owned(),
            ..finding(
                &PRIVILEGED,
                service("shop", "old"),
                place("apps/old.yaml", 3, 1, 3, 9),
            )
        },
        Finding {
            origin: Some("Knative's own default".into()),
            object: ObjectRef {
                namespace: None,
                ..service("", "loose")
            }
            .into(),
            ..finding(
                &LOOSE_TAG,
                service("shop", "loose"),
                place("apps/cart.yaml", 9, 9, 10, 13),
            )
        },
    ]
}

fn suppressed() -> Vec<Suppressed> {
    vec![
        Suppressed {
            finding: finding(
                &PRIVILEGED,
                service("ci", "build"),
                place("ci.yaml", 4, 3, 4, 9),
            ),
            reason: "builds images, on nodes of its own".to_owned(),
            by: SuppressedBy::Comment(place("ci.yaml", 3, 1, 3, 40)),
        },
        Suppressed {
            finding: finding(
                &LOOSE_TAG,
                service("ci", "build"),
                place("ci.yaml", 9, 3, 9, 9),
            ),
            reason: "known when the baseline was written".to_owned(),
            by: SuppressedBy::Baseline,
        },
    ]
}

/// The full report with 2,999 more objects of one cause.
/// A report by a version that is newer than the installed one, with some of each change.
pub(crate) fn upgraded() -> Report {
    let mut report = full();
    let config_map = settings_of(Component::Serving, "config-observability").expect("a fact");
    let setting = |key, place, change| SettingChange {
        config_map,
        setting: config_map.setting(key).expect("a fact"),
        place,
        change,
    };
    let new = report.findings[0].clone();
    let milder = Finding {
        severity: Severity::Low,
        ..new.clone()
    };
    report.upgrade = Some(Box::new(Upgrade {
        installed: KnativeVersion::new(1, 18),
        place: place("platform/serving.yaml", 5, 3, 5, 9),
        planned: KnativeVersion::new(1, 23),
        needs_kubernetes: Some(KubernetesMinor(34)),
        kubernetes_too_old: Some(KubernetesMinor(32)),
        appeared: vec![new.clone()],
        changed: vec![(milder, new)],
        gone: vec![report.findings[1].clone()],
        settings: vec![
            setting(
                "metrics.backend-destination",
                Some(place("platform/settings.yaml", 7, 3, 7, 9)),
                SettingChanged::Gone,
            ),
            setting(
                "metrics-protocol",
                None,
                SettingChanged::Added {
                    holds: Some("none".into()),
                },
            ),
            setting(
                "tracing-protocol",
                Some(place("platform/settings.yaml", 8, 3, 8, 9)),
                SettingChanged::Value {
                    before: Some("none".into()),
                    after: Some("grpc".into()),
                },
            ),
        ],
        apis: vec![ApiGone {
            api_version: "messaging.knative.dev/v1alpha1".to_owned(),
            kind: "KafkaChannel".into(),
            objects: 3,
            first: place("apps/channel.yaml", 1, 1, 1, 9),
            since: KnativeVersion::new(1, 19),
            replacement: Some("messaging.knative.dev/v1beta1".to_owned()),
            same_schema: true,
        }],
    }));
    report
}

pub(crate) fn many() -> Report {
    let mut report = full();
    let more = (1..3_000).map(|number| Finding {
        effect: Effect::RefusedByWebhook,
        ..finding(
            &SHARED_NETWORK,
            service("shop", &format!("cart-{number}")),
            place(&format!("apps/{number}.yaml"), 7, 20, 7, 24),
        )
    });
    report.findings.extend(more);
    report.summary.findings += 2_999;
    report
}

/// A report of a cluster: hostile workloads of tenants beside settings and what vendors run.
pub(crate) fn cluster() -> Report {
    let spec = |kind: &str| {
        let mut path = FieldPath::from_dotted(kind);
        path.push_item(0, Some("app"));
        path.key("securityContext").key("privileged")
    };
    let in_cluster = |control, object: ObjectRef| Finding {
        path: spec("spec.template.spec.containers"),
        ..finding(control, object.clone(), of_cluster(&object))
    };
    let tenants = (0..12).map(|number| Finding {
        folded: Folded {
            findings: 4,
            objects: 4,
        },
        ..in_cluster(
            &PRIVILEGED,
            service(&format!("team-{}", number % 5), &format!("miner-{number}")),
        )
    });
    let features = ObjectRef {
        group: "".into(),
        kind: "ConfigMap".into(),
        namespace: Some("knative-serving".into()),
        name: "config-features".into(),
        version: "v1".into(),
    };
    let operator = ObjectRef {
        group: "operator.knative.dev".into(),
        kind: "KnativeServing".into(),
        name: "knative-serving".into(),
        version: "".into(),
        ..features.clone()
    };
    let setting = Finding {
        audience: Owner::Platform,
        path: FieldPath::from_dotted("data").key("kubernetes.podspec-hostnetwork"),
        written_by: Some(operator.into()),
        ..finding(&GATE_OPEN, features.clone(), of_cluster(&features))
    };
    let vendors = ["kube-system", "kourier-system"].map(|namespace| Finding {
        audience: Owner::Platform,
        ..in_cluster(&PRIVILEGED, service(namespace, "proxy"))
    });
    let unread = |namespace: Option<&str>, why, controls| Unread {
        group: String::new(),
        resource: "configmaps".to_owned(),
        kind: "ConfigMap".to_owned(),
        namespace: namespace.map(str::to_owned),
        why,
        reason: "configmaps is forbidden".to_owned(),
        controls,
    };
    let web = service("team-1", "web");
    Report {
        summary: Summary {
            documents: 20_000,
            objects: 20_000,
            from_cluster: 20_000,
            kinds: 34,
            judged: 19_000,
            not_judged: 1_000,
            findings: 15,
            folded: 48,
            ..Summary::default()
        },
        findings: tenants.chain([setting]).chain(vendors).collect(),
        problems: vec![Problem {
            file: "team-1/Service.serving.knative.dev/web".into(),
            line: 0,
            column: 0,
            kind: ProblemKind::DuplicateKey,
            reason: "this key is already set".to_owned(),
        }],
        unread: vec![
            unread(None, WhyUnread::Failed, vec![]),
            unread(
                Some("knative-serving"),
                WhyUnread::Refused,
                vec![&GATE_OPEN],
            ),
        ],
        not_judged: vec![NotJudged {
            api_version: "v1".to_owned(),
            kind: "Lease".to_owned(),
            reason: NotJudgedReason::NoControl,
            count: 1_000,
            first: of_cluster(&service("a", "b")),
        }],
        claims: vec![Claim {
            control: "privileged".to_owned(),
            place: of_cluster(&web),
            object: web,
            reason: "we need it".to_owned(),
        }],
        ..empty()
    }
}

/// Returns the place of anything in an object of a cluster.
fn of_cluster(object: &ObjectRef) -> Place {
    let dot = if object.group.is_empty() { "" } else { "." };
    let ObjectRef {
        group, kind, name, ..
    } = object;
    let namespace = object.namespace.as_deref().unwrap_or_default();
    place(
        &format!("{namespace}/{kind}{dot}{group}/{name}"),
        0,
        0,
        0,
        0,
    )
}

pub(crate) fn written(format: Format, report: &Report) -> String {
    written_with(format, report, &Options::default())
}

pub(crate) fn written_with(format: Format, report: &Report, options: &Options) -> String {
    let mut out = Vec::new();
    knight_report::write(format, report, &Texts::new(), options, &mut out)
        .expect("memory takes every byte");
    String::from_utf8(out).expect("every format is UTF-8")
}
