//! `host-collision`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    rule::eval::Verdict,
    setting,
    words::plain,
};

pub(super) const CONTROL: Control = Control {
    id: "host-collision",
    title: "Two tenants can get the same host name",
    says: "gives two tenants the same host name",
    help: "Keep `{{.Name}}` and `{{.Namespace}}` in the template, parted by a dot",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Shared]),
    threats: &[Threat::Spoofing, Threat::InformationDisclosure],
    mappings: &["owasp/K07"],
    yields_to: &[],
    page: include_str!("host_collision.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&[Component::Serving]),
            judge,
        })
    },
};

/// A template, and the parts without which two of its hosts may be one.
const TEMPLATES: [(&str, &[&str]); 2] = [
    ("domain-template", &["Name", "Namespace"]),
    ("tag-template", &["Name", "Tag"]),
];

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let mut found = Vec::new();
    for (key, parts) in TEMPLATES {
        let name = (Component::Serving, "config-network", key);
        for seen in setting::seen(name, &cluster.settings) {
            if !seen.is_written() {
                continue;
            }
            match collision(seen.value(), parts) {
                Hosts::Apart => {}
                Hosts::OneFor(label) => found.push(seen.offence(&CONTROL, &label)),
                Hosts::Unclear => {
                    let label = "more than fields decides what it writes";
                    let offence = seen.offence(&CONTROL, label);
                    found.push(ClusterOffence {
                        verdict: Verdict::Unknown,
                        message: format!("whether {} cannot be told", offence.message),
                        ..offence
                    });
                }
            }
        }
    }
    found
}

/// What a template makes of two routes.
#[derive(Debug, Eq, PartialEq)]
enum Hosts {
    /// Two hosts.
    Apart,
    /// One host, in this way.
    OneFor(String),
    /// It depends on more than is read here.
    Unclear,
}

/// A part of a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Piece<'t> {
    Text(&'t str),
    Field(&'t str),
}

/// Returns how two hosts of a template come to be one.
fn collision(template: &str, parts: &[&str]) -> Hosts {
    if let Some(written) = ["Annotations", "Labels"]
        .into_iter()
        .find(|part| names(template, part))
    {
        return Hosts::OneFor(format!("tenants write what `.{written}` holds"));
    }
    let pieces = pieces(template);
    let is_there = |part: &str| match &pieces {
        Some(pieces) => pieces.contains(&Piece::Field(part)),
        None => names(template, part),
    };
    let missing: Vec<String> = parts
        .iter()
        .filter(|part| !is_there(part))
        .map(|part| format!("`{{{{.{part}}}}}`"))
        .collect();
    if !missing.is_empty() {
        return Hosts::OneFor(format!("{} is not in it", missing.join(" nor ")));
    }
    match &pieces {
        None => Hosts::Unclear,
        // Tag and name lie within one namespace.
        Some(_) if !parts.contains(&"Namespace") => Hosts::Apart,
        Some(pieces) => joined(pieces).map_or(Hosts::Apart, Hosts::OneFor),
    }
}

/// Returns how a name runs into a namespace: nothing parts them that neither may hold.
fn joined(pieces: &[Piece<'_>]) -> Option<String> {
    let mut last: Option<&str> = None;
    let mut between = String::new();
    for piece in pieces {
        match *piece {
            Piece::Text(text) => between.extend(text.chars().filter(|char| !char.is_whitespace())),
            // The names of domains hold dots.
            Piece::Field("Domain") => between.push('.'),
            Piece::Field(field) => {
                let held = between
                    .chars()
                    .all(|char| char.is_ascii_alphanumeric() || char == '-');
                if held && last.is_some_and(|last| last != field) {
                    let between = plain(&between);
                    let (one, other) = (format!("a{between}b"), format!("b{between}c"));
                    let pairs = if field == "Namespace" {
                        format!("`{one}` in `c` and `a` in `{other}`")
                    } else {
                        format!("`c` in `{one}` and `{other}` in `a`")
                    };
                    let why = match &*between {
                        "" => "nothing parts name and namespace".to_owned(),
                        between => format!("names may hold `{between}` too"),
                    };
                    return Some(format!("{why}: {pairs} are one host"));
                }
                last = Some(field);
                between.clear();
            }
        }
    }
    None
}

/// Returns the parts of a template that only writes fields.
fn pieces(template: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((text, behind)) = rest.split_once("{{") {
        let (action, behind) = behind.split_once("}}")?;
        let action = action.strip_prefix("- ").unwrap_or(action);
        let action = action.strip_suffix(" -").unwrap_or(action).trim();
        pieces.push(Piece::Text(text));
        rest = behind;
        if action.starts_with("/*") && action.ends_with("*/") {
            continue;
        }
        let field = action.strip_prefix('.')?;
        if field.is_empty() || !field.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        pieces.push(Piece::Field(field));
    }
    pieces.push(Piece::Text(rest));
    Some(pieces)
}

/// Returns whether a template reads a field.
fn names(template: &str, field: &str) -> bool {
    template.match_indices('.').any(|(at, _)| {
        let rest = template.get(at + 1..).unwrap_or_default();
        let rest = rest.strip_prefix(field);
        rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()))
    })
}

#[cfg(test)]
mod tests {
    use super::{Hosts, collision};

    const PARTS: &[&str] = &["Name", "Namespace"];

    #[test]
    fn keeps_hosts_apart_that_a_dot_parts() {
        for template in [
            "{{.Name}}.{{.Namespace}}.{{.Domain}}",
            "{{ .Namespace -}} . {{- .Name }}.{{.Domain}}",
            "{{.Name}}x.{{.Namespace}}",
            "{{/* one a tenant */}}{{.Name}}.{{.Namespace}}",
        ] {
            assert_eq!(collision(template, PARTS), Hosts::Apart, "{template}");
        }
    }

    #[test]
    fn finds_names_that_run_into_namespaces() {
        for (template, expected) in [
            (
                "{{.Name}}-{{.Namespace}}.{{.Domain}}",
                "names may hold `-` too: `a-b` in `c` and `a` in `b-c` are one host",
            ),
            (
                "{{.Namespace}}-{{.Name}}.{{.Domain}}",
                "names may hold `-` too: `c` in `a-b` and `b-c` in `a` are one host",
            ),
            (
                "{{- .Name -}}--{{.Namespace}}",
                "names may hold `--` too: `a--b` in `c` and `a` in `b--c` are one host",
            ),
            (
                "{{.Name}}{{.Namespace}}.{{.Domain}}",
                "nothing parts name and namespace: `ab` in `c` and `a` in `bc` are one host",
            ),
            (
                "{{/* .Name */}}x.{{.Namespace}}",
                "`{{.Name}}` is not in it",
            ),
        ] {
            let expected = Hosts::OneFor(expected.to_owned());
            assert_eq!(collision(template, PARTS), expected, "{template}");
        }
    }

    #[test]
    fn cannot_tell_what_code_in_a_template_writes() {
        for template in [
            "{{slice .Name 0 1}}.{{.Namespace}}",
            "{{if .Name}}a{{end}}.{{.Namespace}}",
            "{{printf \"%s-%s\" .Name .Namespace}}",
        ] {
            assert_eq!(collision(template, PARTS), Hosts::Unclear, "{template}");
        }
    }
}
