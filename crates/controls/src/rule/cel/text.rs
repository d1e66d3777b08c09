//! Keys, names and strings as CEL writes them.

/// The CEL of a field of a map that is there; absent reads as `null`, and all but the last key are
/// there.
pub(crate) fn at(keys: &[String], from: &str) -> String {
    let Some((last, keys)) = keys.split_last() else {
        return from.to_owned();
    };
    let map = keys
        .iter()
        .fold(from.to_owned(), |map, key| field(&map, key).1);
    optional(&map, last)
}

/// Returns how to ask for a key of a map, and how to read it.
pub(super) fn field(map: &str, key: &str) -> (String, String) {
    if is_identifier(key) {
        (format!("has({map}.{key})"), format!("{map}.{key}"))
    } else {
        let key = quoted(key);
        (format!("{key} in {map}"), format!("{map}[{key}]"))
    }
}

/// Returns a key of a map, absent as `null`.
pub(super) fn optional(map: &str, key: &str) -> String {
    if is_identifier(key) {
        format!("{map}.?{key}.orValue(null)")
    } else {
        format!("{map}[?{}].orValue(null)", quoted(key))
    }
}

pub(super) fn is_identifier(key: &str) -> bool {
    // https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
    const RESERVED: [&str; 22] = [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "namespace",
        "null",
        "package",
        "return",
        "true",
        "var",
        "void",
        "while",
        "__",
    ];
    let mut bytes = key.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !RESERVED.contains(&key)
}

pub(super) fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.map(quoted).collect();
    format!("[{}]", texts.join(", "))
}

/// Writes a CEL string literal.
pub(crate) fn quoted(text: &str) -> String {
    let mut cel = String::with_capacity(text.len() + 2);
    cel.push('"');
    for char in text.chars() {
        match char {
            '"' => cel.push_str("\\\""),
            '\\' => cel.push_str("\\\\"),
            '\n' => cel.push_str("\\n"),
            '\r' => cel.push_str("\\r"),
            '\t' => cel.push_str("\\t"),
            control if control.is_control() => {
                cel.extend(format!("\\u{:04x}", u32::from(control)).chars());
            }
            char => cel.push(char),
        }
    }
    cel.push('"');
    cel
}
