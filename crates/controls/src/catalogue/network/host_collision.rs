//! `host-collision`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule},
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    setting,
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
            if let Some(label) = collision(seen.value(), parts).filter(|_| seen.is_written()) {
                found.push(seen.offence(&CONTROL, &label));
            }
        }
    }
    found
}

/// Returns how two hosts of a template come to be one.
fn collision(template: &str, parts: &[&str]) -> Option<String> {
    let text: String = template
        .chars()
        .filter(|char| !char.is_whitespace())
        .collect();
    let missing: Vec<String> = parts
        .iter()
        .filter(|part| !names(&text, part))
        .map(|part| format!("`{{{{.{part}}}}}`"))
        .collect();
    if !missing.is_empty() {
        return Some(format!("{} is not in it", missing.join(" nor ")));
    }
    if let Some(written) = ["Annotations", "Labels"]
        .into_iter()
        .find(|part| names(&text, part))
    {
        return Some(format!("tenants write what `.{written}` holds"));
    }
    let joined = ["{{.Name}}-{{.Namespace}}", "{{.Namespace}}-{{.Name}}"];
    joined
        .iter()
        .any(|joined| text.contains(joined))
        .then(|| "names may hold `-` too: `a-b` in `c` and `a` in `b-c` are one host".to_owned())
}

/// Returns whether a template without white space reads a field.
fn names(template: &str, field: &str) -> bool {
    template.match_indices('.').any(|(at, _)| {
        let rest = template.get(at + 1..).unwrap_or_default();
        let rest = rest.strip_prefix(field);
        rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()))
    })
}
