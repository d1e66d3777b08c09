//! The chapter on flows, which follows from the facts.

use std::fmt::Write as _;

use knight_facts::{
    Range,
    components::{
        self, Account, Component, Condition, Derived, Endpoints, Port, Protocol, UserPorts, Value,
    },
    flows::{Between, Flow, Party, Ports, Verdict, flows},
};

const INTRODUCTION: &str = "# Flows

Who must reach whom for Knative to work, and who must never where tenants do not trust each other.
It is what policies are to be generated from and what isolation is to be proved against.

Ports are those **of the pods**: a NetworkPolicy sees traffic after the address of a Service was
resolved. A name behind a number is that of the port in the pod. Where a port is open only under a
condition, the [condition](#conditions) stands beside it; a flow with conditions of its own is
needed only when all of them hold. A flow is needed only where both of its ends are installed. Rows
with the same number serve one purpose. What could not be held against code or a manifest says so.

The data, with the versions that it holds for, are `crates/facts/data/flows.toml` and
`components.toml`.
";

/// Returns the chapter.
pub(super) fn chapter() -> String {
    let mut text = INTRODUCTION.to_owned();
    matrix(
        &mut text,
        Verdict::MustAllow,
        "What must be reachable",
        "needed for",
    );
    matrix(
        &mut text,
        Verdict::MustNever,
        "What must never be reachable",
        "why",
    );
    listed(&mut text);
    derived(&mut text);
    served(&mut text);
    conditions(&mut text);
    namespaces(&mut text);
    text
}

fn matrix(text: &mut String, verdict: Verdict, title: &str, why: &str) {
    let _ = write!(
        text,
        "\n## {title}\n\n| row | flow | from | to | ports | {why} | source |\n\
        |---|---|---|---|---|---|---|\n"
    );
    let flows = flows().iter().filter(|flow| flow.verdict == verdict);
    let flows: Vec<&Flow> = flows.collect();
    for alike in flows.chunk_by(|one, next| one.id == next.id) {
        // Every pair of `from` and `to` is there; the first `to` comes with each `from`.
        let Some(first) = alike.first() else { continue };
        let from = alike.iter().filter(|flow| flow.to == first.to);
        let to = alike.iter().filter(|flow| flow.from == first.from);
        let mut why = first.why.clone();
        if let Some(unchecked) = &first.unchecked {
            let _ = write!(why, " *Not checked:* {unchecked}");
        }
        let _ = writeln!(
            text,
            "| {} | `{}` | {} | {} | {} | {} | {} |",
            first.row,
            first.id,
            parties(from.map(|flow| &flow.from)),
            parties(to.map(|flow| &flow.to)) + between(first.between),
            ports(alike),
            why,
            source(&first.source, first.range),
        );
    }
}

/// Returns the parties in words. A list of most components is told by those that it lacks.
fn parties<'p>(parties: impl Iterator<Item = &'p Party>) -> String {
    let parties: Vec<&Party> = parties.collect();
    let named = |component: &&Component| {
        let mut parties = parties.iter();
        parties.any(|party| matches!(party, Party::Component(id) if *id == component.id))
    };
    let (with, without): (Vec<&Component>, Vec<&Component>) =
        components::components().iter().partition(named);
    let others = parties
        .iter()
        .filter(|party| !matches!(party, Party::Component(_)));
    let mut words: Vec<String> = others.map(|party| words(party)).collect();
    if with.len() > without.len() {
        let lacking = without.iter().map(|row| format!("`{}`", row.id));
        words.push(format!("every component but {}", list(lacking)));
    } else {
        words.extend(with.iter().map(|row| format!("`{}`", row.id)));
    }
    words.join(", ")
}

fn words(party: &Party) -> String {
    match party {
        Party::AcmeSolver => "the pods that answer challenges of ACME",
        Party::Any => "any pod",
        Party::ApiServer => "the API server",
        Party::CertManager => "cert-manager",
        Party::CloudMetadata => "the metadata address of the cloud",
        Party::Collector => "the collector of metrics and traces",
        Party::Component(id) => return format!("`{id}`"),
        Party::Derived(id) => {
            return format!("pods of [`{id}`](#pods-that-come-of-objects-of-tenants)");
        }
        Party::KafkaCluster => "the brokers of Kafka",
        Party::Outside => "outside",
        Party::Prometheus => "Prometheus",
        Party::Registry => "registries",
        Party::Subscriber => "Services that are named as receivers",
        Party::Tenant => "pods of tenants",
    }
    .to_owned()
}

fn between(between: Between) -> &'static str {
    match between {
        Between::Any => "",
        Between::OtherTenants => " of other tenants",
    }
}

/// Returns the ports of flows that differ in their parties only. A name or a condition is told
/// when it is the same wherever the flows lead.
fn ports(flows: &[&Flow]) -> String {
    let mut ports = match flows.first().map(|flow| &flow.ports) {
        None => String::new(),
        Some(Ports::Every) => "every".to_owned(),
        Some(Ports::Own) => "their own".to_owned(),
        Some(Ports::These(first)) => list(first.iter().map(|port| {
            let same = flows.iter().all(|flow| match &flow.ports {
                Ports::These(ports) => ports.contains(port),
                Ports::Every | Ports::Own => false,
            });
            let name = port.name.as_deref().filter(|_| same);
            let when = if same { port.when.as_slice() } else { &[] };
            number(port.protocol, port.number, name) + &conditioned(when)
        })),
    };
    if let Some(flow) = flows.first() {
        ports.push_str(&conditioned(&flow.when));
    }
    ports
}

fn number(protocol: Protocol, number: u16, name: Option<&str>) -> String {
    let protocol = match protocol {
        Protocol::Tcp => "",
        Protocol::Udp => "/UDP",
    };
    let name = name.map(|name| format!(" `{name}`")).unwrap_or_default();
    format!("{number}{protocol}{name}")
}

fn conditioned(when: &[Condition]) -> String {
    if when.is_empty() {
        return String::new();
    }
    let says = when
        .iter()
        .map(|condition| condition.meaning().says.clone());
    format!(" when {}", says.collect::<Vec<_>>().join(" and "))
}

fn listed(text: &mut String) {
    text.push_str(
        "\n## Components\n\nPorts in parentheses are listened on and not declared. The version of the \
        release is left out of the labels.\n\n\
        | component | namespace | labels of its pods | ServiceAccount | ports | Services |\n\
        |---|---|---|---|---|---|\n",
    );
    for row in components::components() {
        let labels = row.labels.iter();
        let services = row.services.iter().map(|service| {
            let ports = service.ports.iter();
            let ports = ports.map(|port| format!("{}→{}", port.port, port.target));
            format!("`{}` {}", service.name, ports.collect::<Vec<_>>().join(" "))
        });
        let notes = row.unchecked.iter().chain(&row.note);
        let notes: String = notes.map(|note| format!(" {note}")).collect();
        let _ = writeln!(
            text,
            "| `{}`: {}{}.{notes} | `{}` | {} | `{}` | {} | {} |",
            row.id,
            row.workload.kind(),
            if row.name() == row.id {
                String::new()
            } else {
                format!(" `{}`", row.name())
            },
            row.namespace,
            list(labels.map(|(key, value)| format!("`{key}={value}`"))),
            row.service_account(),
            list(row.ports.iter().map(port)),
            list(services),
        );
    }
}

fn port(port: &Port) -> String {
    let words = number(port.protocol, port.number, port.name.as_deref()) + &conditioned(&port.when);
    if port.declared {
        words
    } else {
        format!("({words})")
    }
}

fn derived(text: &mut String) {
    text.push_str(
        "\n## Pods that come of objects of tenants\n\nThey run in the namespace of the object. Labels \
        of controllers win over those of the user; *generated* ones only the cluster knows.\n\n\
        | pods | of | labels | ServiceAccount | ports | Services | source |\n\
        |---|---|---|---|---|---|---|\n",
    );
    for row in components::derived_pods() {
        let kinds = row
            .carriers
            .iter()
            .map(|carrier| format!("`{}`", carrier.kind));
        let labels = row.labels.iter().map(|label| {
            let unless = if label.unless_written {
                ", unless the user wrote it"
            } else {
                ""
            };
            format!("`{}` {}{unless}", label.key, value(row, &label.value))
        });
        let user_labels = row.user_labels.then(|| "those of the template".to_owned());
        let user_ports = match row.user_ports {
            UserPorts::All => Some("those of the template".to_owned()),
            UserPorts::None => None,
            UserPorts::Serving => {
                Some("the user's, 8080 where none is written, `user-port`".to_owned())
            }
        };
        let account = match &row.service_account {
            Account::Default => "`default`".to_owned(),
            Account::Field(path) => format!("`{path}`, else `default`"),
            Account::Template => "that of the template, else `default`".to_owned(),
        };
        let services = row.services.iter().map(|service| {
            let name = match service.name {
                components::Name::ObjectName => "NAME",
                components::Name::RevisionName => "REVISION",
            };
            let endpoints = match service.endpoints {
                Endpoints::ActivatorOrPods => " to the activator or the pods",
                Endpoints::Pods => "",
            };
            format!("`{name}{}`{endpoints}", service.suffix)
        });
        let note = row
            .note
            .as_ref()
            .map(|note| format!(" {note}"))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "| `{}`.{note} | {} | {} | {account} | {} | {} | {} |",
            row.id,
            list(kinds),
            list(user_labels.into_iter().chain(labels)),
            list(user_ports.into_iter().chain(row.ports.iter().map(port))),
            list(services),
            source(&row.source, row.range()),
        );
    }
}

fn value(row: &Derived, value: &Value) -> String {
    match value {
        Value::ChildName => format!("`NAME{}`", row.child_suffix),
        Value::ConfigurationName => "the name of the Configuration".to_owned(),
        Value::Generated => "*generated*".to_owned(),
        Value::Literal(text) => format!("`{text}`"),
        Value::ObjectName => "the name of the object".to_owned(),
        Value::RevisionName => "the name of the Revision".to_owned(),
        Value::ServiceName => "the name of the Knative Service".to_owned(),
    }
}

fn served(text: &mut String) {
    text.push_str(
        "\n## Kinds whose work shared components do\n\n\
        | kind | class | components | source |\n|---|---|---|---|\n",
    );
    for row in components::served() {
        let class = row
            .class
            .as_ref()
            .map(|class| format!("`{class}`"))
            .unwrap_or_default();
        let by = row.by.iter().map(|id| format!("`{id}`"));
        let _ = writeln!(
            text,
            "| `{}` | {class} | {} | {} |",
            row.kind,
            list(by),
            source(&row.source, row.range())
        );
    }
}

fn conditions(text: &mut String) {
    text.push_str("\n## Conditions\n\n| when | the settings | source |\n|---|---|---|\n");
    for meaning in Condition::ALL.iter().map(|condition| condition.meaning()) {
        let settings = meaning.settings.iter().map(|is| {
            let values = is.values.iter().map(|value| format!("`{value}`"));
            let values: Vec<String> = values.collect();
            format!("`{}/{}` is {}", is.map, is.key, values.join(" or "))
        });
        let settings: Vec<String> = settings.collect();
        let note = meaning
            .note
            .as_ref()
            .map(|note| format!(" {note}"))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {}{note} | {} |",
            meaning.says,
            settings.join(", or "),
            source(&meaning.source, Range::ALL)
        );
    }
}

fn namespaces(text: &mut String) {
    text.push_str(
        "\n## Namespaces of the system\n\nThey belong to the platform wherever they exist; `system` in \
        `knight.yaml` adds more.\n\n| namespace | holds | source |\n|---|---|---|\n",
    );
    for row in components::system_namespaces() {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} |",
            row.name,
            row.holds,
            source(&row.source, Range::ALL)
        );
    }
}

/// Returns the source of a row, with the versions that it holds for.
fn source(source: &str, range: Range<knight_facts::KnativeVersion>) -> String {
    let mut words = format!("`{source}`");
    if let Some(since) = range.since {
        let _ = write!(words, ", since {since}");
    }
    if let Some(until) = range.until {
        let _ = write!(words, ", until {until}");
    }
    words
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
