//! `knight init`: a commented `knight.yaml`.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::{Context as _, Result, bail};

use crate::{exit::Exit, source::CONFIG, terminal::Terminal};

/// What the file says: every key, each with what it is for.
const TEMPLATE: &str = include_str!("init/knight.yaml");

/// The JSON Schema of the file.
const SCHEMA: &str = include_str!("../../../schemas/knight.schema.json");

/// Writes a commented knight.yaml
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder to write it to
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,

    /// Write it over one that is there
    #[arg(long)]
    force: bool,

    /// Print the JSON Schema of knight.yaml instead, for editors
    #[arg(long)]
    schema: bool,
}

/// Writes the file, or prints its schema.
pub(crate) fn run(args: &Args) -> Result<Exit> {
    if args.schema {
        let mut stdout = Terminal::stdout();
        stdout.write_all(SCHEMA.as_bytes())?;
        stdout.flush()?;
        return Ok(Exit::Clean);
    }
    let path = args.folder.join(CONFIG);
    let mut options = OpenOptions::new();
    options.write(true);
    if args.force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let mut file = match options.open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            bail!("`{}` exists: --force writes over it", path.display());
        }
        Err(error) => {
            return Err(error).with_context(|| format!("cannot write `{}`", path.display()));
        }
    };
    file.write_all(TEMPLATE.as_bytes())
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    Terminal::note(&format!("wrote `{}`", path.display()));
    Ok(Exit::Clean)
}
