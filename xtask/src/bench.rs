//! `knight scan` as a whole process: seconds and memory, beside others where they can be had.

mod cluster;
mod corpus;
mod peers;

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use clap::{Args as ClapArgs, Subcommand};
use wait4::Wait4 as _;

use crate::process::{cargo, root, run as run_process, say, target};

/// What to time.
#[derive(ClapArgs, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// How often each command runs.
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// Also installs kube-score and checkov, and times them beside Knight.
    #[arg(long)]
    peers: bool,
    /// Another folder of manifests to time.
    #[arg(long)]
    also: Vec<PathBuf>,
    /// Files of the generated corpus; each holds three documents.
    #[arg(long, default_value_t = 5000)]
    files: usize,
}

/// What else there is to time.
#[derive(Debug, Subcommand)]
enum What {
    /// Times reading and judging a large cluster, on the test bed.
    Cluster(cluster::Args),
}

/// One command on one input.
#[derive(Debug)]
struct Timed {
    seconds: Vec<f64>,
    peak_kib: u64,
}

/// Times what was asked for.
pub(crate) fn run(args: &Args) -> Result<()> {
    match &args.what {
        Some(What::Cluster(args)) => cluster::run(args),
        None => files(args),
    }
}

/// Generates the corpus, builds Knight and times it.
fn files(args: &Args) -> Result<()> {
    run_process(cargo().args(["build", "--release", "--locked", "--package", "knight"]))?;
    let knight = target().join("release").join("knight");
    let corpus = target()
        .join("bench")
        .join(format!("corpus-{}", args.files));
    corpus::write(&corpus, args.files)?;
    let empty = target().join("bench").join("one");
    corpus::write(&empty, 1)?;
    let mut inputs = vec![empty, root().join("testdata").join("knative"), corpus];
    inputs.extend(args.also.iter().cloned());
    let peers = if args.peers {
        peers::install()?
    } else {
        Vec::new()
    };
    for input in &inputs {
        say(&format!("\n{}", shown(input)));
        let scan = |format: &str| {
            time(args.runs, || {
                let mut command = Command::new(&knight);
                command.args(["scan", "--format", format]).arg(input);
                command
            })
        };
        // Text is what the others print too; JSON holds every finding in full.
        let ours = scan("text")?;
        say(&format!("  {:<12} {ours}", "knight"));
        say(&format!("  {:<12} {}", "… as JSON", scan("json")?));
        for peer in &peers {
            // The slow ones run less often: a ratio of hundreds needs no more.
            let theirs = time(args.runs.min(2), || peer.command(input))?;
            let ratio = theirs.median() / ours.median();
            say(&format!(
                "  {:<12} {theirs}   {ratio:.1} times knight's",
                peer.name
            ));
        }
    }
    Ok(())
}

fn time(runs: usize, make: impl Fn() -> Command) -> Result<Timed> {
    let mut timed = Timed {
        seconds: Vec::new(),
        peak_kib: 0,
    };
    // The first run warms the page cache and does not count.
    for count in 0..=runs.max(1) {
        let mut command = make();
        let null = File::options().write(true).open("/dev/null")?;
        command
            .stdin(Stdio::null())
            .stdout(null)
            .stderr(Stdio::null());
        let start = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        let used = child.wait4()?;
        let elapsed = start.elapsed();
        match used.status.code() {
            // Scanners say 1 for findings.
            Some(0 | 1) => {}
            code => bail!("{command:?} ended with {code:?}"),
        }
        if count > 0 {
            timed.add(elapsed, used.rusage.maxrss);
        }
    }
    Ok(timed)
}

impl Timed {
    fn add(&mut self, elapsed: Duration, peak_bytes: u64) {
        self.seconds.push(elapsed.as_secs_f64());
        self.seconds.sort_by(f64::total_cmp);
        self.peak_kib = self.peak_kib.max(peak_bytes / 1024);
    }

    fn median(&self) -> f64 {
        self.seconds
            .get(self.seconds.len() / 2)
            .copied()
            .unwrap_or_default()
    }
}

impl std::fmt::Display for Timed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let least = self.seconds.first().copied().unwrap_or_default();
        let most = self.seconds.last().copied().unwrap_or_default();
        let (median, peak) = (self.median(), self.peak_kib / 1024);
        write!(
            f,
            "{median:.3} s ({least:.3} to {most:.3}), {peak} MiB at most"
        )
    }
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}
