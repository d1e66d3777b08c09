//! Addresses: whom they lead to stays, what only the caller should know does not.

use super::stand_in::USER;

/// What takes the place of a query or fragment.
const QUERY: &str = "redacted";

/// Takes user, password, query and fragment out of what a field for addresses holds.
pub(super) fn address(text: &mut String) {
    if let Some(at) = text.find(['?', '#']) {
        // Where a rule reads to the end of a line, it goes on reading as far as before.
        let broken = text.get(at..).is_some_and(|query| query.contains('\n'));
        let whole = text.len() - at == 1;
        text.truncate(at + 1);
        if !whole {
            text.push_str(QUERY);
        }
        if broken {
            text.push('\n');
        }
    }
    let start = match text.find("//") {
        Some(0) => 2,
        Some(at) if text.as_bytes().get(at.wrapping_sub(1)) == Some(&b':') => at + 2,
        Some(_) | None => return,
    };
    user(text, start);
}

/// Takes users and passwords out of the addresses in any text, and the query of a text that is
/// nothing but an address.
pub(super) fn addresses(text: &mut String) {
    if !text.contains("://") {
        return;
    }
    if text.contains(char::is_whitespace) {
        let mut from = 0;
        while let Some(found) = text.get(from..).and_then(|rest| rest.find("://")) {
            from += found + 3;
            user(text, from);
        }
    } else {
        address(text);
    }
}

/// Replaces the user before the host that starts at a byte.
fn user(text: &mut String, start: usize) {
    let Some(rest) = text.get(start..) else {
        return;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some(at) = rest.get(..end).and_then(|authority| authority.rfind('@')) else {
        return;
    };
    let user = rest.get(..at).unwrap_or_default();
    let mut stand_in = if user.contains(':') {
        USER.trim_end_matches('@').to_owned()
    } else {
        "redacted".to_owned()
    };
    // A rule may ask whether all of it is ASCII.
    if user.contains(|char: char| !(' '..='~').contains(&char)) {
        stand_in.push('…');
    }
    text.replace_range(start..start + at, &stand_in);
}
