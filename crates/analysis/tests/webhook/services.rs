//! Objects of Knative Serving, judged by its webhook and by Knight, under many flags.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use knight_analysis::webhook;
use knight_facts::{
    pod_spec::{self, Answer as Fact},
    versions::newest_knative,
};
use knight_model::{admitted::Admission, settings::Settings};
use knight_testbed_client::{Answer, FieldValidation};
use serde_json::{Value, json};

use crate::{
    bed,
    dice::Dice,
    knight, names, objects,
    states::{self, Stock},
};

const STATES: usize = 16;
const OBJECTS: usize = 220;

/// What became of one object.
enum Fate {
    /// The webhook took it, and this is what is stored.
    Taken(Value),
    /// The webhook refused it for these fields.
    Refused(BTreeSet<String>),
    /// The webhook took it, and refused it for what a pod of it would be.
    PodRefused,
    /// It never got to the webhook.
    Schema,
}

#[derive(Default)]
struct Row {
    taken: usize,
    refused: usize,
    pod_refused: usize,
    schema: usize,
    defaulted: usize,
}

#[test]
fn objects_are_refused_for_the_fields_that_knight_names_and_defaulted_as_it_says() {
    states::prepare();
    let stock = Stock::read();
    let namespaces = bed::testbed().namespaces("webhook");
    let namespace = namespaces.create("objects", &json!({})).unwrap();

    let mut rows = BTreeMap::new();
    let mut unequal = String::new();
    let mut fields = BTreeMap::<String, usize>::new();
    for (at, state) in states::states(STATES).iter().enumerate() {
        stock.enter(state, &namespace);
        let [features, defaults] = stock.with(state);
        let settings = knight::settings_of(&[&features, &defaults]);
        let admission = Admission::new(&settings, newest_knative());
        let objects: Vec<Value> = (0..OBJECTS)
            .map(|nth| {
                let seed = 1_000_000 * (at + 1) + nth;
                objects::object(&mut Dice::of(u64::try_from(seed).unwrap()), &namespace)
            })
            .collect();
        let row: &mut Row = rows.entry(state.name.clone()).or_default();
        let fates = bed::all(&objects, |object| {
            (send(object), judge(object, &admission, &settings))
        });
        for (object, (fate, (named, stored))) in objects.iter().zip(fates) {
            let mut differ =
                |what: &str, theirs: &dyn std::fmt::Debug, ours: &dyn std::fmt::Debug| {
                    let _ = writeln!(
                        unequal,
                        "{} {what}\n  webhook {theirs:?}\n  Knight  {ours:?}\n  {object}",
                        state.name
                    );
                };
            match fate {
                Fate::Schema => row.schema += 1,
                Fate::PodRefused if named.is_empty() => row.pod_refused += 1,
                Fate::PodRefused => differ("refuses only the pod", &"", &named),
                Fate::Refused(theirs) if theirs == named => {
                    row.refused += 1;
                    for name in theirs {
                        *fields.entry(names::without_places(&name)).or_default() += 1;
                    }
                }
                Fate::Refused(theirs) => differ("refuses", &theirs, &named),
                Fate::Taken(_) if !named.is_empty() => differ("takes", &"", &named),
                Fate::Taken(theirs) => {
                    row.taken += 1;
                    let (theirs, ours) = (names::plain(&theirs), names::plain(&stored));
                    let differences = names::differences(&theirs, &ours);
                    if differences.is_empty() {
                        row.defaulted += 1;
                    } else {
                        differ("stores", &differences, &"");
                    }
                }
            }
        }
    }
    bed::write_table("webhook.md", &table(&rows, &fields));
    assert_eq!(unequal, "");
    assert_every_mask_is_met(&fields);
    assert_tells_enough(&rows);
}

/// Agreement about too little, or about one answer alone, proves nothing.
fn assert_tells_enough(rows: &BTreeMap<String, Row>) {
    let sum = |count: fn(&Row) -> usize| rows.values().map(count).sum::<usize>();
    let judged = sum(|row| row.taken + row.refused + row.pod_refused);
    assert!(judged >= 2000, "only {judged} objects reached the webhook");
    assert!(sum(|row| row.defaulted) >= 500);
    assert!(
        sum(|row| row.schema) * 20 < judged,
        "too many are no objects at all"
    );
    for (state, row) in rows {
        assert!(row.refused > 0 && row.taken > 0, "{state} has one answer");
    }
}

/// A field that is never refused may be one that no object has.
fn assert_every_mask_is_met(refused: &BTreeMap<String, usize>) {
    let missing: Vec<String> = pod_spec::fields()
        .iter()
        .filter(|row| row.range.contains(newest_knative()))
        .filter(|row| match row.answer {
            Fact::Gated(_) | Fact::Refused | Fact::OnlyValue { .. } | Fact::AtMost(_) => true,
            Fact::Allowed | Fact::Pruned | Fact::Rewritten(_) => false,
        })
        .map(|row| names::of_fact(row.level, row.field.as_str()))
        .filter(|name| !refused.contains_key(name))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

fn send(object: &Value) -> Fate {
    let client = bed::client();
    let path = client.collection_of(object, None).unwrap();
    let answer = client.dry_run_create(&path, object, FieldValidation::Ignore);
    fate(answer.unwrap(), object)
}

fn fate(answer: Answer, object: &Value) -> Fate {
    if answer.is_success() {
        return Fate::Taken(answer.body);
    }
    let message = answer.message();
    let webhook = message.contains("validation.webhook.serving.knative.dev");
    match (webhook, message.contains("dry run failed with")) {
        (true, true) => Fate::PodRefused,
        (true, false) => Fate::Refused(names::in_message(message, object)),
        (false, _) => Fate::Schema,
    }
}

/// Returns the fields that Knight says are refused, and the object as it says it is stored.
fn judge(object: &Value, admission: &Admission, settings: &Settings) -> (BTreeSet<String>, Value) {
    let document = knight::read(object);
    let written = knight::object(&document);
    let admitted = admission.admit(&written);
    let stored = admitted.object(&written);
    let spec = names::spec_path(object);
    let keys: Vec<&str> = spec.split('.').collect();
    let node = stored.node().at_path(&keys).unwrap();
    let refusals = webhook::refusals(node, settings);
    let named = refusals
        .iter()
        .map(|refusal| names::of_path(spec, &refusal.path));
    (named.collect(), stored.node().to_json())
}

fn table(rows: &BTreeMap<String, Row>, fields: &BTreeMap<String, usize>) -> String {
    let mut text = format!(
        "# Objects, as Knight and as the webhook of Knative {} judge them\n\n\
         *Pod refused*: the webhook took the object, and a dry run of its pod was refused. *Schema*: the \
         API server refused it before.\n\n\
         | flags | taken | of these stored as Knight says | refused for the same fields | pod refused | schema |\n\
         |---|---|---|---|---|---|\n",
        newest_knative()
    );
    for (state, row) in rows {
        let _ = writeln!(
            text,
            "| {state} | {} | {} | {} | {} | {} |",
            row.taken, row.defaulted, row.refused, row.pod_refused, row.schema
        );
    }
    text += "\n| field | refused |\n|---|---|\n";
    for (field, count) in fields {
        let _ = writeln!(text, "| `{field}` | {count} |");
    }
    text
}
