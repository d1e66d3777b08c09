use insta::assert_snapshot;
use knight_report::Format;

use crate::sample::{cluster, full, many, written};

#[test]
fn writes_a_command_for_each_finding_and_problem() {
    assert_snapshot!(written(Format::Github, &full()));
}

#[test]
fn first_of_each_cause_comes_before_the_second_of_any() {
    let text = written(Format::Github, &many());
    let titles: Vec<_> = text
        .lines()
        .filter_map(|line| line.split_once("title=")?.1.split_once("%3A"))
        .map(|(title, _)| title)
        .take(6)
        .collect();
    assert_eq!(
        titles,
        [
            "critical[privileged]",
            "high[shared-network]",
            "high[gate-open]",
            "unknown[privileged]",
            "info[loose-tag]",
            "high[shared-network]",
        ]
    );
    assert_eq!(text.lines().count(), 2 + 5 + 2_999 + 1);
}

#[test]
fn names_objects_of_a_cluster_without_a_file() {
    let text = written(Format::Github, &cluster());
    assert!(!text.contains("file="), "{text}");
    assert!(!text.contains("line="), "{text}");
    let of = |start: &str| {
        text.lines()
            .find(|line| line.starts_with(start))
            .unwrap_or_default()
    };
    assert_snapshot!(of("::error title=critical"), @"
    ::error title=critical[privileged]%3A A container has every right on its node::team-0/Service.serving.knative.dev/miner-0: spec.template.spec.containers[name=app].securityContext.privileged: Service.serving.knative.dev team-0/miner-0 is privileged: this is why. Remove `privileged`. Also in 4 objects that it owns.
    ");
    assert_snapshot!(of("::warning title=Knight could not read this of"), @"
    ::warning title=Knight could not read this of the cluster::The cluster refuses to list configmaps in namespace knative-serving: configmaps is forbidden. Whether the control `gate-open` holds there is unknown.
    ");
    assert_snapshot!(of("::warning title=Knight could not read this:"), @"
    ::warning title=Knight could not read this::team-1/Service.serving.knative.dev/web: this key is already set
    ");
    assert_snapshot!(of("::notice title=Knight::"), @"
    ::notice title=Knight::15 findings (14 critical, 1 high); 19,000 objects were judged by 3 controls; 1,000 not judged, 0 unknown, 0 suppressed, 0 problems, 1 claim of exceptions that do not count. Profile shared; Knative 1.23 (the newest known); Kubernetes 1.36 (--k8s-version).
    ");
}
