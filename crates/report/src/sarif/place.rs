//! Places of SARIF.

use std::fmt::Write as _;

use serde_json::{Value, json};

use knight_model::place::Place;

/// The name of the folder that files are relative to; GitHub takes this one for the repository.
pub(super) const ROOT: &str = "%SRCROOT%";

/// Returns the location of a place; an object of a cluster is no artifact, and has a name only.
pub(super) fn location(place: &Place) -> Value {
    if !place.is_written() {
        return json!({ "logicalLocations": [object(&place.file)] });
    }
    json!({ "physicalLocation": {
        "artifactLocation": artifact(&place.file),
        "region": region(place),
    }})
}

/// Returns an object of a cluster.
pub(super) fn object(name: &str) -> Value {
    json!({ "fullyQualifiedName": name, "kind": "resource" })
}

/// Returns the location of one point.
pub(super) fn point(file: &str, line: u32, column: u32) -> Value {
    if line == 0 {
        return json!({ "logicalLocations": [object(file)] });
    }
    json!({ "physicalLocation": {
        "artifactLocation": artifact(file),
        "region": { "startLine": line.max(1), "startColumn": column.max(1) },
    }})
}

/// Returns the region of a place; `endColumn` is behind the last character, as ours.
pub(super) fn region(place: &Place) -> Value {
    json!({
        "startLine": place.start.line.max(1),
        "startColumn": place.start.column.max(1),
        "endLine": place.end.line.max(1),
        "endColumn": place.end.column.max(1),
    })
}

/// Returns where a file is: relative to the root, unless its name starts at that of the system.
pub(super) fn artifact(file: &str) -> Value {
    if file.starts_with('/') {
        json!({ "uri": format!("file://{}", encoded(file)) })
    } else {
        json!({ "uri": encoded(file), "uriBaseId": ROOT })
    }
}

/// Returns a path as a URI reference: everything but plain characters and slashes percent-encoded,
/// the colon too, which would make a scheme of what stands before it.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_become_uri_references() {
        assert_eq!(
            artifact("apps/größe 1%.yaml"),
            json!({ "uri": "apps/gr%C3%B6%C3%9Fe%201%25.yaml", "uriBaseId": "%SRCROOT%" })
        );
        assert_eq!(artifact("javascript:x\n")["uri"], "javascript%3Ax%0A");
        assert_eq!(
            artifact("/etc/a.yaml"),
            json!({ "uri": "file:///etc/a.yaml" })
        );
    }
}
