//! `knight scan`: what is unsafe here?

mod compare;
mod documents;
mod fix;
mod output;
mod pass;
mod preview;
mod setup;
mod shown;
mod streamed;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use clap::{ValueEnum, builder::PossibleValue};
use knight_controls::{
    baseline::Baseline,
    control::{Profile, Severity},
    exceptions::Day,
    finding::{Owner, Report},
};
use knight_facts::{InvalidVersion, KnativeVersion, KubernetesMinor, versions::newest_knative};

use self::{
    fix::Which,
    output::Output,
    pass::{Scan, Scanned},
    setup::Setup,
};
use crate::{exit::Exit, source::cluster, terminal::Terminal};

/// The arguments that mean nothing where no cluster is read.
const OF_A_CLUSTER: [&str; 5] = [
    "cluster",
    "context_name",
    "namespaces",
    "all_namespaces",
    "timeout",
];

/// Finds what is unsafe in manifests or a running cluster
///
/// Exit codes: 0 when every selected control passes, 1 when one fails or cannot be told to hold,
/// 2 when the arguments or knight.yaml are wrong, or when something that was named could not be
/// read.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  knight scan manifests/\n  kustomize build . | knight scan -\n  \
    knight scan apps/ --context platform/ --format text --format sarif=knight.sarif\n  \
    knight scan . --select pss/baseline --ignore image-without-digest\n  \
    knight scan --cluster\n  \
    knight scan --diff main/ change/ --fail-on high"
)]
pub(crate) struct Args {
    /// Files and folders to scan; `-` for stdin
    ///
    /// In folders, *.yaml, *.yml and *.json are read; hidden files are passed over, and
    /// .knightignore, .ignore and .gitignore are honoured.
    #[arg(
        required_unless_present_any = ["cluster", "diff", "print_role"],
        conflicts_with_all = OF_A_CLUSTER,
        value_name = "PATH"
    )]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    cluster: cluster::Args,

    /// Print the role that reading a cluster needs, and nothing else
    #[arg(long, help_heading = "A running cluster", conflicts_with_all = ["cluster", "diff", "fix", "paths"])]
    print_role: bool,

    /// Say what is new and what is fixed from OLD to NEW: JSON reports, snapshots, files or folders
    ///
    /// The exit code is 1 when something is new, worse or not comparable. Files and folders are
    /// scanned with the same options, each with the knight.yaml of its own root.
    #[arg(
        long,
        num_args = 2,
        help_heading = "Comparison",
        value_names = ["OLD", "NEW"],
        conflicts_with_all = OF_A_CLUSTER.into_iter().chain(["paths", "fix", "write_baseline"])
    )]
    diff: Vec<PathBuf>,

    #[command(flatten)]
    judging: Judging,

    #[command(flatten)]
    known: Known,

    #[command(flatten)]
    fixing: Fixing,

    #[command(flatten)]
    showing: Showing,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is judged")]
struct Judging {
    /// The scenarios, joined by commas; of several, the stricter wins [default: shared]
    #[arg(long, value_name = "PROFILE", value_delimiter = ',')]
    profile: Vec<Word<Profile>>,

    /// Only these controls: ids, families, or mappings such as `pss/baseline` or `stride/spoofing`
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    select: Vec<String>,

    /// Not these controls: the same words
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    ignore: Vec<String>,

    /// The least severity that is reported
    #[arg(long, value_name = "LEVEL")]
    severity: Option<Word<Severity>>,

    /// Only what this audience can mend
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<Word<Owner>>,

    /// The least severity that makes the exit code 1; `none` for never
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    fail_on: FailOn,

    /// Any problem makes the exit code 2, one in a folder too
    #[arg(long)]
    strict: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is known besides the input")]
struct Known {
    /// Files and folders that say what the cluster is like, and are not judged themselves
    #[arg(long, value_name = "PATH")]
    context: Vec<PathBuf>,

    /// The configuration [default: knight.yaml at the root, the nearest folder with it or .git]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The minor version of Kubernetes, such as 1.34
    #[arg(long, value_name = "VERSION")]
    k8s_version: Option<KubernetesMinor>,

    /// The version of Knative, such as 1.22; `devel` is the newest that is known
    ///
    /// Newer than the one that labels of the input say is installed, it previews the upgrade.
    #[arg(long, value_name = "VERSION", value_parser = knative_version)]
    knative_version: Option<KnativeVersion>,

    /// The day by which exceptions expire [default: today, in UTC]
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<Day>,

    /// Findings of this file are known and do not count
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Write the findings to this file, for --baseline
    #[arg(long, value_name = "FILE", conflicts_with = "fix")]
    write_baseline: Option<PathBuf>,

    /// The most bytes that one file may have
    #[arg(long, value_name = "BYTES", default_value_t = 256 << 20)]
    max_file_bytes: u64,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Fixes")]
struct Fixing {
    /// Mend what can be mended without stopping or changing a running workload
    #[arg(long, conflicts_with = "cluster")]
    fix: bool,

    /// Mend what may stop or change a running workload too
    #[arg(long, requires = "fix")]
    unsafe_fixes: bool,

    /// Print what --fix would change instead of the report, and change nothing
    #[arg(long, requires = "fix")]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
struct Showing {
    /// text, json, sarif, github or markdown; `FORMAT=FILE` writes to a file; can be repeated
    #[arg(long, value_name = "FORMAT[=FILE]")]
    format: Vec<Output>,

    /// Only the findings and one closing line
    #[arg(long, short)]
    quiet: bool,

    /// How many places and lines of a list are shown before it says how many more there are
    #[arg(long, value_name = "N", default_value_t = 5)]
    max_places: usize,
}

/// A word of one of the enums that the library names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Word<T>(T);

/// From which severity on the exit code is 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum FailOn {
    Level(Severity),
    Never,
}

macro_rules! word {
    ($type:ty, $about:expr) => {
        impl ValueEnum for Word<$type> {
            fn value_variants<'a>() -> &'a [Self] {
                const WORDS: [Word<$type>; <$type>::ALL.len()] = {
                    let mut words = [Word(<$type>::ALL[0]); <$type>::ALL.len()];
                    let mut at = 0;
                    while at < words.len() {
                        words[at] = Word(<$type>::ALL[at]);
                        at += 1;
                    }
                    words
                };
                &WORDS
            }

            fn to_possible_value(&self) -> Option<PossibleValue> {
                let about: fn($type) -> &'static str = $about;
                Some(PossibleValue::new(self.0.as_str()).help(about(self.0)))
            }
        }
    };
}

word!(Profile, |profile| match profile {
    Profile::Hosted => "untrusted code of strangers",
    Profile::Shared => "teams of one organisation",
    Profile::Single => "one sensitive tenant",
    Profile::Airgap => "no way out to the internet",
});
word!(Severity, |severity| match severity {
    Severity::Info => "worth knowing",
    Severity::Low => "hygiene",
    Severity::Medium => "weakens a layer of defence",
    Severity::High => "gives an attacker what the next step needs",
    Severity::Critical => "gives the node or the cluster away",
});
word!(Owner, |owner| match owner {
    Owner::Platform => "whoever runs the platform",
    Owner::Tenant => "whoever owns the namespace",
});

impl ValueEnum for FailOn {
    fn value_variants<'a>() -> &'a [Self] {
        const LEVELS: [FailOn; 6] = [
            FailOn::Level(Severity::Info),
            FailOn::Level(Severity::Low),
            FailOn::Level(Severity::Medium),
            FailOn::Level(Severity::High),
            FailOn::Level(Severity::Critical),
            FailOn::Never,
        ];
        &LEVELS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Level(severity) => severity.as_str(),
            Self::Never => "none",
        }))
    }
}

impl Fixing {
    fn which(&self) -> Which {
        if self.unsafe_fixes {
            Which::All
        } else {
            Which::Safe
        }
    }
}

/// Scans what the arguments name and writes the reports.
pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Exit> {
    if args.print_role {
        let mut stdout = Terminal::stdout();
        stdout.write_all(cluster::role(&args.cluster).as_bytes())?;
        stdout.flush()?;
        return Ok(Exit::Clean);
    }
    if let [old, new] = args.diff.as_slice() {
        return compare::run(args, old, new, terminal);
    }
    let fixing = &args.fixing;
    let shows_fixes = fixing.fix && fixing.dry_run;
    let fixes = fixing.fix && !fixing.dry_run;
    if fixes && args.paths.iter().any(|path| path.as_os_str() == "-") {
        bail!("stdin cannot be fixed: --dry-run shows what would change");
    }
    let Some(mut setup) = Setup::new(args, terminal)? else {
        return Ok(Exit::CouldNotRun);
    };
    let previews = args.known.knative_version.is_some() && !fixing.fix;
    setup.lists_objects = previews;
    let mut scanned = Scan::new(&setup).run();
    if previews {
        preview::add(&mut setup, &mut scanned);
    }
    let Scanned {
        mut report, failed, ..
    } = scanned;
    if fixes {
        report = fix::fix(&setup, report, fixing.which());
    }
    if let Some(path) = &args.known.write_baseline {
        write_baseline(path, &report)?;
    }
    output::write_files(&setup, &report)?;
    if shows_fixes {
        fix::diff(&setup, &report, fixing.which(), terminal)?;
    } else {
        output::write_stdout(&setup, &report)?;
    }
    if !setup.shows_problems() || shows_fixes {
        for problem in report.problems.iter().take(args.showing.max_places) {
            Terminal::error(&problem.to_string());
        }
    }
    let exit = match exit(args, &setup, &report, failed) {
        // What is now in the baseline is known.
        Exit::Findings if args.known.write_baseline.is_some() => Exit::Clean,
        exit => exit,
    };
    // The process ends here: taking a large report apart would only cost time.
    std::mem::forget(report);
    Ok(exit)
}

fn write_baseline(path: &Path, report: &Report) -> Result<()> {
    let baseline = Baseline::of(report);
    fs::write(path, baseline.to_text()?)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    let findings = fix::counted(baseline.len(), "finding", "findings");
    Terminal::note(&format!("{findings} in the baseline `{}`", path.display()));
    Ok(())
}

fn knative_version(text: &str) -> Result<KnativeVersion, InvalidVersion> {
    match text {
        "devel" => Ok(newest_knative()),
        text => text.parse(),
    }
}

/// Decides the exit code: what could not be read counts more than what was found.
fn exit(args: &Args, setup: &Setup, report: &Report, failed: bool) -> Exit {
    if could_not_run(args, setup, report, failed) {
        return Exit::CouldNotRun;
    }
    let counts = match args.judging.fail_on {
        FailOn::Level(least) => report.fails(least),
        FailOn::Never => false,
    };
    if counts { Exit::Findings } else { Exit::Clean }
}

/// Returns whether so little could be read that what was found tells nothing.
fn could_not_run(args: &Args, setup: &Setup, report: &Report, failed: bool) -> bool {
    let strictly = args.judging.strict && !report.problems.is_empty();
    failed || strictly || setup.named_problem(report) || report.summary.documents == 0
}
