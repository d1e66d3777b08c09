//! What a scan needs to know, from the arguments and the configuration.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use jiff::{Timestamp, tz::TimeZone};
use knight_controls::{
    baseline::Baseline,
    config::{self, Config},
    control::{Profile, Profiles, Severity},
    engine::Options,
    exceptions::Day,
    finding::Report,
    parameters,
};
use knight_facts::versions;
use knight_model::versions::VersionOptions;
use knight_report::{Detail, Format};

use super::{Args, output::Output};
use crate::{
    settings,
    source::{
        CONFIG, Found, Input, Named, Reader, cluster,
        snapshot::{self, Snapshot},
        why,
    },
    terminal::Terminal,
};

/// Everything that a scan needs to know.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) reader: Reader,
    pub(super) found: Found,
    pub(super) context: Found,
    /// The cluster to judge, beside the files.
    pub(super) cluster: Option<Snapshot>,
    /// Clusters that are read for context only.
    pub(super) context_clusters: Vec<Snapshot>,
    pub(super) versions: VersionOptions,
    pub(super) options: Options,
    /// What is known of the setup and belongs into the report.
    pub(super) notes: Vec<String>,
    pub(super) outputs: Vec<Output>,
    pub(super) showing: knight_report::Options,
    /// Whether the scan lists every object that it reads.
    pub(super) lists_objects: bool,
    named: BTreeSet<Box<str>>,
    base: PathBuf,
}

impl Setup {
    /// Joins arguments and configuration; nothing when the configuration is wrong, which is said.
    pub(super) fn new(args: &Args, terminal: &Terminal) -> Result<Option<Self>> {
        let reader = Reader::new(args.known.max_file_bytes);
        Self::of(args, &args.paths, reader, terminal)
    }

    /// Does the same for paths that are not those of the arguments, with a reader that may have read
    /// stdin already.
    pub(super) fn of(
        args: &Args,
        paths: &[PathBuf],
        reader: Reader,
        terminal: &Terminal,
    ) -> Result<Option<Self>> {
        let outputs = super::output::check(&args.showing.format)?;
        for pattern in args.judging.select.iter().chain(&args.judging.ignore) {
            config::check_pattern(pattern)?;
        }
        let named = Named::resolve(paths)?;
        let Some(config) = configuration(args, &named, terminal)? else {
            return Ok(None);
        };
        let left_out = left_out(&config, named.base())?;
        let base = named.base().to_owned();
        let mut found = named.find(&left_out);
        let mut context = match args.known.context.as_slice() {
            [] => Found::default(),
            paths => Named::resolve(paths)?.find_context(),
        };
        leave_out_outputs(&mut found, &outputs);
        let versions = VersionOptions {
            knative: args.known.knative_version.or(config.knative),
            kubernetes: args.known.k8s_version.or(config.kubernetes),
            server: None,
        };
        let named = found
            .inputs
            .iter()
            .chain(&context.inputs)
            .filter(|input| input.named);
        let named = named.map(|input| Box::from(&*input.name)).collect();
        let mut clusters = snapshot::take(&mut found, &reader);
        let context_clusters = snapshot::take(&mut context, &reader);
        let cluster = if args.cluster.cluster {
            Some(live(args)?)
        } else {
            clusters.pop()
        };
        if !clusters.is_empty() {
            bail!("one snapshot at a time: `--diff OLD NEW` compares two");
        }
        let notes = notes(versions);
        Ok(Some(Self {
            reader,
            named,
            base,
            found,
            context,
            cluster,
            context_clusters,
            versions,
            options: options(args, config)?,
            notes,
            outputs,
            showing: showing(args, terminal),
            lists_objects: false,
        }))
    }

    /// Returns whether a file that the command line names has a problem.
    pub(super) fn named_problem(&self, report: &Report) -> bool {
        report
            .problems
            .iter()
            .any(|problem| self.named.contains(&problem.file))
    }

    /// Returns whether what goes to stdout says what could not be read.
    pub(super) fn shows_problems(&self) -> bool {
        let to_stdout = self.outputs.iter().find(|output| output.file.is_none());
        to_stdout.is_some_and(|output| {
            output.format != Format::Text || self.showing.detail == Detail::Full
        })
    }

    /// Returns the folder that names are relative to.
    pub(super) fn base(&self) -> &Path {
        &self.base
    }

    /// Returns the files by name.
    pub(super) fn inputs(&self) -> BTreeMap<&str, &Input> {
        self.found
            .inputs
            .iter()
            .map(|input| (&*input.name, input))
            .collect()
    }
}

/// Reads the configuration; nothing when it is wrong, which is said.
fn configuration(args: &Args, named: &Named, terminal: &Terminal) -> Result<Option<Config>> {
    let found = named.configs();
    let path: &PathBuf = match (&args.known.config, found.as_slice()) {
        (Some(path), _) | (None, [path]) => path,
        (None, []) => return Ok(Some(Config::default())),
        (None, [first, second, ..]) => bail!(
            "`{}` and `{}` both configure this scan: choose one by --config",
            first.display(),
            second.display()
        ),
    };
    let name = match path.strip_prefix(named.base()) {
        Ok(path) => path.to_string_lossy(),
        Err(_) if args.known.config.is_none() => CONFIG.into(),
        Err(_) => path.to_string_lossy(),
    };
    settings::read(path, &name, day(args)?, terminal)
}

fn options(args: &Args, config: Config) -> Result<Options> {
    let judging = &args.judging;
    let profiles = match judging.profile.as_slice() {
        [] => config
            .profiles
            .unwrap_or_else(|| Profiles::of(&[Profile::Shared])),
        profiles => profiles.iter().map(|word| word.0).collect(),
    };
    let mut params = parameters::defaults(profiles);
    params.ints.extend(config.params.ints);
    params.texts.extend(config.params.texts);
    let select = if judging.select.is_empty() {
        config.select
    } else {
        judging.select.clone()
    };
    let ignore = judging
        .ignore
        .iter()
        .cloned()
        .chain(config.ignore)
        .collect();
    let severity = judging.severity.map(|word| word.0).or(config.severity);
    Ok(Options {
        profiles,
        select,
        ignore,
        severity: severity.unwrap_or(Severity::Info),
        audience: judging.audience.map(|word| word.0),
        params,
        today: day(args)?,
        exceptions: config.exceptions,
        written_exceptions: true,
        baseline: match &args.known.baseline {
            Some(path) => baseline(path)?,
            None => BTreeSet::new(),
        },
        system: config.system,
    })
}

/// Returns the day by which exceptions expire: that of the clock in UTC, so that it is one day
/// everywhere, unless the user names one.
fn day(args: &Args) -> Result<Day> {
    if let Some(day) = args.known.today {
        return Ok(day);
    }
    let date = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    date.to_string()
        .parse()
        .context("the clock shows no day of this calendar")
}

fn baseline(path: &Path) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(path)
        .map_err(|error| anyhow::anyhow!("`{}`: {}", path.display(), why(&error)))?;
    let baseline = Baseline::read(&text).with_context(|| format!("`{}`", path.display()))?;
    Ok(baseline.fingerprints())
}

/// Makes the patterns of the configuration ready.
fn left_out(config: &Config, base: &Path) -> Result<Gitignore> {
    let mut builder = GitignoreBuilder::new(base);
    for pattern in &config.ignored_paths {
        builder.add_line(None, &pattern.text).with_context(|| {
            format!(
                "{}: `{}` is no pattern of files",
                pattern.place, pattern.text
            )
        })?;
    }
    builder
        .build()
        .context("`paths.ignore` of the configuration")
}

/// Keeps a scan from reading what the one before it wrote.
fn leave_out_outputs(found: &mut Found, outputs: &[Output]) {
    let written: Vec<PathBuf> = outputs
        .iter()
        .filter_map(|output| fs::canonicalize(output.file.as_ref()?).ok())
        .collect();
    found.inputs.retain(|input| {
        input.named
            || input
                .path
                .as_ref()
                .is_none_or(|path| !written.contains(path))
    });
}

fn notes(options: VersionOptions) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(version) = options
        .knative
        .filter(|version| versions::knative_release(*version).is_none())
    {
        notes.push(format!(
            "Knight's facts do not cover Knative {version}: it is judged by what is known of its \
             neighbours"
        ));
    }
    let newest = versions::kubernetes().newest;
    if let Some(minor) = options.kubernetes.filter(|minor| *minor > newest) {
        notes.push(format!(
            "Knight's facts do not cover Kubernetes {minor}: it is judged as {newest}"
        ));
    }
    notes
}

pub(super) fn showing(args: &Args, terminal: &Terminal) -> knight_report::Options {
    knight_report::Options {
        colour: terminal.stdout_colour(),
        detail: if args.showing.quiet {
            Detail::Quiet
        } else {
            Detail::Full
        },
        places: args.showing.max_places,
        ..knight_report::Options::default()
    }
}

/// Reads a running cluster, which is then judged as a snapshot of it is.
fn live(args: &Args) -> Result<snapshot::Snapshot> {
    let taken = cluster::take(&args.cluster.asked())?;
    let bytes = taken.write(Vec::new())?;
    Ok(snapshot::Snapshot::of_bytes("the cluster", bytes))
}
