//! `setting-ignored`: see the page beside this file.

use knight_facts::settings::{Misspelling, Relation};
use knight_model::{
    cluster::Cluster,
    settings::{Trouble, WhyUnknown},
};

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    setting,
    words::{did_you_mean, plain},
};

pub(super) const CONTROL: Control = Control {
    id: "setting-ignored",
    title: "A setting has no effect",
    says: "has no effect as it is written",
    help: "Write the key and value as Knative reads them",
    severity: Severity::High,
    confidence: Confidence::High,
    audience: Audience::Platform,
    profiles: Profiles::ALL,
    threats: &[Threat::Tampering, Threat::ElevationOfPrivilege],
    mappings: &["owasp/K09"],
    yields_to: &[],
    page: include_str!("setting_ignored.md"),
    rule: || {
        Rule::Cluster(ClusterRule {
            reads: setting::reads,
            judge,
        })
    },
};

fn judge(cluster: &Cluster, _: Profiles) -> Vec<ClusterOffence> {
    let settings = &cluster.settings;
    let invalid = settings.invalid().into_iter().filter_map(|invalid| {
        let becomes = match &invalid.trouble {
            Trouble::Ignored => match &invalid.setting.default {
                Some(default) => format!("Knative ignores it, and `{default}` stays"),
                None => "Knative ignores it".to_owned(),
            },
            Trouble::Kept => "Knative stores it, and no code asks for it".to_owned(),
            Trouble::ReadAs(value) => format!("Knative reads it as `{value}`"),
            Trouble::Refused => match invalid.relation {
                Some(relation) => {
                    format!("Knative refuses the whole ConfigMap: {}", needs(relation))
                }
                None => "Knative refuses the whole ConfigMap".to_owned(),
            },
            Trouble::NotText => "the API server refuses a value that is no string".to_owned(),
        };
        let label = format!("{becomes}{}", meant(invalid.misspelling));
        let what = match &invalid.written.value {
            Some(value) => format!("`{}: {}`", plain(invalid.key), plain(value)),
            None => format!("`{}`", plain(invalid.key)),
        };
        setting::offence_of(
            settings,
            invalid.config_map,
            (invalid.key, invalid.written),
            &CONTROL,
            (&what, label),
        )
    });
    let unknown = settings.unknown_keys().into_iter().filter_map(|unknown| {
        let why = match unknown.why {
            WhyUnknown::Never => "no version of Knative knows this key".to_owned(),
            WhyUnknown::Since(version) => format!("Knative knows this key from {version} on"),
            WhyUnknown::Until(version) => {
                format!("Knative knows this key no longer, from {version} on")
            }
        };
        let meant = match unknown.misspelling {
            Some(_) => meant(unknown.misspelling),
            None => did_you_mean(
                unknown.key,
                unknown
                    .config_map
                    .setting
                    .iter()
                    .map(|setting| setting.key.as_str()),
            ),
        };
        let label = format!("{why}{meant}");
        let what = format!("`{}`", plain(unknown.key));
        setting::offence_of(
            settings,
            unknown.config_map,
            (unknown.key, unknown.written),
            &CONTROL,
            (&what, label),
        )
    });
    invalid.chain(unknown).collect()
}

fn needs(relation: &Relation) -> String {
    match relation {
        Relation::AtMost(key) => format!("the value is more than that of `{key}`"),
        Relation::AtLeast(key) => format!("the value is less than that of `{key}`"),
        Relation::Needs(key) => format!("the value needs `{key}` to be set"),
    }
}

fn meant(misspelling: Option<&Misspelling>) -> String {
    misspelling.map_or_else(String::new, |known| format!("; `{}` is meant", known.means))
}
