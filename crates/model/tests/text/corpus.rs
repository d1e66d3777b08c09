//! The cases of `testdata/yaml`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use knight_model::load::{Part, split};
use serde_json::Value;

use super::{
    answers::{self, Answer},
    exceptions::{CUT_OTHERWISE, READ_THOUGH_AMBIGUOUS, READ_THOUGH_REFUSED, REFUSED_THOUGH_READ},
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

#[test]
fn cuts_streams_as_kubernetes_does() {
    let cases = cases("streams.json");
    let texts: Vec<_> = cases.iter().map(|case| case.text.as_str()).collect();
    let mut wrong = String::new();
    let mut differ = BTreeSet::new();
    for (case, answer) in cases.iter().zip(answers::ask("documents", &texts)) {
        // What Kubernetes refuses to cut, `--- {a: 1}` for one, is a document for YAML.
        if answer.get("refused").is_some() {
            continue;
        }
        let theirs = answer["documents"].as_array().expect("a list").iter();
        let theirs: Vec<_> = theirs.map(|text| text.as_str().expect("a text")).collect();
        let mut theirs: Vec<_> = answers::values("yaml", &theirs)
            .into_iter()
            .filter_map(|answer| match answer {
                Answer::Read { value, .. } => value.filter(|value| value.get("n").is_none()),
                Answer::Refused(_) | Answer::Ambiguous => Some(Value::Null),
            })
            .collect();
        theirs.sort_by_key(|value| !value.is_null());
        let ours = reading::all(&case.text);
        if theirs != ours && excepted(CUT_OTHERWISE, case) {
            differ.insert(case.name.as_str());
        } else if theirs != ours {
            let report = [
                &case.name,
                &case.text,
                &format!("{theirs:?}"),
                &format!("{ours:?}\n"),
            ];
            wrong.push_str(&report.map(String::as_str).join("\n  "));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    let named = CUT_OTHERWISE.iter().map(|(name, _)| *name).collect();
    assert_eq!(differ, named, "exceptions that are none any more");
}

#[test]
fn reads_json_as_kubernetes_does() {
    let cases = cases("json.json");
    let texts: Vec<_> = cases.iter().map(|case| case.text.as_str()).collect();
    let mut wrong = String::new();
    let mut compared = 0;
    for (case, answer) in cases.iter().zip(answers::values("json", &texts)) {
        let Answer::Read {
            value: Some(theirs),
            ..
        } = &answer
        else {
            continue;
        };
        if theirs.get("m").is_none() {
            continue;
        }
        compared += 1;
        let ours = reading::all(&case.text);
        if ours != std::slice::from_ref(theirs) {
            wrong.push_str(&format!(
                "{}\n  {:?}\n  {theirs}\n  {ours:?}\n",
                case.name, case.text
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(compared > 10, "only {compared} cases");
}

#[test]
fn reads_every_manifest_of_the_test_data_as_kubernetes_does() {
    let mut files = Vec::new();
    collect(&answers::root().join("testdata"), &mut files);
    files.sort();
    let mut documents = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).expect("manifests are text");
        for part in split(&text) {
            if let Part::Document(span) = part {
                documents.push((file.display().to_string(), text[span.range()].to_owned()));
            }
        }
    }
    assert!(documents.len() > 500, "only {} documents", documents.len());
    let texts: Vec<_> = documents.iter().map(|(_, text)| text).collect();
    for ((file, text), answer) in documents.iter().zip(answers::values("yaml", &texts)) {
        match (answer, reading::first(text)) {
            (
                Answer::Read { value, strict },
                Reading::Read {
                    value: ours,
                    duplicates,
                },
            ) => {
                assert!(value.is_none_or(|value| value == ours), "{file}:\n{text}");
                assert_eq!(strict.is_some(), duplicates > 0, "{file}: {strict:?}");
            }
            (Answer::Refused(_), Reading::Refused(_)) => {}
            (answer, reading) => panic!("{file}:\n{answer:?}\n{reading:?}"),
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
        {
            files.push(path);
        }
    }
}
