//! `knight reach`: who reaches whom?

mod input;

use std::{io::Write as _, path::PathBuf, str::FromStr};

use anyhow::{Result, bail};
use clap::ValueEnum;
use knight_analysis::reach::{Cni, Network, Options};
use knight_report::reach::{Focus, Port, Question, Reach, ReachFormat, Spread, Who};

use self::input::Input;
use crate::{exit::Exit, source::cluster, terminal::Terminal};

/// Says who can talk to whom by the network policies
///
/// Every answer has two sides: what is certainly open, and what is possibly so, because the network
/// plugin decides, or because something could not be read or is not judged. Between pods that the
/// input has, a flow that is not listed is closed whatever is not known. Flows are direct ones: what
/// a gateway or another pod passes on is not looked at.
///
/// Exit codes: 0 when everything was read, 1 when a part was not, which leaves answers open, 2 when
/// the arguments are wrong or something that was named could not be read.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  knight reach manifests/\n  knight reach cluster.knight --expand --to shop\n  \
    knight reach --cluster --from outside --format dot\n  \
    knight reach manifests/ --explain shop/web,shop/db,5432"
)]
pub(crate) struct Args {
    /// Files and folders, or one snapshot of a cluster; `-` for stdin
    ///
    /// In folders, *.yaml, *.yml and *.json are read; hidden files are passed over, and
    /// .knightignore, .ignore and .gitignore are honoured.
    #[arg(
        required_unless_present = "cluster",
        conflicts_with = "cluster",
        value_name = "PATH"
    )]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    cluster: cluster::Args,

    #[command(flatten)]
    asking: Asking,

    /// How the network plugin decides what the specification leaves to it
    #[arg(
        long,
        value_name = "PLUGIN",
        default_value = "any",
        help_heading = "What is known besides the input"
    )]
    cni: Plugin,

    /// The most bytes that one file may have
    #[arg(long, value_name = "BYTES", default_value_t = 256 << 20, help_heading = "What is known besides the input")]
    max_file_bytes: u64,

    /// text, json, csv, dot or markdown; an explanation is text or json
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        help_heading = "Output"
    )]
    format: ReachFormat,
}

/// What is asked: WHO is a namespace, `NAMESPACE/NAME` of a workload or a pod, an address, or `outside`.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is asked")]
struct Asking {
    /// One sorted line for each pair of workloads, and for each with addresses outside
    #[arg(long)]
    expand: bool,

    /// Only from here: a namespace, NAMESPACE/NAME of a workload or pod, an address, or `outside`
    #[arg(long, value_name = "WHO")]
    from: Option<Who>,

    /// Only to here: the same words
    #[arg(long, value_name = "WHO")]
    to: Option<Who>,

    /// Only from or to here: the same words
    #[arg(long, value_name = "WHO")]
    workload: Option<Who>,

    /// Only where this port may be reached, such as 8080 or 53/udp
    #[arg(long, value_name = "PORT")]
    port: Option<Port>,

    /// Say why one connection is open or not: FROM and TO as in --from, and a port
    #[arg(
        long,
        value_name = "FROM,TO[,PORT]",
        conflicts_with_all = ["expand", "from", "to", "workload", "port"]
    )]
    explain: Option<Pair>,
}

/// What `--explain` asks.
#[derive(Clone, Debug)]
struct Pair {
    from: Who,
    to: Who,
    port: Option<Port>,
}

/// How a network plugin decides.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Plugin {
    /// Only what holds for all of them is certain
    Any,
    /// `ipBlock` means pods and nodes too
    Calico,
    /// `ipBlock` means no pods
    Cilium,
}

impl FromStr for Pair {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts: Vec<&str> = text.split(',').collect();
        let (from, to, port) = match parts.as_slice() {
            [from, to] => (from, to, None),
            [from, to, port] => (from, to, Some(port.parse()?)),
            _ => bail!("write FROM,TO or FROM,TO,PORT"),
        };
        Ok(Self {
            from: from.parse()?,
            to: to.parse()?,
            port,
        })
    }
}

/// Reads what the arguments name and writes who reaches whom.
pub(crate) fn run(args: &Args) -> Result<Exit> {
    if args.asking.explain.is_some()
        && !matches!(args.format, ReachFormat::Text | ReachFormat::Json)
    {
        bail!(
            "an explanation cannot be written as `{}`: use `text` or `json`",
            args.format.as_str()
        );
    }
    if let Some(pair) = &args.asking.explain
        && [&pair.from, &pair.to].contains(&&Who::Outside)
    {
        bail!("`outside` has many addresses: name one to have it explained");
    }
    if !args.cluster.cluster && !args.cluster.namespaces().is_empty() {
        bail!(
            "`--namespace` is what to read of a running cluster: use `--from`, `--to` or `--workload`"
        );
    }
    let input = if args.cluster.cluster {
        Input::of_cluster(&args.cluster.asked())?
    } else {
        Input::of_paths(&args.paths, args.max_file_bytes)?
    };
    for problem in &input.problems {
        Terminal::error(&problem.to_string());
    }
    if input.read == 0 {
        bail!("no Kubernetes object was read");
    }
    let options = Options {
        cni: match args.cni {
            Plugin::Any => Cni::Any,
            Plugin::Calico => Cni::Calico,
            Plugin::Cilium => Cni::Cilium,
        },
        ..Options::default()
    };
    let network = Network::build(&input.objects, options);
    let mut stdout = Terminal::stdout();
    if let Some(pair) = &args.asking.explain {
        let question = Question {
            network: &network,
            from: pair.from.find(&network)?,
            to: pair.to.find(&network)?,
            port: pair.port,
            notes: input.notes.clone(),
        };
        match args.format {
            ReachFormat::Json => question.write_json(&mut stdout)?,
            ReachFormat::Text | ReachFormat::Csv | ReachFormat::Dot | ReachFormat::Markdown => {
                question.write_text(&mut stdout)?;
            }
        }
    } else {
        let reach = reach(args, &network, input.notes.clone())?;
        reach.write(args.format, &mut stdout)?;
        if !reach.says_unknown(args.format) {
            for sentence in reach.unknown() {
                Terminal::warning(&format!("not known: {sentence}"));
            }
        }
    }
    stdout.flush()?;
    Ok(if input.failed {
        Exit::CouldNotRun
    } else if input.is_whole() {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

fn reach<'n>(args: &Args, network: &'n Network<'n>, notes: Vec<String>) -> Result<Reach<'n>> {
    let asking = &args.asking;
    let find = |who: &Option<Who>| who.as_ref().map(|who| who.find(network)).transpose();
    Ok(Reach {
        network,
        spread: if asking.expand {
            Spread::Workloads
        } else {
            Spread::Classes
        },
        focus: Focus {
            from: find(&asking.from)?,
            to: find(&asking.to)?,
            either: find(&asking.workload)?,
            port: asking.port,
        },
        notes,
    })
}
