use insta::assert_snapshot;
use knight_report::Format;

use crate::sample::{upgraded, written};

/// Returns the lines of a report from the first with a word on, to the first with another.
fn part(format: Format, from: &str, to: &str) -> String {
    let text = written(format, &upgraded());
    let lines: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.contains(from))
        .take_while(|line| !line.contains(to))
        .collect();
    lines.join("\n")
}

#[test]
fn an_upgrade_says_what_to_plan_for() {
    assert_snapshot!(part(Format::Text, "Upgrade:", "Basis:"), @r#"
    Upgrade: from Knative 1.18 (platform/serving.yaml:5) to 1.23, by which everything here is judged
      - Knative 1.23 does not start on Kubernetes 1.32: it needs 1.34 or newer
      - 3 objects use KafkaChannel of `messaging.knative.dev/v1alpha1` (the first at apps/channel.yaml:1), which Knative 1.19 no longer serves: `messaging.knative.dev/v1beta1` has the same fields
      - `metrics.backend-destination` of config-observability (platform/settings.yaml:7) is known no longer, and has no effect
      - `tracing-protocol` of config-observability (platform/settings.yaml:8) goes from `none` to `grpc`
      - 1 finding is new: 1 of privileged
      - 1 finding is other than before: 1 of privileged
      - 1 finding is gone: 1 of shared-network
      - 1 setting is new: `metrics-protocol` of config-observability (`none`)
    "#);
    assert_snapshot!(part(Format::Github, "Upgrade", "title=Knight:"), @"::notice title=Upgrade of Knative::From Knative 1.18 (platform/serving.yaml:5) to 1.23, by which everything here is judged: Knative 1.23 does not start on Kubernetes 1.32: it needs 1.34 or newer; 3 objects use KafkaChannel of `messaging.knative.dev/v1alpha1` (the first at apps/channel.yaml:1), which Knative 1.19 no longer serves: `messaging.knative.dev/v1beta1` has the same fields; `metrics.backend-destination` of config-observability (platform/settings.yaml:7) is known no longer, and has no effect; `tracing-protocol` of config-observability (platform/settings.yaml:8) goes from `none` to `grpc`; 1 finding is new: 1 of privileged; 1 finding is other than before: 1 of privileged; 1 finding is gone: 1 of shared-network; 1 setting is new: `metrics-protocol` of config-observability (`none`).");
    assert_snapshot!(part(Format::Markdown, "### Upgrade", "<sub>"), @r#"
    ### Upgrade

    From Knative 1.18 (platform/serving.yaml:5) to 1.23, by which everything here is judged.

    - Knative 1.23 does not start on Kubernetes 1.32: it needs 1.34 or newer
    - 3 objects use KafkaChannel of <code>messaging.knative.dev/v1alpha1</code> (the first at apps/channel.yaml:1), which Knative 1.19 no longer serves: <code>messaging.knative.dev/v1beta1</code> has the same fields
    - <code>metrics.backend-destination</code> of config-observability (platform/settings.yaml:7) is known no longer, and has no effect
    - <code>tracing-protocol</code> of config-observability (platform/settings.yaml:8) goes from <code>none</code> to <code>grpc</code>
    - 1 finding is new: 1 of privileged
    - 1 finding is other than before: 1 of privileged
    - 1 finding is gone: 1 of shared-network
    - 1 setting is new: <code>metrics-protocol</code> of config-observability (<code>none</code>)
    "#);
}
