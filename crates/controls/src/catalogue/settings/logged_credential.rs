//! `logged-credential`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
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
            needs: Needs::Settings(&[Component::Serving, Component::Kourier]),
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
        for seen in setting::seen((log.component, log.map, log.template), settings) {
            let switched = seen.beside(log.switch, settings);
            if !switched.iter().any(|switch| &**switch == "true") {
                continue;
            }
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
    let mut found = Vec::new();
    // What stands between the braces; a `}}` in a string ends it early, and hides no header.
    for action in text.split("{{").skip(1) {
        let action = action.split("}}").next().unwrap_or_default();
        if !action
            .trim_start_matches('-')
            .trim_start()
            .starts_with("/*")
        {
            of_action(action, &mut found);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Adds the headers with credentials that one action of a template writes.
fn of_action(action: &str, found: &mut Vec<String>) {
    let command = action.trim_start_matches('-').trim_start();
    let binds = command.starts_with("with ") || command.starts_with('$');
    let tests = command.starts_with("if ") || command.starts_with("else if ");
    for (before, rest) in uses(action, ".request") {
        // Where the request gets another name or is only there or not, nothing is written yet.
        if !rest.starts_with('.') && !binds && !tests && !asks_index(before) {
            found.push("the whole request".to_owned());
        }
    }
    for (before, rest) in uses(action, ".header") {
        match rest.strip_prefix('.') {
            None if asks_index(before) => {}
            None => found.push("every header".to_owned()),
            Some(rest) if rest.starts_with("clone") => found.push("every header".to_owned()),
            // A key of a map can be written like a field.
            Some(rest) => {
                let named = HEADERS.iter().filter(|name| starts_with_word(rest, name));
                found.extend(named.map(|name| format!("`{name}`")));
            }
        }
        let quoted = HEADERS.iter().filter(|name| {
            ['"', '`']
                .iter()
                .any(|q| rest.contains(&format!("{q}{name}{q}")))
        });
        found.extend(quoted.map(|name| format!("`{name}`")));
    }
    for method in [".cookie", ".cookies", ".cookiesnamed"] {
        if uses(action, method).next().is_some() {
            found.push("`cookie`".to_owned());
        }
    }
}

/// Returns what stands before and behind each use of a field.
fn uses<'t>(action: &'t str, field: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
    action.match_indices(field).filter_map(move |(at, _)| {
        let before = action.get(..at)?;
        let rest = action.get(at..)?;
        starts_with_word(rest, field).then(|| (before, rest.strip_prefix(field).unwrap_or(rest)))
    })
}

fn starts_with_word(text: &str, word: &str) -> bool {
    let rest = text.strip_prefix(word);
    rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
}

/// Returns whether what stands before a field is a path to it and, before that, `index`.
fn asks_index(before: &str) -> bool {
    let before =
        before.trim_end_matches(|char: char| char.is_alphanumeric() || "$._".contains(char));
    let before = before.trim_end();
    before != before.trim_end_matches("index")
}

/// Returns the headers with credentials that a format of Envoy writes.
fn of_envoy(template: &str) -> Vec<String> {
    let text = template.to_ascii_lowercase();
    let mut found = Vec::new();
    for operator in ["%req(", "%resp(", "%request_header(", "%response_header("] {
        for rest in text.split(operator).skip(1) {
            // The second name is read where the first is not there.
            let names = rest.split(')').next().unwrap_or_default().split('?');
            let named = names.filter(|name| HEADERS.contains(name));
            found.extend(named.map(|name| format!("`{name}`")));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::{of_envoy, of_go};

    fn check(read: fn(&str) -> Vec<String>, cases: &[(&str, &[&str])]) {
        for (template, expected) in cases {
            assert_eq!(read(template), *expected, "{template}");
        }
    }

    #[test]
    fn reads_headers_of_go_templates_however_they_are_written() {
        check(
            of_go,
            &[
                (
                    "{{.Request.Header.Get \"Authorization\"}}",
                    &["`authorization`"],
                ),
                ("{{ .Request.Header.Authorization }}", &["`authorization`"]),
                ("{{index .Request.Header \"Cookie\" 0}}", &["`cookie`"]),
                (
                    "{{with .Request}}{{.Header.Get `AUTHORIZATION`}}{{end}}",
                    &["`authorization`"],
                ),
                ("{{$r := .Request}}{{$r.Header}}", &["every header"]),
                (
                    "{{printf \"%v %s\" .Request.Header .TraceID}}",
                    &["every header"],
                ),
                (
                    "{{range $k, $v := .Request.Header}}x{{end}}",
                    &["every header"],
                ),
                ("{{printf `%v` .Request}}", &["the whole request"]),
                ("{{.Request.Cookies}}", &["`cookie`"]),
                ("{{(.Request.Cookie \"session\").Value}}", &["`cookie`"]),
            ],
        );
    }

    #[test]
    fn passes_over_go_templates_that_write_no_credentials() {
        check(
            of_go,
            &[
                ("{{.Request.Method}} {{.Request.Host}}", &[]),
                ("{{.Request.Header.Get \"User-Agent\"}}", &[]),
                ("{{index .Request.Header \"Cookie-Consent\" 0}}", &[]),
                ("{{/* .Request.Header.Get \"Cookie\" */}}{{.TraceID}}", &[]),
                ("{{if .Request}}{{.Request.URL}}{{end}}", &[]),
                ("no \"authorization\" here: .Request.Header", &[]),
            ],
        );
    }

    #[test]
    fn reads_headers_of_envoy_formats_exactly() {
        check(
            of_envoy,
            &[
                ("%REQ(AUTHORIZATION)%", &["`authorization`"]),
                ("%REQ(X-WHO?AUTHORIZATION):12%", &["`authorization`"]),
                ("%RESP(Set-Cookie)%", &["`set-cookie`"]),
                ("%REQ(COOKIE-CONSENT)% %REQ(:PATH)%", &[]),
            ],
        );
    }
}
