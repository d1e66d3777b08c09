//! Files written so that they are either as they were or as they should be.

use std::{fs, io::Write as _, path::Path};

use anyhow::{Context as _, Result, bail};
use tempfile::NamedTempFile;

use super::MendedFile;

/// Replaces a file by its mended text, with its permissions.
///
/// Links are followed only to files below `base`: what is scanned must not choose what is written.
pub(super) fn write(file: &MendedFile, base: &Path) -> Result<()> {
    let Some(path) = &file.input.path else {
        bail!("it is no file")
    };
    let target = fs::canonicalize(path)?;
    if !target.starts_with(base) {
        bail!("it is a link out of the folder that is scanned");
    }
    if fs::read(&target)? != file.before.text().as_bytes() {
        bail!("it is not UTF-8, or has changed since it was read");
    }
    let permissions = fs::metadata(&target)?.permissions();
    if permissions.readonly() {
        bail!("it may not be written to");
    }
    let folder = target.parent().context("it lies in no folder")?;
    let mut new = NamedTempFile::new_in(folder)?;
    new.write_all(file.after.as_bytes())?;
    new.as_file().set_permissions(permissions)?;
    new.as_file().sync_all()?;
    new.persist(&target)?;
    Ok(())
}
