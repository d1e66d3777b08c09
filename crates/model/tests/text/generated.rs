//! Texts that nobody wrote: what both read, they read alike.

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{
    answers::{self, Answer},
    reading::{self, Reading},
};

/// Pieces of YAML that meet in all orders.
const PIECES: &[&str] = &[
    "a",
    "b: ",
    "c:",
    "\"q\"",
    "'s'",
    "\"t\\n\": ",
    "1",
    "0x1F",
    "1_0",
    "0b1",
    "08",
    "1e3",
    ".5",
    "yes",
    "~",
    "null",
    "true",
    "- ",
    "-",
    "? ",
    ": ",
    ":",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ",",
    "\n",
    "\n",
    "\n",
    "\n  ",
    "\n  ",
    "\n    ",
    "\n- ",
    "\n  - ",
    "\na: ",
    "\n  b: ",
    "\nc:",
    "\n\n",
    " ",
    "  ",
    "\t",
    "# c",
    " # c",
    "#",
    "|",
    "|\n",
    "|-\n  ",
    "|+\n",
    ">",
    ">\n  ",
    ">-\n  ",
    "|2\n",
    "x y",
    "é",
    "\r\n",
    "&x ",
    "*x",
    "*x ",
    "&y",
    "!!str ",
    "!!int ",
    "! ",
    "!t ",
    "<<: ",
    "<<",
    "http://h:80/p?q=1",
    "\\",
    "%",
    "@",
    "`",
    "=",
    "2001-01-01",
    "'it''s'",
    "\"a\\\n  b\"",
    "\"a\n b\"",
    "'a\n\n  b'",
    "text\n  more",
    "a#b",
    "a:b",
    "-x",
    "?x",
    ":x",
    "...",
    "---",
    "--- ",
];

fn soups(count: usize, seed: u8) -> Vec<String> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let soup = prop::collection::vec(prop::sample::select(PIECES), 1..12)
        .prop_map(|pieces| pieces.concat());
    (0..count)
        .map(|_| {
            soup.new_tree(&mut runner)
                .expect("a soup can be made")
                .current()
        })
        .collect()
}

#[test]
fn never_reads_a_soup_of_yaml_otherwise() {
    let soups = soups(60_000, 8);
    let mut wrong = Vec::new();
    let mut agreed = 0;
    for (soup, answer) in soups.iter().zip(answers::values("yaml", &soups)) {
        if let (
            Answer::Read {
                value: Some(theirs),
                ..
            },
            Reading::Read { value: ours, .. },
        ) = (answer, reading::first(soup))
        {
            if theirs == ours {
                agreed += 1;
            } else {
                wrong.push(format!("{soup:?}\n  theirs {theirs}\n  ours   {ours}"));
            }
        }
    }
    wrong.sort_by_key(String::len);
    assert!(
        wrong.is_empty(),
        "{} of {agreed}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(60)].join("\n")
    );
    assert!(agreed > 2000, "only {agreed} soups were YAML");
}
