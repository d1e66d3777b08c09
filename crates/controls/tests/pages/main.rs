//! The pages of the controls are their tests: every example is judged, and must give exactly the
//! findings that stand below it.
//!
//! `KNIGHT_BLESS=1 cargo test -p knight-controls --test pages` rewrites the findings. Read what it
//! wrote: it is a claim about the product.
#![expect(
    clippy::disallowed_methods,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "tests write pages when asked to, and cut them at the ends of lines"
)]

mod catalogue;
mod fixes;
mod judged;
mod page;
mod shape;

use std::{fs, path::PathBuf};

use knight_controls::{catalogue::controls, control::Control};

use crate::{
    judged::judged,
    page::{Page, Section},
};

#[test]
fn examples_give_exactly_the_findings_of_their_page() {
    let bless = std::env::var_os("KNIGHT_BLESS").is_some();
    let mut wrong = Vec::new();
    for control in controls() {
        let page = read(control);
        let mut blessed = String::new();
        let mut from = 0;
        for example in &page.examples {
            let found = judged(control, example);
            if found != example.findings {
                wrong.push(format!(
                    "{} line {}: the page says\n{}but the control finds\n{found}",
                    control.id, example.line, example.findings
                ));
            }
            if example.section == Section::Good && !found.is_empty() {
                wrong.push(format!(
                    "{} line {}: a good example has findings\n{found}",
                    control.id, example.line
                ));
            }
            if example.section == Section::Bad && found.is_empty() {
                wrong.push(format!(
                    "{} line {}: a bad example has none",
                    control.id, example.line
                ));
            }
            blessed.push_str(&page.text[from..example.findings_span.start]);
            blessed.push_str(&found);
            from = example.findings_span.end;
        }
        blessed.push_str(&page.text[from..]);
        if bless && blessed != page.text {
            fs::write(path(control), blessed).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn pages_lie_beside_their_control() {
    for control in controls() {
        let file = path(control);
        assert!(
            file.is_file() && file.with_extension("rs").is_file(),
            "{}",
            file.display()
        );
    }
}

fn read(control: &Control) -> Page {
    Page::parse(control.page.to_owned()).unwrap_or_else(|error| panic!("{}: {error}", control.id))
}

fn path(control: &Control) -> PathBuf {
    let stem = control.id.replace('-', "_");
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.extend(["src", "catalogue", control.family(), &format!("{stem}.md")]);
    path
}
