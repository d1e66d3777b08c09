//! Every data file has the form that its schema says, and the schemas refuse rows without a source.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the files on disk are what is tested here"
)]

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;

#[test]
fn every_data_file_has_the_form_of_its_schema() {
    let files = data_files();
    assert!(
        files.len() > 30,
        "only {} data files were found",
        files.len()
    );
    let problems: Vec<_> = files.iter().flat_map(|file| problems_of(file)).collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn every_schema_has_a_data_file() {
    let mut schemas: Vec<_> = list(&root().join("schemas"), "json");
    let mut used: Vec<_> = data_files().iter().map(|file| schema_path(file)).collect();
    schemas.sort();
    used.sort();
    used.dedup();
    assert_eq!(schemas, used);
}

#[test]
fn rejects_rows_without_a_source() {
    for (schema, row) in ROWS {
        let validator = validator(&root().join(format!("schemas/{schema}.schema.json")));
        let with_source = row.replace("SOURCE", "source = 'knative/serving main README.md'");
        assert_eq!(
            errors(&validator, &with_source),
            Vec::<String>::new(),
            "{schema}"
        );

        for source in ["", "source = ''", "source = '          '"] {
            let found = errors(&validator, &row.replace("SOURCE", source));
            assert!(!found.is_empty(), "{schema} accepts `{source}` in {row}");
        }
    }
}

#[test]
fn rejects_fields_that_no_loader_knows() {
    for (schema, row) in ROWS {
        let validator = validator(&root().join(format!("schemas/{schema}.schema.json")));
        let row = row.replace(
            "SOURCE",
            "source = 'knative/serving main README.md'\nsorce = 'x'",
        );
        assert!(
            !errors(&validator, &row).is_empty(),
            "{schema} accepts a field `sorce`"
        );
    }
}

/// For each schema, the smallest file with one row of each table that has a source.
const ROWS: &[(&str, &str)] = &[
    (
        "annotations",
        "[[annotation]]
        key = 'a.knative.dev/b-c'
        aliases = ['a.knative.dev/bC']
        SOURCE",
    ),
    (
        "secrets",
        "[name]
        pattern = 'a'
        why = 'b'
        source = 'example.com/a'

        [placeholder]
        pattern = 'a'
        why = 'b'
        source = 'example.com/a'

        [[shape]]
        of = 'a'
        pattern = 'b'
        SOURCE",
    ),
    (
        "carriers",
        "carrier = []
        [[non-carrier]]
        group = 'a.b'
        kind = 'Kind'
        pods = 'None.'
        SOURCE",
    ),
    (
        "carriers",
        "non-carrier = []
        [[carrier]]
        group = ''
        kind = 'Pod'
        plural = 'pods'
        versions = ['v1']
        pods = [{ spec = 'spec', metadata = 'metadata' }]
        knative = 'none'
        SOURCE",
    ),
    (
        "components",
        "component = []
        derived = []
        namespace = []
        served = []
        [[condition]]
        id = 'several-replicas'
        says = 'a'
        SOURCE",
    ),
    (
        "components",
        "condition = []
        derived = []
        namespace = []
        served = []
        [[component]]
        id = 'a'
        part = 'serving'
        namespace = 'knative-serving'
        workload = 'deployment'
        labels = { app = 'a' }
        SOURCE",
    ),
    (
        "components",
        "component = []
        condition = []
        namespace = []
        served = []
        [[derived]]
        id = 'a'
        carriers = [{ group = '', kind = 'Pod' }]
        workload = 'pod'
        user-labels = true
        labels = []
        service-account = 'template'
        user-ports = 'all'
        SOURCE",
    ),
    (
        "components",
        "component = []
        condition = []
        derived = []
        served = []
        [[namespace]]
        name = 'a'
        holds = 'a'
        SOURCE",
    ),
    (
        "components",
        "component = []
        condition = []
        derived = []
        namespace = []
        [[served]]
        group = 'a.b'
        kind = 'Kind'
        by = ['a']
        SOURCE",
    ),
    (
        "flows",
        "[[flow]]
        id = 'a'
        row = 1
        verdict = 'must-allow'
        from = ['tenant']
        to = [{ component = 'a' }]
        tcp = [80]
        why = 'Because.'
        SOURCE",
    ),
    (
        "outside",
        "[[outside]]
        place = 'environment'
        of = 'workload/container'
        name = 'A'
        type = 'int'
        unknown = 'rejected'
        why = 'Because.'
        not-tried = 'Because.'
        SOURCE",
    ),
    (
        "pod-spec",
        "[[field]]
        level = 'pod'
        field = 'containers'
        answer = 'allowed'
        SOURCE",
    ),
    (
        "reading",
        "kind = []
        unread = []
        [[other]]
        group = ''
        kind = 'Node'
        plural = 'nodes'
        versions = ['v1']
        scope = 'cluster'
        why = 'Because.'
        SOURCE",
    ),
    (
        "settings",
        "name = 'config-x'
        namespace = 'knative-serving'
        component = 'serving'
        unknown-keys = 'silent'
        validated = true
        source = 'knative/serving main README.md'
        [[setting]]
        key = 'a'
        type = 'int'
        unknown = 'rejected'
        why = 'Because.'
        SOURCE",
    ),
    (
        "kinds",
        "known = []
        removed = []
        [[kind]]
        group = 'a.b'
        kind = 'Kind'
        plural = 'kinds'
        scope = 'namespaced'
        version = [{ name = 'v1', storage = true }]
        audience = 'public'
        tenant = 'yes'
        write = 'Nothing.'
        SOURCE",
    ),
    (
        "kinds",
        "kind = []
        known = []
        [[removed]]
        group = 'a.b'
        kind = 'Kind'
        version = 'v1alpha1'
        removed.knative = '1.0'
        same-schema = true
        SOURCE",
    ),
    (
        "kinds",
        "kind = []
        removed = []
        [[known]]
        group = 'a.b'
        kinds = ['Kind']
        SOURCE",
    ),
    (
        "defaulting",
        "[[default]]
        id = 'a'
        at = 'revision'
        path = 'timeoutSeconds'
        when = 'absent'
        literal = '1'
        SOURCE",
    ),
    (
        "versions",
        "go-module = []
        oldest-covered = '1.23'
        newest-covered = '1.23'
        [kubernetes]
        newest = '1.36'
        oldest = '1.30'
        source = 'knative/serving main README.md'
        [[knative]]
        version = '1.23'
        released = '2026-07-28'
        end-of-life = '2027-02-02'
        min-kubernetes = '1.34'
        SOURCE",
    ),
];

fn problems_of(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let found = errors(&validator(&schema_path(file)), &text);
    found
        .into_iter()
        .map(|error| format!("{}: {error}", file.display()))
        .collect()
}

fn errors(validator: &Validator, text: &str) -> Vec<String> {
    let value: Value = toml::from_str(text).unwrap();
    let errors = validator.iter_errors(&value);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn validator(schema: &Path) -> Validator {
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// Returns the schema of a data file: that of its name, or that of all settings.
fn schema_path(file: &Path) -> PathBuf {
    let is_setting = file.starts_with(root().join("data/settings"));
    let stem = file.file_stem().unwrap().to_str().unwrap();
    let name = if is_setting { "settings" } else { stem };
    root().join(format!("schemas/{name}.schema.json"))
}

fn data_files() -> Vec<PathBuf> {
    list(&root().join("data"), "toml")
}

/// Lists the files below `folder`, all of which must end in `.extension`.
fn list(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(list(&path, extension));
        } else {
            assert_eq!(path.extension().unwrap(), extension, "{}", path.display());
            files.push(path);
        }
    }
    files
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
