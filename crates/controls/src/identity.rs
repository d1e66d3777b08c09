//! The identity of a finding, which stays when lines move and API versions change.
//!
//! `v1 | control | group/kind/namespace/name | path with the names of list items | ordinal among
//! equals`, and for files the path relative to the root; never a line or an API version.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::finding::Finding;

/// Gives every finding its fingerprint.
///
/// Findings that are equal but for their place are told apart by their order in the file, so the
/// findings must be sorted by place within each file.
pub fn fingerprint(findings: &mut [Finding]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let key = key(finding);
        let ordinal = seen.entry(key.clone()).or_default();
        let digest = Sha256::digest(format!("{key}|{ordinal}"));
        *ordinal += 1;
        finding.fingerprint = digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
    }
}

fn key(finding: &Finding) -> String {
    let object = &finding.object;
    let namespace = object.namespace.as_deref().unwrap_or_default();
    format!(
        "v1|{}|{}/{}/{namespace}/{}|{}|{}",
        finding.control.id,
        object.group,
        object.kind,
        object.name,
        finding.path,
        finding.place.file
    )
}
