//! What people wrote, where Knative's webhooks look as they do for users.
//!
//! All policies of a group act on one namespace and only warn, so that one answer tells the object as
//! they saw it and what each of them says.

use std::{fmt::Write as _, time::Duration};

use rayon::prelude::*;
use serde_json::json;

use knight_controls::{
    control::{Control, ObjectRule},
    policy,
    rule::eval::Verdict,
};
use knight_testbed_client::{Answer, wait_until};

use crate::{
    given::{native, object_controls, params},
    policies::publish,
};

use super::{
    asked::Request, bound::Bound, catalogue::parameters, given, minor, place::Place, testbed,
    threads,
};

/// How many policies act on one namespace: the server cuts warnings that are too long together.
const GROUP: usize = 12;
const PATIENCE: Duration = Duration::from_mins(2);

struct Warned<'c> {
    control: &'static Control,
    rule: ObjectRule,
    bound: Bound<'c>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    refused: usize,
    warned: usize,
    silent: usize,
}

#[test]
fn policies_say_of_manifests_what_their_rules_say_where_webhooks_look() {
    let testbed = testbed();
    let client = testbed.client();
    let namespaces = testbed.namespaces("samples");
    let minor = minor(client);
    let parameters = parameters(client, &namespaces, "parameters", &params());
    let mut groups: Vec<(Place, Vec<Warned<'_>>)> = Vec::new();
    for (at, (control, rule)) in object_controls().into_iter().enumerate() {
        if at % GROUP == 0 {
            let label = format!("{}-{at}", namespaces.prefix());
            let mut place = Place {
                namespace: String::new(),
                label,
            };
            let made = namespaces.create(&at.to_string(), &place.labels(false));
            place.namespace = made.expect("a namespace can be made");
            groups.push((place, Vec::new()));
        }
        let (place, group) = groups.last_mut().expect("there is one");
        let mut policy = policy::policy(control, &rule, minor);
        policy["spec"]["validations"][0]["message"] = json!("no");
        let bound = Bound::warn(client, control, policy, place.clone(), &parameters);
        group.push(Warned {
            control,
            rule,
            bound,
        });
    }
    let requests = given::requests(client);
    let mut table = "| namespace | policies | objects | refused | warned | silent |\n\
                     |---|---:|---:|---:|---:|---:|\n"
        .to_owned();
    let mut failures = Vec::new();
    for (at, (place, group)) in groups.iter().enumerate() {
        let mut counts = Counts::default();
        let mut pending: Vec<&Request> = requests.iter().collect();
        // The policies of a group begin to act one by one.
        let waited = wait_until(PATIENCE, "all policies of a group", || {
            let answers: Vec<Answer> = threads().install(|| {
                let answers = pending
                    .par_iter()
                    .map(|request| request.send(client, place));
                answers.collect()
            });
            failures.clear();
            let mut later = Vec::new();
            for (request, answer) in pending.iter().zip(&answers) {
                match say(group, minor, request, answer) {
                    Ok(more) => counts.add(&more),
                    Err(difference) => {
                        failures.push(difference);
                        later.push(*request);
                    }
                }
            }
            pending = later;
            Ok(pending.is_empty().then_some(()))
        });
        let Counts {
            refused,
            warned,
            silent,
        } = counts;
        let _ = writeln!(
            table,
            "| {at} | {} | {} | {refused} | {warned} | {silent} |",
            group.len(),
            requests.len()
        );
        assert!(waited.is_ok(), "{table}\n{}", failures.concat());
        // Most of what people wrote is taken, and some of it is at fault.
        let enough = refused * 3 < requests.len() && warned > 0 && silent > 0;
        assert!(enough, "too little is decided:\n{table}");
    }
    publish("samples.md", &table);
}

/// Compares what the policies of a group say of one object with what their rules say.
fn say(
    group: &[Warned<'_>],
    minor: u16,
    request: &Request,
    answer: &Answer,
) -> Result<Counts, String> {
    let mut counts = Counts::default();
    if !answer.is_success() {
        let message = answer.message();
        // A policy that is not ready yet refuses whatever it would only warn of.
        if answer.status >= 500 || message.contains("ValidatingAdmissionPolicy") {
            return Err(format!("{}: {message}\n", answer.status));
        }
        counts.refused = 1;
        return Ok(counts);
    }
    for one in group.iter().filter(|one| one.judges(request)) {
        let verdict = native(&one.rule, minor, &answer.body, &params());
        let warns = one.warns(answer);
        if warns == (verdict == Verdict::Pass) {
            let (id, kind) = (one.control.id, &request.resource.kind);
            let name = &request.object["metadata"]["name"];
            return Err(format!(
                "{id}: {kind} {name}: natively {verdict:?}, warned: {warns}\n"
            ));
        }
        *(if warns {
            &mut counts.warned
        } else {
            &mut counts.silent
        }) += 1;
    }
    Ok(counts)
}

impl Counts {
    fn add(&mut self, more: &Self) {
        self.refused += more.refused;
        self.warned += more.warned;
        self.silent += more.silent;
    }
}

impl Warned<'_> {
    fn judges(&self, request: &Request) -> bool {
        let kinds = crate::objects::kinds_of(self.rule.on);
        kinds.iter().any(|kind| request.is_of(kind))
    }

    fn warns(&self, answer: &Answer) -> bool {
        let ours = format!(
            "ValidatingAdmissionPolicy '{}' with binding",
            self.bound.name()
        );
        answer
            .warnings
            .iter()
            .any(|warning| warning.contains(&ours))
    }
}
