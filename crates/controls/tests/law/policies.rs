//! The law of the catalogue: for every declarative control and every object, the native verdict is
//! the decision of the control's policy.

use std::{fmt::Write as _, fs};

use serde_json::{Value, json};

use knight_controls::{
    control::{Control, ObjectRule},
    parameters::{Form, PARAMETERS},
    policy,
    rule::{
        Expr,
        eval::{Params, Verdict},
    },
};
use knight_model::{object::Object, tree::Document};

use crate::{
    dice::Dice,
    given::{
        each_object, examples, forms, json as to_json, manifests, native, object_controls, params,
    },
    objects::{Kind, kinds_of, objects},
    oracle::{Decision, Oracle, tables},
    shrink::{shrink, yaml},
};

/// How many objects are generated for each form of a control.
const GENERATED: usize = 240;

/// An object to judge in both ways.
struct Case {
    kind: Kind,
    object: Value,
    /// The parameter object of the request.
    config: Value,
    params: Params,
    native: Verdict,
}

#[derive(Debug, Default)]
struct Counts {
    objects: usize,
    allowed: usize,
    denied: usize,
    unmatched: usize,
    equal: usize,
}

#[test]
fn every_policy_decides_as_its_rule_judges() {
    let mut oracle = Oracle::start();
    let manifests = manifests();
    let mut table = "| control | objects | allowed | denied | unmatched | equal |\n\
                     |---|---:|---:|---:|---:|---:|\n"
        .to_owned();
    let mut failures = String::new();
    for (control, rule) in object_controls() {
        let mut counts = Counts::default();
        for minor in forms(&rule) {
            let policy = policy::policy(control, &rule, minor);
            for server in [30, 36] {
                let compiled = oracle.decide(server, &policy, &[]);
                compiled.unwrap_or_else(|errors| {
                    panic!(
                        "{} does not compile on 1.{server}: {errors}\n{policy:#}",
                        control.id
                    )
                });
            }
            if rule.holds.at_minor(minor) == Expr::Const(true) {
                continue;
            }
            let cases = cases(control, &rule, minor, &manifests);
            let requests: Vec<Value> = cases.iter().map(Case::request).collect();
            let decisions = oracle.decide(30, &policy, &requests).expect("it compiles");
            for (case, decision) in cases.iter().zip(&decisions) {
                counts.add(case, decision);
                if !case.agrees(decision) && failures.len() < 20_000 {
                    failures.push_str(&case.report(control, &rule, minor, &policy, &mut oracle));
                }
            }
        }
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} |",
            control.id,
            counts.objects,
            counts.allowed,
            counts.denied,
            counts.unmatched,
            counts.equal
        );
        if counts.allowed * 20 < counts.objects || counts.denied * 20 < counts.objects {
            let _ = writeln!(
                failures,
                "{}: one answer is too rare: {counts:?}",
                control.id
            );
        }
    }
    publish("cel.md", &table);
    assert!(failures.is_empty(), "\n{failures}");
}

/// Prints a table, and leaves it below the target directory.
pub(crate) fn publish(name: &str, table: &str) {
    let folder = tables();
    fs::create_dir_all(&folder).expect("the target can be written");
    fs::write(folder.join(name), table).expect("the target can be written");
    println!("{table}");
}

fn cases(control: &Control, rule: &ObjectRule, minor: u16, manifests: &[Document]) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |object: &Object<'_>| cases.extend(Case::given(object, rule, minor));
    each_object(&examples(control), &mut add);
    each_object(manifests, &mut add);
    let mut dice = Dice::of(&format!("{} at 1.{minor}", control.id));
    for (kind, object) in objects(rule, &params(), GENERATED, &mut dice) {
        cases.push(Case::generated(kind, object, rule, minor, &mut dice));
    }
    cases
}

impl Case {
    fn given(object: &Object<'_>, rule: &ObjectRule, minor: u16) -> Option<Self> {
        let of_kind =
            |kind: &Kind| object.is(&kind.group, &kind.name) && object.version() == kind.version;
        let kind = kinds_of(rule.on).into_iter().find(of_kind)?;
        let params = params();
        Some(Self {
            kind,
            object: to_json(object.node()),
            native: policy::verdict(rule, minor, object, &params),
            config: policy::parameters("knight", &params),
            params,
        })
    }

    fn generated(
        kind: Kind,
        object: Value,
        rule: &ObjectRule,
        minor: u16,
        dice: &mut Dice,
    ) -> Self {
        let config = config(rule, minor, dice);
        let params = read(&config);
        let native = native(rule, minor, &object, &params);
        Self {
            kind,
            object,
            config,
            params,
            native,
        }
    }

    fn request(&self) -> Value {
        request(&self.kind, &self.object, &self.config)
    }

    fn agrees(&self, decision: &Decision) -> bool {
        decision.error.is_none() && (self.native == Verdict::Pass) == decision.allowed
    }

    /// Shows the smallest object on which the two still differ.
    fn report(
        &self,
        control: &Control,
        rule: &ObjectRule,
        minor: u16,
        policy: &Value,
        oracle: &mut Oracle,
    ) -> String {
        let mut differ = |object: &Value| {
            let asked = [request(&self.kind, object, &self.config)];
            let decision = oracle
                .decide(30, policy, &asked)
                .expect("it compiles")
                .remove(0);
            let native = native(rule, minor, object, &self.params);
            (decision.error.is_some() || (native == Verdict::Pass) != decision.allowed)
                .then_some((native, decision))
        };
        let smallest = shrink(self.object.clone(), &mut |object| differ(object).is_some());
        format!(
            "{} at 1.{minor}: native and policy: {:?}\n{}parameters: {}\n{}\n\n",
            control.id,
            differ(&smallest),
            yaml(&smallest),
            self.config["data"],
            expressions(policy),
        )
    }
}

/// Makes the admission request that creates an object.
pub(crate) fn request(kind: &Kind, object: &Value, config: &Value) -> Value {
    json!({"object": object, "resource": kind.resource(), "namespace": "team", "params": config})
}

/// Returns the expressions of a policy as text.
pub(crate) fn expressions(policy: &Value) -> String {
    let mut text = String::new();
    for variable in policy["spec"]["variables"].as_array().into_iter().flatten() {
        let _ = writeln!(
            text,
            "{} := {}",
            variable["name"],
            variable["expression"]
                .as_str()
                .expect("a variable has an expression")
        );
    }
    let validation = &policy["spec"]["validations"][0]["expression"];
    text + validation.as_str().expect("a validation has an expression")
}

/// Returns the parameter object: mostly right, else missing or with something wrong in it.
fn config(rule: &ObjectRule, minor: u16, dice: &mut Dice) -> Value {
    let names = rule.holds.at_minor(minor).params();
    let mut config = policy::parameters("knight", &params());
    if names.is_empty() {
        return Value::Null;
    }
    let name = *dice.pick(&names);
    match dice.below(20) {
        0 => return Value::Null,
        1 => config["data"]
            .as_object_mut()
            .expect("a map")
            .retain(|key, _| key != name),
        2 => drop(config.as_object_mut().expect("a map").shift_remove("data")),
        3 | 4 => {
            let odd = [
                "", "x", " 5", "5 ", "1e3", "1.5", "+5", "007", "-3", "9", "+",
            ];
            config["data"][name] = json!(dice.pick(&odd));
        }
        5 => config["data"][name] = json!("9".repeat(19)),
        _ => {}
    }
    config
}

/// Reads a parameter object as policies do: a value that does not read is none.
fn read(config: &Value) -> Params {
    let mut params = Params::default();
    for parameter in PARAMETERS {
        let Some(text) = config["data"][parameter.name].as_str() else {
            continue;
        };
        match parameter.form {
            Form::Int { .. } => {
                let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
                let whole =
                    (1..=18).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
                if whole {
                    params
                        .ints
                        .insert(parameter.name, text.parse().expect("it is a number"));
                }
            }
            Form::Texts => {
                let texts = text.split(',').map(str::to_owned).collect();
                params.texts.insert(parameter.name, texts);
            }
        }
    }
    params
}

impl Counts {
    fn add(&mut self, case: &Case, decision: &Decision) {
        self.objects += 1;
        self.equal += usize::from(case.agrees(decision));
        let counted = match (decision.matched, decision.allowed) {
            (false, _) => &mut self.unmatched,
            (true, true) => &mut self.allowed,
            (true, false) => &mut self.denied,
        };
        *counted += 1;
    }
}
