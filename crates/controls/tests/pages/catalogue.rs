//! Laws over the list of controls.

use std::collections::BTreeSet;

use knight_controls::{
    catalogue::{FAMILIES, controls},
    control::{Control, Rule, Severity},
    rule::{Expr, Test},
};
use knight_facts::versions::kubernetes;

/// Every id that was ever published. Ids are public: add to this list, never change or reuse one.
const IDS: [&str; 80] = [
    "added-capability",
    "app-armor-override",
    "authorization-fails-open",
    "authorization-without-oidc",
    "automatic-domain-claim",
    "automounted-token",
    "capabilities-kept",
    "capability-beyond-restricted",
    "control-plane-placement",
    "default-service-account",
    "endless-retry",
    "event-every-second",
    "event-traffic-in-clear",
    "external-traffic-in-clear",
    "foreign-registry",
    "forged-component-label",
    "host-collision",
    "host-ipc",
    "host-network",
    "host-path-volume",
    "host-pid",
    "host-port",
    "host-process",
    "image-without-digest",
    "ineffective-visibility",
    "ingress-class-override",
    "internal-event-target",
    "internal-registry",
    "internal-traffic-in-clear",
    "job-sink-leftover",
    "legacy-annotation",
    "logged-credential",
    "long-timeout",
    "mesh-opt-out",
    "moving-tag-registry",
    "node-flag",
    "open-profiling",
    "pinned-activator",
    "plain-http-served",
    "pod-security-off",
    "privilege-escalation",
    "privileged-container",
    "probe-host",
    "projected-token",
    "pruned-field",
    "queue-image-without-digest",
    "removed-api-version",
    "root-user",
    "run-as-root",
    "sandbox-opt-out",
    "scale-floor-exceeded",
    "scale-limit-exceeded",
    "scale-limit-unset",
    "seccomp-missing",
    "seccomp-unconfined",
    "secret-in-env",
    "secret-in-event",
    "secure-defaults-off",
    "selinux-override",
    "senders-unchecked",
    "setting-contradiction",
    "setting-ignored",
    "setting-out-of-range",
    "sidecar-resource-override",
    "source-of-every-namespace",
    "surface-flag",
    "system-priority",
    "tls-opt-out",
    "unbounded-scratch-volume",
    "uncollected-revision",
    "unlimited-memory",
    "unmasked-proc",
    "unmasked-proc-user-namespace",
    "unreserved-resources",
    "unrestricted-volume",
    "unsafe-sysctl",
    "unvalidated-settings",
    "webhook-exclusion",
    "wildcard-key-everywhere",
    "writable-root-filesystem",
];

#[test]
fn the_set_of_ids_is_as_published() {
    let ids: Vec<&str> = controls().map(|control| control.id).collect();
    assert_eq!(ids, IDS);
}

#[test]
fn families_and_their_controls_are_sorted_and_named_once() {
    assert!(FAMILIES.is_sorted_by(|a, b| a.name < b.name));
    for family in FAMILIES {
        assert!(
            family.controls.is_sorted_by(|a, b| a.id < b.id),
            "{}",
            family.name
        );
        assert!(!IDS.contains(&family.name), "{} is an id too", family.name);
        for control in family.controls {
            assert_eq!(control.family(), family.name);
        }
    }
    let titles: BTreeSet<&str> = controls().map(|control| control.title).collect();
    assert_eq!(titles.len(), IDS.len(), "titles are unique");
}

#[test]
fn ids_are_kebab_case_and_name_the_problem() {
    // "allow no-digest" and "allow require-digest" say the opposite of what they do.
    let remedies = [
        "allow", "avoid", "deny", "disallow", "drop", "ensure", "forbid", "no", "require", "set",
    ];
    for id in IDS {
        let mut words = id.split('-');
        let plain =
            |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        assert!(words.clone().all(plain), "{id}");
        assert!(
            words.next().is_some_and(|first| !remedies.contains(&first)),
            "{id}"
        );
    }
}

#[test]
fn texts_are_sentences_without_full_stop() {
    for control in controls() {
        for text in [control.title, control.help] {
            assert!(
                text.starts_with(char::is_uppercase),
                "{}: {text}",
                control.id
            );
            assert!(!text.ends_with(['.', ' ']), "{}: {text}", control.id);
        }
        assert!(
            control.says.starts_with(char::is_lowercase),
            "{}",
            control.id
        );
        assert!(
            control.title.len() <= 64,
            "{}: the title is a heading",
            control.id
        );
        assert!(!control.threats.is_empty(), "{}: threats", control.id);
        assert!(
            control.profiles.iter().next().is_some(),
            "{}: profiles",
            control.id
        );
    }
}

#[test]
fn mappings_have_known_prefixes() {
    for control in controls() {
        for mapping in control.mappings {
            let (prefix, rest) = mapping.split_once('/').unwrap_or((mapping, ""));
            let known = match prefix {
                "pss" => matches!(rest, "baseline" | "restricted"),
                "cis" => is_numbered(rest),
                "nsa" => !rest.is_empty(),
                "owasp" => rest
                    .strip_prefix('K')
                    .is_some_and(|n| n.len() == 2 && is_numbered(n)),
                "mitre" => rest
                    .strip_prefix('T')
                    .is_some_and(|n| n.len() >= 4 && is_numbered(n)),
                _ => false,
            };
            assert!(known, "{}: {mapping}", control.id);
        }
        assert!(control.mappings.iter().collect::<BTreeSet<_>>().len() == control.mappings.len());
    }
}

fn is_numbered(text: &str) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[test]
fn controls_yield_to_controls_that_are_as_severe() {
    for control in controls() {
        for id in control.yields_to {
            let other = controls().find(|other| other.id == *id);
            let severity = other.map(|other: &Control| other.severity);
            assert!(
                severity >= Some(control.severity.max(Severity::Info)),
                "{} {id}",
                control.id
            );
        }
    }
}

#[test]
fn patterns_compile_and_mean_the_same_to_both_engines() {
    for control in controls() {
        let Rule::Object(rule) = (control.rule)() else {
            continue;
        };
        rule.holds.visit(&mut |expr| {
            let Expr::Check(check) = expr else { return };
            let Test::Matches(pattern) = &check.test else {
                return;
            };
            let text = pattern.as_str();
            assert!(
                pattern.is_match("").is_some(),
                "{}: `{text}` is no pattern",
                control.id
            );
            // RE2 reads these as ASCII, Rust's `regex` as Unicode.
            for class in [
                "\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\b", "\\B", "\\p",
            ] {
                assert!(
                    !text.contains(class),
                    "{}: `{class}` in `{text}`",
                    control.id
                );
            }
        });
    }
}

#[test]
fn object_rules_ask_something_of_a_covered_kubernetes() {
    for control in controls() {
        let Rule::Object(rule) = (control.rule)() else {
            continue;
        };
        let asks = (kubernetes().oldest.0..=kubernetes().newest.0)
            .any(|minor| rule.holds.at_minor(minor) != Expr::Const(true));
        assert!(asks, "{}", control.id);
    }
}
