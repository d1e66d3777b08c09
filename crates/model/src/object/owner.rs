//! What an object of a cluster says of its own and its owner's identity.

use super::{Object, split_api_version};
use crate::tree::Node;

/// What the API server gives an object that no other one ever has.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Uid(u128);

/// The owner that manages an object, as the object says; whoever writes the object may say anything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Controller<'a> {
    /// The API group; empty for the core group.
    pub group: &'a str,
    /// The kind.
    pub kind: &'a str,
    /// The name.
    pub name: &'a str,
    /// The uid.
    pub uid: Uid,
}

impl Uid {
    /// Reads a uid as API servers write them, which is as 32 hexadecimal digits in five groups.
    pub fn read(text: &str) -> Option<Self> {
        let mut groups = text.split('-');
        let mut value = 0;
        for len in [8, 4, 4, 4, 12] {
            let group = groups.next().filter(|group| group.len() == len)?;
            for digit in group.chars() {
                value = value << 4 | u128::from(digit.to_digit(16)?);
            }
        }
        groups.next().is_none().then_some(Self(value))
    }
}

impl<'a> Object<'a> {
    /// Returns `metadata.uid`, when it is one of an API server.
    pub fn uid(&self) -> Option<Uid> {
        Uid::read(self.metadata?.get("uid")?.as_str()?)
    }

    /// Returns the owner with `controller: true`; nothing when several say so.
    pub fn controller(&self) -> Option<Controller<'a>> {
        let references = self.metadata?.get("ownerReferences")?.as_list()?;
        let mut controllers = references
            .items()
            .filter(|reference| reference.get("controller").and_then(Node::as_bool) == Some(true));
        let reference = controllers.next()?;
        if controllers.next().is_some() {
            return None;
        }
        let text = |key| reference.get(key)?.as_str();
        let (group, _) = split_api_version(text("apiVersion")?).ok()?;
        Some(Controller {
            group,
            kind: text("kind")?,
            name: text("name")?,
            uid: Uid::read(text("uid")?)?,
        })
    }
}
