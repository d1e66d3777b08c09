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

use super::{asked::Request, bound::Bound, given, minor, place::Place, testbed, threads};

/// How many policies act on one namespace: the server cuts warnings that are too long together.
const GROUP: usize = 12;
const PATIENCE: Duration = Duration::from_mins(2);

struct Warned {
    control: &'static Control,
    rule: ObjectRule,
    bound: Bound,
}

#[test]
fn policies_say_of_manifests_what_their_rules_say_where_webhooks_look() {
    let testbed = testbed();
    let client = testbed.client();
    let namespaces = testbed.namespaces("samples");
    let minor = minor(client);
    let parameters = namespaces.create("parameters", &json!({}));
    let parameters = parameters.expect("a namespace can be made");
    let config = policy::parameters(&parameters, &params());
    let applied = client
        .apply(&config)
        .and_then(|answer| answer.granted("the parameters"));
    applied.expect("parameters can be stored");
    let mut groups: Vec<(Place, Vec<Warned>)> = Vec::new();
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
    let mut failures = String::new();
    let mut table = "| namespace | policies | objects | refused | warned | silent |\n\
                     |---|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for (at, (place, group)) in groups.iter().enumerate() {
        let (mut refused, mut warned, mut silent) = (0, 0, 0);
        let answers = || -> Vec<Answer> {
            threads().install(|| {
                requests
                    .par_iter()
                    .map(|request| request.send(client, place))
                    .collect()
            })
        };
        // The policies of a group begin to act one by one.
        let waited = wait_until(PATIENCE, "all policies of a group", || {
            failures.clear();
            (refused, warned, silent) = (0, 0, 0);
            for (request, answer) in requests.iter().zip(answers()) {
                if !answer.is_success() {
                    refused += 1;
                    continue;
                }
                for one in group.iter().filter(|one| one.judges(request)) {
                    let verdict = native(&one.rule, minor, &answer.body, &params());
                    let warns = one.warns(&answer);
                    *(if warns { &mut warned } else { &mut silent }) += 1;
                    if warns != (verdict != Verdict::Pass) {
                        let (id, kind) = (one.control.id, &request.resource.kind);
                        let name = &request.object["metadata"]["name"];
                        let _ = writeln!(
                            failures,
                            "{id}: {kind} {name}: natively {verdict:?}, warned: {warns}"
                        );
                    }
                }
            }
            Ok(failures.is_empty().then_some(()))
        });
        let _ = writeln!(
            table,
            "| {at} | {} | {} | {refused} | {warned} | {silent} |",
            group.len(),
            requests.len()
        );
        if let Err(error) = waited {
            publish("samples.md", &table);
            panic!("{error}\n{failures}");
        }
        assert!(warned > 0 && silent > 0, "{table}");
    }
    publish("samples.md", &table);
}

impl Warned {
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
