//! Objects around what the rule of a control reads, asked for.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use knight_controls::{
    control::{ObjectRule, On},
    rule::{Expr, Literal, Path, Scope, Test, eval::Verdict},
};
use knight_testbed_client::Resource;

use crate::{
    dice::Dice,
    objects::{kinds_of, objects},
};

use super::{
    asked::{Request, Way},
    catalogue::Ground,
    fit::fit,
    granted, served,
    trial::Trial,
};

/// How many objects are generated at a time, beside those for ephemeral containers.
const GENERATED: usize = 300;
/// How often objects are generated until there are enough.
const BATCHES: usize = 4;
/// How many pods are generated whose containers become ephemeral ones.
const EPHEMERAL: usize = 60;

impl Trial {
    /// Makes objects until there are enough on both sides of the rule.
    pub(super) fn generate(&mut self, ground: &Ground<'_>) {
        let mut dice = Dice::of(&format!("{} on a server", self.control.id));
        // Of some rules little of what is made gets past the schema, or few objects break them.
        for _ in 0..BATCHES {
            self.add_generated(ground, &mut dice);
            if self.is_enough(ground) {
                break;
            }
        }
        for namespace in namespaces_of(&self.rule) {
            self.add_replaced(ground, &namespace, &mut dice);
        }
        let kinds = kinds_of(self.rule.on);
        let pod = kinds
            .iter()
            .find(|kind| kind.group.is_empty() && kind.name == "Pod");
        if let Some(pod) = pod {
            self.add_ephemeral(ground, &served::resource(ground.client, pod), &mut dice);
        }
    }

    fn add_generated(&mut self, ground: &Ground<'_>, dice: &mut Dice) {
        for (kind, mut object) in objects(&self.rule, &ground.params, GENERATED, dice) {
            let resource = served::resource(ground.client, &kind);
            object["apiVersion"] = json!(resource.api_version);
            let mut request = Request {
                object,
                resource,
                way: Way::Created,
            };
            fit(&mut request);
            self.add(ground, request);
        }
    }

    /// Adds requests that change the labels of what is stored in a namespace that the rule names.
    fn add_replaced(&mut self, ground: &Ground<'_>, namespace: &str, dice: &mut Dice) {
        for kind in kinds_of(self.rule.on) {
            let resource = served::resource(ground.client, &kind);
            let listed = ground.client.get(&resource.path(Some(namespace), None));
            let listed = granted(listed, "the objects of a namespace");
            let stored = listed["items"].as_array().cloned().unwrap_or_default();
            let made = objects(&self.rule, &ground.params, GENERATED, dice);
            for ((_, made), stored) in made.into_iter().zip(stored.iter().cycle()) {
                let mut object = stored.clone();
                object["apiVersion"] = json!(resource.api_version);
                object["kind"] = json!(resource.kind);
                let labels = &mut object["metadata"]["labels"];
                match &made["metadata"]["labels"] {
                    Value::Object(made) if labels.is_object() && dice.chance(70) => {
                        for (key, value) in made {
                            labels[key] = value.clone();
                        }
                    }
                    _ if dice.chance(40) => {}
                    made => *labels = made.clone(),
                }
                let request = Request {
                    object,
                    resource: resource.clone(),
                    way: Way::Replaced(namespace.to_owned()),
                };
                self.add(ground, request);
            }
        }
    }

    /// Stores a pod that the control is content with, and adds requests that give it ephemeral
    /// containers.
    fn add_ephemeral(&mut self, ground: &Ground<'_>, pods: &Resource, dice: &mut Dice) {
        let name = format!("base-{}", self.control.id);
        let Some(base) = self.content(ground) else {
            return;
        };
        for place in [&ground.twin, &self.place] {
            let mut pod = place.put(&base, pods);
            pod["metadata"]["name"] = json!(name);
            let path = pods.path(Some(&place.namespace), None);
            granted(ground.client.create(&path, &pod), self.control.id);
        }
        let rule = ObjectRule {
            on: On::PodsOf(&[("", "Pod")]),
            ..self.rule.clone()
        };
        let before = self.generated.len();
        for (_, object) in objects(&rule, &ground.params, EPHEMERAL, dice) {
            let mut request = Request::ephemeral(pods, &name, &object["spec"]["containers"]);
            fit(&mut request);
            self.add(ground, request);
        }
        self.counts.ephemeral = self.generated.len() - before;
    }

    /// Returns a pod, as it was sent, that the control is content with.
    fn content(&self, ground: &Ground<'_>) -> Option<Value> {
        let mut cases = self.generated.iter().chain(&self.given);
        let content = cases.find(|case| {
            let Request { way, resource, .. } = &case.request;
            *way == Way::Created
                && (resource.api_version.as_str(), resource.kind.as_str()) == ("v1", "Pod")
                && self.verdict(ground, &case.seen, &ground.params) == Verdict::Pass
        });
        content.map(|case| case.request.object.clone())
    }

    /// Adds an object as it is, or, where the schema refuses it, what is left of it when mended.
    fn add(&mut self, ground: &Ground<'_>, request: Request) {
        match request.ask(ground.client, &ground.twin) {
            Ok(asked) => self.generated.push(asked),
            Err(refusal) => {
                self.counts.generated.refused_before += 1;
                let mended = refusal.0.ask_until_granted(ground.client, &ground.twin);
                self.generated.extend(mended);
            }
        }
    }
}

/// Returns the namespaces that a rule names.
pub(crate) fn namespaces_of(rule: &ObjectRule) -> BTreeSet<String> {
    let mut namespaces = BTreeSet::new();
    rule.holds.visit(&mut |expr| {
        let Expr::Check(check) = expr else { return };
        let of_object = |path: &Path| {
            path.scope == Scope::Object && path.keys.join(".") == "metadata.namespace"
        };
        if let Test::Equals(Literal::Text(name)) = &check.test
            && check.operand.paths.iter().any(of_object)
        {
            namespaces.insert(name.to_string());
        }
    });
    namespaces
}
