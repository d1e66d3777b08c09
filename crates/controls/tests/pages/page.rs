//! A page as sections, examples and links.

use std::ops::Range;

/// The headings of a page, in order.
pub(crate) const HEADINGS: [&str; 6] = [
    "What it finds",
    "Why it matters",
    "How to fix it",
    "Bad",
    "Good",
    "References",
];

/// A page.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) text: String,
    pub(crate) title: String,
    pub(crate) headings: Vec<String>,
    pub(crate) examples: Vec<Example>,
    pub(crate) blocks: Vec<Block>,
}

/// An example with the findings that it must give.
#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) section: Section,
    pub(crate) line: usize,
    pub(crate) yaml: String,
    pub(crate) parameters: Option<String>,
    pub(crate) findings: String,
    pub(crate) findings_span: Range<usize>,
}

/// Where an example stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Section {
    Bad,
    Good,
}

/// A fenced block.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) heading: String,
    pub(crate) info: String,
    pub(crate) line: usize,
    pub(crate) span: Range<usize>,
}

impl Page {
    /// Reads a page; an example without findings below it is an error.
    pub(crate) fn parse(text: String) -> Result<Self, String> {
        let mut page = Self {
            title: String::new(),
            headings: vec![],
            examples: vec![],
            blocks: vec![],
            text,
        };
        let mut open: Option<Block> = None;
        let mut at = 0;
        for (index, line) in page.text.split_inclusive('\n').enumerate() {
            let (start, line) = (at, line.trim_end());
            at = start
                + page.text[start..]
                    .find('\n')
                    .map_or(page.text.len() - start, |n| n + 1);
            match (&mut open, line.strip_prefix("```")) {
                (Some(_), Some("")) => {
                    let mut block = open.take().expect("just matched");
                    block.span.end = start;
                    page.blocks.push(block);
                }
                (Some(_), _) => {}
                (None, Some(info)) => {
                    let heading = page.headings.last().cloned().unwrap_or_default();
                    let info = info.to_owned();
                    open = Some(Block {
                        heading,
                        info,
                        line: index + 1,
                        span: at..at,
                    });
                }
                (None, None) => {
                    if let Some(title) = line.strip_prefix("# ") {
                        title.clone_into(&mut page.title);
                    } else if let Some(heading) = line.strip_prefix("## ") {
                        page.headings.push(heading.to_owned());
                    }
                }
            }
        }
        if let Some(block) = open {
            return Err(format!("the block of line {} is not closed", block.line));
        }
        page.examples = page.read_examples()?;
        Ok(page)
    }

    fn read_examples(&self) -> Result<Vec<Example>, String> {
        let mut examples = Vec::new();
        let mut parameters = None;
        let mut yaml: Option<(&Block, Section)> = None;
        for block in &self.blocks {
            let text = self.text[block.span.clone()].to_owned();
            let section = match block.heading.as_str() {
                "Bad" => Section::Bad,
                "Good" => Section::Good,
                _ if block.info == "findings" => {
                    return Err(format!(
                        "findings outside of Bad and Good, line {}",
                        block.line
                    ));
                }
                _ => continue,
            };
            match (block.info.as_str(), yaml.take()) {
                ("yaml parameters", None) => parameters = Some(text),
                ("yaml", None) => yaml = Some((block, section)),
                ("findings", Some((example, section))) => examples.push(Example {
                    section,
                    line: example.line,
                    yaml: self.text[example.span.clone()].to_owned(),
                    parameters: parameters.take(),
                    findings: text,
                    findings_span: block.span.clone(),
                }),
                (info, _) => return Err(format!("`{info}` out of place, line {}", block.line)),
            }
        }
        match yaml {
            Some((block, _)) => Err(format!("no findings below line {}", block.line)),
            None => Ok(examples),
        }
    }

    /// Returns the text of a section, its heading left out.
    pub(crate) fn section(&self, heading: &str) -> &str {
        let start = format!("\n## {heading}\n");
        let Some((_, rest)) = self.text.split_once(&start) else {
            return "";
        };
        rest.split("\n## ").next().unwrap_or(rest)
    }
}
