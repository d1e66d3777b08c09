//! What the shipped role allows, what is asked with it, and what is said when it allows less.

use std::{collections::BTreeSet, sync::OnceLock};

use knight_testbed_client::{Kubeconfig, Request, objects};
use serde_json::{Value, json};

use crate::{
    common::{World, account, alone, testbed},
    hostile,
};

/// Verb, group and resource.
type Right = (String, String, String);

/// Somebody who has the rights of the shipped role, and nothing else.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) user: String,
    pub(crate) kubeconfig: Kubeconfig,
}

/// Everything that RBAC knows as a verb on objects.
const VERBS: [&str; 8] = [
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];
/// What lies below resources and would be worth having.
const BELOW: [(&str, &str); 5] = [
    ("nodes", "proxy"),
    ("pods", "exec"),
    ("pods", "log"),
    ("serviceaccounts", "token"),
    ("services", "proxy"),
];
/// What Kubernetes allows to everybody: to ask who one is and what one may do.
const BASIC: [(&str, &str, &str); 3] = [
    ("create", "authentication.k8s.io", "selfsubjectreviews"),
    ("create", "authorization.k8s.io", "selfsubjectaccessreviews"),
    ("create", "authorization.k8s.io", "selfsubjectrulesreviews"),
];

/// Returns the objects that `knight scan --print-role` prints.
fn role() -> Vec<Value> {
    let run = World::new().run(&["scan", "--print-role"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    objects(&String::from_utf8(run.stdout).expect("text")).expect("a manifest")
}

/// Applies the role as it is shipped, once, and returns whom it is for.
pub(crate) fn reader() -> &'static Reader {
    static READER: OnceLock<Reader> = OnceLock::new();
    READER.get_or_init(|| given(&role()))
}

/// Applies the objects of a role, and returns whom they are for.
fn given(role: &[Value]) -> Reader {
    let namespaces = testbed()
        .client()
        .get("/api/v1/namespaces")
        .expect("an answer");
    let namespaces = namespaces.granted("a list").expect("the namespaces");
    let there = |name: &Value| {
        let all = namespaces["items"].as_array().expect("a list");
        all.iter()
            .any(|namespace| namespace["metadata"]["name"] == *name)
    };
    for object in role {
        let answer = testbed().client().apply(object).expect("an answer");
        let namespace = &object["metadata"]["namespace"];
        // Parts of Knative that are not installed have no namespace, as the comments of the role say.
        let nowhere = answer.status == 404 && namespace != "knight" && !there(namespace);
        assert!(
            answer.is_success() || nowhere,
            "{object}: {}",
            answer.message()
        );
    }
    let binding = role
        .iter()
        .find(|object| object["kind"] == "ClusterRoleBinding");
    let subject = &binding.expect("a binding")["subjects"][0];
    let text = |key: &str| subject[key].as_str().expect("a text").to_owned();
    let (namespace, name) = (text("namespace"), text("name"));
    Reader {
        user: format!("system:serviceaccount:{namespace}:{name}"),
        kubeconfig: account(&namespace, &name),
    }
}

/// Returns what the rules of a kind of role allow.
fn rights(role: &[Value], kind: &str) -> BTreeSet<Right> {
    let texts = |value: &Value| -> Vec<String> {
        let list = value.as_array().expect("a list");
        list.iter()
            .map(|text| text.as_str().expect("a text").to_owned())
            .collect()
    };
    let mut rights = BTreeSet::new();
    for object in role.iter().filter(|object| object["kind"] == kind) {
        for rule in object["rules"].as_array().expect("rules") {
            assert_eq!(rule["nonResourceURLs"], Value::Null);
            for verb in texts(&rule["verbs"]) {
                for group in texts(&rule["apiGroups"]) {
                    for resource in texts(&rule["resources"]) {
                        rights.insert((verb.clone(), group.clone(), resource));
                    }
                }
            }
        }
    }
    rights
}

/// Returns the requests that this user sent so far.
fn requests(user: &str) -> Vec<Request> {
    let mut requests = testbed().requests().expect("an audit log");
    requests.retain(|request| request.user == user);
    requests
}

#[test]
fn the_role_allows_to_read_what_it_names_and_nothing_else() {
    let _alone = alone();
    let (role, reader) = (role(), reader());
    let everywhere = rights(&role, "ClusterRole");
    let mut in_system = everywhere.clone();
    in_system.extend(rights(&role, "Role"));
    for (verb, group, resource) in &in_system {
        assert!(
            ["get", "list"].contains(&verb.as_str()),
            "{verb} {resource}.{group}"
        );
        assert!(
            !["*", "secrets"].contains(&resource.as_str()),
            "{resource}.{group}"
        );
        assert_ne!(group, "*", "{resource}");
    }
    let mut known: BTreeSet<(String, String)> = BTreeSet::new();
    for resource in testbed().client().served().expect("discovery") {
        let group = resource
            .api_version
            .rsplit_once('/')
            .map_or("", |(group, _)| group);
        known.insert((group.to_owned(), resource.plural));
    }
    for (resource, below) in BELOW {
        known.insert((String::new(), format!("{resource}/{below}")));
    }
    assert!(known.len() > 80, "{}", known.len());
    let basic = BASIC
        .map(|(verb, group, resource)| (verb.to_owned(), group.to_owned(), resource.to_owned()));
    for (namespace, named) in [("mallory", &everywhere), ("knative-serving", &in_system)] {
        let mut allowed = BTreeSet::new();
        for (group, resource) in &known {
            for verb in VERBS {
                if may(&reader.user, namespace, verb, group, resource) {
                    allowed.insert((verb.to_owned(), group.clone(), resource.clone()));
                }
            }
        }
        for right in &basic {
            assert!(allowed.remove(right), "{right:?}");
        }
        let served = |right: &&Right| known.contains(&(right.1.clone(), right.2.clone()));
        assert_eq!(
            allowed,
            named.iter().filter(served).cloned().collect(),
            "{namespace}"
        );
    }
}

/// Asks the API server whether a user may do something.
fn may(user: &str, namespace: &str, verb: &str, group: &str, resource: &str) -> bool {
    let (resource, below) = resource.split_once('/').unwrap_or((resource, ""));
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": {
            "user": user,
            "groups": ["system:serviceaccounts", "system:serviceaccounts:knight", "system:authenticated"],
            "resourceAttributes": {
                "namespace": namespace, "verb": verb, "group": group, "resource": resource,
                "subresource": below,
            },
        },
    });
    let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    let answer = testbed().client().create(path, &review).expect("an answer");
    let status = &answer.granted("a review").expect("a review")["status"];
    status["allowed"].as_bool().expect("a verdict")
}

#[test]
fn a_scan_with_the_role_reads_all_it_asks_for_and_writes_nothing() {
    let _alone = alone();
    hostile::apply();
    let (role, reader) = (role(), reader());
    let world = World::of(&reader.kubeconfig);
    let before = requests(&reader.user).len();
    let run = world.run(&["scan", "--cluster", "--format", "json"]);
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert_eq!(run.json()["unread"], json!([]));
    let file = world.path("cluster.knight");
    let file = file.to_str().expect("a path of text");
    let run = world.run(&["snapshot", "--cluster", "-o", file]);
    assert_eq!(run.code, Some(0), "{run:#?}");

    let requests = requests(&reader.user).split_off(before);
    assert!(requests.len() > 20, "{requests:#?}");
    let mut listed = BTreeSet::new();
    for request in &requests {
        assert!(
            ["get", "list"].contains(&request.verb.as_str()),
            "{request:#?}"
        );
        assert!(!request.uri.contains("secrets"), "{request:#?}");
        // A list that the server does not serve is no resource to it, so it has no group.
        assert!([200, 404].contains(&request.code), "{request:#?}");
        if request.verb == "list" {
            assert_eq!(request.code, 200, "{request:#?}");
            listed.insert((request.group.clone(), request.resource.clone()));
        }
    }
    // Whatever the role allows is asked for where it is served: no right is idle.
    let mut allowed = rights(&role, "ClusterRole");
    allowed.extend(rights(&role, "Role"));
    let known: BTreeSet<(String, String)> = testbed()
        .client()
        .served()
        .expect("discovery")
        .into_iter()
        .map(|resource| {
            let group = resource
                .api_version
                .rsplit_once('/')
                .map_or("", |(group, _)| group);
            (group.to_owned(), resource.plural)
        })
        .collect();
    let lists = allowed.into_iter().filter(|(verb, ..)| verb == "list");
    let expected: BTreeSet<_> = lists
        .map(|(_, group, resource)| (group, resource))
        .filter(|resource| known.contains(resource))
        .collect();
    assert_eq!(listed, expected);
}

#[test]
fn names_a_kind_that_the_role_does_not_allow_to_read_and_passes_nothing_of_it() {
    let _alone = alone();
    let namespaces = testbed().namespaces("blind");
    let empty = namespaces.create("empty", &json!({})).expect("a namespace");
    let blind = given(&without(role(), "triggers"));
    let world = World::of(&blind.kubeconfig);
    let scan = |format: &str| {
        world.run(&[
            "scan",
            "--cluster",
            "-n",
            &empty,
            "--select",
            "endless-retry",
            "--format",
            format,
        ])
    };
    let run = scan("json");
    assert_eq!(run.code, Some(1), "{run:#?}");
    let report = run.json();
    assert_eq!(report["findings"], json!([]));
    let unread = report["unread"].as_array().expect("a list");
    let named: Vec<[&Value; 4]> = unread
        .iter()
        .map(|list| {
            [
                &list["group"],
                &list["resource"],
                &list["why"],
                &list["controls"],
            ]
        })
        .collect();
    assert_eq!(
        json!(named),
        json!([[
            "eventing.knative.dev",
            "triggers",
            "refused",
            ["endless-retry"]
        ]])
    );
    let text = scan("text");
    assert_eq!(text.code, Some(1), "{text:#?}");
    let said = String::from_utf8(text.stdout).expect("text") + &text.stderr;
    assert!(
        said.contains("triggers") && said.contains("--print-role"),
        "{said}"
    );

    // With the right to it, the same is clean.
    let whole = World::of(&reader().kubeconfig);
    let run = whole.run(&[
        "scan",
        "--cluster",
        "-n",
        &empty,
        "--select",
        "endless-retry",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, Some(0), "{run:#?}");
}

/// Returns the role for another account, without one resource.
fn without(mut role: Vec<Value>, left_out: &str) -> Vec<Value> {
    let mut removed = 0;
    for object in &mut role {
        if object["kind"] == "Namespace" {
            continue;
        }
        for name in ["/metadata/name", "/roleRef/name"] {
            if let Some(Value::String(name)) = object.pointer_mut(name) {
                name.push_str("-blind");
            }
        }
        if let Some(Value::String(name)) = object.pointer_mut("/subjects/0/name") {
            name.push_str("-blind");
        }
        let Some(Value::Array(rules)) = object.get_mut("rules") else {
            continue;
        };
        for rule in rules.iter_mut() {
            let resources = rule["resources"].as_array_mut().expect("a list");
            let before = resources.len();
            resources.retain(|resource| resource != left_out);
            removed += before - resources.len();
        }
        rules.retain(|rule| rule["resources"] != json!([]));
    }
    assert_eq!(removed, 1, "{left_out}");
    role
}
