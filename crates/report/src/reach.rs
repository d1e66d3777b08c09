//! Who can talk to whom, in every form that `knight reach` writes.
//!
//! What is certain and what is merely possible stand beside each other wherever they differ. Whatever
//! the input leaves open is named, so that an absent flow is never read as more than it is.

mod explained;
mod json;
mod rows;
mod tables;
mod unknown;
mod who;

use std::{fmt, io, str::FromStr};

use knight_analysis::reach::Network;
use knight_model::network::Protocol;
use thiserror::Error;

pub use explained::Question;
pub use who::{Chosen, NotFound, Who};

/// A form that connections can be written in.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ReachFormat {
    /// For people at a terminal.
    Text,
    /// For programs: versioned, with the schema `schemas/reach.schema.json`.
    Json,
    /// A table for a spreadsheet: one row a flow.
    Csv,
    /// A graph for Graphviz.
    Dot,
    /// A table for a page.
    Markdown,
}

/// A word that names no [`ReachFormat`].
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("`{0}` is no form of connections: use `text`, `json`, `csv`, `dot` or `markdown`")]
pub struct UnknownReachFormat(String);

/// How far connections are written out.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Spread {
    /// By classes of pods that no rule tells apart.
    #[default]
    Classes,
    /// By pairs of workloads.
    Workloads,
}

/// Which flows are asked for; all of what is said must hold.
#[derive(Clone, Debug, Default)]
pub struct Focus {
    /// Only those from here.
    pub from: Option<Chosen>,
    /// Only those to here.
    pub to: Option<Chosen>,
    /// Only those from or to here.
    pub either: Option<Chosen>,
    /// Only those that may reach this port; of any protocol where none is said.
    pub port: Option<Port>,
}

/// A port that is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Port {
    /// The protocol, where one is said.
    pub protocol: Option<Protocol>,
    /// The number.
    pub number: u16,
}

/// What names no [`Port`].
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error(
    "`{0}` is no port: write a number from 1 to 65535, or one with its protocol, such as `53/udp`"
)]
pub struct InvalidPort(String);

/// What is written: a network, and what is asked of it.
#[derive(Clone, Debug)]
pub struct Reach<'n> {
    /// The network.
    pub network: &'n Network<'n>,
    /// How far it is written out.
    pub spread: Spread,
    /// Which flows are asked for.
    pub focus: Focus,
    /// What whoever read the input knows to be missing from it, as sentences.
    pub notes: Vec<String>,
}

impl Reach<'_> {
    /// Writes the flows in a format.
    pub fn write(&self, format: ReachFormat, out: &mut dyn io::Write) -> io::Result<()> {
        match format {
            ReachFormat::Text => tables::text(self, out),
            ReachFormat::Json => json::write(self, out),
            ReachFormat::Csv => tables::csv(self, out),
            ReachFormat::Dot => tables::dot(self, out),
            ReachFormat::Markdown => tables::markdown(self, out),
        }
    }

    /// Returns what is not known, as sentences: what is missing from the input and what is not judged.
    pub fn unknown(&self) -> Vec<String> {
        let mut unknown = self.notes.clone();
        unknown.extend(unknown::of(self.network.objects()));
        unknown
    }

    /// Returns whether a format says by itself what is not known.
    pub fn says_unknown(&self, format: ReachFormat) -> bool {
        match format {
            ReachFormat::Json | ReachFormat::Markdown => true,
            ReachFormat::Text => self.spread == Spread::Classes,
            ReachFormat::Csv | ReachFormat::Dot => false,
        }
    }
}

impl ReachFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Text, Self::Json, Self::Csv, Self::Dot, Self::Markdown];

    /// Returns the word that options use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Dot => "dot",
            Self::Markdown => "markdown",
        }
    }
}

impl FromStr for ReachFormat {
    type Err = UnknownReachFormat;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == word)
            .ok_or_else(|| UnknownReachFormat(word.to_owned()))
    }
}

impl Port {
    /// Returns the protocols that are asked for.
    pub(crate) fn protocols(self) -> impl Iterator<Item = Protocol> {
        let asked = move |protocol: &Protocol| self.protocol.is_none_or(|asked| asked == *protocol);
        Protocol::ALL.into_iter().filter(asked)
    }
}

impl FromStr for Port {
    type Err = InvalidPort;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidPort(text.to_owned());
        let (number, protocol) = match text.split_once('/') {
            None => (text, None),
            Some((number, name)) => {
                let protocol = Protocol::named(&name.to_ascii_uppercase()).ok_or_else(invalid)?;
                (number, Some(protocol))
            }
        };
        match number.parse() {
            Ok(0) | Err(_) => Err(invalid()),
            Ok(number) => Ok(Self { protocol, number }),
        }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocol {
            Some(protocol) => write!(f, "{protocol} {}", self.number),
            None => write!(f, "port {}", self.number),
        }
    }
}
