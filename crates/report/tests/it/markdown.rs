use insta::assert_snapshot;
use knight_controls::finding::Finding;
use knight_report::Format;

use crate::sample::{cluster, empty, full, many, nothing_found, written};

#[test]
fn sums_up_what_was_found() {
    assert_snapshot!(written(Format::Markdown, &full()));
}

#[test]
fn says_what_was_judged_when_nothing_is_found() {
    assert_snapshot!(written(Format::Markdown, &nothing_found()), @r"
    ## Knight: no finding

    33 objects were judged by 3 controls. Read: 31 documents and 33 objects in 2 files.

    <sub>profile shared; Knative 1.23 (the newest known); Kubernetes 1.36 (--k8s-version)</sub>
    ");
    assert!(written(Format::Markdown, &empty()).starts_with("## Knight: nothing was read\n"));
}

#[test]
fn stays_below_the_longest_comment_of_github() {
    let mut report = many();
    // One cause each: nothing folds.
    let ids: Vec<String> = (0..3_000)
        .map(|number| format!("control-{number}"))
        .collect();
    for (finding, id) in report.findings.iter_mut().zip(ids) {
        let mut control = *finding.control;
        control.id = id.leak();
        let control = Box::leak(Box::new(control));
        *finding = Finding {
            control,
            ..finding.clone()
        };
    }
    let text = written(Format::Markdown, &report);
    assert!(text.chars().count() < 65_536, "{}", text.len());
    assert!(text.contains("more causes, left out"), "{text}");
}

#[test]
fn names_objects_of_a_cluster_without_lines() {
    assert_snapshot!(written(Format::Markdown, &cluster()), @"
    ## Knight: 15 findings

    19,000 objects were judged by 3 controls, 1,000 not judged. Read: 20,000 objects of 34 kinds from the cluster.

    1. **First:** 12 critical privileged in <code>Service.serving.knative.dev team-0/miner-0</code> and 11 other objects
    1. **Then:** 1 high gate-open in <code>ConfigMap knative-serving/config-features</code>

    | Severity | Findings | Objects | Unknown |
    |---|--:|--:|--:|
    | critical | 14 | 14 | 0 |
    | high | 1 | 1 | 0 |

    <details><summary><b>critical</b> <code>privileged</code>: A container has every right on its node (12 places)</summary>

    Remove <code>privileged</code>.

    - <code>team-0/Service.serving.knative.dev/miner-0: spec.template.spec.containers&#91;name=app&#93;.securityContext.privileged</code> Service.serving.knative.dev team-0/miner-0 is privileged: this is why; also in 4 objects that it owns
    - <code>team-1/Service.serving.knative.dev/miner-1: spec.template.spec.containers&#91;name=app&#93;.securityContext.privileged</code> Service.serving.knative.dev team-1/miner-1 is privileged: this is why; also in 4 objects that it owns
    - <code>team-2/Service.serving.knative.dev/miner-2: spec.template.spec.containers&#91;name=app&#93;.securityContext.privileged</code> Service.serving.knative.dev team-2/miner-2 is privileged: this is why; also in 4 objects that it owns
    - <code>team-3/Service.serving.knative.dev/miner-3: spec.template.spec.containers&#91;name=app&#93;.securityContext.privileged</code> Service.serving.knative.dev team-3/miner-3 is privileged: this is why; also in 4 objects that it owns
    - <code>team-4/Service.serving.knative.dev/miner-4: spec.template.spec.containers&#91;name=app&#93;.securityContext.privileged</code> Service.serving.knative.dev team-4/miner-4 is privileged: this is why; also in 4 objects that it owns
    - … and 7 more places

    </details>

    <details><summary><b>high</b> <code>gate-open</code>: A feature gate lets workloads ask for the node (1 place)</summary>

    Set the flag to <code>disabled</code>.

    - <code>knative-serving/ConfigMap/config-features: data&#91;&#34;kubernetes.podspec-hostnetwork&#34;&#93;</code> ConfigMap knative-serving/config-features lets every workload share the node&#39;s network: this is why; Knative&#39;s operator writes this object back: change <code>spec.config</code> of KnativeServing.operator.knative.dev knative-serving/knative-serving instead

    </details>

    <details><summary><b>critical</b> <code>privileged</code>: A container has every right on its node (2 places)</summary>

    Remove <code>privileged</code>.

    - <code>kube-system/Service.serving.knative.dev/proxy: spec.template.spec.containers&#91;name=app&#93;.securityContext.privileged</code> Service.serving.knative.dev kube-system/proxy is privileged: this is why
    - <code>kourier-system/Service.serving.knative.dev/proxy: spec.template.spec.containers&#91;name=app&#93;.securityContext.privileged</code> Service.serving.knative.dev kourier-system/proxy is privileged: this is why

    </details>

    ### Problems

    - <code>team-1/Service.serving.knative.dev/web</code>: this key is already set

    ### Not read of the cluster

    - Reading failed of configmaps: configmaps is forbidden. No selected control reads it.
    - The cluster refuses to list configmaps in namespace knative-serving: configmaps is forbidden. Whether the control <code>gate-open</code> holds there is unknown.

    ### Not judged

    - 1,000 <code>v1 Lease</code>: no control judges this kind yet (first: <code>a/Service.serving.knative.dev/b</code>)

    ### Claimed exceptions that do not count

    - Service.serving.knative.dev team-1/web claims an exception for <code>privileged</code>, which does not count: we need it

    <sub>profile shared; Knative 1.23 (the newest known); Kubernetes 1.36 (--k8s-version)</sub>
    ");
}
