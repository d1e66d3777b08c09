//! The clusters of the benches: what is found in them, and that they are what is written.

use knight_analysis::reach::{Cni, Future, Network, Tenancy, Verdict};

use crate::common::{read, with};

#[path = "../../benches/reach/corpus.rs"]
mod corpus;
#[path = "../../benches/reach/write.rs"]
mod write;

const SYSTEM: [&str; 3] = ["knative-serving", "kourier-system", "kube-system"];

#[test]
fn tenants_of_the_template_are_apart_for_ever() {
    let objects = corpus::templated(300);
    let network = Network::build(&objects, with(Cni::Any));
    assert!(network.class_count() < 10, "{}", network.class_count());
    let direct = network.prove_direct(&Tenancy::with_system(SYSTEM));
    assert!(matches!(direct.today, Verdict::Holds(_)), "{direct:?}");
    assert_eq!(direct.future, Future::Holds);
}

#[test]
fn finds_the_one_flow_that_was_planted() {
    let objects = corpus::planted(300);
    let network = Network::build(&objects, with(Cni::Any));
    let direct = network.prove_direct(&Tenancy::with_system(SYSTEM));
    let Verdict::Fails(witness) = direct.today else {
        panic!("{direct:?}");
    };
    let name = |pod: usize| {
        let pod = &objects.pods[pod];
        format!("{}/{}", pod.namespace, pod.name)
    };
    let found = format!("{} => {}", name(witness.from), name(witness.to));
    assert_eq!(found, "tenant-00100/worker-2 => tenant-00299/cache-3");
    assert_eq!(witness.connections.to_string(), "TCP 6379");
    assert!(
        matches!(direct.future, Future::Fails(_)),
        "{:?}",
        direct.future
    );
}

#[test]
fn manifests_of_the_benches_say_what_the_benches_run() {
    for (name, size) in [
        ("planted", 9),
        ("unique", 120),
        ("small", 5),
        ("crowded", 12),
        ("paired", 120),
        ("blocks", 300),
    ] {
        let made = corpus::named(name, size).unwrap();
        let mut text = Vec::new();
        write::write(&made, &mut text).unwrap();
        let objects = read(&String::from_utf8(text).unwrap());
        let specs = |objects: &knight_model::network::NetworkObjects| -> Vec<_> {
            objects
                .policies
                .iter()
                .map(|policy| policy.spec.clone())
                .collect()
        };
        assert_eq!(specs(&objects), specs(&made), "{name}");
        let lines = |objects| -> Vec<String> {
            let network = Network::build(objects, with(Cni::Any));
            network.expand().map(|flow| flow.to_string()).collect()
        };
        assert_eq!(lines(&objects), lines(&made), "{name}");
    }
}
