//! Rules about the text of one object, before admission changes it.

use std::fmt;

use knight_model::{admitted::Changes, object::Object, versions::Versions};

use crate::rule::eval::Offence;

/// A question about the text of one object.
#[derive(Clone, Copy)]
pub struct WrittenRule {
    /// Whether the rule has anything to say of the object; those of which it has count as judged.
    pub reads: fn(&Written<'_>) -> bool,
    /// Whether an object of a group and kind, as a cluster holds it, can be one of those.
    pub stored: fn(&str, &str) -> bool,
    /// Adds what is wrong with it.
    pub judge: fn(&Written<'_>, &mut Vec<Offence>),
}

/// What a written rule sees.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The object as written.
    pub object: Object<'a>,
    /// What admission does to it.
    pub changes: &'a Changes,
    /// The versions to judge by.
    pub versions: &'a Versions,
}

impl fmt::Debug for WrittenRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrittenRule")
    }
}
