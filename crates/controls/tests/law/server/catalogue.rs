//! The law of the catalogue: for every declarative control and every object, the native verdict is
//! the server's decision on the control's policy.

use std::fmt::Write as _;

use rayon::prelude::*;
use serde_json::{Value, json};

use knight_controls::{
    control::{Control, ObjectRule},
    policy,
    rule::eval::{Params, Verdict},
};
use knight_testbed_client::{Client, Namespaces, Resource};

use crate::{
    dice::Dice,
    given::{native, object_controls, params},
    objects::{kinds_of, objects},
    policies::{expressions, publish},
    shrink::{shrink, yaml},
};

use super::{
    asked::{Asked, Request, Way},
    bound::{Bound, Decision},
    fit::fit,
    given, lifecycle, minor,
    place::Place,
    served, testbed, threads,
};

/// How many objects are generated for each control.
const GENERATED: usize = 320;
/// How many of them must reach the policy.
const JUDGED: usize = 50;
/// How many differences of one control are shown.
const SHOWN: usize = 3;

/// A control under trial.
struct Trial {
    control: &'static Control,
    rule: ObjectRule,
    policy: Value,
    /// Where its policy acts, as it will be called.
    place: Place,
    /// What the server is asked.
    cases: Vec<Asked>,
    counts: Counts,
}

#[derive(Clone, Debug, Default)]
struct Counts {
    sent: usize,
    refused_by_schema: usize,
    allowed: usize,
    denied: usize,
    equal: usize,
    ephemeral: usize,
}

/// What all controls are tried against.
struct Ground<'t> {
    client: &'t Client,
    namespaces: Namespaces<'t>,
    minor: u16,
    params: Params,
    twin: Place,
    /// The namespace of the parameters.
    parameters: String,
    /// Objects that people wrote, and what the twin made of them.
    given: Vec<Result<Asked, Box<Request>>>,
}

#[test]
fn the_server_decides_as_every_rule_judges() {
    let ground = Ground::prepare();
    let rules: Vec<_> = object_controls().into_iter().enumerate().collect();
    let mut trials: Vec<Trial> = threads().install(|| {
        rules
            .into_par_iter()
            .map(|(at, (control, rule))| ground.trial(at, control, rule))
            .collect()
    });
    let stored: Vec<_> = threads().install(|| {
        let stored = trials.par_iter().map(|trial| {
            let refused = trial.refused(&ground);
            lifecycle::store(ground.client, &trial.place, &refused)
        });
        stored.collect()
    });
    let bounds: Vec<Bound> = trials.iter().map(|trial| ground.bind(trial)).collect();
    let failures: Vec<String> = threads().install(|| {
        trials
            .par_iter_mut()
            .zip(&bounds)
            .zip(&stored)
            .map(|((trial, bound), stored)| {
                let mut failures = trial.hold(&ground, bound);
                failures.push_str(&lifecycle::hold(
                    ground.client,
                    trial.control,
                    &trial.rule,
                    bound,
                    stored,
                ));
                failures
            })
            .collect()
    });
    publish("server.md", &table(&trials));
    let failures = failures.concat();
    assert!(failures.is_empty(), "\n{failures}");
}

impl Ground<'_> {
    fn prepare() -> Self {
        let testbed = testbed();
        let client = testbed.client();
        let namespaces = testbed.namespaces("law");
        let parameters = namespaces.create("parameters", &json!({}));
        let parameters = parameters.expect("a namespace can be made");
        let params = params();
        let config = policy::parameters(&parameters, &params);
        let applied = client
            .apply(&config)
            .and_then(|answer| answer.granted("the parameters"));
        applied.expect("parameters can be stored");
        let twin = place(&namespaces, "twin");
        let mut ground = Self {
            client,
            minor: minor(client),
            namespaces,
            params,
            twin,
            parameters,
            given: Vec::new(),
        };
        let given = given::requests(client);
        ground.given = threads().install(|| {
            given
                .into_par_iter()
                .map(|request| {
                    request
                        .ask(client, &ground.twin)
                        .map_err(|refusal| Box::new(refusal.0))
                })
                .collect()
        });
        ground
    }

    fn trial(&self, at: usize, control: &'static Control, rule: ObjectRule) -> Trial {
        let policy = policy::policy(control, &rule, self.minor);
        let mut trial = Trial {
            control,
            policy,
            place: place(&self.namespaces, control.id),
            cases: Vec::new(),
            counts: Counts::default(),
            rule,
        };
        let kinds = kinds_of(trial.rule.on);
        let judged = |request: &Request| kinds.iter().any(|kind| request.is_of(kind));
        for given in &self.given {
            match given {
                Ok(asked) if judged(&asked.request) => trial.cases.push(asked.clone()),
                Err(request) if judged(request) => trial.counts.refused_by_schema += 1,
                Ok(_) | Err(_) => {}
            }
        }
        let mut dice = Dice::of(&format!("{} on a server", trial.control.id));
        let generated = objects(&trial.rule, &self.params, GENERATED, &mut dice);
        let mut pods = Vec::new();
        for (kind, object) in generated {
            let resource = served::resource(self.client, &kind);
            if resource.kind == "Pod" && kind.group.is_empty() {
                pods.push((resource.clone(), object.clone()));
            }
            let mut object = object;
            object["apiVersion"] = json!(resource.api_version);
            let mut request = Request {
                object,
                resource,
                way: Way::Created,
            };
            fit(&mut request);
            trial.add(self, request);
        }
        trial.add_ephemeral(self, at, &pods);
        trial.counts.sent = trial.cases.len() + trial.counts.refused_by_schema;
        trial
    }

    fn bind(&self, trial: &Trial) -> Bound {
        Bound::apply(
            self.client,
            trial.control,
            trial.policy.clone(),
            trial.place.clone(),
            &self.parameters,
        )
    }
}

impl Trial {
    /// Adds an object as it is, or, where the schema refuses it, what is left of it when mended.
    fn add(&mut self, ground: &Ground<'_>, request: Request) {
        match request.ask(ground.client, &ground.twin) {
            Ok(asked) => self.cases.push(asked),
            Err(refusal) => {
                self.counts.refused_by_schema += 1;
                self.cases
                    .extend(refusal.0.ask_until_granted(ground.client, &ground.twin));
            }
        }
    }

    /// Stores a pod that the control is content with, and adds requests that give it ephemeral
    /// containers.
    fn add_ephemeral(&mut self, ground: &Ground<'_>, at: usize, pods: &[(Resource, Value)]) {
        let Some((resource, _)) = pods.first() else {
            return;
        };
        let name = format!("base-{at}");
        let Some(base) = self.content(ground) else {
            return;
        };
        for place in [&ground.twin, &self.place] {
            let mut pod = place.put(&base, resource);
            pod["metadata"]["name"] = json!(name);
            let path = resource.path(Some(&place.namespace), None);
            let stored = ground
                .client
                .create(&path, &pod)
                .and_then(|answer| answer.granted("a pod"));
            stored.unwrap_or_else(|error| panic!("{}: {error}", self.control.id));
        }
        for (resource, object) in pods {
            let containers = &object["spec"]["containers"];
            let mut request = Request::ephemeral(resource, &name, containers);
            fit(&mut request);
            let before = self.cases.len();
            self.add(ground, request);
            self.counts.ephemeral += self.cases.len() - before;
        }
    }

    /// Returns a pod, as it was sent, that the control is content with.
    fn content(&self, ground: &Ground<'_>) -> Option<Value> {
        let created = self.cases.iter().find(|case| {
            matches!(case.request.way, Way::Created)
                && case.request.resource.kind == "Pod"
                && self.verdict(ground, &case.seen) == Verdict::Pass
        });
        created.map(|case| case.request.object.clone())
    }

    /// Judges natively what the twin made of an object, as it would stand in the place.
    fn verdict(&self, ground: &Ground<'_>, seen: &Value) -> Verdict {
        let here = self.place.from(&ground.twin, seen);
        native(&self.rule, ground.minor, &here, &ground.params)
    }

    /// Returns the new objects that the policy must refuse.
    fn refused<'s>(&'s self, ground: &Ground<'_>) -> Vec<&'s Asked> {
        let refused = self.cases.iter().filter(|case| {
            matches!(case.request.way, Way::Created)
                && self.verdict(ground, &case.seen) != Verdict::Pass
        });
        refused.collect()
    }

    /// Holds every decision of the server against the native verdict.
    fn hold(&mut self, ground: &Ground<'_>, bound: &Bound) -> String {
        let mut failures = String::new();
        let id = self.control.id;
        match self.refused(ground).first() {
            None => return format!("{id}: nothing that is made for it is refused\n"),
            Some(refused) => {
                if let Err(error) = bound.wait(ground.client, refused) {
                    return format!("{id}: {error}\n");
                }
            }
        }
        let decisions: Vec<Decision> = threads().install(|| {
            self.cases
                .par_iter()
                .map(|case| bound.decision(&case.request.send(ground.client, &bound.place)))
                .collect()
        });
        let mut shown = 0;
        for (case, decision) in self.cases.iter().zip(&decisions) {
            match decision {
                Decision::Allowed => self.counts.allowed += 1,
                Decision::Denied => self.counts.denied += 1,
                Decision::Other(_) => {}
            }
            if agree(self.verdict(ground, &case.seen), decision) {
                self.counts.equal += 1;
            } else {
                shown += 1;
                if shown <= SHOWN {
                    failures.push_str(&self.report(ground, bound, &case.request));
                }
            }
        }
        let Counts {
            allowed, denied, ..
        } = self.counts;
        if allowed == 0 || denied == 0 || allowed + denied < JUDGED {
            let _ = writeln!(failures, "{id}: too little is decided: {:?}", self.counts);
        }
        if shown > SHOWN {
            let _ = writeln!(failures, "{id}: {} more differ", shown - SHOWN);
        }
        failures
    }

    /// Shows the smallest object on which the two still differ.
    fn report(&self, ground: &Ground<'_>, bound: &Bound, request: &Request) -> String {
        let differ = |object: &Value| {
            let asked = request
                .with(object.clone())
                .ask(ground.client, &ground.twin)
                .ok()?;
            let verdict = self.verdict(ground, &asked.seen);
            let answer = asked.request.send(ground.client, &bound.place);
            let decision = bound.decision(&answer);
            (!agree(verdict, &decision)).then_some((verdict, decision, asked.seen))
        };
        let smallest = shrink(request.object.clone(), &mut |object| {
            differ(object).is_some()
        });
        let Some((verdict, decision, seen)) = differ(&smallest) else {
            return format!("{}: a difference came and went\n", self.control.id);
        };
        format!(
            "{}: natively {verdict:?}, on the server {decision:?} ({:?})\nsent:\n{}seen:\n{}{}\n\n",
            self.control.id,
            request.way,
            yaml(&smallest),
            yaml(&seen),
            expressions(&self.policy),
        )
    }
}

fn agree(verdict: Verdict, decision: &Decision) -> bool {
    *decision
        == if verdict == Verdict::Pass {
            Decision::Allowed
        } else {
            Decision::Denied
        }
}

/// Makes a namespace that Knative's webhooks leave alone.
fn place(namespaces: &Namespaces<'_>, name: &str) -> Place {
    let label = format!("{}-{name}", namespaces.prefix());
    let mut place = Place {
        namespace: String::new(),
        label,
    };
    let made = namespaces.create(name, &place.labels(true));
    place.namespace = made.unwrap_or_else(|error| panic!("{error}"));
    place
}

fn table(trials: &[Trial]) -> String {
    let mut table = "| control | objects | of them ephemeral | allowed | denied | refused by schema | equal |\n\
                     |---|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    let mut row = |name: &str, counts: &Counts| {
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {} | {} | {} | {} |",
            counts.sent,
            counts.ephemeral,
            counts.allowed,
            counts.denied,
            counts.refused_by_schema,
            counts.equal
        );
    };
    let mut all = Counts::default();
    for trial in trials {
        row(trial.control.id, &trial.counts);
        all.sent += trial.counts.sent;
        all.ephemeral += trial.counts.ephemeral;
        all.allowed += trial.counts.allowed;
        all.denied += trial.counts.denied;
        all.refused_by_schema += trial.counts.refused_by_schema;
        all.equal += trial.counts.equal;
    }
    row("all", &all);
    table
}
