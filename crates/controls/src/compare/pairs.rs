//! Which finding of one scan is which of the other.
//!
//! The identity is that of fingerprints: control, object, path, file, and the order among equals.
//! It is taken of the parts rather than of the fingerprint, because the name of the file must not
//! count where each scan read one file.

use std::{collections::BTreeMap, sync::Arc};

use super::{Appeared, Changed, Comparison, Fixed, NotComparable, Recorded, Side, Which};
use crate::{
    control::Severity,
    finding::{Effect, FindingVerdict},
};

/// What identifies a finding, but for its order among equals.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Key<'a> {
    control: &'a str,
    group: &'a str,
    kind: &'a str,
    namespace: Option<&'a str>,
    name: &'a str,
    path: &'a str,
    file: Option<&'a str>,
}

/// The findings of both scans with one key.
#[derive(Debug, Default)]
struct Slot<'a> {
    old: Vec<&'a Arc<Recorded>>,
    old_covered: Vec<&'a Arc<Recorded>>,
    new: Vec<&'a Arc<Recorded>>,
    new_covered: Vec<&'a Arc<Recorded>>,
}

/// What has no counterpart.
#[derive(Debug, Default)]
struct Left<'a> {
    old: Vec<&'a Arc<Recorded>>,
    new: Vec<&'a Arc<Recorded>>,
}

/// What of the names of files tells one from another.
#[derive(Clone, Copy, Debug)]
enum Names<'a> {
    /// Nothing: each scan read one file.
    Nothing,
    /// All of it.
    Whole,
    /// What follows the folders that were scanned, of the old scan and of the new.
    Within(&'a str, &'a str),
}

/// Pairs the findings of two scans; the lists are in the order of keys.
pub(super) fn pair(old: &Side, new: &Side) -> Comparison {
    let names = Names::of(old, new);
    let mut comparison = Comparison::default();
    let mut left = Left::default();
    for (_, slot) in slots(old, new, names) {
        slot.pair(&mut comparison, &mut left);
    }
    left.pair_moved(old, new, names, &mut comparison);
    for finding in left.new {
        let file = names.in_the_other(Which::New, finding);
        let finding = Arc::clone(finding);
        match old.obstacle(&finding, file.as_deref()) {
            Some(why) => comparison.not_comparable.push(NotComparable {
                finding,
                of: Which::New,
                why,
            }),
            None => comparison.appeared.push(Appeared {
                finding,
                was_covered: false,
            }),
        }
    }
    let named = new.named();
    for finding in left.old {
        let file = names.in_the_other(Which::Old, finding);
        let finding = Arc::clone(finding);
        match new.obstacle(&finding, file.as_deref()) {
            Some(why) => comparison.not_comparable.push(NotComparable {
                finding,
                of: Which::Old,
                why,
            }),
            None => comparison.fixed.push(Fixed {
                object: new.presence(&named, &finding, file.as_deref()),
                finding,
            }),
        }
    }
    comparison
}

fn slots<'a>(old: &'a Side, new: &'a Side, names: Names<'a>) -> BTreeMap<Key<'a>, Slot<'a>> {
    let mut slots: BTreeMap<Key<'a>, Slot<'a>> = BTreeMap::new();
    let key = |of, finding: &'a Arc<Recorded>| Key::of(finding, names.file(of, finding));
    for finding in &old.findings {
        let slot = slots.entry(key(Which::Old, finding)).or_default();
        slot.old.push(finding);
    }
    for finding in &old.covered {
        let slot = slots.entry(key(Which::Old, finding)).or_default();
        slot.old_covered.push(finding);
    }
    for finding in &new.findings {
        let slot = slots.entry(key(Which::New, finding)).or_default();
        slot.new.push(finding);
    }
    for finding in &new.covered {
        let slot = slots.entry(key(Which::New, finding)).or_default();
        slot.new_covered.push(finding);
    }
    slots
}

impl<'a> Names<'a> {
    fn of(old: &'a Side, new: &'a Side) -> Self {
        match (&old.folder, &new.folder) {
            _ if old.files == 1 && new.files == 1 => Self::Nothing,
            (Some(old), Some(new)) => Self::Within(old, new),
            (None, _) | (_, None) => Self::Whole,
        }
    }

    /// Returns what of the name of a finding's file tells it from others.
    fn file(self, of: Which, finding: &Recorded) -> Option<&str> {
        let file = &*finding.place.file;
        match (self, of) {
            (Self::Nothing, _) => None,
            (Self::Whole, _) => Some(file),
            (Self::Within(folder, _), Which::Old) | (Self::Within(_, folder), Which::New) => {
                let within = file
                    .strip_prefix(folder)
                    .and_then(|file| file.strip_prefix('/'));
                Some(within.unwrap_or(file))
            }
        }
    }

    /// Returns the name that the file of a finding has in the other scan.
    fn in_the_other(self, of: Which, finding: &Recorded) -> Option<String> {
        let file = self.file(of, finding)?;
        let folder = match (self, of) {
            (Self::Within(old, _), Which::New) => old,
            (Self::Within(_, new), Which::Old) => new,
            (Self::Nothing | Self::Whole, _) => "",
        };
        Some(if folder.is_empty() {
            file.to_owned()
        } else {
            format!("{folder}/{file}")
        })
    }
}

impl<'a> Key<'a> {
    fn of(finding: &'a Recorded, file: Option<&'a str>) -> Self {
        let object = &finding.object;
        Self {
            control: &finding.control,
            group: &object.group,
            kind: &object.kind,
            namespace: object.namespace.as_deref(),
            name: &object.name,
            path: &finding.path,
            file,
        }
    }
}

impl<'a> Slot<'a> {
    fn pair(mut self, comparison: &mut Comparison, left: &mut Left<'a>) {
        // Equals among several: those that are alike first, then by place.
        let mut rest = Vec::new();
        for new in self.new {
            match self.old.iter().position(|old| state(old) == state(new)) {
                Some(at) => {
                    self.old.remove(at);
                    comparison.unchanged.push(Arc::clone(new));
                }
                None => rest.push(new),
            }
        }
        let mut old = self.old.into_iter();
        let mut rest = rest.into_iter();
        let mut old_covered = self.old_covered.len();
        let mut new_covered = self.new_covered.len();
        loop {
            match (rest.next(), old.next()) {
                (Some(new), Some(old)) => comparison.changed.push(changed(old, new)),
                (Some(new), None) if old_covered > new_covered => {
                    old_covered -= 1;
                    comparison.appeared.push(Appeared {
                        finding: Arc::clone(new),
                        was_covered: true,
                    });
                }
                (Some(new), None) => left.new.push(new),
                (None, Some(old)) if new_covered > old_covered => {
                    new_covered -= 1;
                    comparison.covered.push(Arc::clone(old));
                }
                (None, Some(old)) => left.old.push(old),
                (None, None) => return,
            }
        }
    }
}

impl Left<'_> {
    /// Pairs findings of objects that moved from one file to another.
    ///
    /// An object moved when the new scan does not have it in the old file, nor the old scan in the
    /// new one: else a fix in one overlay would hide what breaks in another.
    fn pair_moved(
        &mut self,
        old: &Side,
        new: &Side,
        names: Names<'_>,
        comparison: &mut Comparison,
    ) {
        let (Some(old_objects), Some(new_objects)) = (&old.objects, &new.objects) else {
            return;
        };
        let mut gone: BTreeMap<Key<'_>, Vec<&Arc<Recorded>>> = BTreeMap::new();
        let mut rest = Vec::new();
        for finding in self.old.drain(..) {
            let file = names.in_the_other(Which::Old, finding);
            if new_objects.has(&finding.object, file.as_deref()) {
                rest.push(finding);
            } else {
                gone.entry(Key::of(finding, None))
                    .or_default()
                    .push(finding);
            }
        }
        self.new.retain(|finding| {
            let file = names.in_the_other(Which::New, finding);
            if old_objects.has(&finding.object, file.as_deref()) {
                return true;
            }
            let Some(from) = gone
                .get_mut(&Key::of(finding, None))
                .filter(|from| !from.is_empty())
            else {
                return true;
            };
            let old = from.remove(0);
            if state(old) == state(finding) {
                comparison.unchanged.push(Arc::clone(finding));
            } else {
                comparison.changed.push(changed(old, finding));
            }
            false
        });
        rest.extend(gone.into_values().flatten());
        self.old = rest;
    }
}

fn changed(old: &Arc<Recorded>, new: &Arc<Recorded>) -> Changed {
    Changed {
        old: Arc::clone(old),
        new: Arc::clone(new),
    }
}

/// What may differ between two scans of one finding.
fn state(finding: &Recorded) -> (Severity, FindingVerdict, Effect) {
    (finding.severity, finding.verdict, finding.effect)
}
