//! What each profile recommends.

use std::fmt;

use serde::Deserialize;

/// A scenario that recommendations are for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Untrusted code of strangers.
    Hosted,
    /// Teams of one organisation.
    Shared,
    /// One sensitive tenant.
    Single,
    /// No way out to the internet.
    Airgap,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 4] = [Self::Hosted, Self::Shared, Self::Single, Self::Airgap];

    /// Returns the name of the profile.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hosted => "hosted",
            Self::Shared => "shared",
            Self::Single => "single",
            Self::Airgap => "airgap",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a profile recommends for a setting.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Recommendation {
    /// The default.
    #[default]
    Keep,
    /// This value.
    Value(String),
    /// The default, or one of these values for those who need them.
    May(Vec<String>),
    /// A value of the platform's own, chosen as this text says.
    Own(String),
}

#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Recommended {
    hosted: Recommendation,
    shared: Recommendation,
    single: Recommendation,
    airgap: Recommendation,
}

impl Recommended {
    pub(super) const fn of(&self, profile: Profile) -> &Recommendation {
        match profile {
            Profile::Hosted => &self.hosted,
            Profile::Shared => &self.shared,
            Profile::Single => &self.single,
            Profile::Airgap => &self.airgap,
        }
    }
}
