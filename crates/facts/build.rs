//! Turns the data files into JSON, which is read many times faster when the program starts.
//!
//! The files under `data/` are for people; what is wrong with one is said here, with its line.

#![expect(clippy::disallowed_methods, reason = "a build script reads files")]

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let data = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("data");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed={}", data.display());
    convert(&data, &out)
}

fn convert(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        let to = to.join(name);
        if path.is_dir() {
            convert(&path, &to)?;
        } else {
            let text = fs::read_to_string(&path)?;
            let rows: toml::Table =
                toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
            fs::write(to.with_extension("json"), serde_json::to_string(&rows)?)?;
        }
    }
    Ok(())
}
