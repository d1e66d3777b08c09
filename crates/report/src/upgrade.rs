//! What a planned version of Knative changes, in sentences that several formats share.

use std::collections::BTreeMap;

use knight_controls::{
    finding::Finding,
    upgrade::{ApiGone, SettingChange, SettingChanged, Upgrade},
};
use knight_model::settings::Trouble;

use crate::words::{Count, counted, joined};

/// Returns from where to where the upgrade goes, as a clause.
pub(crate) fn headline(upgrade: &Upgrade) -> String {
    let Upgrade {
        installed,
        place,
        planned,
        ..
    } = upgrade;
    format!("from Knative {installed} ({place}) to {planned}, by which everything here is judged")
}

/// Returns what to plan for, what stops the upgrade first.
pub(crate) fn lines(upgrade: &Upgrade) -> Vec<String> {
    let Upgrade {
        planned,
        needs_kubernetes,
        kubernetes_too_old,
        ..
    } = upgrade;
    let mut lines = Vec::new();
    match (needs_kubernetes, kubernetes_too_old) {
        (Some(needed), Some(there)) => lines.push(format!(
            "Knative {planned} does not start on Kubernetes {there}: it needs {needed} or newer"
        )),
        (Some(needed), None) => lines.push(format!(
            "Knative {planned} needs Kubernetes {needed} or newer"
        )),
        (None, _) => {}
    }
    lines.extend(upgrade.apis.iter().map(api));
    let (added, changed): (Vec<_>, Vec<_>) = upgrade.settings.iter().partition(|it| is_added(it));
    lines.extend(changed.into_iter().map(setting));
    for (what, findings) in [
        ("new", upgrade.appeared.iter().collect::<Vec<_>>()),
        (
            "other than before",
            upgrade.changed.iter().map(|(_, new)| new).collect(),
        ),
        ("gone", upgrade.gone.iter().collect()),
    ] {
        if !findings.is_empty() {
            let (one, many) = (format!("finding is {what}"), format!("findings are {what}"));
            let count = counted(findings.len(), &one, &many);
            lines.push(format!("{count}: {}", by_control(&findings)));
        }
    }
    if !added.is_empty() {
        let names: Vec<_> = added
            .iter()
            .map(|it| {
                format!(
                    "`{}` of {}{}",
                    it.setting.key,
                    it.config_map.name,
                    holds(it)
                )
            })
            .collect();
        let count = counted(added.len(), "setting is new", "settings are new");
        lines.push(format!("{count}: {}", joined(&names)));
    }
    if lines.len() <= 1 && upgrade.kubernetes_too_old.is_none() {
        lines.push("nothing in the input changes its meaning".to_owned());
    }
    lines
}

/// Returns the word that JSON has for a change of a setting.
pub(crate) const fn change_word(change: &SettingChanged) -> &'static str {
    match change {
        SettingChanged::Gone => "gone",
        SettingChanged::Added { .. } => "added",
        SettingChanged::Value { .. } => "value",
        SettingChanged::Refused(_) => "refused",
    }
}

/// Returns the default that holds for a new setting, unless there is none or an empty one.
fn holds(change: &SettingChange) -> String {
    match &change.change {
        SettingChanged::Added { holds: Some(value) } if !value.is_empty() => {
            format!(" (`{value}`)")
        }
        SettingChanged::Added { .. }
        | SettingChanged::Gone
        | SettingChanged::Value { .. }
        | SettingChanged::Refused(_) => String::new(),
    }
}

/// Returns whether the setting is new and nobody wrote it yet.
fn is_added(change: &SettingChange) -> bool {
    matches!(change.change, SettingChanged::Added { .. }) && change.place.is_none()
}

fn by_control(findings: &[&Finding]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.control.id).or_default() += 1;
    }
    let words: Vec<_> = counts
        .into_iter()
        .map(|(id, count)| format!("{} of {id}", Count(count)))
        .collect();
    joined(&words)
}

fn api(api: &ApiGone) -> String {
    let ApiGone {
        api_version,
        kind,
        first,
        since,
        ..
    } = api;
    let instead = match (&api.replacement, api.same_schema) {
        (Some(replacement), true) => format!("`{replacement}` has the same fields"),
        (Some(replacement), false) => format!("`{replacement}` serves the kind, with other fields"),
        (None, _) => "nothing serves the kind".to_owned(),
    };
    let objects = counted(api.objects, "object uses", "objects use");
    format!(
        "{objects} {kind} of `{api_version}` (the first at {first}), which Knative {since} no \
         longer serves: {instead}"
    )
}

fn setting(change: &SettingChange) -> String {
    let (key, map) = (&change.setting.key, &change.config_map.name);
    let place = match &change.place {
        Some(place) => format!(" ({place})"),
        None => String::new(),
    };
    let what = match &change.change {
        SettingChanged::Gone => "is known no longer, and has no effect".to_owned(),
        SettingChanged::Added { holds } => {
            format!(
                "takes effect, and `{}` holds",
                holds.as_deref().unwrap_or_default()
            )
        }
        SettingChanged::Value { before, after } => format!(
            "goes from `{}` to `{}`",
            before.as_deref().unwrap_or_default(),
            after.as_deref().unwrap_or_default()
        ),
        SettingChanged::Refused(trouble) => match trouble {
            Trouble::Refused => "is refused, and the whole ConfigMap with it".to_owned(),
            Trouble::Ignored => "is ignored, and the default holds".to_owned(),
            Trouble::Kept => "is stored, and no code asks for it".to_owned(),
            Trouble::ReadAs(value) => format!("is read as `{value}`"),
            Trouble::NotText => "is refused by the API server, as it is no string".to_owned(),
        },
    };
    format!("`{key}` of {map}{place} {what}")
}
