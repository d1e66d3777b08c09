//! Whether every file of the book is reached, and every link leads somewhere.

use std::collections::BTreeSet;

use super::Files;

/// Returns a line for each file that the summary lacks and each relative link that leads nowhere.
pub(super) fn broken(files: &Files) -> Vec<String> {
    let mut broken = Vec::new();
    let summary = files
        .get("SUMMARY.md")
        .map(String::as_str)
        .unwrap_or_default();
    let reached: BTreeSet<String> = links(summary)
        .filter_map(|link| resolve("SUMMARY.md", link))
        .collect();
    for name in files
        .keys()
        .filter(|name| *name != "SUMMARY.md" && !reached.contains(*name))
    {
        broken.push(format!("{name}: no line of SUMMARY.md leads there"));
    }
    for (name, text) in files {
        for link in links(text) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            if path.contains("://") || path.starts_with("mailto:") {
                continue;
            }
            let target = if path.is_empty() {
                Some(name.clone())
            } else {
                resolve(name, path)
            };
            match target.and_then(|target| files.get(&target)) {
                None => broken.push(format!("{name}: `{link}` leads nowhere")),
                Some(text) if !heading.is_empty() && !headings(text).any(|id| id == heading) => {
                    broken.push(format!("{name}: `{link}` leads to no heading"));
                }
                Some(_) => {}
            }
        }
    }
    broken
}

/// Returns the targets of the Markdown links of a text; what stands in fences and in code is none.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines()
        .filter(move |line| {
            let fence = line.trim_start().starts_with("```");
            fenced ^= fence;
            !fenced && !fence
        })
        .flat_map(|line| {
            // Every second part lies between backticks; a link's words may, its target does not.
            line.match_indices("](").filter_map(move |(at, _)| {
                let in_code = line.get(..at)?.matches('`').count() % 2 == 1;
                let (target, _) = line.get(at + 2..)?.split_once(')')?;
                (!in_code).then_some(target)
            })
        })
}

/// Returns the ids that mdBook gives to the headings of a text.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| {
        let words = line.trim_start_matches('#');
        (words.len() < line.len() && words.starts_with(' ')).then(|| {
            let kept = words.trim().chars().filter_map(|char| match char {
                ' ' => Some('-'),
                '-' | '_' => Some(char),
                char if char.is_alphanumeric() => Some(char.to_ascii_lowercase()),
                _ => None,
            });
            kept.collect()
        })
    })
}

/// Returns the file that a relative link of a file leads to, unless it leaves the book.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> Files {
        list.iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn accepts_a_book_that_hangs_together() {
        let book = files(&[
            ("SUMMARY.md", "[A](a.md)\n- [B](b/c.md)\n"),
            (
                "a.md",
                "# A b `c`!\n[to](b/c.md) [there](https://example.com) `[x](y)`\n",
            ),
            (
                "b/c.md",
                "[back](../a.md#a-b-c) [up](#d)\n## D\n```text\n[no](link)\n```\n",
            ),
        ]);
        assert_eq!(broken(&book), [] as [&str; 0]);
    }

    #[test]
    fn names_links_that_lead_nowhere_and_files_that_nothing_leads_to() {
        let book = files(&[
            ("SUMMARY.md", "[A](a.md)\n"),
            ("a.md", "# A\n[x](b.md) [y](../../z.md) [z](#nowhere)\n"),
            ("lost.md", "# Lost\n"),
        ]);
        assert_eq!(
            broken(&book),
            [
                "lost.md: no line of SUMMARY.md leads there",
                "a.md: `b.md` leads nowhere",
                "a.md: `../../z.md` leads nowhere",
                "a.md: `#nowhere` leads to no heading",
            ]
        );
    }
}
