//! `senders-unchecked`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "senders-unchecked",
    title: "Nobody checks who sends events",
    says: "leaves unchecked who sends events",
    help: "Set `authentication-oidc: enabled`, and `default-authorization-mode` to `allow-same-namespace` or `deny-all`",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::Spoofing, Threat::ElevationOfPrivilege],
    mappings: &["owasp/K06"],
    yields_to: &[],
    page: include_str!("senders_unchecked.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&[Component::Eventing]),
            judge,
        })
    },
};

fn judge(cluster: &Cluster, profiles: Profiles) -> Vec<ClusterOffence> {
    let settings = &cluster.settings;
    let of = |key| (Component::Eventing, "config-features", key);
    let mut found = Vec::new();
    for seen in setting::seen(of("default-authorization-mode"), settings) {
        let oidc = seen.beside("authentication-oidc", settings);
        let unchecked = oidc.iter().find(|oidc| &***oidc != "enabled");
        if seen.value() == "allow-all" {
            let label = "where no EventPolicy says otherwise, everyone in the cluster may send";
            found.push(seen.offence(&CONTROL, label));
        } else if let Some(oidc) = unchecked.filter(|_| seen.value() == "deny-all") {
            let label = format!("is not asked while `authentication-oidc` is `{oidc}`");
            found.push(seen.offence(&CONTROL, &label));
        }
    }
    // The feature is young: only those who must not trust what runs beside them need it.
    if profiles.overlaps(Profiles::of(&[Profile::Hosted, Profile::Single])) {
        let seen = setting::seen(of("authentication-oidc"), settings);
        let off = seen.iter().filter(|seen| seen.value() == "disabled");
        found.extend(off.map(|seen| {
            seen.offence(
                &CONTROL,
                "no sender has an identity, and every pod that reaches an ingress sends",
            )
        }));
    }
    found
}
