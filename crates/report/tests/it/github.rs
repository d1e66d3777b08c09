use insta::assert_snapshot;
use knight_report::Format;

use crate::sample::{full, many, written};

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
