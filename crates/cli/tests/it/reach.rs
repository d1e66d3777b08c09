//! `knight reach`: who reaches whom, and what is left open.

use std::fs;

use insta::assert_snapshot;
use knight_model::snapshot::{Header, List, Listed, Writer, text_of};
use serde_json::{Value, json};

use crate::common::World;

const SHOP: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: other}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: a}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
        - {name: main, image: a, ports: [{name: sql, containerPort: 5432}]}
---
apiVersion: v1
kind: Pod
metadata: {name: x, namespace: other, labels: {app: x}}
spec: {containers: [{name: main, image: a}]}
";

const POLICY: &str = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: web}}
      ports: [{port: sql}]
";

fn shop() -> World {
    let world = World::new();
    world
        .file("in/shop.yaml", SHOP)
        .file("in/policy.yaml", POLICY);
    world
}

/// Returns what `x` reaches of `db`, as the expanded list has it.
fn to_db(world: &World, arguments: &[&str]) -> String {
    let base = ["reach", "--expand", "--from", "other/x", "--to", "shop/db"];
    let all: Vec<&str> = base.iter().chain(arguments).copied().collect();
    world.run(&all).stdout
}

fn errors(json: &Value) -> Vec<String> {
    let schema: Value =
        serde_json::from_str(include_str!("../../../../schemas/reach.schema.json")).expect("JSON");
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    let errors = validator.iter_errors(json);
    errors.map(|error| error.to_string()).collect()
}

fn snapshot(namespaces: &[&str], lists: &[List], objects: &[Value]) -> Vec<u8> {
    let header = Header {
        knight: "0.1.0".to_owned(),
        kubernetes: None,
        namespaces: namespaces.iter().map(|&name| name.to_owned()).collect(),
    };
    let mut writer = Writer::new(Vec::new(), &header).expect("a snapshot");
    for object in objects {
        writer.object(&text_of(object.clone())).expect("an object");
    }
    writer.finish(lists).expect("a snapshot")
}

/// Returns that every kind that decides was asked for, and policies as said.
fn lists(policies: &Listed, namespace: Option<&str>) -> Vec<List> {
    let list = |group: &str, kind: &str, namespace: Option<&str>, outcome: Listed| List {
        group: group.to_owned(),
        version: "v1".to_owned(),
        resource: kind.to_lowercase(),
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        outcome,
    };
    let others = knight_model::network::Influence::kinds();
    let others = others.map(|(group, kind)| list(group, kind, None, Listed::NotServed));
    let own = list(
        "networking.k8s.io",
        "NetworkPolicy",
        namespace,
        policies.clone(),
    );
    others.chain([own]).collect()
}

fn objects() -> Vec<Value> {
    let pod = |namespace: &str, name: &str| {
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
            "spec": {"containers": [{"name": "main", "image": "a"}]},
        })
    };
    vec![
        pod("shop", "db"),
        pod("other", "x"),
        json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "closed", "namespace": "shop"},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
        }),
    ]
}

#[test]
fn puts_pods_that_no_rule_tells_apart_together() {
    assert_snapshot!(shop().run(&["reach", "in"]).all(), @"
    exit: 0
    --- stdout
    Pods that no rule tells apart:
      #0 other/x[Pod]
      #1 shop/db[StatefulSet]
      #2 shop/web[Deployment]
    Who reaches whom:
      0.0.0.0-255.255.255.255 => #0 : All Connections
      ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff => #0 : All Connections
      0.0.0.0-255.255.255.255 => #2 : All Connections
      ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff => #2 : All Connections
      #0 => #2 : All Connections (in different namespaces)
      #2 => #0 : All Connections (in different namespaces)
      #2 => #1 : TCP 5432 (in one namespace)
      #0 => 0.0.0.0-255.255.255.255 : All Connections
      #0 => ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff : All Connections
      #2 => 0.0.0.0-255.255.255.255 : All Connections
      #2 => ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff : All Connections
    ");
}

#[test]
fn expands_to_one_sorted_line_each() {
    assert_snapshot!(shop().run(&["reach", "in", "--expand", "--workload", "shop/db"]).all(), @"
    exit: 0
    --- stdout
    shop/web[Deployment] => shop/db[StatefulSet] : TCP 5432
    ");
    let all = shop().run(&["reach", "in", "--expand"]).stdout;
    let mut lines: Vec<&str> = all.lines().collect();
    assert_eq!(lines.len(), 11, "{all}");
    lines.sort_unstable();
    assert!(lines.contains(&"shop/web[Deployment] => other/x[Pod] : All Connections"));
    assert!(!all.contains("other/x[Pod] => shop/db"), "{all}");
}

#[test]
fn focus_leaves_what_is_asked_for() {
    let world = shop();
    let run = |arguments: &[&str]| {
        let base = ["reach", "in", "--expand"];
        let all: Vec<&str> = base.iter().chain(arguments).copied().collect();
        world.run(&all).stdout
    };
    assert_snapshot!(run(&["--to", "shop", "--port", "5432/tcp", "--from", "shop"]), @"shop/web[Deployment] => shop/db[StatefulSet] : TCP 5432");
    assert_snapshot!(run(&["--to", "shop/db", "--port", "80"]), @"");
    assert_snapshot!(run(&["--from", "192.0.2.1", "--to", "shop"]), @"0.0.0.0-255.255.255.255 => shop/web[Deployment] : All Connections");
    assert_snapshot!(world.run(&["reach", "in", "--from", "shop/cart"]).all(), @"
    exit: 2
    --- stderr
    knight: error: no pod of the input is meant by `shop/cart`: write a namespace, `NAMESPACE/NAME` of a workload or a pod, an address, or `outside`
    ");
    assert_snapshot!(world.run(&["reach", "in", "-n", "shop"]).stderr, @"knight: error: `--namespace` is what to read of a running cluster: use `--from`, `--to` or `--workload`");
    assert_snapshot!(world.run(&["reach", "in", "--port", "0"]).code.unwrap_or_default(), @"2");
}

#[test]
fn explains_with_policies_and_the_nearest_rule() {
    let world = shop();
    let explain = |question: &str| world.run(&["reach", "in", "--explain", question]).all();
    assert_snapshot!(explain("other/x,shop/db,5432"), @"
    exit: 0
    --- stdout
    other/x[Pod] => shop/db[StatefulSet] on TCP 5432: closed
      Between them: No Connections
      Out of other/x[Pod]: open, as no policy selects the pod in this direction
      Into shop/db[StatefulSet]: closed, as policies select the pod and none allows it
        NetworkPolicy shop/db (in/policy.yaml:3) selects it
          rule at in/policy.yaml:8 does not allow this: only pods of the policy's own namespace are meant, not of `other`
        Nearest: the rule at in/policy.yaml:8 of `shop/db`; in/policy.yaml:9: only pods of the policy's own namespace are meant, not of `other`
    ");
    assert_snapshot!(explain("shop/web,shop/db,80"), @"
    exit: 0
    --- stdout
    shop/web[Deployment] => shop/db[StatefulSet] on TCP 80: closed
      Between them: TCP 5432
      Out of shop/web[Deployment]: open, as no policy selects the pod in this direction
      Into shop/db[StatefulSet]: closed, as policies select the pod and none allows it
        NetworkPolicy shop/db (in/policy.yaml:3) selects it
          rule at in/policy.yaml:8 does not allow this: the pod calls its port 5432 `sql`
        Nearest: the rule at in/policy.yaml:8 of `shop/db`; in/policy.yaml:10: the pod calls its port 5432 `sql`
    ");
    assert_snapshot!(explain("shop/web,shop/db"), @"
    exit: 0
    --- stdout
    shop/web[Deployment] => shop/db[StatefulSet]: open
      Between them: TCP 5432
      Out of shop/web[Deployment]: open, as no policy selects the pod in this direction
      Into shop/db[StatefulSet]: open, as a rule allows it
        NetworkPolicy shop/db (in/policy.yaml:3) selects it
          rule at in/policy.yaml:8 allows this
    ");
    assert_snapshot!(explain("shop/web"), @"
    exit: 2
    --- stderr
    error: invalid value 'shop/web' for '--explain <FROM,TO[,PORT]>': write FROM,TO or FROM,TO,PORT

    For more information, try '--help'.
    ");
}

#[test]
fn other_forms_have_the_same_flows() {
    let world = shop();
    let run = |arguments: &[&str]| {
        let base = ["reach", "in", "--from", "shop/web", "--to", "shop/db"];
        let all: Vec<&str> = base.iter().chain(arguments).copied().collect();
        world.run(&all).stdout
    };
    assert_snapshot!(run(&["--format", "csv"]), @r##"
    from,to,namespaces,certain,possible
    "#2 shop/web[Deployment]","#1 shop/db[StatefulSet]","same","TCP 5432","TCP 5432"
    "##);
    assert_snapshot!(run(&["--format", "dot", "--expand"]), @r#"
    digraph reach {
      "shop/web[Deployment]" -> "shop/db[StatefulSet]" [label="TCP 5432"];
    }
    "#);
    assert_snapshot!(run(&["--format", "markdown"]), @"
    | class | pods that no rule tells apart |
    |---|---|
    | <code>&#35;&#8203;1</code> | <code>shop/db&#91;StatefulSet&#93;</code> |
    | <code>&#35;&#8203;2</code> | <code>shop/web&#91;Deployment&#93;</code> |

    | from | to | connections |
    |---|---|---|
    | <code>&#35;&#8203;2</code> | <code>&#35;&#8203;1</code> | TCP 5432 (in one namespace) |
    ");
}

#[test]
fn json_is_valid_against_its_schema() {
    let world = shop();
    for arguments in [
        &["reach", "in", "--format", "json"][..],
        &["reach", "in", "--format", "json", "--expand"],
        &[
            "reach",
            "in",
            "--format",
            "json",
            "--explain",
            "other,shop,5432",
        ],
    ] {
        let mut json = world.run(arguments).json();
        assert_eq!(errors(&json), Vec::<String>::new());
        json["cni"] = Value::Null;
        assert_ne!(errors(&json), Vec::<String>::new());
    }
}

#[test]
fn says_unknown_where_a_document_cannot_be_read() {
    let world = shop();
    assert_eq!(to_db(&world, &["in"]), "");
    world.file("in/broken.yaml", "kind: [\n");
    assert_snapshot!(to_db(&world, &["in"]), @"other/x[Pod] => shop/db[StatefulSet] : No Connections (possibly All Connections)");
    let run = world.run(&[
        "reach", "in", "--expand", "--from", "other/x", "--to", "shop/db",
    ]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("may be a policy of any namespace"),
        "{}",
        run.stderr
    );
    let run = world.run(&["reach", "in/shop.yaml", "in/broken.yaml"]);
    assert_eq!(run.code, Some(2), "a file that was named");
}

#[test]
fn says_unknown_where_a_policy_cannot_be_read_or_stands_twice() {
    let world = shop();
    world.file("in/second.yaml", POLICY.replace("app: web", "app: other"));
    assert_snapshot!(to_db(&world, &["in"]), @"other/x[Pod] => shop/db[StatefulSet] : No Connections (possibly All Connections)");
    world.file(
        "in/second.yaml",
        POLICY.replace("[Ingress, Egress]", "Ingress"),
    );
    assert_snapshot!(to_db(&world, &["in"]), @"other/x[Pod] => shop/db[StatefulSet] : No Connections (possibly All Connections)");
    // The same policy twice says nothing else.
    world.file("in/second.yaml", POLICY);
    assert_eq!(to_db(&world, &["in"]), "");
}

#[test]
fn says_unknown_where_a_kind_is_not_judged() {
    let world = shop();
    world.file(
        "in/tier.yaml",
        "\
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: first}
",
    );
    assert_snapshot!(to_db(&world, &["in"]), @"other/x[Pod] => shop/db[StatefulSet] : No Connections (possibly All Connections)");
    let run = world.run(&["reach", "in", "--to", "shop/db", "--from", "other/x"]);
    assert_snapshot!(run.stdout, @"
    Pods that no rule tells apart:
      #0 other/x[Pod]
      #1 shop/db[StatefulSet]
    Who reaches whom:
      #0 => #1 : No Connections (possibly All Connections) (in different namespaces)
    Not known:
      AdminNetworkPolicy.policy.networking.k8s.io `first` decides on connections and is not judged (in/tier.yaml:3)
    ");
}

#[test]
fn says_unknown_where_namespaces_of_one_name_differ() {
    let world = shop();
    world.file(
        "in/policy.yaml",
        POLICY.replace(
            "podSelector: {matchLabels: {app: web}}",
            "namespaceSelector: {matchLabels: {team: a}}",
        ),
    );
    assert_eq!(to_db(&world, &["in"]), "");
    world.file(
        "in/zone.yaml",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: other, labels: {team: a}}\n",
    );
    assert_snapshot!(to_db(&world, &["in"]), @"other/x[Pod] => shop/db[StatefulSet] : No Connections (possibly TCP 5432)");
}

#[test]
fn names_what_makes_pods_that_are_not_derived() {
    let world = shop();
    world.file(
        "in/hello.yaml",
        "\
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: hello, namespace: shop}
spec: {template: {spec: {containers: [{image: a}]}}}
",
    );
    let run = world.run(&["reach", "in", "--from", "other/x", "--to", "shop/db"]);
    assert_snapshot!(run.all(), @"
    exit: 1
    --- stdout
    Pods that no rule tells apart:
      none
    Who reaches whom:
      nobody, of the pods that are in the input and asked for
    Not known:
      1 object makes pods that this does not derive; nothing is said of pods that the input does not have: Service.serving.knative.dev `shop/hello` (in/hello.yaml:3)
    ");
    assert_snapshot!(world.run(&["reach", "in/hello.yaml"]).all(), @"
    exit: 1
    --- stdout
    The input has no pods, so nothing is said of who reaches whom.
    Not known:
      1 object makes pods that this does not derive; nothing is said of pods that the input does not have: Service.serving.knative.dev `shop/hello` (in/hello.yaml:3)
    ");
}

#[test]
fn a_snapshot_is_judged_as_far_as_it_was_read() {
    let world = World::new();
    let check = |bytes: Vec<u8>| {
        fs::write(world.path("cluster.knight"), bytes).expect("a new file");
        to_db(&world, &["cluster.knight"])
    };
    let read = Listed::Read { objects: 1 };
    assert_eq!(check(snapshot(&[], &lists(&read, None), &objects())), "");
    let refused = Listed::Refused {
        reason: "forbidden".to_owned(),
    };
    assert_snapshot!(check(snapshot(&[], &lists(&refused, None), &objects())), @"other/x[Pod] => shop/db[Pod] : No Connections (possibly All Connections)");
    // Nobody asked for the policies of any namespace, or for those of this one.
    assert_snapshot!(check(snapshot(&[], &[], &objects())), @"other/x[Pod] => shop/db[Pod] : No Connections (possibly All Connections)");
    let bytes = snapshot(&["other"], &lists(&read, Some("other")), &objects());
    assert_snapshot!(check(bytes), @"other/x[Pod] => shop/db[Pod] : No Connections (possibly All Connections)");
    let bytes = snapshot(&["shop"], &lists(&read, Some("shop")), &objects());
    assert_eq!(check(bytes), "", "only the other end is not known");
    let whole = snapshot(&[], &lists(&read, None), &objects());
    fs::write(world.path("cut.knight"), &whole[..whole.len() - 9]).expect("a new file");
    let run = world.run(&["reach", "cut.knight"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:#?}");
}

#[test]
fn classes_and_workloads_have_the_same_ranges_outside() {
    let world = shop();
    world.file(
        "in/blocks.yaml",
        "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: blocks, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - ipBlock: {cidr: 0.0.0.0/0, except: [0.0.0.0/8, 10.0.0.0/8, 255.255.255.255/32]}
        - ipBlock: {cidr: '::/0', except: ['::/128', 'fd00::/8']}
      ports: [{port: 80}]
    - from: [{ipBlock: {cidr: 10.1.0.0/16}}]
  egress:
    - to: [{ipBlock: {cidr: 11.0.0.0/8}}, {ipBlock: {cidr: 10.0.0.0/8}}]
    - to: [{ipBlock: {cidr: 'ff00::/8'}}]
      ports: [{port: 53, protocol: UDP}]
",
    );
    let outside = |spread: &[&str]| {
        let base = ["reach", "in", "--format", "csv", "--workload", "outside"];
        let all: Vec<&str> = base.iter().chain(spread).copied().collect();
        let csv = world.run(&all).stdout;
        // Each class is one workload here, so that only the number tells them apart.
        let mut lines: Vec<String> = csv
            .lines()
            .map(|line| match line.split_once('#') {
                Some((before, rest)) => [before, rest.split_once(' ').expect("a label").1].concat(),
                None => line.to_owned(),
            })
            .collect();
        lines.sort_unstable();
        lines
    };
    let classes = outside(&[]);
    assert_eq!(classes, outside(&["--expand"]));
    let of_web = classes.iter().filter(|line| line.contains("shop/web"));
    let of_web: Vec<&str> = of_web.map(String::as_str).collect();
    assert_snapshot!(of_web.join("\n"), @r#"
    "1.0.0.0-9.255.255.255","shop/web[Deployment]","any","TCP 80","TCP 80"
    "10.1.0.0-10.1.255.255","shop/web[Deployment]","any","All Connections","All Connections"
    "11.0.0.0-255.255.255.254","shop/web[Deployment]","any","TCP 80","TCP 80"
    "::1-fcff:ffff:ffff:ffff:ffff:ffff:ffff:ffff","shop/web[Deployment]","any","TCP 80","TCP 80"
    "fe00::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff","shop/web[Deployment]","any","TCP 80","TCP 80"
    "shop/web[Deployment]","10.0.0.0-11.255.255.255","any","All Connections","All Connections"
    "shop/web[Deployment]","ff00::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff","any","UDP 53","UDP 53"
    "#);
}

#[test]
fn an_address_of_a_pod_is_that_pod() {
    let world = shop();
    world.file(
        "in/x.yaml",
        "\
apiVersion: v1
kind: Pod
metadata: {name: extra, namespace: shop, labels: {app: web}}
spec: {containers: []}
status: {podIP: 10.0.0.7}
---
apiVersion: v1
kind: Node
metadata: {name: one}
status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}
",
    );
    let run =
        |from: &str| world.run(&["reach", "in", "--expand", "--from", from, "--to", "shop/db"]);
    assert_snapshot!(run("10.0.0.7").stdout, @"shop/extra[Pod] => shop/db[StatefulSet] : TCP 5432");
    assert_snapshot!(run("10.0.0.8").stdout, @"");
    assert_snapshot!(run("192.0.2.1").stderr, @"knight: error: `192.0.2.1` is an address of the node `one`: nodes cannot be asked about");
}

#[test]
fn nothing_read_is_no_answer() {
    let world = World::new();
    world.file("in/a.yaml", "# nothing\n");
    assert_snapshot!(world.run(&["reach", "in"]).all(), @"
    exit: 2
    --- stderr
    knight: error: no Kubernetes object was read
    ");
    assert_snapshot!(world.run(&["reach", "gone.yaml"]).all(), @"
    exit: 2
    --- stderr
    knight: error: gone.yaml:1:1: there is no such file or folder
    knight: error: no Kubernetes object was read
    ");
}

#[test]
fn names_of_others_steer_nothing() {
    let world = World::new();
    world.file(
        "a.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: \"a\\e[31m\\\"b\", namespace: \"=cmd\"}\nspec: {containers: []}\n",
    );
    for format in ["text", "json", "csv", "dot", "markdown"] {
        for expand in [&["--expand"][..], &[]] {
            let arguments = ["reach", "a.yaml", "--format", format];
            let all: Vec<&str> = arguments.iter().chain(expand).copied().collect();
            let run = world.run(&all);
            assert_eq!(run.code, Some(0), "{run:#?}");
            assert!(!run.stdout.contains('\u{1b}'), "{format}: {}", run.stdout);
            let formula = format == "csv" && run.stdout.contains("\"=cmd");
            assert!(!formula, "{}", run.stdout);
        }
    }
}
