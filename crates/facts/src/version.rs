//! Versions of Knative and of Kubernetes, and ranges of them.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use thiserror::Error;

/// A release of Knative, to the minor: `1.23`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
pub struct KnativeVersion {
    /// The number before the dot.
    pub major: u16,
    /// The number after the dot.
    pub minor: u16,
}

impl KnativeVersion {
    /// Returns the version `major.minor`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for KnativeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for KnativeVersion {
    type Err = InvalidVersion;

    /// Reads `1.23`, `v1.23`, `1.23.4`, `knative-v1.23.4` and these with a suffix such as `-rc1`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.strip_prefix("knative-").unwrap_or(text);
        let (major, minor) = major_and_minor(plain).ok_or_else(|| InvalidVersion::new(text))?;
        Ok(Self { major, minor })
    }
}

impl TryFrom<String> for KnativeVersion {
    type Error = InvalidVersion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// A minor version of Kubernetes: `1.34` is `KubernetesMinor(34)`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
pub struct KubernetesMinor(pub u16);

impl fmt::Display for KubernetesMinor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

impl FromStr for KubernetesMinor {
    type Err = InvalidVersion;

    /// Reads `1.34`, `v1.34`, `1.34.2`, and these with a suffix such as `+k3s1`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match major_and_minor(text) {
            Some((1, minor)) => Ok(Self(minor)),
            Some(_) | None => Err(InvalidVersion::new(text)),
        }
    }
}

impl TryFrom<String> for KubernetesMinor {
    type Error = InvalidVersion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// A text that names no version.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("`{text}` is not a version like `1.23`")]
pub struct InvalidVersion {
    text: String,
}

impl InvalidVersion {
    fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
        }
    }
}

/// The versions for which a fact holds: from `since` on, and before `until`.
///
/// An open end means "as far as is known".
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Range<V> {
    /// The first version for which the fact holds.
    pub since: Option<V>,
    /// The first version for which it no longer holds.
    pub until: Option<V>,
}

impl<V> Range<V> {
    /// The range that holds every version.
    pub const ALL: Self = Self {
        since: None,
        until: None,
    };
}

impl<V: Copy + Ord> Range<V> {
    /// Returns whether the fact holds for `version`.
    pub fn contains(&self, version: V) -> bool {
        self.since.is_none_or(|since| since <= version)
            && self.until.is_none_or(|until| version < until)
    }
}

/// Reads the two leading numbers of `[v]MAJOR.MINOR[.PATCH][-SUFFIX|+SUFFIX]`.
fn major_and_minor(text: &str) -> Option<(u16, u16)> {
    let plain = text.strip_prefix('v').unwrap_or(text);
    let plain = plain.split(['-', '+']).next()?;
    let mut numbers = plain.split('.').map(number);
    let major = numbers.next()??;
    let minor = numbers.next()??;
    // A patch number is let through, whatever it is, as long as it is one.
    match (numbers.next(), numbers.next()) {
        (None | Some(Some(_)), None) => Some((major, minor)),
        _ => None,
    }
}

fn number(text: &str) -> Option<u16> {
    // `u16::from_str` would let a leading `+` pass.
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions_as_labels_and_tags_write_them() {
        let expected = KnativeVersion::new(1, 23);
        for text in [
            "1.23",
            "v1.23",
            "1.23.0",
            "knative-v1.23.4",
            "v1.23.0-rc1",
            "1.23.0+x.y",
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in ["1.34", "v1.34.2", "v1.34.2+k3s1", "1.34.0-gke.100"] {
            assert_eq!(text.parse(), Ok(KubernetesMinor(34)), "{text}");
        }
    }

    #[test]
    fn rejects_what_is_no_version() {
        for text in [
            "", "devel", "1", "1.", "1.x", ".1", "+1.2", "1.+2", "1.2.3.4", "70000.1",
        ] {
            assert!(text.parse::<KnativeVersion>().is_err(), "{text}");
            assert!(text.parse::<KubernetesMinor>().is_err(), "{text}");
        }
        assert!("2.1".parse::<KubernetesMinor>().is_err());
    }

    #[test]
    fn orders_by_number_not_by_text() {
        assert!(KnativeVersion::new(1, 9) < KnativeVersion::new(1, 10));
        assert!(KnativeVersion::new(0, 26) < KnativeVersion::new(1, 0));
    }

    #[test]
    fn prints_what_it_reads() {
        for text in ["0.26", "1.0", "1.23"] {
            assert_eq!(text.parse::<KnativeVersion>().unwrap().to_string(), text);
        }
        assert_eq!(KubernetesMinor(36).to_string(), "1.36");
    }

    #[test]
    fn a_range_holds_its_start_but_not_its_end() {
        let range = Range {
            since: Some(3),
            until: Some(5),
        };
        let held: Vec<_> = (0..8).filter(|&version| range.contains(version)).collect();
        assert_eq!(held, [3, 4]);
        assert!(Range::ALL.contains(7));
    }
}
