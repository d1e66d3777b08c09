//! What holds of the rule language whatever the rule and the object are.

use knight_controls::rule::{
    Expr, Says,
    eval::{ContainerLists, Offence, PodNodes, Subject, Verdict, judge},
};
use knight_model::{path::FieldPath, tree::Document};

use crate::{
    dice::Dice,
    expressions::rule,
    given::{documents, params},
    objects::objects,
    vocabulary,
};

const RULES: usize = 300;
const OBJECTS: usize = 12;

/// Judges one pod.
fn verdict(rule: &Expr, document: &Document) -> (Verdict, Vec<Offence>) {
    let params = params();
    let (spec_path, metadata_path) = (
        FieldPath::from_dotted("spec"),
        FieldPath::from_dotted("metadata"),
    );
    let root = document.root();
    let spec = root.get("spec").expect("the pod has a spec");
    let pod = PodNodes {
        spec,
        spec_path: &spec_path,
        lists: ContainerLists::of(spec),
        metadata: root.get("metadata"),
        metadata_path: &metadata_path,
        inline: &[],
        supplied: &[],
    };
    let mut offences = Vec::new();
    let subject = Subject {
        object: root,
        pod: Some(pod),
        params: &params,
    };
    let verdict = judge(rule, &subject, &mut offences);
    (verdict, offences)
}

/// Calls `f` with random rules and pods.
fn each(name: &str, mut f: impl FnMut(&Expr, &Document, &mut Dice)) {
    for seed in 0..RULES {
        let mut dice = Dice::of(&format!("{name} {seed}"));
        let holds = vocabulary::expr(&mut dice, 2 + seed % 3);
        let rule = rule(holds);
        for (kind, object) in objects(&rule, &params(), OBJECTS, &mut dice) {
            if kind.name == "Pod" && object["spec"].is_object() {
                let documents = documents("generated", &object.to_string());
                f(&rule.holds, &documents[0], &mut dice);
            }
        }
    }
}

fn not(expr: &Expr) -> Expr {
    Expr::Not(Box::new(expr.clone()))
}

/// Kleene's negation.
fn opposite(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Pass => Verdict::Fail,
        Verdict::Unknown => Verdict::Unknown,
        Verdict::Fail => Verdict::Pass,
    }
}

#[test]
fn negation_turns_the_verdict_and_twice_leaves_it() {
    each("negation", |expr, document, _| {
        let (plain, _) = verdict(expr, document);
        assert_eq!(verdict(&not(expr), document).0, opposite(plain), "{expr:?}");
        assert_eq!(verdict(&not(&not(expr)), document).0, plain, "{expr:?}");
    });
}

#[test]
fn negation_of_one_is_the_other_of_the_negations() {
    each("duality", |expr, document, dice| {
        let parts = [
            expr.clone(),
            vocabulary::expr(dice, 1),
            vocabulary::expr(dice, 2),
        ];
        let negated: Vec<Expr> = parts.iter().map(not).collect();
        let (all, any) = (Expr::All(parts.to_vec()), Expr::Any(parts.to_vec()));
        let of = |expr: &Expr| verdict(expr, document).0;
        assert_eq!(of(&not(&all)), of(&Expr::Any(negated.clone())), "{parts:?}");
        assert_eq!(of(&not(&any)), of(&Expr::All(negated)), "{parts:?}");
        if let Expr::Every(items, body) = expr {
            let some = Expr::Some(items.clone(), Box::new(not(body)), Says::default());
            assert_eq!(of(&not(expr)), of(&some), "{expr:?}");
        }
    });
}

#[test]
fn the_order_of_parts_does_not_matter() {
    each("order", |expr, document, dice| {
        let mut parts = vec![
            expr.clone(),
            vocabulary::expr(dice, 1),
            vocabulary::expr(dice, 2),
        ];
        let (all, any) = (Expr::All(parts.clone()), Expr::Any(parts.clone()));
        parts.rotate_left(1 + dice.below(2));
        parts.swap(0, 1);
        assert_eq!(
            verdict(&all, document).0,
            verdict(&Expr::All(parts.clone()), document).0
        );
        assert_eq!(
            verdict(&any, document).0,
            verdict(&Expr::Any(parts), document).0
        );
    });
}

#[test]
fn says_a_place_exactly_where_a_rule_does_not_hold() {
    let mut told = 0;
    each("places", |expr, document, _| {
        let (verdict, offences) = verdict(expr, document);
        let worst = offences.iter().map(|offence| offence.verdict).max();
        assert_eq!(
            worst.unwrap_or(Verdict::Pass),
            verdict,
            "{expr:?}\n{offences:?}"
        );
        for offence in &offences {
            let span = offence.span;
            let text = document.source().text();
            assert!(
                span.start < span.end && text.get(span.range()).is_some(),
                "{offence:?} in {text}"
            );
            assert!(!offence.label.is_empty(), "{offence:?}");
            told += 1;
        }
    });
    assert!(told > RULES, "only {told} places");
}

#[test]
fn names_a_field_that_is_there_or_could_be() {
    each("fields", |expr, document, _| {
        for offence in verdict(expr, document).1 {
            let mut path = offence.path.clone();
            // What is missing is named by where it would stand: something above it is there.
            while document.root().locate(&path).is_none() {
                assert!(path.pop().is_some(), "{offence:?}");
            }
        }
    });
}
