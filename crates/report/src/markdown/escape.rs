//! Text of others, as Markdown that shows it.

use std::fmt::Write as _;

use crate::clean::clean;

/// Returns text as code; HTML, because a code span can hold neither a backtick nor, in a table, a
/// bar, and because GitHub looks for no mentions in it.
pub(crate) fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(&clean(text)))
}

/// Returns a sentence; what it puts between backticks becomes code.
pub(crate) fn prose(text: &str) -> String {
    let text = clean(text);
    let mut parts: Vec<_> = text.split('`').collect();
    // A backtick without a partner is just one.
    let lonely = if parts.len().is_multiple_of(2) {
        parts.pop()
    } else {
        None
    };
    let mut shown = String::with_capacity(text.len() + 16);
    for (at, part) in parts.into_iter().enumerate() {
        if at % 2 == 1 {
            shown.push_str(&code(part));
        } else {
            shown.push_str(&escaped(part));
        }
    }
    if let Some(part) = lonely {
        shown.push_str("&#96;");
        shown.push_str(&escaped(part));
    }
    shown
}

/// Writes every character that can mean something as an entity: Markdown takes no entity for
/// markup. A space without width behind `@` and `#` keeps GitHub from making mentions and links to
/// issues of the shown text.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '@' | '#' => {
                let _ = write!(shown, "&#{};&#8203;", u32::from(c));
            }
            '&' | '<' | '>' | '"' | '\'' | '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!'
            | '$' => {
                let _ = write!(shown, "&#{};", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    // Bare addresses become links.
    shown.replace("://", "&#58;//").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_shown_as_text() {
        assert_eq!(
            prose("a|b <img> [x](y) *z* @team #1"),
            "a&#124;b &#60;img&#62; &#91;x&#93;(y) &#42;z&#42; &#64;&#8203;team &#35;&#8203;1"
        );
        assert_eq!(
            prose("https://evil www.evil"),
            "https&#58;//evil www&#46;evil"
        );
    }

    #[test]
    fn backticks_make_code_in_pairs() {
        assert_eq!(
            prose("container `a|b` runs"),
            "container <code>a&#124;b</code> runs"
        );
        assert_eq!(prose("`a` and `b"), "<code>a</code> and &#96;b");
    }
}
