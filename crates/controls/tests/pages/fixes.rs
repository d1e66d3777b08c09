//! What a fix does to the bad example that it is offered for.

use std::collections::BTreeSet;

use knight_controls::{
    catalogue::controls,
    control::{Control, Rule},
    finding::Finding,
    rule::{Expr, Says},
};
use knight_model::{patch::patch, path::FieldPath};

use crate::{
    judged::{findings, options, read},
    page::{Example, Section},
    read as read_page,
};

#[test]
fn a_fix_removes_its_own_finding_and_adds_none_there() {
    for control in controls() {
        let page = read_page(control);
        let mut tried = 0;
        for example in page.examples.iter().filter(|example| example.section == Section::Bad) {
            tried += try_fixes(control, example);
        }
        assert!(tried > 0 || !offers_fixes(control), "{}: no example has a fix", control.id);
    }
}

fn try_fixes(control: &Control, example: &Example) -> usize {
    let loaded = read(&example.yaml);
    let options = options(&["all"], example);
    let before = findings(&loaded.documents, &options);
    let known: BTreeSet<_> = before.iter().map(key).collect();
    let mut tried = 0;
    for finding in before.iter().filter(|finding| finding.control.id == control.id) {
        let Some(fix) = &finding.fix else { continue };
        tried += 1;
        let place = format!("{} line {}: {}", control.id, example.line, fix.title);
        let patched = patch(&loaded.documents[fix.document], &fix.edits)
            .unwrap_or_else(|refused| panic!("{place}: {refused}"));
        let after = findings(&read(patched.document.source().text()).documents, &options);
        assert!(
            !after.iter().any(|left| key(left) == key(finding)),
            "{place}: the finding is still there in\n{}",
            patched.document.source().text()
        );
        let touches = |path: &FieldPath| {
            path.below(&finding.path).is_some() || finding.path.below(path).is_some()
        };
        let new = after.iter().find(|new| {
            new.object == finding.object && touches(&new.path) && !known.contains(&key(new))
        });
        assert!(new.is_none(), "{place}: adds {}", new.expect("just found"));
    }
    tried
}

/// What stays the same of a finding when lines move.
fn key(finding: &Finding) -> (String, String, String) {
    (finding.control.id.to_owned(), finding.object.to_string(), finding.path.to_string())
}

/// Whether a declarative rule offers a remedy anywhere.
fn offers_fixes(control: &Control) -> bool {
    let Rule::Object(rule) = (control.rule)() else { return false };
    let mut offers = false;
    rule.holds.visit(&mut |expr| {
        offers |= match expr {
            Expr::Check(check) => check.remedy.is_some(),
            Expr::Some(_, _, Says { remedy, .. }) => remedy.is_some(),
            _ => false,
        };
    });
    offers
}
