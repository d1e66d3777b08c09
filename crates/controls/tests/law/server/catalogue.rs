//! The law of the catalogue: for every declarative control and every object, the native verdict is
//! the server's decision on the control's policy.

use std::fmt::Write as _;

use rayon::prelude::*;
use serde_json::json;

use knight_controls::{policy, rule::eval::Params};
use knight_testbed_client::{Client, Namespaces};

use crate::{
    given::{object_controls, params},
    policies::publish,
};

use super::{
    asked::{Asked, Request},
    bound::Bound,
    given, granted, lifecycle, minor,
    place::Place,
    testbed, threads,
    trial::{Answers, Counts, Trial},
};

/// What all controls are tried on.
pub(crate) struct Ground<'t> {
    pub(crate) client: &'t Client,
    pub(crate) namespaces: Namespaces<'t>,
    pub(crate) minor: u16,
    pub(crate) params: Params,
    /// Where no policy acts.
    pub(crate) twin: Place,
    /// The namespace of the parameters.
    pub(crate) parameters: String,
    /// The namespace of parameters of which there are none.
    pub(crate) no_parameters: String,
    /// What people wrote, and what the twin made of it; or what was refused.
    pub(crate) given: Vec<Result<Asked, Box<Request>>>,
}

#[test]
fn the_server_decides_as_every_rule_judges() {
    let ground = Ground::prepare();
    let mut trials: Vec<Trial> = threads().install(|| {
        object_controls()
            .into_par_iter()
            .map(|(control, rule)| Trial::of(&ground, control, rule))
            .collect()
    });
    // What is there before the policies act.
    let stored: Vec<_> = threads().install(|| {
        trials
            .par_iter()
            .map(|trial| trial.store(&ground))
            .collect()
    });
    let bounds: Vec<Bound<'_>> = trials.iter().map(|trial| trial.bind(&ground)).collect();
    let starved: Vec<Option<Bound<'_>>> =
        trials.iter().map(|trial| trial.starve(&ground)).collect();
    let failures: Vec<String> = threads().install(|| {
        trials
            .par_iter_mut()
            .zip(&bounds)
            .zip(&starved)
            .zip(&stored)
            .map(|(((trial, bound), starved), stored)| {
                let mut failures = trial.hold(&ground, bound);
                if let Some(starved) = starved {
                    failures.push_str(&trial.hold_starved(&ground, starved));
                }
                failures
                    + &lifecycle::hold(
                        ground.client,
                        trial.control,
                        &trial.rule,
                        bound,
                        &trial.plain,
                        stored,
                    )
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
        let params = params();
        let given = given::requests(client);
        let twin = place(&namespaces, "twin");
        let given = threads().install(|| {
            given
                .into_par_iter()
                .map(|request| {
                    let asked = request.ask(client, &twin);
                    asked.map_err(|refusal| Box::new(refusal.0))
                })
                .collect()
        });
        Self {
            client,
            minor: minor(client),
            parameters: parameters(client, &namespaces, "parameters", &params),
            no_parameters: parameters(client, &namespaces, "no-parameters", &Params::default()),
            namespaces,
            params,
            twin,
            given,
        }
    }
}

/// Stores parameters in a namespace of their own, and returns its name.
pub(crate) fn parameters(
    client: &Client,
    namespaces: &Namespaces<'_>,
    name: &str,
    params: &Params,
) -> String {
    let namespace = namespaces.create(name, &json!({}));
    let namespace = namespace.expect("a namespace can be made");
    let config = policy::parameters(&namespace, params);
    granted(client.apply(&config), "the parameters");
    namespace
}

/// Makes a namespace that Knative's webhooks leave alone.
pub(crate) fn place(namespaces: &Namespaces<'_>, name: &str) -> Place {
    let label = format!("{}-{name}", namespaces.prefix());
    let mut place = Place {
        namespace: String::new(),
        label,
    };
    let made = namespaces.create(name, &place.labels(true));
    place.namespace = made.unwrap_or_else(|error| panic!("{error}"));
    place
}

/// Makes a namespace where the same policies act, and Knative's webhooks too.
pub(crate) fn plain_beside(namespaces: &Namespaces<'_>, name: &str, place: &Place) -> Place {
    let made = namespaces.create(&format!("{name}-plain"), &place.labels(false));
    Place {
        namespace: made.unwrap_or_else(|error| panic!("{error}")),
        label: place.label.clone(),
    }
}

fn table(trials: &[Trial]) -> String {
    let mut table =
        "| control | generated | ephemeral | allowed | denied | refused by schema | equal \
                     | manifests | allowed | denied | refused by schema | equal |\n\
                     |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
            .to_owned();
    let cells = |answers: &Answers| {
        let Answers {
            allowed,
            denied,
            refused_before,
            equal,
        } = answers;
        format!("{allowed} | {denied} | {refused_before} | {equal}")
    };
    let mut row = |name: &str, counts: &Counts| {
        let Counts {
            given,
            generated,
            ephemeral,
        } = counts;
        let _ = writeln!(
            table,
            "| {name} | {} | {ephemeral} | {} | {} | {} |",
            generated.all(),
            cells(generated),
            given.all(),
            cells(given),
        );
    };
    let mut all = Counts::default();
    for trial in trials {
        row(trial.control.id, &trial.counts);
        all.given.add(trial.counts.given);
        all.generated.add(trial.counts.generated);
        all.ephemeral += trial.counts.ephemeral;
    }
    row("all", &all);
    table
}
