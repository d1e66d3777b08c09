//! `internal-event-target`: see the page beside this file.

use knight_facts::components;

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{Expr, Operand, all, item, not, object, unless},
};

pub(super) const CONTROL: Control = Control {
    id: "internal-event-target",
    title: "Events are sent to an address that nobody should reach",
    says: "sends events to an internal address",
    help: "Name the receiver by `ref`, or by the address of a service",
    severity: Severity::High,
    confidence: Confidence::Medium,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::ElevationOfPrivilege, Threat::InformationDisclosure],
    mappings: &["owasp/K07", "mitre/T1552.005"],
    yields_to: &[],
    page: include_str!("internal_event_target.md"),
    rule,
};

/// What stands before the host of a URL that leads inside.
///
/// The scheme may be missing: beside a `ref`, `//host/path` replaces the host of the `ref`.
const BEFORE: &str = "(?i)^([a-z][a-z0-9+.-]*:)?//([^/?#]*@)?";

/// Hosts of the loopback, of link-local and private addresses, and of the API server. A number is
/// an address too.
const HOSTS: &str = concat!(
    "localhost|[^/:?#]*\\.localhost",
    "|(127|10)(\\.[0-9]+){1,3}|0(\\.[0-9]+){0,3}|169\\.254(\\.[0-9]+){1,2}|192\\.168(\\.[0-9]+){1,2}",
    "|172\\.(1[6-9]|2[0-9]|3[01])(\\.[0-9]+){1,2}|[0-9]+|0x[0-9a-f]+",
    "|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])(\\.[0-9]+){1,2}|168\\.63\\.129\\.16",
    "|\\[[^]]*\\]",
    "|metadata(\\.google\\.internal|\\.goog)?|instance-data(\\.ec2\\.internal)?",
    "|kubernetes(\\.default(\\.svc(\\.[a-z0-9.-]*)?)?)?",
);

/// A host that is not written in ASCII: digits of other scripts become those of an address before
/// the host is called.
const FOREIGN: &str = "^([A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*[^ -~]";

/// Returns the pattern of URLs that lead inside: to one of [`HOSTS`], to a Service in a namespace
/// of the system, or to a port without a host.
fn internal() -> String {
    let namespaces = components::system_namespaces().iter();
    let namespaces: Vec<&str> = namespaces.map(|row| row.name.as_str()).collect();
    let namespaces = namespaces.join("|");
    let service = format!("[a-z0-9.-]+\\.({namespaces})(\\.svc(\\.[a-z0-9.-]*)?)?");
    format!("{BEFORE}(:[0-9]*([/?#].*)?|({HOSTS}|{service})\\.?([:/?#].*)?)$")
}

/// Returns the pattern of addresses that the controllers of Eventing write themselves into
/// Subscriptions and Channels.
fn own() -> String {
    let services = components::own_components().flat_map(|row| {
        let own = row.services.iter().filter(|service| service.event_address);
        own.map(|service| format!("{}\\.{}", service.name, row.namespace))
    });
    let services: Vec<String> = services.collect();
    let services = services.join("|");
    format!("^https?://({services})\\.svc(\\.[a-z0-9.-]*)?(:[0-9]+)?(/.*)?$")
}

fn rule() -> Rule {
    let (own, internal) = (own(), internal());
    let outside = |uri| outside(uri, &own, &internal);
    let fields = [
        object("spec.deadLetterSink.uri"),
        object("spec.delivery.deadLetterSink.uri"),
        object("spec.reply.uri"),
        object("spec.sink.uri"),
        object("spec.subscriber.uri"),
        object("spec.channelTemplate.spec.delivery.deadLetterSink.uri"),
    ];
    let mut holds: Vec<Expr> = fields.map(outside).into();
    let steps = object("spec.steps").items();
    holds.push(steps.every(all([
        outside(item("uri")),
        outside(item("delivery.deadLetterSink.uri")),
    ])));
    let branches = object("spec.branches").items();
    holds.push(branches.every(all([
        outside(item("delivery.deadLetterSink.uri")),
        outside(item("filter.uri")),
        outside(item("reply.uri")),
        outside(item("subscriber.uri")),
    ])));
    // Subscriptions are resolved to these, and who may write a Channel writes them without one.
    let subscribers = object("spec.subscribers").items();
    holds.push(subscribers.every(all([
        outside(item("delivery.deadLetterSink.uri")),
        outside(item("replyUri")),
        outside(item("subscriberUri")),
    ])));
    Rule::objects(
        &[
            ("eventing.knative.dev", "Broker"),
            ("eventing.knative.dev", "Trigger"),
            ("flows.knative.dev", "Parallel"),
            ("flows.knative.dev", "Sequence"),
            ("messaging.knative.dev", "Channel"),
            ("messaging.knative.dev", "InMemoryChannel"),
            ("messaging.knative.dev", "KafkaChannel"),
            ("messaging.knative.dev", "Subscription"),
            ("sources.knative.dev", "KafkaSource"),
            ("sources.knative.dev", "PingSource"),
        ],
        all(holds),
    )
}

/// A URL that is absent, a path below a `ref`, Eventing's own, or leads elsewhere.
fn outside(uri: Operand, own: &str, internal: &str) -> Expr {
    unless(
        uri.clone().matches(own.to_owned()),
        all([
            not(uri.clone().matches(internal.to_owned()))
                .label("the components of Eventing that all tenants share call it"),
            not(uri.matches(FOREIGN))
                .label("its host is not ASCII, and may turn into an address when it is called"),
        ]),
    )
}
