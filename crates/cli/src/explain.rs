//! `knight explain`: why, what to do, examples.

mod control;
mod setting;

use std::{collections::BTreeSet, io::Write as _};

use anyhow::{Result, bail};
use knight_controls::{
    catalogue,
    words::{did_you_mean, plain},
};
use knight_facts::settings::{self, ConfigMap, Setting};

pub(crate) use self::setting::{default, key, values};
use crate::{exit::Exit, terminal::Terminal};

/// Says what a control or a setting is about, why, and what to do
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  knight explain host-network\n  \
    knight explain config-features/secure-pod-defaults\n  knight explain max-scale-limit")]
pub(crate) struct Args {
    /// The id of a control, a setting as CONFIGMAP/KEY or KEY, or a ConfigMap
    #[arg(value_name = "CONTROL|SETTING")]
    subject: String,
}

/// Prints what is known of the subject.
pub(crate) fn run(args: &Args) -> Result<Exit> {
    let subject = args.subject.trim();
    let mut stdout = Terminal::stdout();
    if let Some(control) = catalogue::control(subject) {
        control::write(control, &mut stdout)?;
    } else {
        let settings = find_settings(subject);
        if settings.is_empty() {
            bail!("{}", unknown(subject));
        }
        for (at, (map, setting)) in settings.iter().enumerate() {
            if at > 0 {
                writeln!(stdout)?;
            }
            setting::write(map, setting, &mut stdout)?;
        }
    }
    stdout.flush()?;
    Ok(Exit::Clean)
}

/// Returns the settings that a word names: one, those of a ConfigMap, or those with the key in
/// several ConfigMaps.
fn find_settings(subject: &str) -> Vec<(&'static ConfigMap, &'static Setting)> {
    let (name, key) = match subject.rsplit_once('/') {
        Some((name, key)) => (Some(name), key),
        None => (None, subject),
    };
    let mut found = Vec::new();
    for map in settings::config_maps() {
        if name.is_some_and(|name| name != map.name && name != qualified(map)) {
            continue;
        }
        if name.is_none() && key == map.name {
            found.extend(map.setting.iter().map(|setting| (map, setting)));
        }
        let of_key = map.setting.iter().find(|setting| setting.key == key);
        found.extend(
            of_key
                .or_else(|| map.alias(key))
                .map(|setting| (map, setting)),
        );
    }
    found
}

/// Returns the name of a ConfigMap with its namespace.
fn qualified(map: &ConfigMap) -> String {
    format!("{}/{}", map.namespace, map.name)
}

fn unknown(subject: &str) -> String {
    let mut known: BTreeSet<String> = catalogue::controls()
        .map(|control| control.id.to_owned())
        .collect();
    for map in settings::config_maps() {
        known.insert(map.name.clone());
        for setting in &map.setting {
            known.insert(format!("{}/{}", map.name, setting.key));
            known.insert(setting.key.clone());
        }
    }
    let nearest = did_you_mean(subject, known.iter().map(String::as_str));
    let more = if nearest.is_empty() {
        "; `knight list controls` and `knight list settings` show what there is"
    } else {
        ""
    };
    format!(
        "`{}` is neither a control nor a setting{nearest}{more}",
        plain(subject)
    )
}
