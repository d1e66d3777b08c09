use super::*;
use crate::exceptions::{Patterns, Scope};

fn source(text: &str) -> Arc<Source> {
    Arc::new(Source::new("knight.yaml", text))
}

/// Reads a file that has no mistake.
fn config(text: &str) -> Config {
    read(&source(text)).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

/// Compares the mistakes of a file, with their lines and columns, with what is expected.
fn check(text: &str, expected: &[&str]) {
    let mistakes = read(&source(text)).err().unwrap_or_default();
    let found: Vec<String> = mistakes
        .iter()
        .map(|Mistake { place, message, .. }| {
            format!("{}:{} {message}", place.start.line, place.start.column)
        })
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn reads_every_key() {
    let config = config(
        "version: 1
profiles: [hosted, airgap]
parameters: {max-scale: 7, registries: [a, b/c], timeout-seconds: 60}
select: [pss/baseline]
ignore: [host-network, image]
severity: low
exceptions:
  - control: host-pid
    namespace: shop
    kind: Pod
    name: a*
    path: spec.*
    file: x.yaml
    reason: known
    until: 2027-01-31
tenants: [{name: shop, namespaces: [shop], subjects: ['User:a:b', 'ServiceAccount:ci/x']}]
system: [infra-*]
kubernetes: 1.30
knative: v1.22.3
paths: {ignore: [charts/]}
",
    );
    let profiles = Profiles::of(&[Profile::Hosted, Profile::Airgap]);
    assert_eq!(config.profiles, Some(profiles));
    assert_eq!(config.params.ints["max-scale"], 7);
    assert_eq!(config.params.ints["timeout-seconds"], 60);
    assert_eq!(config.params.texts["registries"], ["a", "b/c"]);
    assert_eq!(config.select, ["pss/baseline"]);
    assert_eq!(config.ignore, ["host-network", "image"]);
    assert_eq!(config.severity, Some(Severity::Low));
    let [exception] = config.exceptions.as_slice() else {
        panic!("{:#?}", config.exceptions)
    };
    let text = |text: &str| Some(text.to_owned());
    let patterns = Patterns {
        namespace: text("shop"),
        kind: text("Pod"),
        name: text("a*"),
        path: text("spec.*"),
        file: text("x.yaml"),
    };
    assert_eq!(exception.scope, Scope::Matching(patterns));
    assert_eq!(
        (&*exception.control, &*exception.reason),
        ("host-pid", "known")
    );
    assert_eq!(exception.until, "2027-01-31".parse().ok());
    assert_eq!(exception.place.to_string(), "knight.yaml:8");
    let subject = |kind, name: &str| Subject {
        kind,
        name: name.to_owned(),
    };
    let tenant = Tenant {
        name: "shop".to_owned(),
        namespaces: vec!["shop".to_owned()],
        subjects: vec![
            subject(SubjectKind::User, "a:b"),
            subject(SubjectKind::ServiceAccount, "ci/x"),
        ],
    };
    assert_eq!(config.tenants, Tenants::Named(vec![tenant]));
    assert!(config.system.ends_with(&["infra-*".to_owned()]));
    assert_eq!(
        config.system.len(),
        components::system_namespaces().len() + 1
    );
    assert_eq!(
        config.kubernetes,
        Some(KubernetesMinor(30)),
        "1.30 is no 1.3"
    );
    assert_eq!(config.knative, Some(KnativeVersion::new(1, 22)));
    assert_eq!(config.ignored_paths[0].text, "charts/");
}

#[test]
fn what_is_left_out_says_nothing() {
    for text in [
        "",
        "# nothing\n",
        "version: 1\n",
        "version: 1\nselect:\nprofiles: []\npaths:\n",
    ] {
        let config = config(text);
        assert_eq!(config.profiles, None, "{text}");
        assert_eq!(config.params, Params::default(), "{text}");
        assert_eq!(
            (config.select.len(), config.exceptions.len()),
            (0, 0),
            "{text}"
        );
        assert_eq!(config.tenants, Tenants::Namespaces, "{text}");
    }
    assert_eq!(
        config("version: 1\ntenants: {label: a/b}").tenants,
        Tenants::Label("a/b".into())
    );
}

#[test]
fn rejects_unknown_words_with_the_nearest() {
    check(
        "version: 1\nexeptions: []",
        &["2:1 `knight.yaml` has no key `exeptions`, did you mean `exceptions`?"],
    );
    check(
        "version: 1\nselect: [pod, host-pidd]",
        &["2:15 `host-pidd` names no control, family or mapping, did you mean `host-pid`?"],
    );
    check(
        "version: 1\nseverity: crit",
        &["2:11 `crit` is no severity"],
    );
    check(
        "version: 1\nparameters: {timeout: 5}",
        &["2:14 `parameters` has no key `timeout`"],
    );
    check(
        "version: 1\nexceptions: [{control: pod, reson: x}]",
        &[
            "2:15 an exception needs a `reason`",
            "2:29 an exception has no key `reson`, did you mean `reason`?",
        ],
    );
}

#[test]
fn rejects_wrong_types_all_at_once() {
    check(
        "version: '1'\nselect: pod\nparameters: {max-scale: -1, registries: x}\nexceptions: [x]\nsystem: [[a]]",
        &[
            "1:10 `version` must be 1",
            "2:9 this must be a list, not a string",
            "3:25 this must be a whole number above 0",
            "3:41 this must be a list, not a string",
            "4:14 an exception must be a map, not a string",
            "5:10 this must be a string, not a list",
        ],
    );
}

#[test]
fn rejects_duplicates_broken_text_and_second_documents() {
    check(
        "version: 1\nselect: []\nselect: []",
        &["3:1 this key is already set at line 2, column 1: only the later value counts"],
    );
    check(
        "version: 1\n---\nversion: 1",
        &["3:1 the file holds more than one document"],
    );
    let broken = read(&source("version: {{ .x }}")).err().unwrap_or_default();
    assert_eq!(broken.len(), 1, "{broken:#?}");
}

#[test]
fn hostile_words_are_made_plain() {
    let text = format!("version: 1\n\"\\e[2J{}\": 1", "x".repeat(10_000));
    let mistakes = read(&source(&text)).err().unwrap_or_default();
    let [mistake] = mistakes.as_slice() else {
        panic!("{mistakes:#?}")
    };
    assert!(
        !mistake.message.contains('\u{1b}') && mistake.message.len() < 200,
        "{mistake:#?}"
    );
}

#[test]
fn keys_are_sorted() {
    assert!(KEYS.is_sorted_by_key(|(name, _)| name));
    for (name, keys) in KEYS {
        assert!(keys.is_sorted(), "{name}");
    }
}

#[test]
fn parameters_are_those_that_rules_name() {
    let known: Vec<&str> = parameters::PARAMETERS
        .iter()
        .map(|parameter| parameter.name)
        .collect();
    let keys = KEYS
        .iter()
        .find(|(name, _)| *name == "parameters")
        .map(|(_, keys)| *keys);
    assert_eq!(keys, Some(known.as_slice()));
}

#[test]
fn patterns_are_ids_families_and_mappings() {
    for word in [
        "all",
        "host-pid",
        "pod",
        "pss/baseline",
        "pss/restricted",
        "pss",
        "stride",
        "stride/repudiation",
    ] {
        assert_eq!(check_pattern(word), Ok(()), "{word}");
    }
    for word in ["", "host", "pss/", "Pod", "stride/spoof"] {
        assert!(check_pattern(word).is_err(), "{word}");
    }
}
