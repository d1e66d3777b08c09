use super::*;
use crate::{
    object::objects,
    testing::{documents, named},
};

const SERVING: Component = Component::Serving;

fn version() -> KnativeVersion {
    KnativeVersion::new(1, 23)
}

fn settings_of(texts: &[(&str, &str)]) -> Settings {
    let mut builder = SettingsBuilder::default();
    for (name, yaml) in texts {
        for document in named(name, yaml) {
            objects(&document)
                .0
                .iter()
                .for_each(|object| builder.add(object));
        }
    }
    builder.build(version())
}

fn config_map(name: &str, data: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: knative-serving}}\ndata: {data}\n"
    )
}

fn operator(config: &str) -> String {
    format!(
        "apiVersion: operator.knative.dev/v1beta1\nkind: KnativeServing\nmetadata: {{name: knative-serving, namespace: knative-serving}}\nspec:\n  config: {config}\n"
    )
}

/// Reads a text and compares the value of a setting and its origin with what is expected.
fn check(yaml: &str, (map, key): (&str, &str), expected: (Option<&str>, &str)) {
    let settings = settings_of(&[("p.yaml", yaml)]);
    let effective = settings
        .effective(SERVING, map, key)
        .expect("the facts know the setting");
    assert_eq!(
        (effective.value.as_deref(), &*effective.origin()),
        expected,
        "{yaml}"
    );
}

#[test]
fn reads_values_of_config_maps() {
    check(
        &config_map("config-features", "{secure-pod-defaults: enabled}"),
        ("config-features", "secure-pod-defaults"),
        (
            Some("enabled"),
            "`secure-pod-defaults: enabled` in ConfigMap knative-serving/config-features (p.yaml:4)",
        ),
    );
}

#[test]
fn falls_back_to_defaults() {
    let key = ("config-features", "secure-pod-defaults");
    let none = "Knative's default of `secure-pod-defaults` (no ConfigMap knative-serving/config-features in the input)";
    check("{apiVersion: v1, kind: Pod}", key, (Some("disabled"), none));
    let unset = "Knative's default of `secure-pod-defaults`, which config-features (p.yaml:3) leaves as it is";
    for data in ["{}", "~", "{_example: 'secure-pod-defaults: enabled'}"] {
        check(
            &config_map("config-features", data),
            key,
            (Some("disabled"), unset),
        );
    }
}

#[test]
fn never_reads_the_example() {
    let yaml = config_map("config-features", "{_example: x}");
    let settings = settings_of(&[("p.yaml", &yaml)]);
    assert!(
        settings
            .get(SERVING, "config-features", "_example")
            .is_none()
    );
    assert_eq!(settings.unknown_keys(), []);
}

#[test]
fn follows_the_setting_that_stands_in_for_an_absent_one() {
    let key = ("config-defaults", "revision-response-start-timeout-seconds");
    check(
        &config_map("config-defaults", "{revision-timeout-seconds: '60'}"),
        key,
        (
            Some("60"),
            "`revision-timeout-seconds: 60` in ConfigMap knative-serving/config-defaults (p.yaml:4), which holds where `revision-response-start-timeout-seconds` is absent",
        ),
    );
    let settings = settings_of(&[]);
    let effective = settings.effective(SERVING, key.0, key.1).unwrap();
    assert_eq!(effective.value.as_deref(), Some("300"));
    let ValueFrom::Setting(other) = &effective.from else {
        panic!("{effective:?}")
    };
    assert_eq!(other.from, ValueFrom::Default);
}

#[test]
fn lets_the_operator_win_key_by_key() {
    for name in ["features", "config-features"] {
        let yaml = format!(
            "{}---\n{}",
            config_map(
                "config-features",
                "{secure-pod-defaults: enabled, multi-container: disabled}"
            ),
            operator(&format!("{{{name}: {{secure-pod-defaults: disabled}}}}")),
        );
        check(
            &yaml,
            ("config-features", "secure-pod-defaults"),
            (
                Some("disabled"),
                "`secure-pod-defaults: disabled` for config-features in KnativeServing.operator.knative.dev knative-serving/knative-serving (p.yaml:10)",
            ),
        );
        check(
            &yaml,
            ("config-features", "multi-container"),
            (
                Some("disabled"),
                "`multi-container: disabled` in ConfigMap knative-serving/config-features (p.yaml:4)",
            ),
        );
    }
}

#[test]
fn keeps_settings_of_one_name_apart_by_component() {
    let eventing = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config-features, namespace: knative-eventing}\ndata: {default-authorization-mode: deny-all}\n";
    let settings = settings_of(&[("p.yaml", eventing)]);
    assert!(!settings.has(SERVING, "config-features"));
    assert!(settings.has(Component::Eventing, "config-features"));
    let mode = settings.effective(
        Component::Eventing,
        "config-features",
        "default-authorization-mode",
    );
    assert_eq!(mode.unwrap().value.as_deref(), Some("deny-all"));
}

#[test]
fn prefers_a_key_to_its_legacy_spelling() {
    let of = |data: &str| {
        let settings = settings_of(&[("p.yaml", &config_map("config-network", data))]);
        let effective = settings
            .effective(SERVING, "config-network", "domain-template")
            .unwrap();
        let alias = match effective.from {
            ValueFrom::Alias { key, .. } => key,
            ValueFrom::Written(..) | ValueFrom::Default | ValueFrom::Setting(_) => "",
        };
        (effective.value.unwrap().to_string(), alias)
    };
    assert_eq!(
        of("{domainTemplate: old}"),
        ("old".into(), "domainTemplate")
    );
    assert_eq!(
        of("{domainTemplate: old, domain-template: new}"),
        ("new".into(), "")
    );
}

#[test]
fn normalises_values_as_the_code_does() {
    let of = |map: &str, key: &str, value: &str| {
        let yaml = config_map(map, &format!("{{{key}: '{value}'}}"));
        let settings = settings_of(&[("p.yaml", &yaml)]);
        let effective = settings.effective(SERVING, map, key).unwrap();
        (
            effective.value.map_or_else(|| "-".to_owned(), Into::into),
            effective.trouble.map(|(_, t)| t),
        )
    };
    let secure = |value| of("config-features", "secure-pod-defaults", value);
    assert_eq!(secure("ENABLED"), ("enabled".into(), None));
    assert_eq!(
        secure("allowrootbounded"),
        ("AllowRootBounded".into(), None)
    );
    assert_eq!(
        secure("root-allowed"),
        ("disabled".into(), Some(Trouble::Ignored))
    );
    assert_eq!(secure("true"), ("disabled".into(), Some(Trouble::Ignored)));
    let zero = |value| of("config-defaults", "allow-container-concurrency-zero", value);
    assert_eq!(zero("f"), ("false".into(), None));
    assert_eq!(zero("1"), ("true".into(), None));
    assert_eq!(zero("no"), ("true".into(), Some(Trouble::Refused)));
    let timeout = |value| of("config-defaults", "revision-timeout-seconds", value);
    assert_eq!(timeout("+60"), ("60".into(), None));
    assert_eq!(timeout("60s"), ("300".into(), Some(Trouble::Refused)));
    let links = |value| of("config-defaults", "enable-service-links", value);
    assert_eq!(links("True"), ("true".into(), None));
    assert_eq!(
        links("no"),
        ("default".into(), Some(Trouble::ReadAs("default".into())))
    );
    let concurrency = |value| of("config-defaults", "container-concurrency", value);
    assert_eq!(concurrency("-1"), ("0".into(), Some(Trouble::Refused)));
    let cpu = |value| of("config-defaults", "revision-cpu-limit", value);
    assert_eq!(cpu("500m"), ("500m".into(), None));
    assert_eq!(cpu("1.5e3"), ("1.5e3".into(), None));
    assert_eq!(cpu("lots"), ("-".into(), Some(Trouble::Refused)));
}

#[test]
fn takes_no_value_that_is_no_string() {
    let yaml = config_map("config-defaults", "{revision-timeout-seconds: 60}");
    let settings = settings_of(&[("p.yaml", &yaml)]);
    let effective = settings
        .effective(SERVING, "config-defaults", "revision-timeout-seconds")
        .unwrap();
    assert_eq!(effective.value.as_deref(), Some("300"));
    assert_eq!(
        effective.trouble.map(|(_, trouble)| trouble),
        Some(Trouble::NotText)
    );
}

#[test]
fn judges_each_object_that_writes_a_setting() {
    let each = |texts: &[(&str, &str)]| {
        let settings = settings_of(texts);
        let found = settings.effective_each(SERVING, "config-gc", "min-non-active-revisions");
        let found = found.into_iter().map(|found| found.origin());
        found.collect::<Vec<_>>()
    };
    let map = |data| config_map("config-gc", data);
    let operator = operator("{gc: {min-non-active-revisions: '7'}}");
    let three = map("{min-non-active-revisions: '3'}");
    let empty = map("{}");
    assert_eq!(each(&[]), [""; 0]);
    assert_eq!(
        each(&[("a.yaml", &empty)]),
        [
            "Knative's default of `min-non-active-revisions`, which config-gc (a.yaml:3) leaves as it is"
        ]
    );
    let of = |file| {
        format!("`min-non-active-revisions: 3` in ConfigMap knative-serving/config-gc ({file}:4)")
    };
    assert_eq!(
        each(&[("a.yaml", &three), ("b.yaml", &empty), ("c.yaml", &three)]),
        [of("a.yaml"), of("c.yaml")]
    );
    assert_eq!(
        each(&[("a.yaml", &three), ("b.yaml", &operator)]),
        [
            "`min-non-active-revisions: 7` for config-gc in KnativeServing.operator.knative.dev knative-serving/knative-serving (b.yaml:5)"
        ]
    );
}

#[test]
fn lists_invalid_values() {
    let data = "{secure-pod-defaults: root-allowed, multi-container: 'on', kubernetes.podspec-dnspolicy: Allowed}";
    let settings = settings_of(&[("p.yaml", &config_map("config-features", data))]);
    let found: Vec<_> = settings
        .invalid()
        .into_iter()
        .map(|invalid| {
            (
                invalid.key.to_owned(),
                invalid.trouble,
                invalid.written.place.start.column,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("multi-container".to_owned(), Trouble::Ignored, 60),
            ("secure-pod-defaults".to_owned(), Trouble::Ignored, 29),
        ]
    );
}

#[test]
fn lists_values_that_make_no_sense() {
    let odd = |map: &str, data: &str| {
        let settings = settings_of(&[("p.yaml", &config_map(map, data))]);
        let found = settings.odd().into_iter();
        let found = found.map(|odd| (odd.key.to_owned(), odd.oddity));
        found.collect::<Vec<_>>()
    };
    let numbers = "{target-burst-capacity: NaN, max-scale-up-rate: Inf, min-scale: '5'}";
    assert_eq!(
        odd("config-autoscaler", numbers),
        [
            ("max-scale-up-rate".to_owned(), Oddity::Infinite),
            ("target-burst-capacity".to_owned(), Oddity::NotANumber),
        ]
    );
    let bounded = odd("config-autoscaler", "{scale-down-delay: 9999h}");
    assert!(matches!(bounded[..], [(_, Oddity::More("1h", _))]));
    let quantity = odd("config-defaults", "{revision-cpu-limit: '-1'}");
    assert!(matches!(quantity[..], [(_, Oddity::Negative)]));
    // What the code refuses is no oddity, and the legacy spelling is judged as the new one.
    assert_eq!(odd("config-autoscaler", "{min-scale: '-1'}"), []);
    let legacy = odd("config-network", "{defaultExternalScheme: ftp}");
    assert!(matches!(legacy[..], [(_, Oddity::Other(_))]));
}

#[test]
fn lists_values_that_do_not_go_together() {
    let broken = |data: &str| broken("config-defaults", data);
    let timeout = "revision-timeout-seconds";
    let longest = "max-revision-timeout-seconds";
    assert_eq!(broken(&format!("{{{timeout}: '900'}}")), [timeout]);
    assert_eq!(
        broken(&format!("{{{timeout}: '90', {longest}: '60'}}")),
        [timeout]
    );
    // Where one of them is not written, it is the other that breaks with its default.
    assert_eq!(broken(&format!("{{{longest}: '60'}}")), [longest]);
    assert_eq!(
        broken(&format!("{{{timeout}: '900', {longest}: '1000'}}")),
        [""; 0]
    );
}

#[test]
fn a_bound_of_zero_that_is_the_default_bounds_nothing() {
    let broken = |data: &str| broken("config-autoscaler", data);
    assert_eq!(broken("{max-scale: '20', min-scale: '2'}"), [""; 0]);
    assert_eq!(
        broken("{max-scale: '20', max-scale-limit: '10'}"),
        ["max-scale"]
    );
    assert_eq!(broken("{max-scale: '2', min-scale: '20'}"), ["min-scale"]);
    let gc = "{max-non-active-revisions: '0', min-non-active-revisions: '3'}";
    assert_eq!(self::broken("config-gc", gc), ["min-non-active-revisions"]);
}

#[test]
fn only_a_value_that_switches_something_on_needs_another() {
    let broken = |data: &str| broken("config-autoscaler", data);
    assert_eq!(broken("{max-scale-limit: '20'}"), ["max-scale-limit"]);
    assert_eq!(broken("{max-scale-limit: '20', max-scale: '20'}"), [""; 0]);
    assert_eq!(broken("{max-scale-limit: '0'}"), [""; 0]);
    let log = |data: &str| self::broken("config-observability", data);
    assert_eq!(log("{logging.enable-request-log: 'false'}"), [""; 0]);
    // There is a template by default.
    assert_eq!(log("{logging.enable-request-log: 'true'}"), [""; 0]);
    assert_eq!(
        log("{logging.enable-request-log: 'true', logging.request-log-template: ''}"),
        ["logging.enable-request-log"]
    );
}

/// Returns the keys whose values the code refuses beside those of others.
fn broken(map: &str, data: &str) -> Vec<String> {
    let settings = settings_of(&[("p.yaml", &config_map(map, data))]);
    let found = settings.invalid().into_iter().map(|invalid| {
        assert!(invalid.relation.is_some() && invalid.trouble == Trouble::Refused);
        invalid.key.to_owned()
    });
    found.collect()
}

#[test]
fn lists_unknown_keys() {
    let data =
        "{secure_pod_defaults: enabled, Secure-Pod-Defaults: x, secure-pod-defaults: enabled}";
    let yaml = config_map("config-features", data);
    let settings = settings_of(&[("p.yaml", &yaml)]);
    let found: Vec<_> = settings
        .unknown_keys()
        .iter()
        .map(|key| (key.key, key.why))
        .collect();
    let never = WhyUnknown::Never;
    assert_eq!(
        found,
        [
            ("Secure-Pod-Defaults", never),
            ("secure_pod_defaults", never)
        ]
    );
}

#[test]
fn knows_when_a_key_came() {
    let yaml = config_map(
        "config-features",
        "{kubernetes.podspec-volumes-ephemeral: enabled}",
    );
    let mut builder = SettingsBuilder::default();
    for document in documents(&yaml) {
        objects(&document)
            .0
            .iter()
            .for_each(|object| builder.add(object));
    }
    let key = "kubernetes.podspec-volumes-ephemeral";
    let old = builder.clone().build(KnativeVersion::new(1, 20));
    assert_eq!(old.effective(SERVING, "config-features", key), None);
    let why: Vec<_> = old.unknown_keys().iter().map(|key| key.why).collect();
    assert_eq!(why, [WhyUnknown::Since(KnativeVersion::new(1, 23))]);
    let new = builder.build(version());
    let value = new
        .effective(SERVING, "config-features", key)
        .unwrap()
        .value;
    assert_eq!(value.as_deref(), Some("enabled"));
    assert_eq!(new.unknown_keys(), []);
}

#[test]
fn reports_two_definitions_of_one_config_map() {
    let a = config_map("config-features", "{secure-pod-defaults: enabled}");
    let b = config_map(
        "config-features",
        "{secure-pod-defaults: disabled, multi-container: enabled}",
    );
    let settings = settings_of(&[("b.yaml", &b), ("a.yaml", &a)]);
    let ambiguous = settings.ambiguous();
    assert_eq!(ambiguous.len(), 1);
    let places: Vec<String> = ambiguous[0]
        .places
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(places, ["a.yaml:3", "b.yaml:3"]);
    assert_eq!(ambiguous[0].conflicts, ["secure-pod-defaults"]);
    let value = settings
        .effective(SERVING, "config-features", "secure-pod-defaults")
        .unwrap();
    assert_eq!(
        value.value.as_deref(),
        Some("enabled"),
        "the first by place"
    );
    // Two that say the same are no matter, and neither is an operator beside a ConfigMap.
    assert_eq!(
        settings_of(&[("a.yaml", &a), ("b.yaml", &a)]).ambiguous(),
        []
    );
    let operator = operator("{features: {secure-pod-defaults: disabled}}");
    assert_eq!(
        settings_of(&[("a.yaml", &a), ("b.yaml", &operator)]).ambiguous(),
        []
    );
}

#[test]
fn does_not_depend_on_order() {
    let a = config_map("config-features", "{secure-pod-defaults: enabled}");
    let b = config_map("config-features", "{secure-pod-defaults: disabled}");
    let c = operator("{features: {multi-container: disabled}}");
    let texts = [("a", &*a), ("b", &*b), ("c", &*c)];
    let shown = |order: [usize; 3]| {
        let texts: Vec<_> = order.into_iter().map(|at| texts[at]).collect();
        format!("{:?}", settings_of(&texts))
    };
    let expected = shown([0, 1, 2]);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(shown(order), expected);
    }
}

#[test]
fn says_what_looks_like_settings_and_is_not_read() {
    let unplaced =
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: config-features}, data: {a: b}}";
    let elsewhere =
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: config-features, namespace: shop}}";
    let malformed = config_map("config-features", "[a]");
    let operator = operator("{features: [a], nonsense: {a: b}}");
    let settings = settings_of(&[
        ("a", unplaced),
        ("b", elsewhere),
        ("c", &malformed),
        ("d", &operator),
    ]);
    let unread: Vec<_> = settings
        .unread()
        .iter()
        .map(|unread| (&*unread.place.file, unread.why))
        .collect();
    assert_eq!(
        unread,
        [
            ("a", WhyUnread::NoNamespace),
            ("c", WhyUnread::NotAMap),
            ("d", WhyUnread::NotAMap),
        ]
    );
    assert!(!settings.has(SERVING, "config-features"));
}

#[test]
fn shortens_long_values_in_origins() {
    let long = "x".repeat(100);
    let yaml = config_map(
        "config-defaults",
        &format!("{{container-name-template: {long}}}"),
    );
    let settings = settings_of(&[("p.yaml", &yaml)]);
    let effective = settings
        .effective(SERVING, "config-defaults", "container-name-template")
        .unwrap();
    assert!(
        effective
            .origin()
            .starts_with(&format!("`container-name-template: {}…`", "x".repeat(40)))
    );
}
