use insta::assert_snapshot;
use knight_controls::finding::Effect;
use knight_report::{Colour, Detail, Format, Options};

use crate::sample::{cluster, empty, full, many, nothing_found, written, written_with};

#[test]
fn shows_each_cause_once_and_says_what_it_comes_to() {
    assert_snapshot!(written(Format::Text, &full()));
}

#[test]
fn folds_three_thousand_places_of_one_cause() {
    let text = written(Format::Text, &many());
    assert!(text.contains("also in 2,999 other places"), "{text}");
    assert!(text.contains("… and 2,994 more"), "{text}");
    assert_eq!(text.matches("[shared-network]").count(), 1);
    assert!(text.lines().count() < 200, "{text}");
}

#[test]
fn names_first_what_decides_for_others_then_the_worst_with_the_most_objects() {
    let mut report = many();
    for finding in &mut report.findings {
        finding.effect = Effect::Live;
    }
    let text = written(Format::Text, &report);
    let steps: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("First:") || line.starts_with("Then:"))
        .collect();
    assert_eq!(
        steps,
        [
            "First: 1 high gate-open in ConfigMap knative-serving/config-features; \
             it decides for the workloads of everyone",
            "Then: 1 critical privileged in Service.serving.knative.dev shop/cart",
            "Then: 3,000 high shared-network in Service.serving.knative.dev shop/cart \
             and 2,999 other objects",
        ]
    );
}

#[test]
fn quiet_ends_with_one_line() {
    let options = Options {
        detail: Detail::Quiet,
        ..Options::default()
    };
    let text = written_with(Format::Text, &full(), &options);
    let expected = "4 findings (1 critical, 2 high, 1 info), 1 unknown verdict, 2 suppressed \
                    findings, 2 problems, 1 exception that needs a look; 10 objects were judged by \
                    3 controls, 3 not.";
    assert_eq!(text.lines().next_back(), Some(expected));
    assert!(!text.contains("Basis:"), "{text}");
}

#[test]
fn never_says_a_bare_clean() {
    assert_snapshot!(written(Format::Text, &nothing_found()), @r"
    Found: no finding; 33 objects were judged by 3 controls
    Read: 31 documents and 33 objects in 2 files
    Basis: profile shared; Knative 1.23 (the newest known); Kubernetes 1.36 (--k8s-version)
    ");
}

#[test]
fn names_objects_of_a_cluster_without_lines() {
    assert_snapshot!(written(Format::Text, &cluster()), @r#"
    critical[privileged]: A container has every right on its node
    --> team-0/Service.serving.knative.dev/miner-0: spec.template.spec.containers[name=app].securityContext.privileged
     = note: Service.serving.knative.dev team-0/miner-0 is privileged: this is why
     = note: also in 48 objects that these own
     = note: also in 11 other places
             - team-1/Service.serving.knative.dev/miner-1: spec.template.spec.containers[name=app].securityContext.privileged
             - team-2/Service.serving.knative.dev/miner-2: spec.template.spec.containers[name=app].securityContext.privileged
             - team-3/Service.serving.knative.dev/miner-3: spec.template.spec.containers[name=app].securityContext.privileged
             - team-4/Service.serving.knative.dev/miner-4: spec.template.spec.containers[name=app].securityContext.privileged
             - team-0/Service.serving.knative.dev/miner-5: spec.template.spec.containers[name=app].securityContext.privileged
             … and 6 more in 5 namespaces, most in `team-1` (2), `team-0` (1) and `team-2` (1)
     = help: Remove `privileged`
     = help: `knight explain privileged` says why, and shows examples

    high[gate-open]: A feature gate lets workloads ask for the node
    --> knative-serving/ConfigMap/config-features: data["kubernetes.podspec-hostnetwork"]
     = note: ConfigMap knative-serving/config-features lets every workload share the node's network: this is why
     = help: Set the flag to `disabled`
     = help: Knative's operator writes this object back: change `spec.config` of KnativeServing.operator.knative.dev knative-serving/knative-serving instead
     = help: `knight explain gate-open` says why, and shows examples

    The platform's own workloads have 2 findings; `--audience platform` shows them:
      - 2 critical privileged, in 2 objects of kourier-system and 1 other namespace

    warning: team-1/Service.serving.knative.dev/web: this key is already set

    warning: the cluster refuses to list configmaps in namespace knative-serving: configmaps is forbidden
     |
     = note: whether the control `gate-open` holds there is unknown
     = help: `knight scan --print-role` prints a role that may read all that Knight reads, and no Secret

    info: reading failed of configmaps: configmaps is forbidden
     |
     = note: no selected control reads it
     = help: scan again: nothing of this list was judged

    First: 12 critical privileged in Service.serving.knative.dev team-0/miner-0 and 11 other objects
    Then: 1 high gate-open in ConfigMap knative-serving/config-features; it decides for the workloads of everyone

    Found: 15 findings (14 critical, 1 high); 48 more in what their objects own; 19,000 objects were judged by 3 controls
    Read: 20,000 objects of 34 kinds from the cluster
    Not judged: 1,000 objects: no control judges this kind yet (1,000 Lease)
    Claimed: 1 exception by annotations, which do not count in a cluster: only knight.yaml allows
      - Service.serving.knative.dev team-1/web claims an exception for `privileged`, which does not count: we need it
    Basis: profile shared; Knative 1.23 (the newest known); Kubernetes 1.36 (--k8s-version)
    "#);
}

#[test]
fn what_a_cluster_has_is_not_called_refused() {
    let mut report = cluster();
    for finding in &mut report.findings {
        finding.effect = Effect::RefusedByWebhook;
    }
    let text = written(Format::Text, &report);
    let said = "this object is there, though with these settings Knative's webhook would refuse it";
    assert!(text.contains(&format!("{said}, and those below")), "{text}");
    assert!(!text.contains("not live"), "{text}");
    assert!(text.contains("First: 12 critical privileged in"), "{text}");
}

#[test]
fn says_that_nothing_was_read() {
    assert_snapshot!(written(Format::Text, &empty()), @r"
    Nothing was read: there is no document.
    Read: 0 documents and 0 objects in 0 files
    Basis: profile shared; Knative 1.23 (the newest known); Kubernetes 1.36 (--k8s-version)
    ");
}

#[test]
fn says_that_nothing_was_judged() {
    let mut report = nothing_found();
    report.summary.judged = 0;
    report.summary.not_judged = 33;
    let text = written(Format::Text, &report);
    assert!(
        text.starts_with("Nothing was judged: no object that was read"),
        "{text}"
    );
}

#[test]
fn colours_only_where_they_are_asked_for() {
    let styled = Options {
        colour: Colour::Styled,
        ..Options::default()
    };
    let plain = written(Format::Text, &full());
    let styled = written_with(Format::Text, &full(), &styled);
    assert!(!plain.contains('\x1b'));
    assert!(styled.contains("\x1b[1m"), "{styled}");
}

#[test]
fn lists_as_many_places_as_asked_for() {
    let options = Options {
        places: 2,
        ..Options::default()
    };
    let text = written_with(Format::Text, &many(), &options);
    assert!(text.contains("… and 2,997 more"), "{text}");
}
