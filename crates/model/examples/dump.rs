//! scratch
use knight_model::{Limits, load, source::Source, tree::*};
use std::{io::Read, sync::Arc};
fn show(n: Node<'_>, text: &str, depth: usize, key: &str) {
    println!(
        "{:indent$}{key} {} {:?} {:?}",
        "",
        n.type_name(),
        n.span(),
        &text[n.span().range()],
        indent = depth * 2
    );
    match n.kind() {
        Kind::Map(m) => {
            for e in m.entries() {
                show(
                    e.value,
                    text,
                    depth + 1,
                    &format!("{:?}@{:?}", e.key, &text[e.key_span.range()]),
                );
            }
        }
        Kind::List(l) => {
            for i in l.items() {
                show(i, text, depth + 1, "-");
            }
        }
        _ => {}
    }
}
fn main() {
    let mut s = String::new();
    std::io::stdin().read_to_string(&mut s).unwrap();
    let src = Arc::new(Source::new("x", s.as_str()));
    let l = load(&src, &Limits::default());
    for d in &l.documents {
        println!("doc {:?}", d.span());
        show(d.root(), &s, 0, "");
    }
    for p in &l.problems {
        println!("{p} {:?}", p.kind);
    }
    println!("empty {}", l.empty);
}
