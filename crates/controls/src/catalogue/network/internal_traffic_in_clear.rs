//! `internal-traffic-in-clear`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::cluster::Cluster;

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profile, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "internal-traffic-in-clear",
    title: "Requests inside the cluster travel in the clear",
    says: "leaves requests inside the cluster in the clear",
    help: "Set it to `Enabled`, or let a mesh encrypt",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    audience: Audience::Platform,
    profiles: Profiles::of(&[Profile::Hosted, Profile::Single]),
    threats: &[Threat::InformationDisclosure, Threat::Spoofing],
    mappings: &["nsa/network", "owasp/K07", "mitre/T1040"],
    yields_to: &[],
    page: include_str!("internal_traffic_in_clear.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&[Component::Serving]),
            judge,
        })
    },
};

/// The settings that encrypt a hop, and the hop.
const HOPS: [(&str, &str); 2] = [
    (
        "cluster-local-domain-tls",
        "from a pod to the gateway, for hosts inside the cluster",
    ),
    (
        "system-internal-tls",
        "from the gateway to the activator and the queue-proxy",
    ),
];

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let settings = &cluster.settings;
    let of = |key| (Component::Serving, "config-network", key);
    let mut found = Vec::new();
    for (key, hop) in HOPS {
        let seen = setting::seen(of(key), settings);
        let off = seen.iter().filter(|seen| {
            // The older name of the setting switches the same on.
            let older = seen.beside("internal-encryption", settings);
            let older = !older.is_empty() && older.iter().all(|older| &**older == "true");
            seen.value() == "disabled" && !(key == "system-internal-tls" && older)
        });
        found.extend(off.map(|seen| seen.offence(&CONTROL, hop)));
    }
    found
}
