//! The law of `pss/baseline` and `pss/restricted`: together, their controls allow the pods that Pod
//! Security Admission allows, for every Kubernetes minor.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Value, json};

use knight_controls::{
    control::{Control, ObjectRule},
    policy,
    rule::eval::{Params, Verdict},
};
use knight_model::object::Object;

use crate::{
    dice::Dice,
    given::{documents, object_controls},
    oracle::Oracle,
    policies::publish,
    shrink::{shrink, yaml},
    typed,
};

/// The minors of the standards that are tried.
pub(crate) const MINORS: std::ops::RangeInclusive<u16> = 24..=36;
/// How many pods each level judges.
const PODS: usize = 6_500;

/// A check of Pod Security Admission: its id, level, the minors at which it begins or changes, the
/// baseline check that it replaces under `restricted`, and the controls that ask the same.
struct Check {
    id: &'static str,
    level: &'static str,
    minors: &'static [u16],
    replaces: Option<&'static str>,
    controls: &'static [&'static str],
}

const fn baseline(
    id: &'static str,
    minors: &'static [u16],
    controls: &'static [&'static str],
) -> Check {
    Check {
        id,
        level: "baseline",
        minors,
        replaces: None,
        controls,
    }
}

const fn restricted(
    id: &'static str,
    minors: &'static [u16],
    replaces: Option<&'static str>,
    controls: &'static [&'static str],
) -> Check {
    Check {
        id,
        level: "restricted",
        minors,
        replaces,
        controls,
    }
}

const CHECKS: [Check; 19] = [
    restricted(
        "allowPrivilegeEscalation",
        &[8, 25],
        None,
        &["privilege-escalation"],
    ),
    baseline("appArmorProfile", &[0], &["app-armor-override"]),
    baseline("capabilities_baseline", &[0], &["added-capability"]),
    restricted(
        "capabilities_restricted",
        &[22, 25],
        Some("capabilities_baseline"),
        &["capabilities-kept", "capability-beyond-restricted"],
    ),
    baseline(
        "hostNamespaces",
        &[0],
        &["host-network", "host-pid", "host-ipc"],
    ),
    baseline("hostPathVolumes", &[0], &["host-path-volume"]),
    baseline("hostPorts", &[0], &["host-port"]),
    baseline("hostProbesAndHostLifecycle", &[34], &["probe-host"]),
    baseline("privileged", &[0], &["privileged-container"]),
    baseline("procMount", &[0, 35], &["unmasked-proc"]),
    restricted(
        "procMount_restricted",
        &[35],
        Some("procMount"),
        &["unmasked-proc-user-namespace"],
    ),
    restricted(
        "restrictedVolumes",
        &[0],
        Some("hostPathVolumes"),
        &["unrestricted-volume"],
    ),
    restricted("runAsNonRoot", &[0, 35], None, &["run-as-root"]),
    restricted("runAsUser", &[23, 35], None, &["root-user"]),
    baseline("seLinuxOptions", &[0, 31], &["selinux-override"]),
    baseline("seccompProfile_baseline", &[0, 19], &["seccomp-unconfined"]),
    restricted(
        "seccompProfile_restricted",
        &[19, 25],
        Some("seccompProfile_baseline"),
        &["seccomp-missing"],
    ),
    baseline("sysctls", &[0, 27, 29, 32], &["unsafe-sysctl"]),
    baseline("windowsHostProcess", &[0], &["host-process"]),
];

/// Whether a pod is refused by baseline controls alone that do not count for Windows.
///
/// Under `restricted`, Pod Security Admission replaces the baseline checks of capabilities and
/// seccomp by stricter ones that ask nothing of pods for Windows. Our controls of the baseline
/// still judge those pods, as `baseline` itself does. The API server refuses such pods anyway: one
/// for Windows may set neither field.
/// <https://github.com/kubernetes/kubernetes/blob/release-1.36/pkg/apis/core/validation/validation.go>
pub(crate) fn stricter_for_windows(spec: &Value, ours: &BTreeSet<&str>) -> bool {
    let lifted = ["capabilities_baseline", "seccompProfile_baseline"];
    spec["os"]["name"] == "windows" && ours.iter().all(|id| lifted.contains(id))
}

/// Returns the controls of the two levels.
pub(crate) fn controls() -> Vec<(&'static Control, ObjectRule)> {
    let listed = ["pss/baseline", "pss/restricted"];
    let mut controls = object_controls();
    controls.retain(|(control, _)| {
        control
            .mappings
            .iter()
            .any(|mapping| listed.contains(mapping))
    });
    controls
}

#[test]
fn knows_every_check_of_pod_security() {
    let answer = Oracle::start().ask(&json!({"op": "pss-checks", "id": 1}));
    let ours: Vec<Value> = CHECKS
        .iter()
        .map(|check| {
            let versions = check.minors.iter().map(|minor| match check.replaces {
                Some(replaced) => json!({"minor": minor, "overrides": [replaced]}),
                None => json!({"minor": minor}),
            });
            json!({"id": check.id, "level": check.level, "versions": versions.collect::<Vec<_>>()})
        })
        .collect();
    assert_eq!(
        answer["checks"],
        json!(ours),
        "Pod Security Admission has changed"
    );
}

#[test]
fn every_control_of_a_level_is_one_of_its_checks() {
    let mut mapped: Vec<_> = CHECKS
        .iter()
        .flat_map(|check| {
            check
                .controls
                .iter()
                .map(|id| (*id, format!("pss/{}", check.level)))
        })
        .collect();
    mapped.sort();
    let listed: Vec<_> = controls()
        .into_iter()
        .map(|(control, _)| {
            let level = control
                .mappings
                .iter()
                .find(|mapping| mapping.starts_with("pss/"));
            (control.id, (*level.expect("it is of a level")).to_owned())
        })
        .collect();
    assert_eq!(mapped, listed);
}

#[test]
fn controls_allow_the_pods_that_pod_security_allows() {
    let mut oracle = Oracle::start();
    let controls = controls();
    let mut table = "| level | minor | pods | allowed | denied | equal | named differences |\n\
                     |---|---|---:|---:|---:|---:|---:|\n"
        .to_owned();
    let mut failures = String::new();
    for level in ["baseline", "restricted"] {
        let mut allowed_in_all = 0;
        for minor in MINORS {
            let mut dice = Dice::of(&format!("{level} 1.{minor}"));
            let count = PODS / MINORS.count();
            let pods: Vec<(Value, Value)> = (0..count)
                .map(|at| typed::pod(&mut dice, level == "restricted" || at % 4 == 0))
                .collect();
            let results = theirs(&mut oracle, level, minor, &pods);
            let (mut allowed, mut equal, mut named) = (0, 0, 0);
            for (pod, result) in pods.iter().zip(&results) {
                assert!(
                    result["decode_error"].is_null(),
                    "{result}\n{}",
                    yaml(&pod.1)
                );
                let ours = failing(&controls, level, minor, &object(pod));
                allowed += usize::from(result["allowed"] == true);
                if agree(level, &ours, result) {
                    equal += 1;
                } else if level == "restricted"
                    && result["allowed"] == true
                    && stricter_for_windows(&pod.1, &ours)
                {
                    named += 1;
                } else if failures.len() < 10_000 {
                    failures.push_str(&report(&mut oracle, &controls, level, minor, pod));
                }
            }
            allowed_in_all += allowed;
            let _ = writeln!(
                table,
                "| {level} | 1.{minor} | {count} | {allowed} | {} | {equal} | {named} |",
                count - allowed
            );
        }
        let share = allowed_in_all * 100 / PODS;
        assert!((20..=80).contains(&share), "{level}: {share} % are allowed");
    }
    publish("pss.md", &table);
    assert!(failures.is_empty(), "\n{failures}");
}

fn theirs(oracle: &mut Oracle, level: &str, minor: u16, pods: &[(Value, Value)]) -> Vec<Value> {
    let cases: Vec<_> = pods
        .iter()
        .map(|(metadata, spec)| {
            json!({"level": level, "minor": minor, "metadata": metadata, "spec": spec})
        })
        .collect();
    let answer = oracle.ask(&json!({"op": "pss", "id": 1, "cases": cases}));
    answer["results"]
        .as_array()
        .expect("results are a list")
        .clone()
}

fn object((metadata, spec): &(Value, Value)) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
}

/// Returns the checks of which a control does not hold, for an object with pods.
pub(crate) fn failing(
    controls: &[(&Control, ObjectRule)],
    level: &str,
    minor: u16,
    object: &Value,
) -> BTreeSet<&'static str> {
    let documents = documents("generated", &object.to_string());
    let object = Object::of(documents[0].root()).expect("it is an object");
    let fails = |id: &&str| {
        let (_, rule) = controls
            .iter()
            .find(|(control, _)| control.id == *id)
            .expect("it is listed");
        policy::verdict(rule, minor, &object, &Params::default()) != Verdict::Pass
    };
    CHECKS
        .iter()
        .filter(|check| check.level == "baseline" || check.level == level)
        .filter(|check| check.controls.iter().any(&fails))
        .map(|check| check.id)
        .collect()
}

/// Whether both allow, or both deny for the same reasons: under `restricted` a check that another
/// one replaces says nothing beyond it.
fn agree(level: &str, ours: &BTreeSet<&str>, result: &Value) -> bool {
    let theirs: BTreeSet<&str> = result["failed"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let replaced: BTreeSet<&str> = match level {
        "restricted" => CHECKS.iter().filter_map(|check| check.replaces).collect(),
        _ => BTreeSet::new(),
    };
    let beyond: BTreeSet<&str> = ours.difference(&replaced).copied().collect();
    let theirs: BTreeSet<&str> = theirs.difference(&replaced).copied().collect();
    ours.is_empty() == (result["allowed"] == true) && beyond == theirs
}

fn report(
    oracle: &mut Oracle,
    controls: &[(&Control, ObjectRule)],
    level: &str,
    minor: u16,
    pod: &(Value, Value),
) -> String {
    let mut differ = |metadata: &Value, spec: &Value| {
        let pod = (metadata.clone(), spec.clone());
        let result = theirs(oracle, level, minor, std::slice::from_ref(&pod)).remove(0);
        let ours = failing(controls, level, minor, &object(&pod));
        (result["decode_error"].is_null() && !agree(level, &ours, &result))
            .then(|| format!("ours: {ours:?}\ntheirs: {result}"))
    };
    let spec = shrink(pod.1.clone(), &mut |spec| differ(&pod.0, spec).is_some());
    let metadata = shrink(pod.0.clone(), &mut |metadata| {
        differ(metadata, &spec).is_some()
    });
    let said = differ(&metadata, &spec).unwrap_or_default();
    format!(
        "{level} at 1.{minor}\n{said}\n{}{}\n",
        yaml(&metadata),
        yaml(&spec)
    )
}
