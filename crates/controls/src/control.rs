//! What a control is: one thing that must hold, with everything said about it.

use std::fmt;

pub use knight_facts::settings::Profile;

use crate::{cluster_rule::ClusterRule, rule::Expr, written_rule::WrittenRule};

/// One thing that must hold.
#[derive(Clone, Copy, Debug)]
pub struct Control {
    /// The public name; it names the problem and is never reused.
    pub id: &'static str,
    /// The problem in a few words, as a heading.
    pub title: &'static str,
    /// What a finding says of its subject: "container `a` of Deployment `b` …".
    pub says: &'static str,
    /// What to do, in one sentence.
    pub help: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// How sure a finding is.
    pub confidence: Confidence,
    /// Who can mend it.
    pub audience: Audience,
    /// The scenarios that ask for it.
    pub profiles: Profiles,
    /// The threats that it answers.
    pub threats: &'static [Threat],
    /// Where other catalogues say the same: `pss/baseline`, `cis/5.2.5`, `mitre/T1611` …
    pub mappings: &'static [&'static str],
    /// Controls whose finding at the same place says more: where one of them fails, this one is
    /// silent.
    pub yields_to: &'static [&'static str],
    /// The page, in Markdown.
    pub page: &'static str,
    /// What is asked.
    pub rule: fn() -> Rule,
}

/// What a control asks, and of what.
#[derive(Clone, Debug)]
pub enum Rule {
    /// A declarative rule about one object, as admitted.
    Object(ObjectRule),
    /// A question about the text of one object.
    Written(WrittenRule),
    /// A question about several objects.
    Cluster(ClusterRule),
}

/// A declarative rule with its subjects.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectRule {
    /// What is judged.
    pub on: On,
    /// What must hold.
    pub holds: Expr,
    /// Whether the remedies that the rule offers cannot stop or change a running workload.
    pub safety: Safety,
}

/// The subjects of a declarative rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum On {
    /// Every pod of every carrier.
    Pods,
    /// The pods of carriers of these groups and kinds.
    PodsOf(&'static [(&'static str, &'static str)]),
    /// Objects of these groups and kinds.
    Objects(&'static [(&'static str, &'static str)]),
}

/// Whether a fix may be applied without a second look.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Safety {
    /// It cannot stop or change a running workload.
    Safe,
    /// It may.
    Unsafe,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Hygiene.
    Low,
    /// Weakens a layer of defence.
    Medium,
    /// Gives an attacker what the next step needs.
    High,
    /// Gives the node or the cluster away.
    Critical,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Confidence {
    /// A guess from names or shapes.
    Low,
    /// Right unless something outside the input says otherwise.
    Medium,
    /// Certain.
    High,
}

/// Who can mend a finding.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Audience {
    /// Whoever runs the platform.
    Platform,
    /// Whoever owns the object: the platform in system namespaces, else a tenant.
    Owner,
}

/// A set of scenarios.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Profiles(u8);

/// A threat category of STRIDE.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Threat {
    /// Acting as someone else.
    Spoofing,
    /// Changing what one must not.
    Tampering,
    /// Leaving no trace.
    Repudiation,
    /// Reading what one must not.
    InformationDisclosure,
    /// Taking the service away from others.
    DenialOfService,
    /// Gaining rights.
    ElevationOfPrivilege,
}

impl Rule {
    /// Makes a rule about every pod of every carrier.
    pub fn pods(holds: Expr) -> Self {
        Self::Object(ObjectRule {
            on: On::Pods,
            holds,
            safety: Safety::Unsafe,
        })
    }

    /// Makes a rule about the pods of carriers of these groups and kinds.
    pub fn pods_of(kinds: &'static [(&'static str, &'static str)], holds: Expr) -> Self {
        Self::Object(ObjectRule {
            on: On::PodsOf(kinds),
            holds,
            safety: Safety::Unsafe,
        })
    }

    /// Makes a rule about objects of these groups and kinds.
    pub fn objects(kinds: &'static [(&'static str, &'static str)], holds: Expr) -> Self {
        Self::Object(ObjectRule {
            on: On::Objects(kinds),
            holds,
            safety: Safety::Unsafe,
        })
    }

    /// Says that the remedies cannot stop or change a running workload.
    #[must_use]
    pub fn safely(mut self) -> Self {
        if let Self::Object(rule) = &mut self {
            rule.safety = Safety::Safe;
        }
        self
    }

    /// Returns the declarative rule, if it is one.
    pub fn as_object(&self) -> Option<&ObjectRule> {
        match self {
            Self::Object(rule) => Some(rule),
            Self::Written(_) | Self::Cluster(_) => None,
        }
    }
}

impl Control {
    /// Returns the family: the folder of the control's page, and the first part of its chapter.
    pub fn family(&self) -> &'static str {
        crate::catalogue::family_of(self.id).unwrap_or("custom")
    }

    /// Returns whether a pattern of `--select` or `--ignore` names the control: its id, its family,
    /// a mapping or the first parts of one, `stride/…`, or `all`.
    pub fn matches(&self, pattern: &str) -> bool {
        let below = |mapping: &str| {
            mapping == pattern
                || mapping
                    .strip_prefix(pattern)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        pattern == "all"
            || pattern == self.id
            || pattern == self.family()
            || self.mappings.iter().any(|mapping| below(mapping))
            // The restricted level of the Pod Security Standards holds the baseline level too.
            || (pattern == "pss/restricted" && self.mappings.contains(&"pss/baseline"))
            || self.threats.iter().any(|threat| below(threat.mapping()))
    }
}

impl FromIterator<Profile> for Profiles {
    fn from_iter<I: IntoIterator<Item = Profile>>(profiles: I) -> Self {
        Self(
            profiles
                .into_iter()
                .fold(0, |bits, profile| bits | 1 << profile as u8),
        )
    }
}

impl Profiles {
    /// Every scenario.
    pub const ALL: Self = Self::of(&[
        Profile::Hosted,
        Profile::Shared,
        Profile::Single,
        Profile::Airgap,
    ]);

    /// Makes a set.
    pub const fn of(profiles: &[Profile]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < profiles.len() {
            bits |= 1 << profiles[at] as u8;
            at += 1;
        }
        Self(bits)
    }

    /// Returns whether a scenario is in the set.
    pub const fn contains(self, profile: Profile) -> bool {
        self.0 & (1 << profile as u8) != 0
    }

    /// Returns whether the sets share a scenario.
    pub const fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns the scenarios of the set.
    pub fn iter(self) -> impl Iterator<Item = Profile> {
        Profile::ALL
            .into_iter()
            .filter(move |profile| self.contains(*profile))
    }
}

/// Gives an enum its public words, both ways.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $name {
            /// Every value, in order.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$variant),*];

            /// Returns the word that options, files and reports use.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads the word that options, files and reports use.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.as_str() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words!(Severity {
    Info = "info",
    Low = "low",
    Medium = "medium",
    High = "high",
    Critical = "critical",
});
words!(Confidence { Low = "low", Medium = "medium", High = "high" });
words!(Audience { Platform = "platform", Owner = "owner" });
words!(Threat {
    Spoofing = "spoofing",
    Tampering = "tampering",
    Repudiation = "repudiation",
    InformationDisclosure = "information-disclosure",
    DenialOfService = "denial-of-service",
    ElevationOfPrivilege = "elevation-of-privilege",
});

impl Threat {
    /// Returns the threat as a mapping: `stride/spoofing`.
    pub const fn mapping(self) -> &'static str {
        match self {
            Self::Spoofing => "stride/spoofing",
            Self::Tampering => "stride/tampering",
            Self::Repudiation => "stride/repudiation",
            Self::InformationDisclosure => "stride/information-disclosure",
            Self::DenialOfService => "stride/denial-of-service",
            Self::ElevationOfPrivilege => "stride/elevation-of-privilege",
        }
    }
}
