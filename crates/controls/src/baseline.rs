//! Baselines: findings that were there when someone began to look.
//!
//! A baseline lists fingerprints, with enough beside each that a person who reviews a change of the
//! file sees what it is about.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::finding::{Finding, Report, SuppressedBy};

/// The version of the file's form.
const VERSION: u32 = 1;

/// Findings that are known.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    findings: Vec<Known>,
}

/// A finding that is known.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The file.
    pub file: String,
    /// The control.
    pub control: String,
    /// The object.
    pub object: String,
    /// The field, from the object.
    pub path: String,
    /// What identifies it.
    pub fingerprint: String,
}

/// Why a text is no baseline.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InvalidBaseline {
    /// It is not JSON of this form.
    #[error("not a baseline: {0}")]
    Form(#[from] serde_json::Error),
    /// It is of a form that this version does not know.
    #[error("a baseline of version {0}, and this is Knight for version {VERSION}")]
    Version(u32),
}

impl Baseline {
    /// Reads a baseline.
    pub fn read(text: &str) -> Result<Self, InvalidBaseline> {
        let baseline: Self = serde_json::from_str(text)?;
        if baseline.version == VERSION {
            Ok(baseline)
        } else {
            Err(InvalidBaseline::Version(baseline.version))
        }
    }

    /// Makes the baseline that covers a report: its findings, and those that a baseline covered.
    ///
    /// What an exception covers is left out: the exception says more.
    pub fn of(report: &Report) -> Self {
        let covered = report
            .suppressed
            .iter()
            .filter(|suppressed| suppressed.by == SuppressedBy::Baseline)
            .map(|suppressed| &suppressed.finding);
        let mut findings: Vec<Known> = report
            .findings
            .iter()
            .chain(covered)
            .map(Known::of)
            .collect();
        findings.sort_unstable();
        Self {
            version: VERSION,
            findings,
        }
    }

    /// Returns the fingerprints.
    pub fn fingerprints(&self) -> BTreeSet<String> {
        self.findings
            .iter()
            .map(|known| known.fingerprint.clone())
            .collect()
    }

    /// Returns how many findings there are.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Returns whether there is no finding.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Returns the text of the file, the same for the same findings.
    pub fn to_text(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl Known {
    fn of(finding: &Finding) -> Self {
        Self {
            file: finding.place.file.to_string(),
            control: finding.control.id.to_owned(),
            object: finding.object.to_string(),
            path: finding.path.to_string(),
            fingerprint: finding.fingerprint.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let known = Known {
            file: "a.yaml".into(),
            control: "host-pid".into(),
            object: "Pod a/b".into(),
            path: "spec.hostPID".into(),
            fingerprint: "00ff".into(),
        };
        let baseline = Baseline {
            version: VERSION,
            findings: vec![known],
        };
        let read = Baseline::read(&baseline.to_text().unwrap());
        assert_eq!(read.map_err(|error| error.to_string()), Ok(baseline));
    }

    #[test]
    fn rejects_what_is_no_baseline() {
        let error = |text| {
            Baseline::read(text)
                .map(|_| ())
                .map_err(|error| error.to_string())
        };
        assert!(error("[]").is_err());
        assert!(error(r#"{"version": 1, "findings": [{}]}"#).is_err());
        let newer = error(r#"{"version": 2, "findings": []}"#);
        assert_eq!(
            newer,
            Err("a baseline of version 2, and this is Knight for version 1".into())
        );
    }
}
