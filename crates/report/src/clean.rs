//! Text of others, made harmless for a terminal.

use std::borrow::Cow;

/// The characters that open a command of the old kind anywhere in a line of a workflow's log
/// (`actions/runner` `src/Runner.Common/ActionCommand.cs`).
const OLD_COMMAND: &str = "##[";

/// Returns whether a character steers what shows it instead of being shown: controls, line breaks,
/// marks that change the direction of text, and characters of no width that hide differences.
pub(crate) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Returns the text on one line, with characters that steer written as escapes (`\n`, `\u{1b}`).
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) && !text.contains(OLD_COMMAND) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if steers(c) {
            cleaned.extend(c.escape_default());
        } else {
            cleaned.push(c);
        }
    }
    Cow::Owned(cleaned.replace(OLD_COMMAND, "##\\u{5b}"))
}

/// Returns a source line with a character for each of its characters, so that columns stay.
pub(crate) fn clean_line(line: &str) -> String {
    let cleaned: String = line
        .chars()
        .map(|c| match c {
            '\t' => ' ',
            '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
            c if steers(c) => '\u{fffd}',
            c => c,
        })
        .collect();
    cleaned.replace(OLD_COMMAND, "##\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steering_characters_become_visible() {
        assert_eq!(clean("shop/cart"), "shop/cart");
        assert_eq!(clean("a\x1b[31m\nb\u{9b}2J"), "a\\u{1b}[31m\\nb\\u{9b}2J");
        assert_eq!(clean("a\u{202e}b\u{200b}"), "a\\u{202e}b\\u{200b}");
        assert_eq!(clean("x##[add-mask]y"), "x##\\u{5b}add-mask]y");
    }

    #[test]
    fn source_lines_keep_their_columns() {
        let line = "a\x1b[2Jb\t\u{202e}ö ##[x]";
        let cleaned = clean_line(line);
        assert_eq!(cleaned, "a␛[2Jb \u{fffd}ö ##\u{fffd}x]");
        assert_eq!(cleaned.chars().count(), line.chars().count());
    }
}
