//! Why a part of a rule does not match.

use std::{fmt, net::IpAddr};

use knight_model::network::{
    Answer, Block, Cidr, Label, LabelTest, Labels, Protocol, Requirement, Selector,
};

use super::Part;

/// Why a peer or a port of a rule does not match, or why that is not known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Why {
    /// A selector asks something else of a label.
    Label {
        /// Whether it is a label of the namespace, not of the pod.
        of_namespace: bool,
        /// What is asked.
        wanted: Requirement,
        /// The value; absent when the label is.
        found: Option<Box<str>>,
        /// Whether the label is known.
        is_known: bool,
    },
    /// The selector means pods of the policy's own namespace, and this is one of another.
    OtherNamespace {
        /// The namespace of the pod.
        found: Box<str>,
    },
    /// Selectors mean pods, and this is none.
    NoPod,
    /// An address is not in the block.
    OutsideBlock {
        /// The address.
        address: IpAddr,
        /// The block.
        block: Cidr,
    },
    /// An address is in an exception of the block.
    InException {
        /// The address.
        address: IpAddr,
        /// The exception.
        except: Cidr,
    },
    /// The address of the pod is not known.
    AddressUnknown,
    /// Whether a block means pods, the network plugin decides.
    PluginDecides,
    /// Selectors mean no pods with the network of their node, or only with some network plugins.
    HostNetwork,
    /// It is about another protocol.
    OtherProtocol {
        /// That one.
        wanted: Protocol,
    },
    /// It is about other ports.
    OtherPort {
        /// The first of them.
        first: u16,
        /// The last of them.
        last: u16,
    },
    /// The pod calls other ports by that name, none, or several.
    PortName {
        /// The name.
        name: Box<str>,
        /// The ports that the pod calls so.
        numbers: Vec<u16>,
    },
}

impl Why {
    /// Returns how far this is from a match: a label is sooner changed than a rule.
    pub(super) fn distance(&self) -> usize {
        match self {
            Self::NoPod => 8,
            Self::OutsideBlock { .. } | Self::InException { .. } => 4,
            Self::OtherNamespace { .. } | Self::HostNetwork => 3,
            Self::Label { .. }
            | Self::AddressUnknown
            | Self::PluginDecides
            | Self::OtherProtocol { .. }
            | Self::OtherPort { .. }
            | Self::PortName { .. } => 1,
        }
    }

    /// Says why an address is not in a block.
    pub(super) fn outside(block: &Block, address: IpAddr) -> Self {
        let except = block.except.iter().find(|except| except.contains(address));
        match except {
            Some(&except) => Self::InException { address, except },
            None => Self::OutsideBlock {
                address,
                block: block.cidr,
            },
        }
    }
}

impl Part {
    pub(super) fn yes() -> Self {
        Self {
            answer: Answer::Yes,
            whys: Vec::new(),
        }
    }

    pub(super) fn no(why: Why) -> Self {
        Self {
            answer: Answer::No,
            whys: vec![why],
        }
    }

    /// Lets the part match at most so well.
    pub(super) fn limit(&mut self, answer: Answer, why: Why) {
        if answer != Answer::Yes {
            self.answer = self.answer.min(answer);
            self.whys.push(why);
        }
    }

    /// Holds a selector against labels; labels that are absent are those of nothing known.
    pub(super) fn select(
        &mut self,
        selector: &Selector,
        labels: Option<&Labels>,
        of_namespace: bool,
    ) {
        for requirement in selector.requirements() {
            let label = labels.map_or(Label::Unknown, |labels| labels.label(&requirement.key));
            let answer = requirement.test.holds_for(label);
            self.limit(
                answer,
                Why::Label {
                    of_namespace,
                    wanted: requirement.clone(),
                    found: match label {
                        Label::Value(value) => Some(value.into()),
                        Label::Absent | Label::Unknown => None,
                    },
                    is_known: label != Label::Unknown,
                },
            );
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label {
                of_namespace,
                wanted,
                found,
                is_known,
            } => {
                let whose = if *of_namespace {
                    "the namespace's"
                } else {
                    "the pod's"
                };
                write!(f, "{whose} label `{}` ", wanted.key)?;
                match (found, is_known) {
                    (Some(value), _) => write!(f, "is `{value}`")?,
                    (None, true) => f.write_str("is absent")?,
                    (None, false) => f.write_str("is not known")?,
                }
                f.write_str(", and must ")?;
                match &wanted.test {
                    LabelTest::In(values) if values.len() == 1 => {
                        write!(f, "be `{}`", values.join(""))
                    }
                    LabelTest::In(values) => write!(f, "be one of `{}`", values.join("`, `")),
                    LabelTest::NotIn(values) => write!(f, "not be `{}`", values.join("` or `")),
                    LabelTest::Exists => f.write_str("be there"),
                    LabelTest::DoesNotExist => f.write_str("be absent"),
                }
            }
            Self::OtherNamespace { found } => {
                write!(
                    f,
                    "only pods of the policy's own namespace are meant, not of `{found}`"
                )
            }
            Self::NoPod => f.write_str("selectors mean pods, and this is none"),
            Self::OutsideBlock { address, block } => write!(f, "{address} is not in {block}"),
            Self::InException { address, except } => {
                write!(f, "{address} is in the exception {except}")
            }
            Self::AddressUnknown => f.write_str("the address is not known"),
            Self::PluginDecides => {
                f.write_str("whether a block means this address, the network plugin decides")
            }
            Self::HostNetwork => f.write_str(
                "whether a selector means a pod with the network of its node, the network plugin \
                 decides",
            ),
            Self::OtherProtocol { wanted } => write!(f, "only {wanted} is meant"),
            Self::OtherPort { first, last } if first == last => {
                write!(f, "only the port {first} is meant")
            }
            Self::OtherPort { first, last } => {
                write!(f, "only the ports from {first} to {last} are meant")
            }
            Self::PortName { name, numbers } => match &**numbers {
                [] => write!(f, "the pod calls no port `{name}`"),
                [number] => write!(f, "the pod calls its port {number} `{name}`"),
                _ => write!(f, "the pod calls several ports `{name}`"),
            },
        }
    }
}
