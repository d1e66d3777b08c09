//! The words that name controls: ids, families, mappings and parts of them.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::{
    catalogue,
    control::{Control, Threat},
    words::{did_you_mean, plain},
};

/// A word that names no control.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("`{word}` names no control, family or mapping{nearest}")]
pub struct UnknownPattern {
    word: String,
    nearest: String,
}

/// Checks that a word of `--select` or `--ignore`, or of the configuration, can match a control.
pub fn check_pattern(word: &str) -> Result<(), UnknownPattern> {
    if catalogue::controls().any(|control| control.matches(word)) {
        return Ok(());
    }
    // A threat that no control answers yet is none the less a word.
    if Threat::ALL.iter().any(|threat| threat.mapping() == word) {
        return Ok(());
    }
    let known = patterns();
    let nearest = did_you_mean(word, known.iter().copied());
    Err(UnknownPattern {
        word: plain(word),
        nearest,
    })
}

fn patterns() -> BTreeSet<&'static str> {
    let families = catalogue::FAMILIES.iter().map(|family| family.name);
    let threats = Threat::ALL.iter().map(|threat| threat.mapping());
    let mut known: BTreeSet<&str> = families
        .chain(threats)
        .chain(["all", "pss/restricted"])
        .collect();
    for Control { id, mappings, .. } in catalogue::controls() {
        known.insert(id);
        known.extend(mappings.iter().copied());
    }
    known
}
