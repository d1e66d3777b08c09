//! What a rule reads of an object, learned from the rule, and values of that shape.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use knight_controls::rule::{Check, Expr, Items, Path, Scope, eval::Params};

use crate::{
    dice::Dice,
    material::{Leaf, junk, leaves},
};

/// What a rule reads of one value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    fields: BTreeMap<String, Self>,
    items: Option<Box<Self>>,
    entries: Option<Box<Self>>,
    /// Keys of the entries.
    keys: Vec<Leaf>,
    leaves: Vec<Leaf>,
    /// Whether the rule does not hold where there is nothing.
    required: bool,
}

/// What a rule reads, by where its paths start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shapes {
    pub(crate) object: Shape,
    pub(crate) pod: Shape,
    pub(crate) metadata: Shape,
    pub(crate) container: Shape,
}

/// How far values stray from what the API server would store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mood {
    /// Types are right, and values mostly what the rule wants.
    Calm,
    /// Types are right, and values mostly what the rule does not want: what it asks only under
    /// conditions is asked then.
    Contrary,
    /// Types are mostly right.
    Mild,
    /// Anything goes.
    Wild,
}

impl Mood {
    pub(crate) fn any(dice: &mut Dice) -> Self {
        *dice.pick(&[
            Self::Calm,
            Self::Calm,
            Self::Contrary,
            Self::Mild,
            Self::Mild,
            Self::Wild,
        ])
    }

    /// Returns true in so many of a hundred cases, by the mood.
    pub(crate) fn chance(self, dice: &mut Dice, calm: usize, mild: usize, wild: usize) -> bool {
        dice.chance(match self {
            Self::Calm | Self::Contrary => calm,
            Self::Mild => mild,
            Self::Wild => wild,
        })
    }
}

#[derive(Clone, Debug)]
enum Step {
    Field(String),
    Items,
    Entries,
}

/// A place in the shapes.
#[derive(Clone, Debug)]
struct At {
    root: Scope,
    steps: Vec<Step>,
}

struct Learner<'l> {
    shapes: Shapes,
    params: &'l Params,
    dice: &'l mut Dice,
}

impl Shapes {
    /// Learns what a rule reads and asks.
    pub(crate) fn of(rule: &Expr, params: &Params, dice: &mut Dice) -> Self {
        let mut learner = Learner {
            shapes: Self::default(),
            params,
            dice,
        };
        learner.learn(rule, true, None);
        learner.shapes
    }

    fn at(&mut self, at: &At) -> &mut Shape {
        let root = match at.root {
            Scope::Object => &mut self.object,
            Scope::Pod => &mut self.pod,
            Scope::PodMetadata => &mut self.metadata,
            Scope::Container => &mut self.container,
            Scope::Item | Scope::Key => unreachable!("items lie at a place of another scope"),
        };
        at.steps.iter().fold(root, |shape, step| match step {
            Step::Field(key) => shape.fields.entry(key.clone()).or_default(),
            Step::Items => shape.items.get_or_insert_default(),
            Step::Entries => shape.entries.get_or_insert_default(),
        })
    }
}

impl Learner<'_> {
    fn learn(&mut self, expr: &Expr, want: bool, item: Option<&At>) {
        match expr {
            Expr::Const(_) => {}
            Expr::Not(inner) => self.learn(inner, !want, item),
            Expr::All(these) | Expr::Any(these) => {
                for this in these {
                    self.learn(this, want, item);
                }
            }
            Expr::Since { then, before, .. } => {
                self.learn(then, want, item);
                self.learn(before, want, item);
            }
            Expr::Check(check) => self.check(check, want, item),
            Expr::Every(items, body) | Expr::Some(items, body, _) => {
                let inner = match items {
                    Items::Containers(_) => None,
                    Items::List(path) => Some(place(path, item, Some(Step::Items))),
                    Items::Entries(path) => Some(place(path, item, Some(Step::Entries))),
                };
                if let Some(inner) = &inner {
                    self.shapes.at(inner);
                }
                self.learn(body, want, inner.as_ref().or(item));
            }
        }
    }

    fn check(&mut self, check: &Check, want: bool, item: Option<&At>) {
        let mut found = leaves(&check.test, self.params, self.dice);
        for leaf in &mut found {
            leaf.yes = leaf.yes == want;
        }
        for path in &check.operand.paths {
            if path.scope == Scope::Key {
                let mut at = item.expect("a key is of an entry").clone();
                at.steps.pop();
                let keys = found.iter().filter(|leaf| leaf.value.is_string()).cloned();
                self.shapes.at(&at).keys.extend(keys);
                continue;
            }
            let shape = self.shapes.at(&place(path, item, None));
            shape.leaves.extend(found.iter().cloned());
            shape.required |= check.absent != want;
        }
    }
}

fn place(path: &Path, item: Option<&At>, then: Option<Step>) -> At {
    let mut at = match path.scope {
        Scope::Item | Scope::Key => item.expect("an item is of a list or map").clone(),
        root => At {
            root,
            steps: Vec::new(),
        },
    };
    at.steps
        .extend(path.keys.iter().map(|key| Step::Field(key.to_string())));
    at.steps.extend(then);
    at
}

impl Shape {
    /// Returns a value of the shape, or nothing.
    pub(crate) fn draw(&self, dice: &mut Dice, mood: Mood) -> Option<Value> {
        let missing = match mood {
            Mood::Calm if self.required => 6,
            Mood::Contrary if !self.required => 6,
            Mood::Calm | Mood::Contrary | Mood::Mild | Mood::Wild => 25,
        };
        if dice.chance(missing) {
            return None;
        }
        if mood.chance(dice, 0, 5, 12) {
            return Some(junk(dice));
        }
        if mood.chance(dice, 1, 3, 6) {
            return Some(Value::Null);
        }
        let deep = !self.fields.is_empty() || self.items.is_some() || self.entries.is_some();
        let dig = deep && dice.chance(80);
        if !dig && !self.leaves.is_empty() {
            return Some(leaf(&self.leaves, dice, mood));
        }
        // A rule may read one value in several ways; each time one of them is right.
        let mut ways: Vec<fn(&Self, &mut Dice, Mood) -> Value> = Vec::new();
        ways.extend(
            (!self.fields.is_empty()).then_some(Self::draw_fields as fn(&_, &mut _, _) -> _),
        );
        ways.extend(
            self.items
                .is_some()
                .then_some(Self::draw_items as fn(&_, &mut _, _) -> _),
        );
        ways.extend(
            self.entries
                .is_some()
                .then_some(Self::draw_entries as fn(&_, &mut _, _) -> _),
        );
        Some(match ways.as_slice() {
            [] => junk(dice),
            ways => dice.pick(ways)(self, dice, mood),
        })
    }

    /// Returns a map with the fields of the shape.
    pub(crate) fn draw_fields(&self, dice: &mut Dice, mood: Mood) -> Value {
        let mut map = Map::new();
        if !mood.chance(dice, 2, 5, 8) {
            for (key, shape) in &self.fields {
                map.extend(shape.draw(dice, mood).map(|value| (key.clone(), value)));
            }
        }
        if mood.chance(dice, 2, 10, 20) {
            map.insert("other".to_owned(), junk(dice));
        }
        Value::Object(map)
    }

    fn draw_items(&self, dice: &mut Dice, mood: Mood) -> Value {
        let shape = self
            .items
            .as_deref()
            .expect("it is called where there are items");
        (0..dice.below(4))
            .map(|_| shape.draw(dice, mood).unwrap_or(Value::Null))
            .collect()
    }

    fn draw_entries(&self, dice: &mut Dice, mood: Mood) -> Value {
        let shape = self
            .entries
            .as_deref()
            .expect("it is called where there are entries");
        let mut map = Map::new();
        for _ in 0..dice.below(4) {
            let key = if self.keys.is_empty() || dice.chance(20) {
                (*dice.pick(&["a", "b.c/d", "", "é \"'\\", "__", "in"])).to_owned()
            } else {
                leaf(&self.keys, dice, mood)
                    .as_str()
                    .expect("keys are strings")
                    .to_owned()
            };
            map.insert(key, shape.draw(dice, mood).unwrap_or(Value::Null));
        }
        Value::Object(map)
    }
}

/// Picks a leaf: in a calm mood mostly one that the rule wants, in a contrary one mostly another.
fn leaf(leaves: &[Leaf], dice: &mut Dice, mood: Mood) -> Value {
    let meant = mood != Mood::Contrary;
    let meant: Vec<_> = leaves.iter().filter(|leaf| leaf.yes == meant).collect();
    if mood.chance(dice, 80, 60, 30) && !meant.is_empty() {
        dice.pick(&meant).value.clone()
    } else {
        dice.pick(leaves).value.clone()
    }
}
