//! `removed-api-version`: see the page beside this file.

use knight_facts::kinds::{Release, Removed, removed};
use knight_model::path::FieldPath;

use crate::{
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::{
        RemedyChange,
        eval::{Offence, Verdict},
    },
    written_rule::{Written, WrittenRule},
};

pub(super) const CONTROL: Control = Control {
    id: "removed-api-version",
    title: "An API version is gone",
    says: "uses an API version that is gone",
    help: "Move to the version that is served",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Owner,
    profiles: Profiles::ALL,
    threats: &[Threat::DenialOfService],
    mappings: &[],
    yields_to: &[],
    page: include_str!("removed_api_version.md"),
    rule: || {
        Rule::Written(WrittenRule {
            reads,
            // A cluster gives no version that it does not serve.
            stored: |_, _| false,
            judge,
        })
    },
};

fn reads(written: &Written<'_>) -> bool {
    gone(written).is_some()
}

/// Returns what is known of a version that the versions to judge by no longer serve.
fn gone(written: &Written<'_>) -> Option<&'static Removed> {
    let object = &written.object;
    let removed = removed(object.group(), object.kind(), object.version())?;
    let gone = match removed.removed {
        Release::Knative(since) => written.versions.knative >= since,
        Release::Kubernetes(since) => written.versions.kubernetes >= since,
    };
    gone.then_some(removed)
}

fn judge(written: &Written<'_>, offences: &mut Vec<Offence>) {
    let object = written.object;
    let Some(removed) = gone(written) else { return };
    let Some(entry) = object
        .node()
        .as_map()
        .and_then(|map| map.entry("apiVersion"))
    else {
        return;
    };
    let since = match removed.removed {
        Release::Knative(version) => format!("Knative {version}"),
        Release::Kubernetes(minor) => format!("Kubernetes {minor}"),
    };
    let instead = match (&removed.replacement, removed.same_schema) {
        (Some(replacement), true) => format!("`{replacement}` has the same fields"),
        (Some(replacement), false) => format!("`{replacement}` serves the kind, with other fields"),
        (None, _) => "nothing serves the kind".to_owned(),
    };
    let path = FieldPath::from_dotted("apiVersion");
    let remedy = removed
        .replacement
        .as_ref()
        .filter(|_| removed.same_schema)
        .map(|replacement| (path.clone(), RemedyChange::SetText(replacement.clone())));
    offences.push(Offence {
        verdict: Verdict::Fail,
        path,
        span: entry.value.span(),
        label: format!("is not served since {since}; {instead}").into(),
        origin: None,
        remedy,
    });
}
