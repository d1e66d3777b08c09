//! `knight list`: the catalogue and the settings, for people and programs.

use std::{fmt::Write as _, io::Write as _};

use anyhow::Result;
use clap::ValueEnum;
use knight_controls::{
    catalogue,
    control::{Control, Profile, Threat},
};
use knight_facts::settings::{self, ConfigMap, Setting};
use serde_json::{Value, json};

use crate::{
    exit::Exit,
    explain::{default, key, values},
    terminal::Terminal,
};

/// Lists what Knight knows
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to list
    what: What,

    /// How
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// The controls
    Controls,
    /// The settings of Knative
    Settings,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A table for a terminal
    Text,
    /// For programs
    Json,
    /// A table for a page
    Markdown,
}

/// Prints the list.
pub(crate) fn run(args: &Args) -> Result<Exit> {
    let text = match (args.what, args.format) {
        (What::Controls, Format::Json) => pretty(&controls_json())?,
        (What::Settings, Format::Json) => pretty(&settings_json())?,
        (What::Controls, Format::Text) => columns(&control_rows()),
        (What::Settings, Format::Text) => columns(&setting_rows()),
        (What::Controls, Format::Markdown) => table(&control_rows()),
        (What::Settings, Format::Markdown) => table(&setting_rows()),
    };
    let mut stdout = Terminal::stdout();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(Exit::Clean)
}

fn control_rows() -> Vec<Vec<String>> {
    let head = ["control", "severity", "family", "profiles", "title"]
        .map(str::to_owned)
        .to_vec();
    let row = |control: &Control| {
        let profiles: Vec<_> = control.profiles.iter().map(Profile::as_str).collect();
        vec![
            control.id.to_owned(),
            control.severity.to_string(),
            control.family().to_owned(),
            profiles.join(","),
            control.title.to_owned(),
        ]
    };
    std::iter::once(head)
        .chain(catalogue::controls().map(row))
        .collect()
}

fn setting_rows() -> Vec<Vec<String>> {
    let head = ["setting", "component", "default", "values"]
        .map(str::to_owned)
        .to_vec();
    let row = |(map, setting): (&ConfigMap, &Setting)| {
        vec![
            format!("{}/{}", map.name, key(setting)),
            map.component.to_string(),
            default(setting),
            values(setting),
        ]
    };
    std::iter::once(head)
        .chain(all_settings().map(row))
        .collect()
}

fn all_settings() -> impl Iterator<Item = (&'static ConfigMap, &'static Setting)> {
    settings::config_maps().flat_map(|map| map.setting.iter().map(move |setting| (map, setting)))
}

fn controls_json() -> Value {
    let one = |control: &Control| {
        json!({
            "id": control.id,
            "title": control.title,
            "severity": control.severity.as_str(),
            "confidence": control.confidence.as_str(),
            "audience": control.audience.as_str(),
            "family": control.family(),
            "profiles": control.profiles.iter().map(Profile::as_str).collect::<Vec<_>>(),
            "threats": control.threats.iter().copied().map(Threat::as_str).collect::<Vec<_>>(),
            "mappings": control.mappings,
            "help": control.help,
        })
    };
    json!({ "version": 1, "controls": catalogue::controls().map(one).collect::<Vec<_>>() })
}

fn settings_json() -> Value {
    let one = |(map, setting): (&ConfigMap, &Setting)| {
        json!({
            "config_map": map.name,
            "namespace": map.namespace,
            "component": map.component.as_str(),
            "key": setting.key,
            "default": setting.default,
            "values": setting.values,
            "why": setting.why,
            "source": setting.source,
        })
    };
    json!({ "version": 1, "settings": all_settings().map(one).collect::<Vec<_>>() })
}

fn pretty(value: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// Aligns all columns but the last, which may be long.
fn columns(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let last = rows.first().map_or(0, |row| row.len().saturating_sub(1));
    let widths: Vec<usize> = (0..last).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, "{cell:width$}  ");
        }
        text.push_str(row.last().map_or("", String::as_str));
        text.push('\n');
    }
    text
}

fn table(rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
        if at == 0 {
            let _ = writeln!(text, "|{}", "---|".repeat(row.len()));
        }
    }
    text
}
