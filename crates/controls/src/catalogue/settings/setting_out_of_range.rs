//! `setting-out-of-range`: see the page beside this file.

use knight_facts::settings::Component;
use knight_model::{cluster::Cluster, settings::Oddity};

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    setting,
};

pub(super) const CONTROL: Control = Control {
    id: "setting-out-of-range",
    title: "A setting has a value that makes no sense",
    says: "has a value that makes no sense",
    help: "Write a value that Knative can work with",
    severity: Severity::Medium,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::DenialOfService, Threat::Tampering],
    mappings: &["owasp/K09"],
    yields_to: &[],
    page: include_str!("setting_out_of_range.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            needs: Needs::Settings(&Component::ALL),
            judge,
        })
    },
};

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let settings = &cluster.settings;
    let odd = settings.odd().into_iter().filter_map(|odd| {
        let label = match odd.oddity {
            Oddity::NotANumber => "no comparison with `NaN` holds, so the bound is gone".to_owned(),
            Oddity::Infinite => "an infinite number bounds nothing".to_owned(),
            Oddity::Negative => {
                "a quantity below 0 reaches every pod, and the API server refuses it there"
                    .to_owned()
            }
            Oddity::Less(least, sane) => {
                format!("it is less than {least}: {}", setting::clause(&sane.why))
            }
            Oddity::More(most, sane) => {
                format!("it is more than {most}: {}", setting::clause(&sane.why))
            }
            Oddity::Other(sane) => {
                let known = sane.values.iter().filter(|known| !known.is_empty());
                let known: Vec<String> = known.map(|known| format!("`{known}`")).collect();
                let known = known.join(" nor ");
                format!("it is neither {known}: {}", setting::clause(&sane.why))
            }
        };
        let value = odd.written.value.as_deref().unwrap_or_default();
        setting::offence_of(
            settings,
            odd.config_map,
            (odd.key, odd.written),
            &CONTROL,
            (&setting::pair(odd.key, value), label),
        )
    });
    odd.collect()
}
