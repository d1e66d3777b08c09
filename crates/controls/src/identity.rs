//! The identity of a finding, which stays when lines move and API versions change.
//!
//! `v1 | control | group/kind/namespace/name | path with the names of list items | ordinal among
//! equals (the first has none)`, and for files the path relative to the root; never a line or an API version.

use std::{collections::HashMap, fmt::Write as _};

use sha2::{Digest as _, Sha256};

use crate::finding::Finding;

/// Gives every finding its fingerprint.
///
/// Findings that are equal but for their place are told apart by their order in the file, so the
/// findings must be sorted by place within each file.
pub fn fingerprint(findings: &mut [Finding]) {
    let mut seen: HashMap<[u8; 32], u32> = HashMap::new();
    let mut key = String::new();
    for finding in findings {
        key.clear();
        write_key(finding, &mut key);
        let mut digest: [u8; 32] = Sha256::digest(&key).into();
        let ordinal = seen.entry(digest).or_default();
        if *ordinal > 0 {
            // Writing to a string cannot fail.
            let _ = write!(key, "|{ordinal}");
            digest = Sha256::digest(&key).into();
        }
        *ordinal += 1;
        finding.fingerprint = hex(&digest);
    }
}

fn write_key(finding: &Finding, key: &mut String) {
    let object = &finding.object;
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let _ = write!(
        key,
        "v1|{}|{}/{}/{namespace}/{}|{}|{}",
        finding.control.id,
        object.group,
        object.kind,
        object.name,
        finding.path,
        finding.place.file
    );
}

fn hex(digest: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digits = |byte: &u8| {
        [
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]
    };
    digest.iter().take(16).flat_map(digits).collect()
}
