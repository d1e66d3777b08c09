//! Objects of every carrier around what a rule reads.

use serde_json::{Map, Value, json};

use knight_controls::{
    control::{ObjectRule, On},
    policy::subjects,
    rule::eval::Params,
};
use knight_facts::{
    carriers::{Carrier, PodLocation},
    kinds,
};

use crate::{
    dice::Dice,
    material::junk,
    shape::{Mood, Shapes},
};

/// A kind that a rule judges.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) plural: String,
    carrier: Option<&'static Carrier>,
}

impl Kind {
    /// Returns the resource of an admission request.
    pub(crate) fn resource(&self) -> Value {
        json!({"group": self.group, "version": self.version, "resource": self.plural})
    }

    fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

/// Returns the kinds that a rule judges, each in its newest version.
pub(crate) fn kinds_of(on: On) -> Vec<Kind> {
    if let On::Objects(kinds) = on {
        let listed = kinds.iter().map(|&(group, kind)| {
            let known = kinds::kind(group, kind);
            let stored = known.and_then(|known| known.version.iter().find(|of| of.storage));
            Kind {
                group: group.to_owned(),
                version: stored.map_or_else(|| "v1".to_owned(), |version| version.name.clone()),
                name: kind.to_owned(),
                plural: known.map_or_else(
                    || format!("{}s", kind.to_lowercase()),
                    |known| known.plural.clone(),
                ),
                carrier: None,
            }
        });
        return listed.collect();
    }
    let carriers = subjects(on).into_iter().map(|carrier| Kind {
        group: carrier.group.clone(),
        version: carrier
            .versions
            .last()
            .expect("a version is served")
            .clone(),
        name: carrier.kind.clone(),
        plural: carrier.plural.clone(),
        carrier: Some(carrier),
    });
    carriers.collect()
}

/// Makes objects that a rule judges; the kinds take turns.
pub(crate) fn objects(
    rule: &ObjectRule,
    params: &Params,
    count: usize,
    dice: &mut Dice,
) -> Vec<(Kind, Value)> {
    let shapes = Shapes::of(&rule.holds, params, dice);
    let kinds = kinds_of(rule.on);
    let make = |at: usize| {
        let kind = &kinds[at % kinds.len()];
        let mood = Mood::any(dice);
        (kind.clone(), object(kind, &shapes, mood, dice))
    };
    (0..count).map(make).collect()
}

fn object(kind: &Kind, shapes: &Shapes, mood: Mood, dice: &mut Dice) -> Value {
    let mut object = shapes.object.draw_fields(dice, mood);
    for place in kind.carrier.iter().flat_map(|carrier| &carrier.pods) {
        let segments: Vec<&str> = place.spec.segments().collect();
        let listed = segments.iter().any(|segment| segment.ends_with("[]"));
        for item in 0..if listed { dice.below(3) } else { 1 } {
            if let Some(spec) = pod(shapes, place, mood, dice) {
                put(&mut object, &segments, item, spec);
            }
        }
        if let Some(metadata) = &place.metadata
            && let Some(drawn) = shapes.metadata.draw(dice, mood)
        {
            put(
                &mut object,
                &metadata.segments().collect::<Vec<_>>(),
                0,
                drawn,
            );
        }
        if mood.chance(dice, 0, 2, 8) {
            let mut steps = segments[..=dice.below(segments.len())].to_vec();
            // What should be a list is junk, or an item of it is.
            if let Some(last) = steps.last_mut()
                && dice.chance(50)
            {
                *last = last.trim_end_matches("[]");
            }
            put(&mut object, &steps, dice.below(2), junk(dice));
        }
    }
    // The API server lets no object in that lacks these.
    let map = object.as_object_mut().expect("fields make a map");
    map.insert("apiVersion".to_owned(), json!(kind.api_version()));
    map.insert("kind".to_owned(), json!(kind.name));
    let metadata = map.entry("metadata").or_insert_with(|| json!({}));
    if !metadata.is_object() {
        *metadata = json!({});
    }
    // A rule may ask for a name; no other is stored than a string.
    if metadata["name"].as_str().is_none_or(str::is_empty) {
        metadata["name"] = json!("generated");
    }
    object
}

fn pod(shapes: &Shapes, place: &PodLocation, mood: Mood, dice: &mut Dice) -> Option<Value> {
    if mood.chance(dice, 3, 5, 8) {
        return None;
    }
    let mut pod = shapes.pod.draw_fields(dice, mood);
    for (sort, most, present) in [
        ("containers", 3, 95),
        ("initContainers", 2, 30),
        ("ephemeralContainers", 2, 20),
    ] {
        if !dice.chance(present) {
            continue;
        }
        let list = if mood.chance(dice, 0, 3, 8) {
            junk(dice)
        } else {
            (0..dice.below(most + 1))
                .map(|at| container(shapes, at, mood, dice))
                .collect()
        };
        pod[sort] = list;
    }
    for at in 0..dice.below(3) {
        if !place.inline.is_empty() {
            pod[dice.pick(&place.inline)] = container(shapes, at, mood, dice);
        }
    }
    Some(pod)
}

fn container(shapes: &Shapes, at: usize, mood: Mood, dice: &mut Dice) -> Value {
    if mood.chance(dice, 0, 3, 8) {
        return junk(dice);
    }
    let mut container = shapes.container.draw_fields(dice, mood);
    if mood != Mood::Wild || dice.chance(80) {
        container["name"] = json!(format!("c{at}"));
    }
    container
}

/// Puts a value at a path, joining maps; what is in the way goes. `[]` behind a key means this item
/// of the list there, or the next one that there is none of.
fn put(object: &mut Value, path: &[&str], item: usize, value: Value) {
    let place = path.iter().fold(object, |here, segment| {
        if !here.is_object() {
            *here = Value::Object(Map::new());
        }
        let Some(key) = segment.strip_suffix("[]") else {
            return &mut here[*segment];
        };
        if !here[key].is_array() {
            here[key] = json!([]);
        }
        let list = here[key].as_array_mut().expect("it is a list");
        let at = item.min(list.len());
        if at == list.len() {
            list.push(Value::Null);
        }
        &mut list[at]
    });
    match (place, value) {
        (Value::Object(there), Value::Object(more)) => there.extend(more),
        (place, value) => *place = value,
    }
}
