//! `authorization-without-oidc`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::{cluster::Cluster, object::Object, path::FieldPath};

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::eval::Verdict,
};

pub(super) const CONTROL: Control = Control {
    id: "authorization-without-oidc",
    title: "Event policies are not enforced",
    says: "is not enforced because OIDC authentication is off",
    help: "Set `authentication-oidc: enabled` in ConfigMap knative-eventing/config-features",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::Spoofing, Threat::ElevationOfPrivilege],
    mappings: &["owasp/K06"],
    yields_to: &[],
    page: include_str!("authorization_without_oidc.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads,
            needs: Needs::Both(&[Component::Eventing], |group, kind| {
                (group, kind) == (GROUP, "EventPolicy")
            }),
            judge,
        })
    },
};

fn reads(object: &Object<'_>) -> bool {
    object.is(GROUP, "EventPolicy")
}

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let settings = &cluster.settings;
    let oidc = settings.effective(Component::Eventing, FEATURES, "authentication-oidc");
    let value = oidc
        .as_ref()
        .and_then(|oidc| oidc.value.as_deref())
        .unwrap_or("disabled");
    if value.eq_ignore_ascii_case("enabled") {
        return Vec::new();
    }
    let known = settings.has(Component::Eventing, FEATURES);
    let (verdict, label) = match &oidc {
        Some(oidc) if known => (
            Verdict::Fail,
            format!(
                "`authentication-oidc` is `{value}` ({}), so everyone passes",
                oidc.origin()
            ),
        ),
        _ => (
            Verdict::Unknown,
            "enforced only with `authentication-oidc: enabled`, which the input does not tell; \
             Knative's default is `disabled`"
                .to_owned(),
        ),
    };
    let policies = cluster
        .inventory
        .iter()
        .filter(|listed| &*listed.object.group == GROUP && &*listed.object.kind == "EventPolicy");
    policies
        .map(|policy| ClusterOffence {
            verdict,
            message: match verdict {
                Verdict::Unknown => format!(
                    "whether EventPolicy `{}` is enforced cannot be told",
                    policy.object.name
                ),
                Verdict::Fail | Verdict::Pass => {
                    format!("EventPolicy `{}` {}", policy.object.name, CONTROL.says)
                }
            },
            object: policy.object.clone(),
            path: FieldPath::from_dotted("metadata.name"),
            place: policy.place.clone(),
            label: label.clone().into(),
        })
        .collect()
}

const GROUP: &str = "eventing.knative.dev";
const FEATURES: &str = "config-features";
