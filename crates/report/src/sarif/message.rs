//! Messages of SARIF.

use serde_json::{Value, json};

use crate::clean::clean;

/// Returns a message whose text means what it says.
///
/// Viewers read links (`[text](target)`, §3.11.6) and placeholders (`{0}`, §3.11.5) even in plain
/// text. Braces are doubled as the standard asks; brackets are escaped only where they could be
/// taken for a link, as viewers that know no links would show the backslashes of every path.
pub(super) fn plain(text: &str) -> Value {
    json!({ "text": escaped(text) })
}

fn escaped(text: &str) -> String {
    let text = clean(text).replace('{', "{{").replace('}', "}}");
    if text.contains("](") {
        text.replace('\\', "\\\\")
            .replace('[', "\\[")
            .replace(']', "\\]")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_placeholders_are_text() {
        assert_eq!(escaped("containers[name=app]"), "containers[name=app]");
        assert_eq!(
            escaped("see [here](https://a)"),
            "see \\[here\\](https://a)"
        );
        assert_eq!(escaped("{0}"), "{{0}}");
        assert_eq!(escaped("a\nb"), "a\\nb");
    }
}
