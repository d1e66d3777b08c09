//! The law of the language: whatever rule can be written, its CEL says what it says.

use serde_json::Value;

use knight_controls::{
    catalogue,
    control::{ObjectRule, On, Safety},
    policy,
    rule::{Expr, eval::Verdict},
};

use crate::{
    dice::Dice,
    given::{native, params},
    objects::objects,
    oracle::Oracle,
    policies::{expressions, request},
    shrink::{shrink, yaml},
    vocabulary,
};

/// How many rules are made.
const RULES: usize = 600;
/// How many objects each of them judges.
const OBJECTS: usize = 20;

/// Makes a rule about pods in three kinds of places: at the root, below it, and several at once.
pub(crate) fn rule(holds: Expr) -> ObjectRule {
    let on = On::PodsOf(&[
        ("", "Pod"),
        ("serving.knative.dev", "Service"),
        ("serving.kserve.io", "InferenceService"),
    ]);
    ObjectRule {
        on,
        holds,
        safety: Safety::Unsafe,
    }
}

#[test]
fn any_rule_means_the_same_as_its_cel() {
    let control = catalogue::control("host-network").expect("the control exists");
    let config = policy::parameters("knight", &params());
    let mut oracle = Oracle::start();
    let mut counts = [0; 3];
    for seed in 0..RULES {
        let mut dice = Dice::of(&format!("rule {seed}"));
        let rule = rule(vocabulary::expr(&mut dice, 2 + seed % 4));
        let policy = policy::policy(control, &rule, 36);
        let made = objects(&rule, &params(), OBJECTS, &mut dice);
        let requests: Vec<Value> = made
            .iter()
            .map(|(kind, object)| request(kind, object, &config))
            .collect();
        let decisions = oracle
            .decide(30, &policy, &requests)
            .unwrap_or_else(|errors| {
                panic!("{errors}\n{:?}\n{}", rule.holds, expressions(&policy))
            });
        for ((kind, object), decision) in made.iter().zip(decisions) {
            let verdict = native(&rule, 36, object, &params());
            counts[verdict as usize] += 1;
            if decision.error.is_none() && decision.allowed == (verdict == Verdict::Pass) {
                continue;
            }
            let mut differ = |object: &Value| {
                let asked = [request(kind, object, &config)];
                let decision = oracle
                    .decide(30, &policy, &asked)
                    .expect("it compiles")
                    .remove(0);
                let verdict = native(&rule, 36, object, &params());
                (decision.error.is_some() || decision.allowed != (verdict == Verdict::Pass))
                    .then_some((verdict, decision))
            };
            let smallest = shrink(object.clone(), &mut |object| differ(object).is_some());
            panic!(
                "rule {seed}: {:?}\n{}\n{:?}\n{}",
                differ(&smallest),
                yaml(&smallest),
                rule.holds,
                expressions(&policy)
            );
        }
    }
    println!("{RULES} rules: {counts:?} objects pass, are unknown and fail");
    let all: usize = counts.iter().sum();
    assert!(
        counts.iter().all(|count| count * 20 > all),
        "one answer is too rare: {counts:?}"
    );
}
