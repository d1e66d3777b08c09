//! SARIF 2.1.0 for code scanning
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

mod message;
mod place;
mod result;
mod rule;

use std::{collections::BTreeMap, io};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use knight_controls::{
    control::Control,
    finding::{NotJudged, Report},
};

use crate::{
    Sources,
    json::{Basis, Summary, Visible},
    words::{self, Count, problem_level, sentence, why_not_judged},
};

/// Writes one run.
pub(crate) fn write(
    report: &Report,
    sources: &dyn Sources,
    mut out: &mut dyn io::Write,
) -> io::Result<()> {
    let rules = Rules::of(report);
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: json!({ "driver": {
                "name": "Knight",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.controls.iter().copied().map(rule::descriptor).collect::<Vec<_>>(),
            }}),
            invocations: [json!({
                // Files that cannot be read are notified below; the run itself came to its end.
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications(report),
                "toolConfigurationNotifications": exceptions(report),
            })],
            original_uri_base_ids: json!({
                place::ROOT: { "description": message::plain("The root of the scan.") },
            }),
            // The model counts characters, that is Unicode code points.
            column_kind: "unicodeCodePoints",
            results: Results {
                report,
                sources,
                rules: &rules,
            },
            properties: json!({
                "summary": Summary::of(&report.summary),
                "basis": Basis::of(&report.basis),
            }),
        }],
    };
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Visible::default());
    log.serialize(&mut serializer)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Value,
    invocations: [Value; 1],
    original_uri_base_ids: Value,
    column_kind: &'static str,
    results: Results<'r>,
    properties: Value,
}

/// The results, made one by one while they are written: there may be many thousands.
struct Results<'r> {
    report: &'r Report,
    sources: &'r dyn Sources,
    rules: &'r Rules,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let found = self.report.findings.iter().map(|finding| (finding, None));
        let suppressed = self
            .report
            .suppressed
            .iter()
            .map(|it| (&it.finding, Some(it)));
        serializer.collect_seq(found.chain(suppressed).map(|(finding, suppressed)| {
            let rule = self.rules.index(finding.control);
            result::result(finding, suppressed, rule, self.sources)
        }))
    }
}

/// The controls that judged, and those that findings name, each once.
struct Rules {
    controls: Vec<&'static Control>,
    indices: BTreeMap<&'static str, usize>,
}

impl Rules {
    fn of(report: &Report) -> Self {
        let found = report.findings.iter().map(|finding| finding.control);
        let suppressed = report.suppressed.iter().map(|it| it.finding.control);
        let mut rules = Self {
            controls: Vec::new(),
            indices: BTreeMap::new(),
        };
        for control in report
            .basis
            .controls
            .iter()
            .copied()
            .chain(found)
            .chain(suppressed)
        {
            rules.indices.entry(control.id).or_insert_with(|| {
                rules.controls.push(control);
                rules.controls.len() - 1
            });
        }
        rules
    }

    fn index(&self, control: &Control) -> Option<usize> {
        self.indices.get(control.id).copied()
    }
}

/// Returns what the run could not read or judge, and what else a reader must know.
fn notifications(report: &Report) -> Vec<Value> {
    let problems = report.problems.iter().map(|problem| {
        json!({
            "level": problem_level(problem),
            "message": message::plain(&problem.reason),
            "locations": [place::point(&problem.file, problem.line, problem.column)],
        })
    });
    let unread = report.unread.iter().map(|unread| {
        let text = format!(
            "{} {}",
            sentence(&words::unread(unread)),
            sentence(&words::left_open(unread))
        );
        json!({
            "level": if unread.controls.is_empty() { "note" } else { "warning" },
            "message": message::plain(&text),
        })
    });
    let claims = report.claims.iter().map(|claim| {
        json!({
            "level": "note",
            "message": message::plain(&sentence(&words::claim(claim))),
            "locations": [place::location(&claim.place)],
        })
    });
    let not_judged = report.not_judged.iter().map(|entry| {
        let NotJudged {
            api_version,
            kind,
            reason,
            count,
            first,
        } = entry;
        let why = why_not_judged(*reason);
        let text = format!(
            "Not judged: {} {kind} of {api_version}: {why}.",
            Count(*count)
        );
        json!({
            "level": "note",
            "message": message::plain(&text),
            "locations": [place::location(first)],
        })
    });
    let notes = report
        .notes
        .iter()
        .map(|note| json!({ "level": "note", "message": message::plain(note) }));
    problems
        .chain(unread)
        .chain(not_judged)
        .chain(claims)
        .chain(notes)
        .collect()
}

fn exceptions(report: &Report) -> Vec<Value> {
    report
        .exceptions
        .iter()
        .map(|note| {
            json!({
                "level": "warning",
                "message": message::plain(&note.message),
                "locations": [place::location(&note.place)],
            })
        })
        .collect()
}
