//! Texts that Kubernetes reads and the parser refuses, made readable without moving a byte.
//!
//! libyaml is more lenient than YAML 1.2 about where a line may begin inside brackets and quotes,
//! about tabs, and about comments that touch what stands before them. Each mend puts blanks in the
//! place of bytes that mean no more than a blank there, so all places stay true.

/// How often one document is parsed at most; each mend costs a parse.
pub(super) const MOST_MENDS: usize = 200;

/// Above so many bytes parsed again, a document is refused instead.
pub(super) const MOST_BYTES: usize = 32 << 20;

/// Returns the text without what the parser stumbled over at a byte, if blanks can replace it.
pub(super) fn mend(text: &str, at: usize, info: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    match info {
        "comments must be separated from other tokens by whitespace" => {
            let from = at + bytes.get(at..)?.iter().position(|&byte| byte == b'#')?;
            let blank_to_it = bytes[at..from]
                .iter()
                .all(|byte| matches!(byte, b' ' | b'\t'));
            let to = line_end(&bytes, from);
            if !blank_to_it {
                return None;
            }
            bytes[from..to].fill(b' ');
        }
        "':' must be followed by a valid YAML whitespace" => blank_tabs_behind_colons(&mut bytes),
        "tab cannot be used as indentation" => {
            let run = bytes
                .get(at..)?
                .iter()
                .take_while(|&&byte| byte == b'\t')
                .count();
            bytes[at..at + run].fill(b' ');
        }
        "invalid indentation"
        | "invalid indentation in flow construct"
        | "invalid indentation in quoted scalar" => join_line(&mut bytes, at, info)?,
        _ => return None,
    }
    let mended = String::from_utf8(bytes).ok()?;
    (mended != text).then_some(mended)
}

/// Blanks every tab that follows a `:`; the reader refuses texts where that changes a value.
fn blank_tabs_behind_colons(bytes: &mut [u8]) {
    let mut behind_colon = false;
    for byte in bytes {
        behind_colon = match *byte {
            b':' => true,
            b'\t' if behind_colon => {
                *byte = b' ';
                true
            }
            _ => false,
        };
    }
}

/// Joins the line that begins too far left to the one before it.
fn join_line(bytes: &mut [u8], at: usize, info: &str) -> Option<()> {
    // What a quoted text is refused for is known at its start only: the line that is wrong is the
    // next one that is not indented.
    let quoted = info == "invalid indentation in quoted scalar";
    let at = if quoted {
        line_start_within(bytes, at)?
    } else {
        at
    };
    let start = bytes[..at].iter().rposition(|&byte| byte == b'\n')?;
    if !bytes[start + 1..at]
        .iter()
        .all(|byte| matches!(byte, b' ' | b'\t'))
    {
        return None;
    }
    let carriage = usize::from(start > 0 && bytes[start - 1] == b'\r');
    let end = start - carriage;
    let line = bytes[..end]
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |found| found + 1);
    // A comment would swallow what follows, and a quoted text folds blanks and blank lines.
    if bytes[line..end].contains(&b'#') || quoted && bytes[..end].ends_with(b" ") {
        return None;
    }
    if quoted && (end == line || matches!(bytes.get(at), Some(b'\r' | b'\n'))) {
        return None;
    }
    bytes[end..=start].fill(b' ');
    Some(())
}

/// Returns the first line start behind a quote that is not indented.
fn line_start_within(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let found = rest
        .windows(2)
        .position(|pair| pair[0] == b'\n' && pair[1] != b' ')?;
    Some(from + found + 1)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    memchr::memchr2(b'\n', b'\r', rest).map_or(bytes.len(), |found| at + found)
}
