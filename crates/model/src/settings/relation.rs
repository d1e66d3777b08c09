//! What Knative's code enforces between two settings of a `ConfigMap`.

use knight_facts::settings::{ConfigMap, Holds, Relation, Setting};

use super::{Settings, value};

/// A relation between two settings that does not hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Broken {
    /// The setting whose fact the relation is; the relation names the other.
    pub of: &'static Setting,
    /// What does not hold.
    pub relation: &'static Relation,
}

/// Returns a relation that `setting` is part of and that does not hold.
///
/// Of two settings that are written, it is broken for the one whose fact it is.
pub(super) fn broken(
    settings: &Settings,
    map: &'static ConfigMap,
    setting: &Setting,
) -> Option<Broken> {
    let version = settings.version();
    let known = map
        .setting
        .iter()
        .filter(|row| row.range().contains(version));
    let relations = known.flat_map(|of| {
        let relations = of.relation.iter();
        relations.map(move |relation| Broken { of, relation })
    });
    let is_written = |row: &Setting| {
        let mut keys = row.aliases.iter().chain([&row.key]);
        keys.any(|key| settings.get(map.component, &map.name, key).is_some())
    };
    relations
        .filter(|Broken { of, relation }| {
            of.key == setting.key || relation.key == setting.key && !is_written(of)
        })
        .find(|broken| !holds(settings, map, broken))
}

fn holds(settings: &Settings, map: &ConfigMap, broken: &Broken) -> bool {
    let effective = |key: &str| settings.effective(map.component, &map.name, key)?.value;
    let Broken { of, relation } = broken;
    let (own, other) = (effective(&of.key), effective(&relation.key));
    let own = own.as_deref().unwrap_or_default();
    let other = other.as_deref().unwrap_or_default();
    let is_among = |list: &[String], value: &str| list.iter().any(|item| item == value);
    if !relation.only.is_empty() && !is_among(&relation.only, own)
        || is_among(&relation.free, own)
        || is_among(&relation.unless, other)
    {
        return true;
    }
    if let Some(above) = relation.above.as_deref().and_then(value::number)
        && value::number(own).is_none_or(|own| own <= above)
    {
        return true;
    }
    let numbers = value::number(own).zip(value::number(other));
    match &relation.holds {
        Holds::AtMost => numbers.is_none_or(|(own, other)| own <= other),
        Holds::Be(values) => is_among(values, other),
        Holds::NotBe(values) => !is_among(values, other),
        Holds::PartAtLeast(least) => {
            // Not the contrary of less: a product with `NaN` is neither, and Go refuses less alone.
            let part = numbers.map(|(whole, part)| whole * share(part));
            !part
                .zip(value::number(least))
                .is_some_and(|(part, least)| part < least)
        }
    }
}

/// Reads a percentage, which up to 1 is a share already.
fn share(part: f64) -> f64 {
    if part > 1.0 { part / 100.0 } else { part }
}
