//! One control on trial.

use std::fmt::Write as _;

use rayon::prelude::*;
use serde_json::Value;

use knight_controls::{
    control::{Control, ObjectRule},
    policy,
    rule::eval::{Params, Verdict},
};

use crate::{
    given::native,
    objects::kinds_of,
    policies::expressions,
    shrink::{shrink, yaml},
};

use super::{
    asked::{Asked, Request, Way},
    bound::{Bound, Decision},
    catalogue::{Ground, place, plain_beside},
    lifecycle::{self, Stored},
    place::Place,
    threads,
};

/// How many of the generated objects must reach the policy, and how many must get each answer.
const JUDGED: usize = 200;
const EACH: usize = 8;
/// How many objects a policy without its parameters is tried with.
const STARVED: usize = 20;
/// How many differences of one control are shown.
const SHOWN: usize = 3;

/// A control under trial.
pub(crate) struct Trial {
    pub(crate) control: &'static Control,
    pub(crate) rule: ObjectRule,
    policy: Value,
    /// Where its policy acts.
    pub(super) place: Place,
    /// A namespace where it acts as well, and Knative's webhooks too.
    pub(crate) plain: Place,
    /// What people wrote.
    pub(super) given: Vec<Asked>,
    /// What was made around the rule.
    pub(super) generated: Vec<Asked>,
    pub(crate) counts: Counts,
}

/// What came of the objects of a control.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) given: Answers,
    pub(crate) generated: Answers,
    /// How many of the generated ones were ephemeral containers.
    pub(crate) ephemeral: usize,
}

/// What came of a set of objects.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Answers {
    /// Those that no policy saw, as the schema or a webhook refused them before.
    pub(crate) refused_before: usize,
    pub(crate) allowed: usize,
    pub(crate) denied: usize,
    pub(crate) equal: usize,
}

impl Trial {
    /// Makes the objects of a control, and asks the twin what policies will see of them.
    pub(crate) fn of(ground: &Ground<'_>, control: &'static Control, rule: ObjectRule) -> Self {
        let place = place(&ground.namespaces, control.id);
        let mut trial = Self {
            control,
            policy: policy::policy(control, &rule, ground.minor),
            plain: plain_beside(&ground.namespaces, control.id, &place),
            place,
            given: Vec::new(),
            generated: Vec::new(),
            counts: Counts::default(),
            rule,
        };
        let kinds = kinds_of(trial.rule.on);
        let judged = |request: &Request| kinds.iter().any(|kind| request.is_of(kind));
        for given in &ground.given {
            match given {
                Ok(asked) if judged(&asked.request) => trial.given.push(asked.clone()),
                Err(request) if judged(request) => trial.counts.given.refused_before += 1,
                Ok(_) | Err(_) => {}
            }
        }
        trial.generate(ground);
        trial
    }

    /// Makes its policy act where it is tried.
    pub(crate) fn bind<'g>(&self, ground: &Ground<'g>) -> Bound<'g> {
        let policy = self.policy.clone();
        Bound::apply(
            ground.client,
            self.control,
            policy,
            self.place.clone(),
            &ground.parameters,
        )
    }

    /// Makes its policy act on another place, without parameters; nothing where it has none.
    pub(crate) fn starve<'g>(&self, ground: &Ground<'g>) -> Option<Bound<'g>> {
        let policy = self.policy.clone();
        (!policy["spec"]["paramKind"].is_null()).then(|| {
            let place = place(&ground.namespaces, &format!("{}-starved", self.control.id));
            Bound::apply(
                ground.client,
                self.control,
                policy,
                place,
                &ground.no_parameters,
            )
        })
    }

    /// Returns whether the rule is tried on both sides.
    pub(super) fn is_enough(&self, ground: &Ground<'_>) -> bool {
        let denied = self.refused(ground, &self.generated).count();
        let allowed = self.generated.len() - denied;
        allowed >= EACH && denied >= EACH && allowed + denied >= JUDGED
    }

    /// Judges natively what the twin made of an object, as it would stand in the place.
    pub(super) fn verdict(&self, ground: &Ground<'_>, seen: &Value, params: &Params) -> Verdict {
        let here = self.place.from(&ground.twin, seen);
        native(&self.rule, ground.minor, &here, params)
    }

    /// Returns the new ones of these objects that the policy must refuse.
    fn refused<'s>(
        &'s self,
        ground: &'s Ground<'_>,
        cases: &'s [Asked],
    ) -> impl Iterator<Item = &'s Asked> {
        cases.iter().filter(|case| {
            !matches!(case.request.way, Way::Ephemeral(_))
                && self.verdict(ground, &case.seen, &ground.params) != Verdict::Pass
        })
    }

    /// Stores some of what the policy must refuse, before it acts.
    pub(crate) fn store(&self, ground: &Ground<'_>) -> Vec<Stored> {
        let new = |case: &&Asked| case.request.way == Way::Created;
        let written = self.refused(ground, &self.given);
        let made = self.refused(ground, &self.generated);
        let made = made.filter(|case| !case.request.resource.api_version.contains("knative.dev/"));
        lifecycle::store(ground.client, &self.plain, written.chain(made).filter(new))
    }

    /// Holds every decision of the server against the native verdict.
    pub(crate) fn hold(&mut self, ground: &Ground<'_>, bound: &Bound<'_>) -> String {
        let id = self.control.id;
        let Some(refused) = self.refused(ground, &self.generated).next().cloned() else {
            return format!("{id}: nothing that is made for it is refused\n");
        };
        if let Err(error) = bound.wait(&refused) {
            return format!("{id}: {error}\n");
        }
        let mut failures = String::new();
        let mut shown = 0;
        self.counts
            .given
            .add(self.judge(ground, bound, &self.given, &mut failures, &mut shown));
        let generated = self.judge(ground, bound, &self.generated, &mut failures, &mut shown);
        self.counts.generated.add(generated);
        let Answers {
            allowed, denied, ..
        } = self.counts.generated;
        if allowed < EACH || denied < EACH || allowed + denied < JUDGED {
            let _ = writeln!(
                failures,
                "{id}: too little is decided: {:?}",
                self.counts.generated
            );
        }
        if shown > SHOWN {
            let _ = writeln!(failures, "{id}: {} more differ", shown - SHOWN);
        }
        failures
    }

    /// Holds that the policy refuses even what is right while its parameters are missing.
    pub(crate) fn hold_starved(&self, ground: &Ground<'_>, bound: &Bound<'_>) -> String {
        let id = self.control.id;
        let created = self
            .generated
            .iter()
            .filter(|case| case.request.way == Way::Created);
        let mut failures = String::new();
        let mut tried = 0;
        for case in created.take(STARVED) {
            if self.verdict(ground, &case.seen, &Params::default()) == Verdict::Pass {
                let _ = writeln!(failures, "{id}: natively passes without its parameters");
            }
            if let Err(error) = bound.wait(case) {
                let _ = writeln!(failures, "{id} without parameters: {error}");
            }
            tried += 1;
        }
        assert_eq!(tried, STARVED, "{id} has too few objects");
        failures
    }

    fn judge(
        &self,
        ground: &Ground<'_>,
        bound: &Bound<'_>,
        cases: &[Asked],
        failures: &mut String,
        shown: &mut usize,
    ) -> Answers {
        let decisions: Vec<Decision> = threads().install(|| {
            cases
                .par_iter()
                .map(|case| bound.decision(&case.request.send(ground.client, &bound.place)))
                .collect()
        });
        let mut answers = Answers::default();
        for (case, decision) in cases.iter().zip(&decisions) {
            match decision {
                Decision::Allowed => answers.allowed += 1,
                Decision::Denied => answers.denied += 1,
                Decision::Other(_) => {}
            }
            if agree(self.verdict(ground, &case.seen, &ground.params), decision) {
                answers.equal += 1;
            } else {
                *shown += 1;
                if *shown <= SHOWN {
                    failures.push_str(&self.report(ground, bound, &case.request));
                }
            }
        }
        answers
    }

    /// Shows the smallest object on which the two still differ.
    fn report(&self, ground: &Ground<'_>, bound: &Bound<'_>, request: &Request) -> String {
        let differ = |object: &Value| {
            let asked = request
                .with(object.clone())
                .ask(ground.client, &ground.twin)
                .ok()?;
            let verdict = self.verdict(ground, &asked.seen, &ground.params);
            let answer = asked.request.send(ground.client, &bound.place);
            let decision = bound.decision(&answer);
            (!agree(verdict, &decision)).then_some((verdict, decision, asked.seen))
        };
        let smallest = shrink(request.object.clone(), &mut |object| {
            differ(object).is_some()
        });
        let id = self.control.id;
        let Some((verdict, decision, seen)) = differ(&smallest) else {
            return format!("{id}: a difference came and went\n");
        };
        format!(
            "{id}: natively {verdict:?}, on the server {decision:?} ({:?})\n\
             sent:\n{}seen:\n{}{}\n\n",
            request.way,
            yaml(&smallest),
            yaml(&seen),
            expressions(&self.policy),
        )
    }
}

impl Answers {
    pub(crate) fn add(&mut self, more: Self) {
        self.refused_before += more.refused_before;
        self.allowed += more.allowed;
        self.denied += more.denied;
        self.equal += more.equal;
    }

    /// Returns how many objects there were; those that were mended count twice.
    pub(crate) fn all(self) -> usize {
        self.refused_before + self.allowed + self.denied
    }
}

fn agree(verdict: Verdict, decision: &Decision) -> bool {
    let expected = match verdict {
        Verdict::Pass => Decision::Allowed,
        Verdict::Unknown | Verdict::Fail => Decision::Denied,
    };
    *decision == expected
}
