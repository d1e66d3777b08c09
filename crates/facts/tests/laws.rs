//! Laws that hold among the rows of all data files.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the files on disk are what is tested here"
)]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use knight_facts::carriers::{self, Masking};
use knight_facts::defaulting::{self, Condition, Value};
use knight_facts::kinds::{self, Release};
use knight_facts::pod_spec::{self, Answer, Gate, Needs};
use knight_facts::reading::{self, System};
use knight_facts::settings::{
    self, Component, ConfigMap, KeyForm, Profile, Recommendation, Setting, UnknownValue, ValueType,
    Wrong,
};
use knight_facts::{KnativeVersion, Range, versions};

/// Asserts that `keys` are sorted and that none is there twice.
fn assert_sorted<K: Debug + Ord>(keys: impl IntoIterator<Item = K>) {
    let keys: Vec<_> = keys.into_iter().collect();
    for pair in keys.windows(2) {
        assert!(
            pair[0] < pair[1],
            "{:?} is not before {:?}",
            pair[0],
            pair[1]
        );
    }
    assert!(!keys.is_empty());
}

fn assert_not_empty(range: Range<KnativeVersion>, row: &str) {
    if let (Some(since), Some(until)) = (range.since, range.until) {
        assert!(since < until, "{row} holds since {since} until {until}");
    }
}

/// Returns the flag of Serving under `key`.
fn flag(key: &str) -> &'static Setting {
    let found = settings::setting(Component::Serving, "config-features", key);
    found.unwrap_or_else(|| panic!("`{key}` is no flag of config-features"))
}

mod in_carriers {
    use super::*;

    #[test]
    fn rows_are_sorted_and_found() {
        assert_sorted(
            carriers::carriers()
                .iter()
                .map(|row| (&row.group, &row.kind)),
        );
        assert_sorted(
            carriers::non_carriers()
                .iter()
                .map(|row| (&row.group, &row.kind)),
        );
        for row in carriers::carriers() {
            assert_eq!(carriers::carrier(&row.group, &row.kind), Some(row));
            assert_not_empty(row.range(), &row.kind);
        }
        assert_eq!(carriers::carrier("", "Service"), None);
    }

    /// Policies lean on it.
    #[test]
    fn metadata_of_pods_stands_beside_their_spec() {
        let beside = |path: &knight_facts::FieldPath| {
            let path = path.as_str();
            path.rsplit_once('.')
                .map(|(above, _)| above)
                .unwrap_or_default()
                .to_owned()
        };
        for place in carriers::carriers().iter().flat_map(|row| &row.pods) {
            if let Some(metadata) = &place.metadata {
                assert_eq!(beside(metadata), beside(&place.spec));
                assert!(!place.spec.as_str().contains("[]"), "{}", place.spec);
            }
        }
    }

    #[test]
    fn those_of_knative_are_kinds_in_the_same_versions() {
        for row in carriers::carriers() {
            let kind = kinds::kind(&row.group, &row.kind);
            match row.knative {
                Masking::Masked | Masking::Unmasked => assert!(kind.is_some(), "{}", row.kind),
                Masking::None => assert!(kind.is_none(), "{}", row.kind),
                Masking::Handed => {}
            }
            if let Some(kind) = kind {
                let served: Vec<_> = kind.version.iter().map(|version| &version.name).collect();
                assert_eq!(
                    row.versions.iter().collect::<Vec<_>>(),
                    served,
                    "{}",
                    row.kind
                );
                assert_eq!(row.plural, kind.plural);
            }
            for former in &row.former {
                let removed = kinds::removed(&row.group, &row.kind, former);
                assert!(
                    removed.is_some(),
                    "{} {former} is said to be gone",
                    row.kind
                );
            }
        }
        for row in carriers::non_carriers() {
            assert!(kinds::kind(&row.group, &row.kind).is_some(), "{}", row.kind);
            assert_eq!(carriers::carrier(&row.group, &row.kind), None);
            assert_not_empty(row.range(), &row.kind);
        }
    }
}

mod in_pod_spec {
    use super::*;

    #[test]
    fn no_container_stands_by_itself_under_a_field_of_the_pod_spec() {
        let places = carriers::carriers().iter().flat_map(|row| &row.pods);
        let keys: Vec<_> = places.flat_map(|place| &place.inline).collect();
        assert!(!keys.is_empty());
        for key in keys {
            assert_eq!(pod_spec::field(pod_spec::Level::Pod, key), None);
        }
    }

    #[test]
    fn what_is_supplied_is_a_field_of_containers() {
        let places = carriers::carriers().iter().flat_map(|row| &row.pods);
        let fields: Vec<_> = places.flat_map(|place| &place.supplied).collect();
        assert!(!fields.is_empty());
        for field in fields {
            let known = pod_spec::field(pod_spec::Level::Container, field);
            assert!(known.is_some(), "`{field}`");
        }
    }

    fn gates(answer: &Answer) -> &[Gate] {
        match answer {
            Answer::Gated(gates) | Answer::OnlyValue { gates, .. } => gates,
            Answer::Allowed
            | Answer::AtMost(_)
            | Answer::Refused
            | Answer::Pruned
            | Answer::Rewritten(_) => &[],
        }
    }

    #[test]
    fn rows_are_sorted_and_found() {
        let fields = pod_spec::fields();
        assert_sorted(fields.iter().map(|row| (row.level, row.field.as_str())));
        for row in fields {
            assert_eq!(pod_spec::field(row.level, row.field.as_str()), Some(row));
            assert_not_empty(row.range, row.field.as_str());
        }
        assert_eq!(pod_spec::field(pod_spec::Level::Pod, "hostPort"), None);
    }

    #[test]
    fn gates_are_flags_that_know_a_value_which_opens_them() {
        for row in pod_spec::fields() {
            let others = row.in_sidecars.iter().chain(&row.several);
            for gate in gates(&row.answer).iter().chain(others) {
                let flag = flag(&gate.flag);
                assert!(
                    flag.values.iter().any(|value| gate.opens_at(value)),
                    "{}",
                    gate.flag
                );
                assert!(!gate.opens_at("disabled"));
                let bounded = flag.accepted("AllowRootBounded").is_some();
                assert_eq!(bounded, gate.needs == Needs::EnabledOrAllowRootBounded);
            }
        }
    }

    #[test]
    fn every_flag_of_the_pod_spec_gates_a_field() {
        let named: BTreeSet<_> = pod_spec::fields()
            .iter()
            .flat_map(|row| gates(&row.answer))
            .map(|gate| gate.flag.as_str())
            .collect();
        let features = settings::settings_of(Component::Serving, "config-features").unwrap();
        let kubernetes = features
            .setting
            .iter()
            .filter(|row| row.key.starts_with("kubernetes."));
        for row in kubernetes.filter(|row| row.range().until.is_none()) {
            assert!(
                named.contains(row.key.as_str()),
                "`{}` gates no field",
                row.key
            );
        }
    }
}

mod in_settings {
    use super::*;

    #[test]
    fn look_ups_find_every_file_by_what_it_says_of_itself() {
        let maps: Vec<_> = settings::config_maps().collect();
        assert_sorted(maps.iter().map(|map| (map.component, &map.name)));
        for map in &maps {
            assert_eq!(settings::settings_of(map.component, &map.name), Some(*map));
            let reader = (map.component, map.namespace.as_str());
            assert!(
                settings::readers_of(&map.name).any(|found| found == reader),
                "{}",
                map.name
            );
            assert_not_empty(map.range(), &map.name);
        }

        let said: Vec<_> = maps
            .iter()
            .map(|map| format!("{}/{}.toml", map.component, map.name))
            .collect();
        assert_eq!(said, files_on_disk());
    }

    fn files_on_disk() -> Vec<String> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/settings");
        let names = |folder: &Path| -> Vec<String> {
            let entries = fs::read_dir(folder).unwrap();
            entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect()
        };
        let mut files: Vec<_> = names(&root)
            .into_iter()
            .flat_map(|folder| {
                let files = names(&root.join(&folder));
                files
                    .into_iter()
                    .map(move |file| format!("{folder}/{file}"))
            })
            .collect();
        files.sort_by_key(|file| file.trim_end_matches(".toml").to_owned());
        files
    }

    /// Calls `check` with every setting and its `ConfigMap`.
    fn every(check: impl Fn(&ConfigMap, &Setting)) {
        for map in settings::config_maps() {
            for row in &map.setting {
                check(map, row);
            }
        }
    }

    #[test]
    fn keys_are_sorted_and_found() {
        for map in settings::config_maps() {
            assert_sorted(map.setting.iter().map(|row| &row.key));
        }
        every(|map, row| {
            let key = match row.key_form {
                KeyForm::Exact | KeyForm::Any => row.key.clone(),
                KeyForm::Prefix => format!("{}x", row.key),
            };
            assert_eq!(settings::setting(map.component, &map.name, &key), Some(row));
            assert_not_empty(row.range(), &row.key);
        });
    }

    #[test]
    fn the_example_block_is_no_setting() {
        for map in settings::config_maps() {
            assert_eq!(map.setting("_example"), None);
        }
        let domains = settings::settings_of(Component::Serving, "config-domain").unwrap();
        assert!(domains.setting("example.com").is_some());
    }

    #[test]
    fn an_alias_leads_to_one_key_and_is_none_itself() {
        every(|map, row| {
            for alias in &row.aliases {
                assert_eq!(map.alias(alias), Some(row));
                assert_eq!(map.setting(alias), None, "{alias} is a key of its own");
            }
        });
    }

    #[test]
    fn defaults_and_recommendations_are_accepted_values() {
        every(|map, row| {
            if !matches!(row.value_type, ValueType::Enum | ValueType::Flag) {
                return;
            }
            assert!(!row.values.is_empty(), "{}", row.key);
            let accepts = |value: &str| {
                assert!(
                    row.accepted(value).is_some(),
                    "{} {}: `{value}`",
                    map.name,
                    row.key
                );
            };
            row.default.iter().for_each(|value| accepts(value));
            if let UnknownValue::ReadAs(value) = &row.unknown {
                accepts(value);
            }
            for profile in Profile::ALL {
                match row.recommended(profile) {
                    Recommendation::Value(value) => accepts(value),
                    Recommendation::May(values) => values.iter().for_each(|value| accepts(value)),
                    Recommendation::Keep | Recommendation::Own(_) => {}
                }
            }
        });
    }

    #[test]
    fn numbers_are_numbers_within_the_bounds() {
        every(|map, row| {
            if !matches!(row.value_type, ValueType::Int | ValueType::Float) {
                return;
            }
            let number = |text: &String| -> f64 {
                text.parse()
                    .unwrap_or_else(|_| panic!("{} {}: `{text}`", map.name, row.key))
            };
            let least = row.bounds.min.as_ref().map(number);
            let most = row.bounds.max.as_ref().map(number);
            let recommended = Profile::ALL.map(|profile| row.recommended(profile));
            let values = recommended.into_iter().filter_map(|advice| match advice {
                Recommendation::Value(value) => Some(value),
                Recommendation::Keep | Recommendation::May(_) | Recommendation::Own(_) => None,
            });
            for value in row.default.iter().chain(values).map(number) {
                assert!(
                    least.is_none_or(|least| least <= value),
                    "{}: {value}",
                    row.key
                );
                assert!(
                    most.is_none_or(|most| value <= most),
                    "{}: {value}",
                    row.key
                );
            }
        });
    }

    #[test]
    fn what_makes_sense_is_told_for_types_that_can_be_compared() {
        every(|_, row| {
            let Some(sane) = &row.sane else { return };
            if sane.min.is_some() || sane.max.is_some() {
                let ordered = matches!(
                    row.value_type,
                    ValueType::Duration | ValueType::Float | ValueType::Int
                );
                assert!(ordered, "{}", row.key);
            }
            let default = row.default.as_ref().filter(|_| !sane.values.is_empty());
            assert!(
                default.is_none_or(|default| sane.values.contains(default)),
                "{}",
                row.key
            );
        });
    }

    #[test]
    fn switches_are_true_or_false() {
        every(|_, row| {
            let is_switch = row.value_type == ValueType::Bool;
            if let Some(default) = row.default.as_deref().filter(|_| is_switch) {
                assert!(
                    ["true", "false"].contains(&default),
                    "{}: {default}",
                    row.key
                );
            }
        });
    }

    #[test]
    fn relations_lead_to_keys_of_the_same_map() {
        every(|map, row| {
            let related = row.relation.iter().map(|relation| &relation.key);
            for key in related.chain(&row.default_from) {
                assert!(map.setting(key).is_some(), "{}: `{key}`", row.key);
            }
        });
    }

    #[test]
    fn what_has_no_webhook_to_be_tried_on_says_so() {
        for map in settings::config_maps() {
            let has_webhook = match map.component {
                Component::Eventing | Component::Serving => true,
                Component::Kafka | Component::Kourier => false,
            };
            assert_eq!(map.not_tried.is_none(), has_webhook, "{}", map.name);
            assert!(has_webhook || !map.validated, "{}", map.name);
        }
    }

    #[test]
    fn what_a_webhook_refuses_has_an_example_where_the_type_gives_none() {
        every(|map, row| {
            let judged_by_type = match row.value_type {
                ValueType::Bool
                | ValueType::Duration
                | ValueType::Enum
                | ValueType::Flag
                | ValueType::Float
                | ValueType::Int
                | ValueType::Quantity
                | ValueType::Uint => true,
                ValueType::Image
                | ValueType::IsoDuration
                | ValueType::Json
                | ValueType::List
                | ValueType::Properties
                | ValueType::Selector
                | ValueType::String
                | ValueType::Template
                | ValueType::Url
                | ValueType::Yaml => false,
            };
            let rejects = map.validated && row.unknown == UnknownValue::Rejected;
            let has_example = judged_by_type || !row.refused.is_empty();
            assert!(!rejects || has_example, "{} {}", map.name, row.key);
        });
    }

    #[test]
    fn settings_outside_of_config_maps_are_sorted() {
        assert_sorted(
            settings::outside()
                .iter()
                .map(|row| (row.place, &row.of, &row.name)),
        );
        for row in settings::outside() {
            assert_not_empty(row.range(), &row.name);
        }
    }

    #[test]
    fn misspellings_are_wrong_and_what_they_mean_is_right() {
        for map in settings::config_maps() {
            for row in &map.misspelling {
                match row.wrong {
                    Wrong::Key => {
                        assert_eq!(map.misspelt_key(&row.written), Some(row));
                        assert!(map.setting(&row.means).is_some(), "{}", row.means);
                        let old = map.setting(&row.written);
                        assert!(old.is_none_or(|old| old.range().until.is_some()));
                    }
                    Wrong::Value => {
                        let key = row.key.as_deref().unwrap();
                        assert_eq!(map.misspelt_value(key, &row.written), Some(row));
                        let setting = map.setting(key).unwrap();
                        assert_eq!(setting.accepted(&row.written), None);
                        assert!(setting.accepted(&row.means).is_some());
                    }
                }
            }
        }
    }

    #[test]
    fn silent_traps_are_known() {
        let serving = settings::settings_of(Component::Serving, "config-features").unwrap();
        let trap = serving
            .misspelt_value("secure-pod-defaults", "Root-Allowed")
            .unwrap();
        assert_eq!(trap.means, "AllowRootBounded");

        let eventing = settings::settings_of(Component::Eventing, "config-features").unwrap();
        let trap = eventing.misspelt_key("defaultAuthorizationMode").unwrap();
        assert_eq!(trap.means, "default-authorization-mode");
        let tls = eventing.setting("transport-encryption").unwrap();
        assert_eq!(tls.accepted("enabled"), None);
        assert_eq!(tls.unknown, UnknownValue::Kept);
    }
}

mod in_kinds {
    use super::*;

    #[test]
    fn rows_are_sorted_and_found() {
        assert_sorted(kinds::kinds().iter().map(|row| (&row.group, &row.kind)));
        let removed = kinds::removed_versions();
        assert_sorted(
            removed
                .iter()
                .map(|row| (&row.group, &row.kind, &row.version)),
        );
        assert_sorted(kinds::known().iter().map(|row| &row.group));
        for row in kinds::kinds() {
            assert_eq!(kinds::kind(&row.group, &row.kind), Some(row));
            assert_not_empty(row.range(), &row.kind);
        }
        for row in removed {
            assert_eq!(
                kinds::removed(&row.group, &row.kind, &row.version),
                Some(row)
            );
        }
    }

    #[test]
    fn objects_are_stored_in_one_version() {
        for row in kinds::kinds() {
            let stored = row.version.iter().filter(|version| version.storage).count();
            assert_eq!(stored, 1, "{}", row.kind);
        }
    }

    #[test]
    fn kinds_known_by_name_are_no_others() {
        for row in kinds::known() {
            assert_sorted(&row.kinds);
            for kind in &row.kinds {
                assert_eq!(kinds::kind(&row.group, kind), None);
                assert_eq!(carriers::carrier(&row.group, kind), None);
                assert!(kinds::is_known(&row.group, kind));
            }
        }
        assert!(kinds::is_known("apps", "Deployment"));
        assert!(kinds::is_known("eventing.knative.dev", "Broker"));
        assert!(!kinds::is_known("example.com", "Broker"));
    }

    #[test]
    fn what_was_removed_is_not_served_and_its_replacement_is() {
        for row in kinds::removed_versions() {
            let kind = kinds::kind(&row.group, &row.kind);
            let served = kind.is_some_and(|kind| kind.version(&row.version).is_some());
            assert!(
                !served,
                "{}/{} {} is served",
                row.group, row.version, row.kind
            );
            assert!(row.replacement.is_some() || !row.same_schema);

            let (Some(replacement), Release::Knative(_)) = (&row.replacement, row.removed) else {
                continue;
            };
            let (group, version) = replacement.split_once('/').unwrap();
            let kind = kinds::kind(group, &row.kind).unwrap();
            assert!(
                kind.version(version).is_some(),
                "{replacement} {}",
                row.kind
            );
        }
    }
}

mod in_defaulting {
    use super::*;

    #[test]
    fn ids_are_unique_and_ranges_are_not_empty() {
        let ids: BTreeSet<_> = defaulting::defaults().iter().map(|row| &row.id).collect();
        assert_eq!(ids.len(), defaulting::defaults().len());
        for row in defaulting::defaults() {
            assert_not_empty(row.range, &row.id);
        }
    }

    #[test]
    fn values_are_json_or_settings() {
        for row in defaulting::defaults() {
            match &row.value {
                Value::Literal(text) => {
                    let read: Result<serde_json::Value, _> = serde_json::from_str(text);
                    assert!(read.is_ok(), "{}: {text}", row.id);
                }
                Value::Setting {
                    config_map, key, ..
                } => {
                    let setting = settings::setting(Component::Serving, config_map, key);
                    assert!(setting.is_some(), "{}: {config_map}/{key}", row.id);
                }
            }
        }
    }

    #[test]
    fn conditions_name_flags_with_values_they_accept_and_rows_before_them() {
        let mut before = BTreeSet::new();
        for row in defaulting::defaults() {
            for condition in &row.only_if {
                match condition {
                    Condition::Flag { flag: key, is } => {
                        let flag = flag(key);
                        assert!(
                            is.iter().all(|value| flag.accepted(value).is_some()),
                            "{key}"
                        );
                    }
                    Condition::Applied(id) => assert!(before.contains(id), "{}: {id}", row.id),
                    Condition::SettingNotZero | Condition::SettingBelow(_) => {
                        assert!(matches!(row.value, Value::Setting { .. }), "{}", row.id);
                    }
                    Condition::Create
                    | Condition::ServingContainer
                    | Condition::Present(_)
                    | Condition::NotZero(_)
                    | Condition::NonePresent(_)
                    | Condition::PodUnset(_)
                    | Condition::AnyPortBelow(_)
                    | Condition::VolumeIsNot(_) => {}
                }
            }
            before.insert(&row.id);
        }
    }
}

mod in_versions {
    use super::*;

    #[test]
    fn releases_are_in_order() {
        let releases = versions::knative_releases();
        assert_sorted(
            releases
                .iter()
                .map(|row| (row.version, &row.released, &row.end_of_life)),
        );
        assert!(releases.is_sorted_by_key(|row| row.min_kubernetes));
        for row in releases {
            assert!(row.released < row.end_of_life, "{}", row.version);
            assert_eq!(versions::knative_release(row.version), Some(row));
        }
    }

    #[test]
    fn the_newest_release_that_is_covered_is_judged_by() {
        assert_eq!(versions::newest_knative(), KnativeVersion::new(1, 23));
        let oldest = versions::knative_release(versions::oldest_knative()).unwrap();
        assert!(oldest.version < versions::newest_knative());
        assert!(versions::knative_release(versions::newest_knative()).is_some());
        assert!(versions::kubernetes().oldest <= oldest.min_kubernetes);
        assert!(versions::kubernetes().oldest < versions::kubernetes().newest);
    }

    #[test]
    fn a_module_tells_the_release() {
        for module in versions::go_modules() {
            assert_eq!(module.release(50), Some(KnativeVersion::new(1, 23)));
            assert_eq!(module.release(26), None);
        }
    }
}

mod in_reading {
    use super::*;

    fn written() -> toml::Table {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/reading.toml");
        toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn rows_are_sorted_and_found() {
        let rows = reading::readings();
        assert_sorted(rows.iter().map(|row| (row.group, row.kind)));
        assert_sorted(reading::unread().iter().map(|row| (&row.group, &row.kind)));
        for row in rows {
            assert_eq!(reading::reading(row.group, row.kind), Some(row));
        }
    }

    /// A row whose kind no other file describes would be lost.
    #[test]
    fn every_row_has_a_plural_and_versions() {
        let written = written();
        let count = |table: &str| written[table].as_array().unwrap().len();
        assert_eq!(reading::readings().len(), count("kind") + count("other"));
        for row in reading::readings() {
            assert!(!row.versions.is_empty(), "{}", row.kind);
        }
    }

    #[test]
    fn every_kind_of_knative_and_every_carrier_is_read_or_said_not_to_be() {
        let kinds = kinds::kinds().iter().map(|row| (&*row.group, &*row.kind));
        let carriers = carriers::carriers().iter();
        let carriers = carriers.map(|row| (&*row.group, &*row.kind));
        for (group, kind) in kinds.chain(carriers) {
            let unread = reading::unread();
            let is_unread = unread
                .iter()
                .any(|row| row.group == group && row.kind == kind);
            let is_read = reading::reading(group, kind).is_some();
            assert!(is_read != is_unread, "{group}/{kind}");
        }
        for carrier in carriers::carriers() {
            assert!(reading::reading(&carrier.group, &carrier.kind).is_some());
        }
    }

    #[test]
    fn nothing_describes_a_kind_twice() {
        let written = written();
        for row in written["other"].as_array().unwrap() {
            let text = |key: &str| row[key].as_str().unwrap();
            let (group, kind) = (text("group"), text("kind"));
            assert!(kinds::kind(group, kind).is_none(), "{group}/{kind}");
            assert!(carriers::carrier(group, kind).is_none(), "{group}/{kind}");
        }
    }

    #[test]
    fn no_secret_is_read_and_config_maps_are_read_of_knative_alone() {
        assert_eq!(reading::reading("", "Secret"), None);
        assert!(
            reading::readings()
                .iter()
                .all(|row| row.plural != "secrets")
        );
        let config_maps = reading::reading("", "ConfigMap").map(|row| row.system);
        assert_eq!(config_maps, Some(System::Only));
        let namespaces: Vec<_> = reading::system_namespaces().collect();
        assert_eq!(namespaces, ["knative-eventing", "knative-serving"]);
    }
}
