//! A control: its facts, then its page.

use std::io::{self, Write};

use knight_controls::{
    control::{Audience, Control, Profile, Rule, Safety, Threat},
    rule::Expr,
};

/// Writes all that is known of a control.
pub(super) fn write(control: &Control, out: &mut impl Write) -> io::Result<()> {
    let page = control.page.trim();
    // The page's own title would say the id a second time.
    let body = match page.split_once('\n') {
        Some((title, body)) if title.starts_with("# ") => body.trim_start(),
        _ => page,
    };
    writeln!(out, "# {}: {}\n", control.id, control.title)?;
    let profiles = control.profiles.iter().map(Profile::as_str);
    let threats = control.threats.iter().copied().map(Threat::as_str);
    for (what, words) in [
        ("severity", control.severity.to_string()),
        ("confidence", control.confidence.to_string()),
        ("who mends it", audience(control.audience).to_owned()),
        ("family", control.family().to_owned()),
        ("profiles", joined(profiles)),
        ("threats", joined(threats)),
        ("mappings", joined(control.mappings.iter().copied())),
        ("in short", control.help.to_owned()),
        ("fixes", fixes(control).to_owned()),
    ] {
        writeln!(out, "{what:>12}: {words}")?;
    }
    writeln!(out, "\n{body}")
}

fn audience(audience: Audience) -> &'static str {
    match audience {
        Audience::Platform => "whoever runs the platform",
        Audience::Owner => "whoever owns the object",
    }
}

fn fixes(control: &Control) -> &'static str {
    match (control.rule)() {
        Rule::Object(rule) if offers_remedy(&rule.holds) => match rule.safety {
            Safety::Safe => "`knight scan --fix` mends what it can",
            Safety::Unsafe => "`knight scan --fix --unsafe-fixes` mends what it can",
        },
        Rule::Object(_) | Rule::Cluster(_) => "by hand",
        Rule::Written(_) => "`knight scan --fix` mends what it can",
    }
}

fn offers_remedy(rule: &Expr) -> bool {
    let mut offers = false;
    rule.visit(&mut |expr| {
        offers |= match expr {
            Expr::Check(check) => check.remedy.is_some(),
            Expr::Some(_, _, says) => says.remedy.is_some(),
            Expr::All(_)
            | Expr::Any(_)
            | Expr::Not(_)
            | Expr::Every(..)
            | Expr::Since { .. }
            | Expr::Const(_) => false,
        };
    });
    offers
}

fn joined(words: impl Iterator<Item = &'static str>) -> String {
    match words.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "none".to_owned(),
        some => some,
    }
}
