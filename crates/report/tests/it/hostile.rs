//! Whoever writes manifests chooses names, values and file names.

use std::borrow::Cow;

use knight_controls::rule::RemedyChange;
use knight_controls::{
    control::Safety,
    finding::{
        Effect, ExceptionNote, Finding, FindingVerdict, Fix, NotJudged, NotJudgedReason, Report,
        Suppressed, SuppressedBy,
    },
    identity::Fingerprint,
};
use knight_model::{
    load::{Problem, ProblemKind},
    path::FieldPath,
};
use knight_report::{Colour, Format, Options, Sources, write};
use proptest::prelude::*;
use serde_json::Value;

use crate::sample::{PRIVILEGED, empty, finding, place, service};

/// Steers a terminal, a workflow, a page and a viewer.
const ATTACK: &str = "x\x1b[2J\u{9b}31m\r\n::error file=a,line=1::owned\n##[add-mask]y\u{202e}\
                      <img src=x>|`[click](https://evil.example) @team #1 {0} % , : &amp; **b**";

/// Texts in which every line is the same.
#[derive(Debug)]
struct Everywhere<'t>(&'t str);

impl Sources for Everywhere<'_> {
    fn line(&self, _: &str, _: u32) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.0))
    }
}

fn report(text: &str, start: (u32, u32), end: (u32, u32)) -> Report {
    let place = || place(text, start.0, start.1, end.0, end.1);
    let mut object = service(text, text);
    object.kind = text.into();
    let base = || Finding {
        message: text.to_owned(),
        label: text.to_owned().into(),
        path: FieldPath::new().key(text),
        origin: Some(text.into()),
        fix: Some(Fix {
            safety: Safety::Safe,
            document: 0,
            path: FieldPath::new().key(text),
            change: RemedyChange::SetText(text.to_owned()),
        }),
        fingerprint: Fingerprint::default(),
        ..finding(&PRIVILEGED, object.clone(), place())
    };
    let mut report = empty();
    report.summary.documents = 1;
    report.summary.judged = 1;
    report.summary.unknown = 1;
    text.clone_into(&mut report.basis.knative_from);
    text.clone_into(&mut report.basis.kubernetes_from);
    report.findings = vec![
        base(),
        base(),
        Finding {
            verdict: FindingVerdict::Unknown,
            ..base()
        },
        Finding {
            effect: Effect::RefusedByWebhook,
            ..base()
        },
    ];
    report.problems = vec![Problem {
        file: text.into(),
        line: start.0,
        column: start.1,
        kind: ProblemKind::Syntax,
        reason: text.to_owned(),
    }];
    report.not_judged = vec![NotJudged {
        api_version: text.to_owned(),
        kind: text.to_owned(),
        reason: NotJudgedReason::UnknownKind,
        count: 1,
        first: place(),
    }];
    report.suppressed = vec![Suppressed {
        finding: base(),
        reason: text.to_owned(),
        by: SuppressedBy::Annotation(place()),
    }];
    report.exceptions = vec![ExceptionNote {
        place: place(),
        message: text.to_owned(),
    }];
    report.notes = vec![text.to_owned()];
    report
}

fn attacked(format: Format) -> String {
    attacked_by(ATTACK, format)
}

fn attacked_by(attack: &str, format: Format) -> String {
    let mut out = Vec::new();
    let report = report(attack, (1, 1), (1, 9));
    write(
        format,
        &report,
        &Everywhere(attack),
        &Options::default(),
        &mut out,
    )
    .expect("memory takes every byte");
    String::from_utf8(out).expect("every format is UTF-8")
}

#[test]
fn no_format_lets_a_character_steer_the_terminal() {
    for format in Format::ALL {
        let text = attacked(format);
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert_eq!(text.find(steers), None, "{format}: {text}");
    }
}

#[test]
fn text_starts_no_line_with_a_workflow_command() {
    for attack in [
        ATTACK,
        "::error::owned",
        " ::add-mask::1",
        "##[stop-commands]x",
    ] {
        let text = attacked_by(attack, Format::Text);
        assert!(
            text.lines()
                .all(|line| !line.trim_start().starts_with("::")),
            "{text}"
        );
        assert!(!text.contains("##["), "{text}");
    }
}

#[test]
fn every_line_of_github_is_a_command_of_ours() {
    let text = attacked(Format::Github);
    for line in text.lines() {
        let (properties, message) = line
            .strip_prefix("::")
            .and_then(|rest| rest.split_once("::"))
            .unwrap();
        let (command, properties) = properties.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&command), "{line}");
        let keys: Vec<_> = properties
            .split(',')
            .map(|pair| pair.split_once('=').unwrap().0)
            .collect();
        let known = ["file", "line", "endLine", "col", "endColumn", "title"];
        assert!(keys.iter().all(|key| known.contains(key)), "{line}");
        assert!(!message.contains("% "), "{line}");
    }
    // Four findings, one problem, one line for all.
    assert_eq!(text.lines().count(), 6);
}

#[test]
fn markdown_holds_no_markup_of_others() {
    let text = attacked(Format::Markdown);
    for markup in [
        "<img", "](", "https://", "@team", "#1 ", "**b**", "|`", "&amp;",
    ] {
        assert!(!text.contains(markup), "{markup}: {text}");
    }
}

#[test]
fn json_keeps_the_values_exactly() {
    let json: Value = serde_json::from_str(&attacked(Format::Json)).unwrap();
    assert_eq!(json["findings"][0]["object"]["name"], ATTACK);
    assert_eq!(json["findings"][0]["location"]["file"], ATTACK);
}

#[test]
fn sarif_messages_hold_no_links_and_no_placeholders() {
    let sarif: Value = serde_json::from_str(&attacked(Format::Sarif)).unwrap();
    let message = sarif["runs"][0]["results"][0]["message"]["text"]
        .as_str()
        .unwrap();
    assert!(
        message.contains("\\[click\\](") && message.contains("{{0}}"),
        "{message}"
    );
}

#[test]
fn snippets_are_left_out_where_the_text_is_not_the_one_judged() {
    let mut out = Vec::new();
    let report = report("a.yaml", (3, 40), (3, 50));
    write(
        Format::Text,
        &report,
        &Everywhere("short"),
        &Options::default(),
        &mut out,
    )
    .unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(
        text.contains("--> a.yaml:3:40") && !text.contains("short"),
        "{text}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_format_panics_and_all_are_deterministic(
        text in any::<String>(),
        line in any::<String>(),
        start in (0..40_u32, 0..40_u32),
        end in (0..40_u32, 0..40_u32),
        places in 0..4_usize,
        width in proptest::option::of(0..200_usize),
        styled in any::<bool>(),
    ) {
        let colour = if styled { Colour::Styled } else { Colour::Plain };
        let options = Options { colour, places, width, ..Options::default() };
        let report = report(&text, start, end);
        for format in Format::ALL {
            let mut outs = [Vec::new(), Vec::new()];
            for out in &mut outs {
                write(format, &report, &Everywhere(&line), &options, out).unwrap();
            }
            prop_assert_eq!(&outs[0], &outs[1]);
            prop_assert!(std::str::from_utf8(&outs[0]).is_ok());
        }
    }

    #[test]
    fn extreme_places_are_harmless(
        start in any::<(u32, u32)>(),
        end in any::<(u32, u32)>(),
        line in ".{0,60}",
    ) {
        let report = report("a.yaml", start, end);
        for format in Format::ALL {
            write(format, &report, &Everywhere(&line), &Options::default(), &mut Vec::new())
                .unwrap();
        }
    }
}
