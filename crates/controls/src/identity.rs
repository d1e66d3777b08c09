//! The identity of a finding, which stays when lines move and API versions change.
//!
//! `v1 | control | group/kind/namespace/name | path with the names of list items | ordinal among
//! equals (the first has none)`, and for files the path relative to the root; never a line or an API version.

use std::{
    collections::HashMap,
    fmt::{self, Write as _},
};

use sha2::{Digest as _, Sha256};

use crate::finding::Finding;

/// What tells one finding from all others, and stays; prints as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// Returns the fingerprint of a finding that has `ordinal` equals before it.
    pub fn of(finding: &Finding, ordinal: u32) -> Self {
        let object = &finding.object;
        let mut key = String::with_capacity(192);
        // Writing to a string cannot fail.
        let _ = write!(
            key,
            "v1|{}|{}/{}/{}/{}|{}|{}",
            finding.control.id,
            object.group,
            object.kind,
            object.namespace.as_deref().unwrap_or_default(),
            object.name,
            finding.path,
            finding.place.file
        );
        if ordinal > 0 {
            let _ = write!(key, "|{ordinal}");
        }
        let digest: [u8; 32] = Sha256::digest(&key).into();
        let mut first = [0; 16];
        first
            .iter_mut()
            .zip(digest)
            .for_each(|(to, from)| *to = from);
        Self(first)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Tells findings apart that are equal but for their place, by their order.
///
/// The findings must be sorted by place within each file.
pub(crate) fn tell_apart(findings: &mut [Finding]) {
    let mut seen: HashMap<Fingerprint, u32> = HashMap::with_capacity(findings.len());
    for finding in findings {
        let before = seen.entry(finding.fingerprint).or_default();
        if *before > 0 {
            finding.fingerprint = Fingerprint::of(finding, *before);
        }
        *before += 1;
    }
}
