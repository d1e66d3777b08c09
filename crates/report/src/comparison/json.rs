//! Comparisons for programs: `schemas/comparison.schema.json` says what stands where.

use std::io;

use serde::Serialize;
use serde_json::Serializer;

use knight_controls::{
    compare::{self, SideBasis},
    finding::Owner,
};
use knight_model::{object::ObjectRef, place::Place};

use crate::json::Visible;

/// The version of this shape; it grows when a name goes or changes its meaning.
const VERSION: u32 = 1;

/// Writes everything that the comparison holds.
pub(super) fn write(
    comparison: &compare::Comparison,
    mut out: &mut dyn io::Write,
) -> io::Result<()> {
    let versioned = Versioned {
        version: VERSION,
        comparison: Shape::of(comparison),
    };
    let mut serializer = Serializer::with_formatter(&mut out, Visible::default());
    versioned.serialize(&mut serializer)?;
    writeln!(out)
}

#[derive(Debug, Serialize)]
struct Versioned<'c> {
    version: u32,
    #[serde(flatten)]
    comparison: Shape<'c>,
}

/// A comparison in JSON, without the version.
#[derive(Debug, Serialize)]
pub(crate) struct Shape<'c> {
    summary: Summary,
    old: Basis<'c>,
    new: Basis<'c>,
    differences: Vec<String>,
    unseen: &'c [String],
    appeared: Vec<Appeared<'c>>,
    changed: Vec<Changed<'c>>,
    not_comparable: Vec<NotComparable<'c>>,
    fixed: Vec<Fixed<'c>>,
    covered: Vec<Finding<'c>>,
    unchanged: Vec<Finding<'c>>,
}

#[derive(Debug, Serialize)]
struct Summary {
    appeared: usize,
    worse: usize,
    milder: usize,
    not_comparable: usize,
    fixed: usize,
    covered: usize,
    unchanged: usize,
}

#[derive(Debug, Serialize)]
struct Basis<'c> {
    name: &'c str,
    profiles: &'c [String],
    audience: Option<&'static str>,
    knative: &'c str,
    kubernetes: &'c str,
    controls: Vec<&'c str>,
}

#[derive(Debug, Serialize)]
struct Appeared<'c> {
    #[serde(flatten)]
    finding: Finding<'c>,
    was_covered: bool,
}

#[derive(Debug, Serialize)]
struct Changed<'c> {
    #[serde(flatten)]
    finding: Finding<'c>,
    worse: bool,
    was: State,
}

#[derive(Debug, Serialize)]
struct State {
    severity: &'static str,
    verdict: &'static str,
    effect: &'static str,
}

#[derive(Debug, Serialize)]
struct NotComparable<'c> {
    #[serde(flatten)]
    finding: Finding<'c>,
    of: &'static str,
    why: &'static str,
}

#[derive(Debug, Serialize)]
struct Fixed<'c> {
    #[serde(flatten)]
    finding: Finding<'c>,
    presence: &'static str,
}

#[derive(Debug, Serialize)]
struct Finding<'c> {
    control: &'c str,
    title: &'c str,
    severity: &'static str,
    audience: &'static str,
    effect: &'static str,
    verdict: &'static str,
    message: &'c str,
    label: &'c str,
    object: Object<'c>,
    path: &'c str,
    location: Location<'c>,
    fingerprint: &'c str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'c> {
    api_version: String,
    kind: &'c str,
    namespace: Option<&'c str>,
    name: &'c str,
}

#[derive(Debug, Serialize)]
struct Location<'c> {
    file: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
}

impl<'c> Shape<'c> {
    pub(crate) fn of(comparison: &'c compare::Comparison) -> Self {
        let worse = comparison.worse().count();
        Self {
            summary: Summary {
                appeared: comparison.appeared.len(),
                worse,
                milder: comparison.changed.len() - worse,
                not_comparable: comparison.not_comparable.len(),
                fixed: comparison.fixed.len(),
                covered: comparison.covered.len(),
                unchanged: comparison.unchanged.len(),
            },
            old: Basis::of(&comparison.old),
            new: Basis::of(&comparison.new),
            differences: comparison.differences(),
            unseen: &comparison.unseen,
            appeared: comparison.appeared.iter().map(Appeared::of).collect(),
            changed: comparison.changed.iter().map(Changed::of).collect(),
            not_comparable: comparison
                .not_comparable
                .iter()
                .map(NotComparable::of)
                .collect(),
            fixed: comparison.fixed.iter().map(Fixed::of).collect(),
            covered: comparison
                .covered
                .iter()
                .map(|it| Finding::of(it))
                .collect(),
            unchanged: comparison
                .unchanged
                .iter()
                .map(|it| Finding::of(it))
                .collect(),
        }
    }
}

impl<'c> Basis<'c> {
    fn of(basis: &'c SideBasis) -> Self {
        Self {
            name: &basis.name,
            profiles: &basis.profiles,
            audience: basis.audience.map(Owner::as_str),
            knative: &basis.knative,
            kubernetes: &basis.kubernetes,
            controls: basis.controls.iter().map(|id| &**id).collect(),
        }
    }
}

impl<'c> Appeared<'c> {
    fn of(it: &'c compare::Appeared) -> Self {
        Self {
            finding: Finding::of(&it.finding),
            was_covered: it.was_covered,
        }
    }
}

impl<'c> Changed<'c> {
    fn of(it: &'c compare::Changed) -> Self {
        Self {
            finding: Finding::of(&it.new),
            worse: it.is_worse(),
            was: State {
                severity: it.old.severity.as_str(),
                verdict: it.old.verdict.as_str(),
                effect: it.old.effect.as_str(),
            },
        }
    }
}

impl<'c> NotComparable<'c> {
    fn of(it: &'c compare::NotComparable) -> Self {
        Self {
            finding: Finding::of(&it.finding),
            of: it.of.as_str(),
            why: it.why.as_str(),
        }
    }
}

impl<'c> Fixed<'c> {
    fn of(it: &'c compare::Fixed) -> Self {
        Self {
            finding: Finding::of(&it.finding),
            presence: it.object.as_str(),
        }
    }
}

impl<'c> Finding<'c> {
    fn of(finding: &'c compare::Recorded) -> Self {
        Self {
            control: &finding.control,
            title: &finding.title,
            severity: finding.severity.as_str(),
            audience: finding.audience.as_str(),
            effect: finding.effect.as_str(),
            verdict: finding.verdict.as_str(),
            message: &finding.message,
            label: &finding.label,
            object: Object::of(&finding.object),
            path: &finding.path,
            location: Location::of(&finding.place),
            fingerprint: &finding.fingerprint,
        }
    }
}

impl<'c> Object<'c> {
    fn of(object: &'c ObjectRef) -> Self {
        Self {
            api_version: object.api_version(),
            kind: &object.kind,
            namespace: object.namespace.as_deref(),
            name: &object.name,
        }
    }
}

impl<'c> Location<'c> {
    fn of(place: &'c Place) -> Self {
        let start = place.is_written().then_some(place.start);
        Self {
            file: &place.file,
            line: start.map(|at| at.line),
            column: start.map(|at| at.column),
        }
    }
}
