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

/// Pairs the findings of two scans; the lists are in the order of keys.
pub(super) fn pair(old: &Side, new: &Side) -> Comparison {
    let files_count = old.files != 1 || new.files != 1;
    let mut comparison = Comparison::default();
    let mut left = Left::default();
    for (_, slot) in slots(old, new, files_count) {
        slot.pair(&mut comparison, &mut left);
    }
    if files_count {
        left.pair_moved(old, new, &mut comparison);
    }
    let file = |finding: &'_ Recorded| files_count.then(|| Arc::clone(&finding.place.file));
    for finding in left.new {
        let finding = Arc::clone(finding);
        match old.obstacle(&finding, file(&finding).as_deref()) {
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
        let finding = Arc::clone(finding);
        let file = file(&finding);
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

fn slots<'a>(old: &'a Side, new: &'a Side, files_count: bool) -> BTreeMap<Key<'a>, Slot<'a>> {
    let mut slots: BTreeMap<Key<'a>, Slot<'a>> = BTreeMap::new();
    let key = |finding: &'a Arc<Recorded>| Key::of(finding, files_count);
    for finding in &old.findings {
        slots.entry(key(finding)).or_default().old.push(finding);
    }
    for finding in &old.covered {
        let slot = slots.entry(key(finding)).or_default();
        slot.old_covered.push(finding);
    }
    for finding in &new.findings {
        slots.entry(key(finding)).or_default().new.push(finding);
    }
    for finding in &new.covered {
        let slot = slots.entry(key(finding)).or_default();
        slot.new_covered.push(finding);
    }
    slots
}

impl<'a> Key<'a> {
    fn of(finding: &'a Recorded, files_count: bool) -> Self {
        let object = &finding.object;
        Self {
            control: &finding.control,
            group: &object.group,
            kind: &object.kind,
            namespace: object.namespace.as_deref(),
            name: &object.name,
            path: &finding.path,
            file: files_count.then_some(&*finding.place.file),
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
    fn pair_moved(&mut self, old: &Side, new: &Side, comparison: &mut Comparison) {
        let (Some(old_objects), Some(new_objects)) = (&old.objects, &new.objects) else {
            return;
        };
        let mut gone: BTreeMap<Key<'_>, Vec<&Arc<Recorded>>> = BTreeMap::new();
        let mut rest = Vec::new();
        for finding in self.old.drain(..) {
            if new_objects.has(&finding.object, Some(&finding.place.file)) {
                rest.push(finding);
            } else {
                gone.entry(Key::of(finding, false))
                    .or_default()
                    .push(finding);
            }
        }
        self.new.retain(|finding| {
            if old_objects.has(&finding.object, Some(&finding.place.file)) {
                return true;
            }
            let Some(from) = gone
                .get_mut(&Key::of(finding, false))
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
