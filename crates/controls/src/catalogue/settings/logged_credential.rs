//! `logged-credential`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "logged-credential",
    title: "Credentials of requests are written to the log",
    says: "writes credentials of requests to the log",
    help: "Take the header out of the template",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::InformationDisclosure, Threat::Spoofing],
    mappings: &["owasp/K05", "owasp/K08", "mitre/T1552"],
    yields_to: &[],
    page: include_str!("logged_credential.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            judge,
        })
    },
};

/// Headers that let whoever reads them act as the caller.
const HEADERS: [&str; 5] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-api-key",
];

/// A template, what reads a header in it, and the switch that has it used.
struct Log {
    component: Component,
    map: &'static str,
    template: &'static str,
    switch: &'static str,
    headers: fn(&str) -> Vec<String>,
}

const LOGS: [Log; 2] = [
    Log {
        component: Component::Serving,
        map: "config-observability",
        template: "logging.request-log-template",
        switch: "logging.enable-request-log",
        headers: of_go,
    },
    Log {
        component: Component::Kourier,
        map: "config-kourier",
        template: "service-access-log-template",
        switch: "enable-service-access-logging",
        headers: of_envoy,
    },
];

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let settings = &cluster.settings;
    let mut found = Vec::new();
    for log in LOGS {
        let switch = setting::value((log.component, log.map, log.switch), settings);
        if switch.as_deref() != Some("true") {
            continue;
        }
        for seen in setting::seen((log.component, log.map, log.template), settings) {
            let headers = (log.headers)(seen.value());
            if !headers.is_empty() {
                let label = format!("logs {}", headers.join(", "));
                found.push(seen.offence(&CONTROL, &label));
            }
        }
    }
    found
}

/// Returns the headers with credentials that a template of Go writes.
fn of_go(template: &str) -> Vec<String> {
    let text = template.to_ascii_lowercase();
    let mut parts = text.split(".request.header").skip(1).peekable();
    let mut found = Vec::new();
    if parts.peek().is_none() {
        return found;
    }
    // `.Request.Header` by itself is all of them; `.Request.Header.Get "x"` is one.
    let whole = parts.any(|rest| {
        let rest = rest.trim_start_matches([' ', '-', ')']);
        rest.starts_with('}') || rest.starts_with('|')
    });
    if whole {
        found.push("every header".to_owned());
    }
    let quoted = HEADERS.iter().filter(|name| {
        ['"', '`']
            .iter()
            .any(|q| text.contains(&format!("{q}{name}{q}")))
    });
    found.extend(quoted.map(|name| format!("`{name}`")));
    found
}

/// Returns the headers with credentials that a format of Envoy writes.
fn of_envoy(template: &str) -> Vec<String> {
    let text = template.to_ascii_lowercase();
    let named = HEADERS.iter().filter(|name| {
        ["req", "resp"]
            .iter()
            .any(|of| text.contains(&format!("%{of}({name}")))
    });
    named.map(|name| format!("`{name}`")).collect()
}
