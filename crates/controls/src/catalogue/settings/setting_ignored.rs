//! `setting-ignored`: see the page beside this file.

use knight_facts::settings::{Component, Holds, Misspelling, Setting};
use knight_model::{
    cluster::Cluster,
    path::FieldPath,
    settings::{Broken, Trouble, Unread, WhyUnknown, WhyUnread},
};

use crate::{
    cluster_rule::{ClusterOffence, ClusterRule, Needs},
    control::{Audience, Confidence, Control, Profiles, Rule, Severity, Threat},
    rule::eval::Verdict,
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
            needs: Needs::Settings(&Component::ALL),
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
                Some(broken) => {
                    let why = needs(broken, invalid.setting);
                    format!("Knative refuses the whole ConfigMap: {why}")
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
        let meant = match (unknown.misspelling, unknown.why) {
            (Some(_), _) => meant(unknown.misspelling),
            // It is spelt well, for another version.
            (None, WhyUnknown::Since(_) | WhyUnknown::Until(_)) => String::new(),
            (None, WhyUnknown::Never) => did_you_mean(
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
    let unread = settings.unread().iter().map(unread);
    invalid.chain(unknown).chain(unread).collect()
}

/// Says of an object that looks like settings why none could be read: nothing in it was judged.
fn unread(unread: &Unread) -> ClusterOffence {
    let (path, label) = match unread.why {
        WhyUnread::NoNamespace => (
            "metadata.name",
            "it names no namespace, and with that of a component of Knative it holds settings",
        ),
        WhyUnread::NotAMap => (
            if unread.object.group.is_empty() {
                "data"
            } else {
                "spec.config"
            },
            "is no map where settings belong, so none can be read",
        ),
    };
    let object = unread.object.clone();
    ClusterOffence {
        verdict: Verdict::Unknown,
        message: format!(
            "whether what {} `{}` sets has an effect cannot be told",
            object.kind,
            plain(&object.name)
        ),
        object,
        path: FieldPath::from_dotted(path),
        place: unread.place.clone(),
        label: label.into(),
    }
}

/// Returns why a setting does not go with another, from its own side.
fn needs(broken: Broken, setting: &Setting) -> String {
    let Broken { of, relation } = broken;
    let is_own = of.key == setting.key;
    let other = if is_own { &relation.key } else { &of.key };
    match &relation.holds {
        Holds::AtMost if is_own => format!("the value is more than that of `{other}`"),
        Holds::AtMost => format!("the value is less than that of `{other}`"),
        Holds::NotBe(_) if is_own => format!("the value needs `{other}` to be set"),
        Holds::Be(values) if is_own && !values.contains(&String::new()) => {
            format!(
                "the value needs `{other}` to be `{}`",
                values.join("` or `")
            )
        }
        Holds::Be(_) | Holds::NotBe(_) => {
            format!("the value does not go with that of `{other}`")
        }
        Holds::PartAtLeast(least) => {
            format!("of it and `{other}` together less than {least} is left")
        }
    }
}

fn meant(misspelling: Option<&Misspelling>) -> String {
    misspelling.map_or_else(String::new, |known| format!("; `{}` is meant", known.means))
}
