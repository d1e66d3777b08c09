//! What a fix does to the bad example that it is offered for.

use std::collections::BTreeSet;

use knight_controls::{
    catalogue::controls,
    control::{Control, Rule},
    finding::Finding,
    rule::Expr,
};
use knight_model::{patch::patch, path::FieldPath};

use crate::{
    judged::{findings, options, read},
    page::{Example, Section},
    read as read_page,
};

#[test]
fn a_fix_removes_its_own_finding_and_adds_none_there() {
    let mut wrong = Vec::new();
    for control in controls() {
        let page = read_page(control);
        let mut tried = 0;
        for example in page
            .examples
            .iter()
            .filter(|example| example.section == Section::Bad)
        {
            tried += try_fixes(control, example, &mut wrong);
        }
        assert!(
            tried > 0 || !offers_fixes(control),
            "{}: no example has a fix",
            control.id
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Tries each fix of an example by itself, and returns how many there are.
fn try_fixes(control: &Control, example: &Example, wrong: &mut Vec<String>) -> usize {
    let loaded = read(&example.yaml);
    let options = options(&["all"], example);
    let before = findings(&loaded.documents, &options);
    let known: BTreeSet<_> = before.iter().map(key).collect();
    let mut tried = 0;
    for finding in before
        .iter()
        .filter(|finding| finding.control.id == control.id)
    {
        let Some(fix) = &finding.fix else { continue };
        tried += 1;
        let place = format!("{} line {}: {}", control.id, example.line, fix.title());
        let patched = match patch(&loaded.documents[fix.document], &[fix.edit()]) {
            Ok(patched) => patched,
            Err(refused) => {
                wrong.push(format!("{place}: {refused}"));
                continue;
            }
        };
        let text = patched.document.source().text();
        let after = findings(&read(text).documents, &options);
        let touches = |path: &FieldPath| {
            path.below(&finding.path).is_some() || finding.path.below(path).is_some()
        };
        if after.iter().any(|left| key(left) == key(finding)) {
            wrong.push(format!("{place}: the finding is still there in\n{text}"));
        }
        let new = after.iter().filter(|new| {
            new.object == finding.object && touches(&new.path) && !known.contains(&key(new))
        });
        wrong.extend(new.map(|new| format!("{place}: adds {new} in\n{text}")));
    }
    tried
}

/// What stays the same of a finding when lines move.
fn key(finding: &Finding) -> (String, String, String) {
    (
        finding.control.id.to_owned(),
        finding.object.to_string(),
        finding.path.to_string(),
    )
}

/// Whether a finding of the control can come with a remedy.
fn offers_fixes(control: &Control) -> bool {
    match (control.rule)() {
        Rule::Object(rule) => shows_remedy(&rule.holds),
        Rule::Written(_) => true,
        Rule::Cluster(_) => false,
    }
}

fn shows_remedy(expr: &Expr) -> bool {
    match expr {
        Expr::All(these) => these.iter().any(shows_remedy),
        // A finding shows what the last one says.
        Expr::Any(these) => these.last().is_some_and(shows_remedy),
        Expr::Not(this) | Expr::Every(_, this) => shows_remedy(this),
        Expr::Some(_, _, says) => says.remedy.is_some(),
        Expr::Check(check) => check.remedy.is_some(),
        Expr::Since { then, before, .. } => shows_remedy(then) || shows_remedy(before),
        Expr::Const(_) => false,
    }
}
