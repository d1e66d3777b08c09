//! A control's page, by its headings.

/// Returns the first paragraph below a heading of the second level, on one line.
pub(crate) fn first_paragraph(page: &str, heading: &str) -> Option<String> {
    let mut lines = page
        .lines()
        .skip_while(|line| line.strip_prefix("## ").map(str::trim) != Some(heading))
        .skip(1)
        .map(str::trim)
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next()?.to_owned();
    Some(lines.fold(first, |text, line| format!("{text} {line}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_first_paragraph_of_a_section() {
        let page = "# host-network\n\n## What it finds\n\nPods on\nthe node's network.\n\nMore.\n";
        let found = first_paragraph(page, "What it finds");
        assert_eq!(found.as_deref(), Some("Pods on the node's network."));
        assert_eq!(first_paragraph(page, "References"), None);
        assert_eq!(first_paragraph("## A\n## B\ntext", "A"), None);
    }
}
