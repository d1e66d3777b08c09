//! `knight snapshot`: a running cluster in one file.

use std::{
    fs::{self, Permissions},
    io::{self, IsTerminal as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use tempfile::NamedTempFile;

use crate::{
    exit::Exit,
    source::cluster::{self, Taken},
    terminal::Terminal,
};

/// Reads a running cluster into one file
///
/// Values of environment variables, arguments and other places where secrets stand are left out; no
/// Secret is read. `knight scan` and `knight reach` take the file as a PATH.
///
/// Exit codes: 0 when everything was read, 1 when the cluster refused a part of it, which the file
/// says too, 2 when nothing was read or written.
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("cluster", |arg| arg.required(true)),
    after_help = "Examples:\n  knight snapshot --cluster -o cluster.knight\n  \
    knight snapshot --cluster -n team-a,team-b -o teams.knight\n  \
    knight scan cluster.knight"
)]
pub(crate) struct Args {
    #[command(flatten)]
    cluster: cluster::Args,

    /// The file to write; `-` for stdout
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    /// Write it over one that is there
    #[arg(long)]
    force: bool,
}

/// Reads the cluster and writes the file.
pub(crate) fn run(args: &Args) -> Result<Exit> {
    let to_stdout = args.output.as_os_str() == "-";
    // What cannot be written need not be read.
    if to_stdout && io::stdout().is_terminal() {
        bail!("a snapshot is no text for a terminal: name a file with --output");
    }
    if !to_stdout {
        check(args)?;
    }
    let taken = cluster::take(&args.cluster.asked())?;
    cluster::complain(&taken);
    let exit = match taken.unread().next() {
        Some(_) => Exit::Findings,
        None => Exit::Clean,
    };
    let (objects, kinds) = (taken.objects(), taken.kinds());
    let unread = taken.unread().count();
    if to_stdout {
        let mut stdout = taken.write(Terminal::stdout())?;
        stdout.flush()?;
        return Ok(exit);
    }
    let bytes = write(taken, args)?;
    let path = args.output.display();
    let unread = match unread {
        0 => String::new(),
        1 => ", and 1 list that could not be read".to_owned(),
        many => format!(", and {many} lists that could not be read"),
    };
    let (objects, kinds) = (counted(objects, "object"), counted(kinds as u64, "kind"));
    Terminal::note(&format!(
        "{objects} of {kinds}{unread}, in the {bytes} bytes of `{path}`"
    ));
    Ok(exit)
}

/// Refuses what is sure not to be writable.
fn check(args: &Args) -> Result<()> {
    let path = args.output.display();
    if args.output.is_dir() {
        bail!("cannot write `{path}`: it is a folder");
    }
    if !args.force && fs::symlink_metadata(&args.output).is_ok() {
        bail!("`{path}` exists: --force writes over it");
    }
    let folder = folder(&args.output);
    if !folder.is_dir() {
        bail!(
            "cannot write `{path}`: there is no folder `{}`",
            folder.display()
        );
    }
    Ok(())
}

/// Writes a file beside the one that is wanted, and then puts it in its place: nobody ever finds half
/// a snapshot.
fn write(taken: Taken, args: &Args) -> Result<u64> {
    let path = &args.output;
    let cannot = || format!("cannot write `{}`", path.display());
    let mut file = NamedTempFile::new_in(folder(path)).with_context(cannot)?;
    // Names and labels of a cluster are nobody else's business either.
    let private = Permissions::from_mode(0o600);
    fs::set_permissions(file.path(), private).with_context(cannot)?;
    taken
        .write(io::BufWriter::with_capacity(1 << 16, file.as_file_mut()))?
        .flush()
        .with_context(cannot)?;
    file.as_file().sync_all().with_context(cannot)?;
    let bytes = file.as_file().metadata().with_context(cannot)?.len();
    let persisted = if args.force {
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    match persisted {
        Ok(_) => Ok(bytes),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            bail!("`{}` exists: --force writes over it", path.display())
        }
        Err(error) => Err(error.error).with_context(cannot),
    }
}

/// Returns the folder that a file is in.
fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn counted(count: u64, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        many => format!("{many} {one}s"),
    }
}
