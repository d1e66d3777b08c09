//! Writes a cluster of the benches as manifests: `cargo run --example reach-corpus -- templated 80`.

use std::io::{self, Write as _};

#[path = "../benches/reach/corpus.rs"]
mod corpus;
#[path = "../benches/reach/write.rs"]
mod write;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let made = match &*arguments {
        [name, size] => size.parse().ok().and_then(|size| corpus::named(name, size)),
        _ => None,
    };
    let Some(objects) = made else {
        return Err(io::Error::other("say a shape of the benches and a size"));
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    write::write(&objects, &mut out)?;
    out.flush()
}
