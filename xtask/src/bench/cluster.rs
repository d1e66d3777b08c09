//! A large cluster: how long it takes to read, and how long from what was read to the report.

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;
use knight_testbed_client::{Fleet, Level, Testbed};

use super::time;
use crate::process::{cargo, run as run_process, say, target};

/// What to time.
#[derive(ClapArgs, Debug)]
pub(crate) struct Args {
    /// How many objects the cluster has
    #[arg(long, default_value_t = 20_000)]
    objects: usize,
    /// How often each command runs
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// What the objects are made up from
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Fills a test bed, builds Knight, and times reading and judging.
pub(crate) fn run(args: &Args) -> Result<()> {
    run_process(cargo().args(["build", "--release", "--locked", "--package", "knight"]))?;
    let knight = target().join("release").join("knight");
    let testbed = Testbed::shared(Level::Crds)?;
    let fleet = Fleet {
        objects: args.objects,
        seed: args.seed,
    };
    let start = Instant::now();
    let made = fleet.create(testbed.client())?;
    say(&format!(
        "\n{made} objects, made in {:.1} s",
        start.elapsed().as_secs_f64()
    ));
    let transfer = transfer(testbed)?;
    say(&format!(
        "  {:<24} {:.2} s, {} MiB of JSON",
        "transfer alone",
        transfer.0.as_secs_f64(),
        transfer.1 >> 20
    ));

    let folder = target().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let snapshot = folder.join("cluster.knight");
    let knight = || {
        let mut command = Command::new(&knight);
        command.env("KUBECONFIG", testbed.kubeconfig());
        command
    };
    let read = time(args.runs, || {
        let mut command = knight();
        command.args(["snapshot", "--cluster", "--force", "--output"]);
        command.arg(&snapshot);
        command
    })?;
    let size = fs::metadata(&snapshot)
        .with_context(|| format!("cannot read {}", snapshot.display()))?
        .len();
    say(&format!(
        "  {:<24} {read}, {:.1} MiB on disk",
        "snapshot --cluster",
        mebibytes(size)
    ));
    for format in ["text", "json"] {
        let live = time(args.runs, || {
            let mut command = knight();
            command.args(["scan", "--cluster", "--format", format]);
            command
        })?;
        say(&format!(
            "  {:<24} {live}",
            format!("scan --cluster, {format}")
        ));
        let judged = time(args.runs, || {
            let mut command = knight();
            command.args(["scan", "--format", format]).arg(&snapshot);
            command
        })?;
        say(&format!(
            "  {:<24} {judged}",
            format!("scan FILE, {format}")
        ));
    }
    Ok(())
}

/// Lists the kinds of the cluster in pages as any client would, one after the other, and returns how
/// long that took and how many bytes came.
///
/// It is the least that reading the cluster can cost here; how much of it overlaps with judging, the
/// other times say.
fn transfer(testbed: &Testbed) -> Result<(Duration, usize)> {
    const KINDS: [(&str, &str); 10] = [
        ("apps/v1", "Deployment"),
        ("eventing.knative.dev/v1", "Trigger"),
        ("networking.k8s.io/v1", "NetworkPolicy"),
        ("serving.knative.dev/v1", "Configuration"),
        ("serving.knative.dev/v1", "Revision"),
        ("serving.knative.dev/v1", "Service"),
        ("sources.knative.dev/v1", "ContainerSource"),
        ("sources.knative.dev/v1", "PingSource"),
        ("v1", "Namespace"),
        ("v1", "ServiceAccount"),
    ];
    let client = testbed.client();
    let mut bytes = 0;
    let mut took = Duration::ZERO;
    for (api_version, kind) in KINDS {
        let path = client.resource(api_version, kind)?.path(None, None);
        let mut proceed = String::new();
        loop {
            let start = Instant::now();
            let page = client.get(&format!("{path}?limit=500&continue={proceed}"))?;
            took += start.elapsed();
            let page = page.granted("a list")?;
            bytes += page.to_string().len();
            match page["metadata"]["continue"].as_str() {
                Some(token) if !token.is_empty() => token.clone_into(&mut proceed),
                _ => break,
            }
        }
    }
    Ok((took, bytes))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a tenth of a mebibyte is precise enough"
)]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
