//! The law of `pss/baseline` and `pss/restricted`: a namespace that enforces a level admits the pods
//! of which all controls of the level hold, for every minor of the standards.

use std::fmt::Write as _;

use rayon::prelude::*;
use serde_json::{Value, json};

use knight_controls::control::{Control, ObjectRule};
use knight_testbed_client::{Answer, Client, Namespaces, Resource};

use crate::{
    dice::Dice,
    pod_security::{MINORS, controls, failing, stricter_for_windows},
    policies::publish,
    shrink::{shrink, yaml},
    typed,
};

use super::{
    asked::{Request, Way},
    fit::fit,
    granted,
    place::Place,
    testbed, threads,
};

/// How many pods are made for each level; the schema refuses a few for good.
const PODS: usize = 5_600;
/// How many of each minor are given to a stored pod, as ephemeral containers.
const EPHEMERAL: usize = 20;
/// How many differences of one minor are shown.
const SHOWN: usize = 2;
const BASE: &str = "base";

/// One level of one minor, and the namespace that enforces it.
struct Enforced {
    level: &'static str,
    minor: u16,
    place: Place,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    refused_by_schema: usize,
    allowed: usize,
    denied: usize,
    equal: usize,
    named: usize,
}

#[test]
fn namespaces_admit_the_pods_that_the_controls_of_their_level_pass() {
    let testbed = testbed();
    let client = testbed.client();
    let namespaces = testbed.namespaces("pss");
    let pods = client.resource("v1", "Pod").expect("pods are served");
    let twin = namespace(&namespaces, "twin", &json!({}));
    store_base(client, &pods, &twin);
    let controls = controls();
    let mut all = Vec::new();
    for level in ["baseline", "restricted"] {
        for minor in MINORS {
            let labels = json!({
                "pod-security.kubernetes.io/enforce": level,
                "pod-security.kubernetes.io/enforce-version": format!("v1.{minor}"),
            });
            let place = namespace(&namespaces, &format!("{level}-{minor}"), &labels);
            store_base(client, &pods, &place);
            all.push(Enforced {
                level,
                minor,
                place,
            });
        }
    }
    let held: Vec<(Counts, String)> = threads().install(|| {
        all.par_iter()
            .map(|enforced| enforced.hold(client, &pods, &twin, &controls))
            .collect()
    });
    let mut table =
        "| level | minor | allowed | denied | refused by schema | equal | named differences |\n\
                     |---|---|---:|---:|---:|---:|---:|\n"
            .to_owned();
    let mut failures = String::new();
    for (enforced, (counts, failed)) in all.iter().zip(&held) {
        failures.push_str(failed);
        let Counts {
            refused_by_schema,
            allowed,
            denied,
            equal,
            named,
        } = counts;
        let _ = writeln!(
            table,
            "| {} | 1.{} | {allowed} | {denied} | {refused_by_schema} | {equal} | {named} |",
            enforced.level, enforced.minor
        );
    }
    publish("pss-server.md", &table);
    for level in ["baseline", "restricted"] {
        let of_level = all
            .iter()
            .zip(&held)
            .filter(|(enforced, _)| enforced.level == level);
        let (allowed, denied) = of_level.fold((0, 0), |(allowed, denied), (_, (counts, _))| {
            (allowed + counts.allowed, denied + counts.denied)
        });
        let share = allowed * 100 / (allowed + denied);
        assert!(
            allowed + denied >= 5_000,
            "{level}: only {} are judged",
            allowed + denied
        );
        assert!((15..=85).contains(&share), "{level}: {share} % are allowed");
    }
    assert!(failures.is_empty(), "\n{failures}");
}

impl Enforced {
    fn hold(
        &self,
        client: &Client,
        pods: &Resource,
        twin: &Place,
        controls: &[(&Control, ObjectRule)],
    ) -> (Counts, String) {
        let Self {
            level,
            minor,
            place,
        } = self;
        let mut dice = Dice::of(&format!("{level} 1.{minor} on a server"));
        let mut counts = Counts::default();
        let mut failures = String::new();
        let mut shown = 0;
        let count = PODS / MINORS.count();
        for at in 0..count + EPHEMERAL {
            let made = typed::pod(&mut dice, *level == "restricted" || at % 4 == 0);
            let mut request = if at < count {
                pod(pods, &made)
            } else {
                Request::ephemeral(pods, BASE, &made.1["containers"])
            };
            fit(&mut request);
            let asked = request.ask(client, twin).or_else(|refusal| {
                counts.refused_by_schema += 1;
                refusal.0.ask_until_granted(client, twin).ok_or(())
            });
            let Ok(asked) = asked else { continue };
            let answer = asked.request.send(client, place);
            let ours = failing(controls, level, *minor, &asked.seen);
            let Some(admitted) = admitted(&answer) else {
                let _ = writeln!(
                    failures,
                    "{level} at 1.{minor}: {}: {}",
                    answer.status,
                    answer.message()
                );
                continue;
            };
            *(if admitted {
                &mut counts.allowed
            } else {
                &mut counts.denied
            }) += 1;
            if ours.is_empty() == admitted {
                counts.equal += 1;
            } else if *level == "restricted"
                && admitted
                && stricter_for_windows(&asked.seen["spec"], &ours)
            {
                counts.named += 1;
            } else {
                shown += 1;
                if shown <= SHOWN {
                    failures.push_str(&self.report(client, twin, controls, &asked.request));
                }
            }
        }
        if shown > SHOWN {
            let _ = writeln!(
                failures,
                "{level} at 1.{minor}: {} more differ",
                shown - SHOWN
            );
        }
        (counts, failures)
    }

    fn report(
        &self,
        client: &Client,
        twin: &Place,
        controls: &[(&Control, ObjectRule)],
        request: &Request,
    ) -> String {
        let differ = |object: &Value| {
            let asked = request.with(object.clone()).ask(client, twin).ok()?;
            let answer = asked.request.send(client, &self.place);
            let ours = failing(controls, self.level, self.minor, &asked.seen);
            (admitted(&answer) == Some(!ours.is_empty())).then(|| {
                let seen = yaml(&asked.seen);
                format!(
                    "ours: {ours:?}\ntheirs: {}\nseen:\n{seen}",
                    answer.message()
                )
            })
        };
        let smallest = shrink(request.object.clone(), &mut |object| {
            differ(object).is_some()
        });
        format!(
            "{} at 1.{}\n{}\nsent:\n{}\n",
            self.level,
            self.minor,
            differ(&smallest).unwrap_or_default(),
            yaml(&smallest),
        )
    }
}

/// Reads whether Pod Security let a pod in, or nothing when something else stood in the way.
pub(crate) fn admitted(answer: &Answer) -> Option<bool> {
    if answer.is_success() {
        return Some(true);
    }
    let violates = answer.status == 403 && answer.message().contains("violates PodSecurity");
    violates.then_some(false)
}

fn namespace(namespaces: &Namespaces<'_>, name: &str, labels: &Value) -> Place {
    let namespace = namespaces.create(name, labels);
    Place {
        namespace: namespace.unwrap_or_else(|error| panic!("{error}")),
        label: name.to_owned(),
    }
}

fn pod(pods: &Resource, (metadata, spec): &(Value, Value)) -> Request {
    let mut metadata = metadata.clone();
    metadata["name"] = json!("generated");
    Request {
        object: json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}),
        resource: pods.clone(),
        way: Way::Created,
    }
}

/// Stores a pod that every level admits.
fn store_base(client: &Client, pods: &Resource, place: &Place) {
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": BASE},
        "spec": {
            "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "name": "a", "image": "a",
                "securityContext": {
                    "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
                },
            }],
        },
    });
    let path = pods.path(Some(&place.namespace), None);
    granted(client.create(&path, &pod), "a pod");
}
