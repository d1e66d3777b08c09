use knight_model::{
    cluster::Inventoried,
    source::{Position, Span},
};

use super::*;

fn finding(control: &str, name: &str, file: &str) -> Recorded {
    Recorded {
        control: control.into(),
        title: "A title".into(),
        severity: Severity::High,
        audience: Owner::Tenant,
        effect: Effect::Live,
        verdict: FindingVerdict::Fail,
        message: "a pod does it".into(),
        label: "here".into(),
        object: Arc::new(object(name)),
        path: "spec.hostPID".into(),
        place: place(file),
        fingerprint: format!("{control}|{name}|{file}").into(),
    }
}

fn object(name: &str) -> ObjectRef {
    ObjectRef {
        group: "".into(),
        kind: "Pod".into(),
        namespace: Some("shop".into()),
        name: name.into(),
        version: "v1".into(),
    }
}

fn place(file: &str) -> Place {
    let at = Position { line: 1, column: 1 };
    Place {
        file: file.into(),
        span: Span::new(0, 0),
        start: at,
        end: at,
    }
}

/// Makes a side of two files on which the controls `a` and `b` judged.
fn side(findings: Vec<Recorded>) -> Side {
    Side {
        basis: SideBasis {
            controls: ["a", "b"].map(Into::into).into(),
            ..SideBasis::default()
        },
        files: 2,
        findings: findings.into_iter().map(Arc::new).collect(),
        ..Side::default()
    }
}

/// Returns every list with something in it, in words.
fn words(comparison: &Comparison) -> Vec<String> {
    let name = |it: &Recorded| format!("{} {} {}", it.control, it.object.name, it.place.file);
    let mut words = Vec::new();
    for it in &comparison.appeared {
        let was = if it.was_covered { "uncovered" } else { "new" };
        words.push(format!("{was}: {}", name(&it.finding)));
    }
    for it in &comparison.changed {
        let how = if it.is_worse() { "worse" } else { "milder" };
        words.push(format!(
            "{how}: {}, {}",
            name(&it.new),
            it.changes().join(", ")
        ));
    }
    for it in &comparison.fixed {
        words.push(format!("fixed: {} ({})", name(&it.finding), it.object));
    }
    for it in &comparison.covered {
        words.push(format!("covered: {}", name(it)));
    }
    for it in &comparison.not_comparable {
        words.push(format!("{} {}: {}", it.of, it.why, name(&it.finding)));
    }
    for it in &comparison.unchanged {
        words.push(format!("unchanged: {}", name(it)));
    }
    words.extend(
        comparison
            .unseen
            .iter()
            .map(|unseen| format!("unseen: {unseen}")),
    );
    words
}

#[test]
fn a_finding_of_one_scan_is_new_or_fixed() {
    let old = side(vec![finding("a", "web", "x"), finding("a", "old", "x")]);
    let new = side(vec![finding("a", "web", "x"), finding("b", "web", "x")]);
    assert_eq!(
        words(&compare(&old, &new)),
        [
            "new: b web x",
            "fixed: a old x (unknown)",
            "unchanged: a web x"
        ]
    );
}

#[test]
fn equal_findings_are_told_apart_by_number() {
    let one = || finding("a", "web", "x");
    let old = side(vec![one(), one()]);
    let new = side(vec![one(), one(), one()]);
    let comparison = compare(&old, &new);
    assert_eq!(
        (comparison.appeared.len(), comparison.unchanged.len()),
        (1, 2)
    );
    let back = compare(&new, &old);
    assert_eq!((back.fixed.len(), back.unchanged.len()), (1, 2));
}

#[test]
fn a_verdict_that_becomes_a_failure_is_worse() {
    let unknown = Recorded {
        verdict: FindingVerdict::Unknown,
        ..finding("a", "web", "x")
    };
    let (old, new) = (side(vec![unknown]), side(vec![finding("a", "web", "x")]));
    let comparison = compare(&old, &new);
    assert_eq!(
        words(&comparison),
        ["worse: a web x, verdict from unknown to fail"]
    );
    assert!(comparison.is_worse(Severity::High));
    assert!(!comparison.is_worse(Severity::Critical));
    assert!(!compare(&new, &old).is_worse(Severity::Info));
}

#[test]
fn the_names_of_single_files_tell_nothing() {
    let of = |file| Side {
        files: 1,
        ..side(vec![finding("a", "web", file)])
    };
    assert_eq!(
        words(&compare(&of("old.yaml"), &of("new.yaml"))),
        ["unchanged: a web new.yaml"]
    );
}

#[test]
fn names_of_files_count_from_the_folders_that_were_scanned() {
    let of = |folder: &str, object: &str, file: &str| Side {
        folder: Some(folder.into()),
        ..side(vec![finding("a", object, file)])
    };
    let old = of("overlays/old", "web", "overlays/old/x/web.yaml");
    let new = of("", "web", "x/web.yaml");
    assert_eq!(words(&compare(&old, &new)), ["unchanged: a web x/web.yaml"]);

    let mut broken = of("", "other", "other.yaml");
    broken.broken.insert("x/web.yaml".into());
    assert_eq!(
        words(&compare(&old, &broken)),
        [
            "new: a other other.yaml",
            "old file-unread: a web overlays/old/x/web.yaml"
        ]
    );
    let report = Side {
        folder: None,
        ..of("", "web", "overlays/old/x/web.yaml")
    };
    assert_eq!(
        words(&compare(&report, &old)),
        ["unchanged: a web overlays/old/x/web.yaml"]
    );
}

#[test]
fn a_control_that_did_not_run_fixes_nothing() {
    let old = side(vec![finding("b", "web", "x")]);
    let mut new = side(Vec::new());
    new.basis.controls.remove("b");
    let comparison = compare(&old, &new);
    assert_eq!(words(&comparison), ["old control-did-not-judge: b web x"]);
    assert!(comparison.is_worse(Severity::High));
    assert_eq!(
        words(&compare(&new, &old)),
        ["new control-did-not-judge: b web x"]
    );
    assert_eq!(
        comparison.differences(),
        ["this control judged in the old scan only: b"]
    );
}

#[test]
fn what_could_not_be_seen_is_not_fixed() {
    let old = side(vec![finding("a", "web", "x")]);
    let mut new = side(Vec::new());
    new.unread.insert(UnreadKind {
        group: "".into(),
        kind: "Pod".into(),
        namespace: Some("shop".into()),
        controls: ["a".into()].into(),
    });
    let unseen = "unseen: the objects of kind Pod in namespace shop could not be listed";
    assert_eq!(
        words(&compare(&old, &new)),
        ["old kind-unread: a web x", unseen]
    );
    assert!(compare(&side(Vec::new()), &new).is_worse(Severity::Critical));
    let mut other_controls = side(Vec::new());
    other_controls.unread.insert(UnreadKind {
        controls: ["a", "b"].map(Into::into).into(),
        ..new.unread.first().unwrap().clone()
    });
    assert_eq!(words(&compare(&other_controls, &new)), [""; 0]);

    let mut new = side(Vec::new());
    new.broken.insert("y".into());
    assert_eq!(words(&compare(&old, &new)), ["fixed: a web x (unknown)"]);
    new.broken.insert("x".into());
    assert_eq!(words(&compare(&old, &new)), ["old file-unread: a web x"]);

    let mut new = side(Vec::new());
    new.unknown_versions.insert(("v9".into(), "Pod".into()));
    let unseen = "unseen: objects of kind Pod in v9 were not judged: Knight does not know this \
                  version";
    assert_eq!(
        words(&compare(&old, &new)),
        ["old version-unknown: a web x", unseen]
    );
}

#[test]
fn an_unread_list_stops_the_controls_that_judge_objects_together() {
    let collision = || finding("host-collision", "web", "x");
    let mut old = side(vec![collision(), finding("a", "web", "x")]);
    old.basis.controls.insert("host-collision".into());
    let mut new = side(Vec::new());
    new.basis.controls.insert("host-collision".into());
    new.unread.insert(UnreadKind {
        group: "serving.knative.dev".into(),
        kind: "DomainMapping".into(),
        namespace: None,
        controls: ["a", "host-collision"].map(Into::into).into(),
    });
    let lists = words(&compare(&old, &new));
    assert_eq!(
        lists[..2],
        [
            "fixed: a web x (unknown)",
            "old kind-unread: host-collision web x"
        ]
    );
}

#[test]
fn what_another_audience_was_not_asked_for_is_not_fixed() {
    let old = side(vec![finding("a", "web", "x")]);
    let mut new = side(Vec::new());
    new.basis.audience = Some(Owner::Platform);
    assert_eq!(
        compare(&old, &new).differences(),
        ["the audience changed from everyone to platform"]
    );
    assert_eq!(
        words(&compare(&old, &new)),
        ["old audience-left-out: a web x"]
    );
}

#[test]
fn exceptions_cover_and_uncover_and_fix_nothing() {
    let bare = side(vec![finding("a", "web", "x")]);
    let mut covered = side(Vec::new());
    covered.covered = bare.findings.clone();
    assert_eq!(words(&compare(&bare, &covered)), ["covered: a web x"]);
    assert!(!compare(&bare, &covered).is_worse(Severity::Info));
    assert_eq!(words(&compare(&covered, &bare)), ["uncovered: a web x"]);
    assert_eq!(words(&compare(&covered, &covered)), [""; 0]);
}

#[test]
fn an_object_that_moves_is_the_same_unless_both_files_have_it() {
    let with = |finding: Recorded, files: &[&str]| {
        let mut of = side(vec![finding]);
        let listed: Vec<_> = files
            .iter()
            .map(|file| Inventoried {
                object: object("web"),
                place: place(file),
            })
            .collect();
        of.objects = Some(Objects::of(&listed));
        of
    };
    let old = with(finding("a", "web", "x"), &["x"]);
    let moved = with(finding("a", "web", "y"), &["y"]);
    assert_eq!(words(&compare(&old, &moved)), ["unchanged: a web y"]);
    let copied = with(finding("a", "web", "y"), &["x", "y"]);
    assert_eq!(
        words(&compare(&old, &copied)),
        ["new: a web y", "fixed: a web x (there)"]
    );
    let gone = with(finding("a", "other", "y"), &[]);
    assert_eq!(
        words(&compare(&old, &gone)),
        ["new: a other y", "fixed: a web x (gone)"]
    );
}

mod laws {
    use proptest::{prelude::*, sample::select};

    use super::*;

    fn findings() -> impl Strategy<Value = Vec<Recorded>> {
        let one = (
            select(vec!["a", "b", "c"]),
            select(vec!["web", "cart"]),
            select(vec!["x", "y"]),
            select(Severity::ALL.to_vec()),
            select(FindingVerdict::ALL.to_vec()),
            select(Effect::ALL.to_vec()),
        );
        let one = one.prop_map(
            |(control, name, file, severity, verdict, effect)| Recorded {
                severity,
                effect,
                verdict,
                ..finding(control, name, file)
            },
        );
        prop::collection::vec(one, 0..8)
    }

    fn sides() -> impl Strategy<Value = Side> {
        let unread = select(vec![None, Some("Pod"), Some("Job")]);
        (findings(), findings(), unread, 1..3_usize, any::<bool>()).prop_map(
            |(findings, covered, unread, files, broken)| {
                let mut of = side(findings);
                of.covered = covered.into_iter().map(Arc::new).collect();
                of.files = files;
                of.unread = unread
                    .map(|kind| UnreadKind {
                        group: "".into(),
                        kind: kind.into(),
                        namespace: None,
                        controls: BTreeSet::new(),
                    })
                    .into_iter()
                    .collect();
                of.broken = broken.then(|| "x".into()).into_iter().collect();
                of
            },
        )
    }

    fn names<'a>(findings: impl Iterator<Item = &'a Arc<Recorded>>) -> Vec<String> {
        let mut names: Vec<_> = findings
            .map(|it| format!("{} {} {}", it.control, it.object.name, it.path))
            .collect();
        names.sort();
        names
    }

    proptest! {
        #[test]
        fn nothing_is_new_against_itself(side in sides()) {
            let comparison = compare(&side, &side);
            prop_assert_eq!(comparison.unchanged.len(), side.findings.len());
            prop_assert!(comparison.appeared.is_empty() && comparison.fixed.is_empty());
            prop_assert!(comparison.changed.is_empty() && comparison.covered.is_empty());
            prop_assert!(!comparison.is_worse(Severity::Info));
        }

        #[test]
        fn new_and_fixed_swap_with_the_scans(old in sides(), new in sides()) {
            let (there, back) = (compare(&old, &new), compare(&new, &old));
            let new_of = |it: &Comparison, was| {
                let these = it.appeared.iter().filter(|it| it.was_covered == was);
                names(these.map(|it| &it.finding))
            };
            let fixed = |it: &Comparison| names(it.fixed.iter().map(|it| &it.finding));
            prop_assert_eq!(new_of(&there, false), fixed(&back));
            prop_assert_eq!(fixed(&there), new_of(&back, false));
            prop_assert_eq!(new_of(&there, true), names(back.covered.iter()));
            prop_assert_eq!(there.unchanged.len(), back.unchanged.len());
            prop_assert_eq!(there.changed.len(), back.changed.len());
            prop_assert_eq!(there.not_comparable.len(), back.not_comparable.len());
        }

        #[test]
        fn every_finding_is_in_one_list(old in sides(), new in sides()) {
            let it = compare(&old, &new);
            let other = |of| it.not_comparable.iter().filter(move |it| it.of == of).count();
            let both = it.unchanged.len() + it.changed.len();
            let gone = it.fixed.len() + it.covered.len();
            prop_assert_eq!(both + gone + other(Which::Old), old.findings.len());
            prop_assert_eq!(both + it.appeared.len() + other(Which::New), new.findings.len());
        }
    }
}
