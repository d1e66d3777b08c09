//! The cases of `testdata/yaml`.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use super::{
    answers::{self, Answer},
    exceptions::{READ_THOUGH_AMBIGUOUS, READ_THOUGH_REFUSED, REFUSED_THOUGH_READ},
    reading::{self, Reading},
};

struct Case {
    name: String,
    text: String,
}

fn cases(file: &str) -> Vec<Case> {
    let path = answers::root().join("testdata/yaml").join(file);
    let text = fs::read_to_string(&path).expect("the cases are there");
    let list: Vec<Value> = serde_json::from_str(&text).expect("the cases are JSON");
    let field = |case: &Value, name: &str| case[name].as_str().expect("a string").to_owned();
    list.iter()
        .map(|case| Case {
            name: field(case, "name"),
            text: field(case, "text"),
        })
        .collect()
}

#[test]
fn reads_every_case_as_kubernetes_does() {
    let cases = cases("cases.json");
    assert!(cases.len() >= 330, "only {} cases", cases.len());
    let texts: Vec<_> = cases.iter().map(|case| case.text.as_str()).collect();
    let mut wrong = String::new();
    let (mut refused, mut read, mut chance) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (case, answer) in cases.iter().zip(answers::values("yaml", &texts)) {
        let reading = reading::first(&case.text);
        match (&answer, &reading) {
            (Answer::Refused(_), Reading::Refused(_)) => {}
            (Answer::Refused(_), Reading::Read { .. }) if excepted(READ_THOUGH_REFUSED, case) => {
                read.insert(case.name.as_str());
            }
            (Answer::Read { .. }, Reading::Refused(_)) if excepted(REFUSED_THOUGH_READ, case) => {
                refused.insert(case.name.as_str());
            }
            (Answer::Ambiguous, Reading::Read { duplicates, .. }) if *duplicates > 0 => {}
            (Answer::Ambiguous, Reading::Read { .. }) if excepted(READ_THOUGH_AMBIGUOUS, case) => {
                chance.insert(case.name.as_str());
            }
            (
                Answer::Read { value, strict },
                Reading::Read {
                    value: ours,
                    duplicates,
                },
            ) if value.as_ref().is_none_or(|value| value == ours)
                    // A merge that replaces a key is no duplicate key for us.
                    && (case.text.contains("<<") || strict.is_some() == (*duplicates > 0)) => {}
            _ => {
                wrong.push_str(&report(case, &answer, &reading));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    let named = |list: &[(&'static str, &str)]| list.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        refused,
        named(REFUSED_THOUGH_READ),
        "exceptions that are none any more"
    );
    assert_eq!(
        read,
        named(READ_THOUGH_REFUSED),
        "exceptions that are none any more"
    );
}

fn report(case: &Case, answer: &Answer, reading: &Reading) -> String {
    let lines = [
        format!("  text   {:?}", case.text),
        format!("  theirs {answer:?}"),
        format!("  ours   {reading:?}"),
    ];
    let mut report = format!("{}\n", case.name);
    for line in lines {
        report.extend(line.chars().take(300));
        report.push('\n');
    }
    report
}

fn excepted(list: &[(&str, &str)], case: &Case) -> bool {
    list.iter().any(|(name, _)| *name == case.name)
}
