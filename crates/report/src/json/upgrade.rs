//! What a planned version of Knative changes, in JSON.

use serde::Serialize;

use knight_controls::upgrade;

use super::shape::{Finding, Location};
use crate::upgrade::change_word;

#[derive(Debug, Serialize)]
pub(super) struct Upgrade<'r> {
    installed: Installed<'r>,
    planned: String,
    needs_kubernetes: Option<String>,
    kubernetes_too_old: Option<String>,
    apis: Vec<ApiGone<'r>>,
    settings: Vec<SettingChange<'r>>,
    appeared: Vec<Named>,
    changed: Vec<Changed>,
    gone: Vec<Finding<'r>>,
}

#[derive(Debug, Serialize)]
struct Installed<'r> {
    version: String,
    location: Location<'r>,
}

#[derive(Debug, Serialize)]
struct ApiGone<'r> {
    #[serde(rename = "apiVersion")]
    api_version: &'r str,
    kind: &'r str,
    objects: usize,
    first: Location<'r>,
    since: String,
    replacement: Option<&'r str>,
    same_schema: bool,
}

#[derive(Debug, Serialize)]
struct SettingChange<'r> {
    config_map: &'r str,
    namespace: &'r str,
    key: &'r str,
    change: &'static str,
    before: Option<&'r str>,
    after: Option<&'r str>,
    location: Option<Location<'r>>,
}

/// A finding that the report has.
#[derive(Debug, Serialize)]
struct Named {
    control: &'static str,
    fingerprint: String,
}

#[derive(Debug, Serialize)]
struct Changed {
    control: &'static str,
    fingerprint: String,
    was: State,
}

#[derive(Debug, Serialize)]
struct State {
    severity: &'static str,
    verdict: &'static str,
    effect: &'static str,
}

impl<'r> Upgrade<'r> {
    pub(super) fn of(upgrade: &'r upgrade::Upgrade) -> Self {
        let changed = upgrade.changed.iter().map(|(old, new)| Changed {
            control: new.control.id,
            fingerprint: new.fingerprint.to_string(),
            was: State {
                severity: old.severity.as_str(),
                verdict: old.verdict.as_str(),
                effect: old.effect.as_str(),
            },
        });
        let appeared = upgrade.appeared.iter().map(|finding| Named {
            control: finding.control.id,
            fingerprint: finding.fingerprint.to_string(),
        });
        Self {
            installed: Installed {
                version: upgrade.installed.to_string(),
                location: Location::of(&upgrade.place),
            },
            planned: upgrade.planned.to_string(),
            needs_kubernetes: upgrade.needs_kubernetes.map(|minor| minor.to_string()),
            kubernetes_too_old: upgrade.kubernetes_too_old.map(|minor| minor.to_string()),
            apis: upgrade.apis.iter().map(ApiGone::of).collect(),
            settings: upgrade.settings.iter().map(SettingChange::of).collect(),
            appeared: appeared.collect(),
            changed: changed.collect(),
            gone: upgrade.gone.iter().map(Finding::of).collect(),
        }
    }
}

impl<'r> ApiGone<'r> {
    fn of(api: &'r upgrade::ApiGone) -> Self {
        Self {
            api_version: &api.api_version,
            kind: &api.kind,
            objects: api.objects,
            first: Location::of(&api.first),
            since: api.since.to_string(),
            replacement: api.replacement.as_deref(),
            same_schema: api.same_schema,
        }
    }
}

impl<'r> SettingChange<'r> {
    fn of(it: &'r upgrade::SettingChange) -> Self {
        let (before, after) = match &it.change {
            upgrade::SettingChanged::Gone | upgrade::SettingChanged::Refused(_) => (None, None),
            upgrade::SettingChanged::Added { holds } => (None, holds.as_deref()),
            upgrade::SettingChanged::Value { before, after } => {
                (before.as_deref(), after.as_deref())
            }
        };
        Self {
            config_map: &it.config_map.name,
            namespace: &it.config_map.namespace,
            key: &it.setting.key,
            change: change_word(&it.change),
            before,
            after,
            location: it.place.as_ref().map(Location::of),
        }
    }
}
