//! `event-traffic-in-clear`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "event-traffic-in-clear",
    title: "Events travel in the clear",
    says: "lets events travel in the clear",
    help: "Set `transport-encryption: strict`",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::InformationDisclosure, Threat::Spoofing],
    mappings: &["nsa/network", "owasp/K07", "mitre/T1040"],
    yields_to: &[],
    page: include_str!("event_traffic_in_clear.md"),
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
    let strict = profiles.overlaps(Profiles::of(&[Profile::Hosted, Profile::Single]));
    let mut found = Vec::new();
    for seen in setting::seen(of("transport-encryption"), settings) {
        let oidc = seen.beside("authentication-oidc", settings);
        let tokens = oidc.iter().any(|oidc| &**oidc == "enabled");
        if !tokens && !strict {
            continue;
        }
        let label = match (seen.value(), tokens) {
            ("disabled", true) => {
                "and with them the tokens of senders, for whoever reads them to send"
            }
            ("disabled", false) => "from senders to ingresses and from there to subscribers",
            ("permissive", true) => {
                "a sender that does not ask for TLS sends its token in the clear"
            }
            ("permissive", false) => "a sender that does not ask for TLS is taken all the same",
            _ => continue,
        };
        found.push(seen.offence(&CONTROL, label));
    }
    found
}
