//! `knight scan`: inputs, choices, exit codes.

use std::{io::Read as _, path::Path, process::Stdio};

use insta::assert_snapshot;

use crate::common::{HOST_NETWORK, World, found};

#[test]
fn reports_findings_with_their_source() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    assert_snapshot!(world.run(&["scan", "web.yaml", "--select", "host-network"]).all(), @"
    exit: 1
    --- stdout
    critical[host-network]: A workload shares the node's network
     --> web.yaml:5:3
      |
    5 |   hostNetwork: true
      |   ^^^^^^^^^^^^^^^^^ the pod sees and binds the node's interfaces
      |
      = note: Pod `web` shares the node's network
      = help: Remove `hostNetwork`: the pod then has an address of its own, and NetworkPolicies apply to it
      = help: remove `spec.hostNetwork`: `knight scan --fix --unsafe-fixes` does it, and may stop or change a running workload
      = help: `knight explain host-network` says why, and shows examples

    First: 1 critical host-network in Pod shop/web

    Found: 1 finding (1 critical); 1 object was judged by 1 control
    Read: 1 document and 1 object in 1 file
    Basis: profile shared; Knative 1.23 (the newest known, as nothing in the input says); Kubernetes 1.36 (the newest known, as nothing in the input says)
    ");
}

#[test]
fn clean_input_says_what_was_judged() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK.replace("true", "false"));
    assert_snapshot!(world.run(&["scan", "web.yaml", "--select", "host-network"]).all(), @"
    exit: 0
    --- stdout
    Found: no finding; 1 object was judged by 1 control
    Read: 1 document and 1 object in 1 file
    Basis: profile shared; Knative 1.23 (the newest known, as nothing in the input says); Kubernetes 1.36 (the newest known, as nothing in the input says)
    ");
}

#[test]
fn quiet_leaves_the_findings_and_one_line() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    let run = world.run(&["scan", "web.yaml", "--select", "host-network", "--quiet"]);
    assert_eq!(
        run.stdout.lines().last(),
        Some("1 finding (1 critical); 1 object was judged by 1 control.")
    );
    assert!(!run.stdout.contains("Basis:"), "{}", run.stdout);
}

#[test]
fn reads_stdin_as_behind_kustomize() {
    let world = World::new();
    let stream = format!("{HOST_NETWORK}---\n{HOST_NETWORK}");
    let run = world.pipe(
        &["scan", "-", "--select", "host-network", "--format", "json"],
        &stream,
    );
    assert_eq!(run.code, Some(1));
    assert_eq!(
        found(&run.json()),
        ["host-network <stdin>:5", "host-network <stdin>:11"]
    );
    let text = world
        .pipe(&["scan", "-", "--select", "host-network"], &stream)
        .stdout;
    assert!(text.contains("5 |   hostNetwork: true"), "{text}");
}

#[test]
fn the_threshold_decides_the_exit_code() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    world.file(
        "old.yaml",
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\n\
         spec: {template: {metadata: {annotations: {autoscaling.knative.dev/minScale: '1'}}}}\n",
    );
    let code = |file, control, more: &[&str]| {
        let all: Vec<&str> = ["scan", file, "--select", control]
            .iter()
            .chain(more)
            .copied()
            .collect();
        world.run(&all).code
    };
    let critical = |more: &[&str]| code("web.yaml", "host-network", more);
    assert_eq!(critical(&[]), Some(1));
    assert_eq!(critical(&["--fail-on", "critical"]), Some(1));
    assert_eq!(critical(&["--fail-on", "none"]), Some(0));
    let info = |more: &[&str]| code("old.yaml", "legacy-annotation", more);
    assert_eq!(info(&[]), Some(1));
    assert_eq!(info(&["--fail-on", "low"]), Some(0));
    assert_eq!(info(&["--severity", "low"]), Some(0));
}

#[test]
fn an_unknown_verdict_is_no_pass() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK.replace("true", "7"));
    let run = world.run(&[
        "scan",
        "web.yaml",
        "--select",
        "host-network",
        "--format",
        "json",
    ]);
    let report = run.json();
    assert_eq!(run.code, Some(1));
    assert_eq!(report["findings"][0]["verdict"], "unknown");
    assert_eq!(report["summary"]["unknown"], 1);
}

#[test]
fn controls_are_selected_by_id_family_and_mapping() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    let controls = |arguments: &[&str]| {
        let all: Vec<&str> = ["web.yaml"].iter().chain(arguments).copied().collect();
        world.json(&all)["basis"]["controls"]
            .as_array()
            .expect("a list")
            .len()
    };
    let (baseline, restricted) = (
        controls(&["--select", "pss/baseline"]),
        controls(&["--select", "pss/restricted"]),
    );
    assert!(1 < baseline && baseline < restricted);
    assert_eq!(
        controls(&["--select", "pss/baseline", "--ignore", "host-network"]),
        baseline - 1
    );
    assert_eq!(controls(&["--select", "host-network,host-pid"]), 2);
    assert!(controls(&["--select", "stride"]) > 10);
    assert!(controls(&["--ignore", "pod"]) < controls(&[]));
}

#[test]
fn unknown_words_are_errors_with_the_nearest_right_one() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    assert_snapshot!(world.run(&["scan", "web.yaml", "--select", "hostnetwork"]).all(), @"
    exit: 2
    --- stderr
    knight: error: `hostnetwork` names no control, family or mapping, did you mean `host-network`?
    ");
    assert_snapshot!(world.run(&["scan", "web.yaml", "--ignore", "pss/baselin"]).all(), @"
    exit: 2
    --- stderr
    knight: error: `pss/baselin` names no control, family or mapping, did you mean `pss/baseline`?
    ");
    assert_snapshot!(world.run(&["scan", "web.yaml", "--severity", "hihg"]).all(), @"
    exit: 2
    --- stderr
    error: invalid value 'hihg' for '--severity <LEVEL>'
      [possible values: info, low, medium, high, critical]

      tip: a similar value exists: 'high'

    For more information, try '--help'.
    ");
    assert_snapshot!(world.run(&["scan", "web.yaml", "--format", "xml"]).all(), @"
    exit: 2
    --- stderr
    error: invalid value 'xml' for '--format <FORMAT[=FILE]>': `xml` is no output format: use `text`, `json`, `sarif`, `github` or `markdown`

    For more information, try '--help'.
    ");
    assert_snapshot!(world.run(&["scan", "web.yaml", "--today", "tomorrow"]).all(), @"
    exit: 2
    --- stderr
    error: invalid value 'tomorrow' for '--today <YYYY-MM-DD>': `tomorrow` is not a day such as `2027-01-31`

    For more information, try '--help'.
    ");
}

#[test]
fn audiences_part_the_findings() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    world.file("system.yaml", HOST_NETWORK.replace("shop", "kube-system"));
    let of = |audience| {
        world.found(&[
            "web.yaml",
            "system.yaml",
            "--select",
            "host-network",
            "--audience",
            audience,
        ])
    };
    assert_eq!(of("tenant"), ["host-network web.yaml:5"]);
    assert_eq!(of("platform"), ["host-network system.yaml:5"]);
}

#[test]
fn profiles_join_and_are_printed() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    let default = world.json(&["web.yaml"]);
    assert_eq!(default["basis"]["profiles"], serde_json::json!(["shared"]));
    let both = world.json(&["web.yaml", "--profile", "airgap,hosted"]);
    assert_eq!(
        both["basis"]["profiles"],
        serde_json::json!(["hosted", "airgap"])
    );
}

#[test]
fn folders_honour_ignore_files_and_count_what_they_leave_out() {
    let world = World::new();
    for name in [
        "a.yaml",
        "b.yml",
        "c.json",
        "d.txt",
        ".hidden.yaml",
        ".github/e.yaml",
        "git/f.yaml",
        "knightly/g.yaml",
        "plain/h.yaml",
        "plain/back.yaml",
    ] {
        world.file(name, HOST_NETWORK);
    }
    world.file(
        "c.json",
        r#"{"apiVersion": "v1", "kind": "Pod", "spec": {"hostNetwork": true}}"#,
    );
    world.file("package.json", r#"{"name": "no manifest"}"#);
    world.file(".gitignore", "git/\n*back.yaml\n");
    world.file("plain/.ignore", "h.yaml\n!back.yaml\n");
    world.file(".knightignore", "knightly\n");
    let report = world.json(&[".", "--select", "host-network"]);
    assert_eq!(
        found(&report),
        [
            "host-network a.yaml:5",
            "host-network b.yml:5",
            "host-network c.json:1",
            "host-network plain/back.yaml:5",
        ]
    );
    assert_eq!(report["summary"]["ignored"], 3);
    assert_eq!(report["summary"]["files"], 4);
    assert_eq!(report["problems"], serde_json::json!([]));
    // What is named is read.
    let named = world.found(&["git/f.yaml", "d.txt", "--select", "host-network"]);
    assert_eq!(named, ["host-network d.txt:5", "host-network git/f.yaml:5"]);
}

#[test]
fn the_configuration_is_no_manifest() {
    let world = World::new();
    world
        .file("knight.yaml", "version: 1\n")
        .file("web.yaml", HOST_NETWORK);
    let report = world.json(&[".", "--select", "host-network"]);
    assert_eq!(report["problems"], serde_json::json!([]));
    assert_eq!(report["summary"]["files"], 1);
}

#[test]
fn a_report_in_the_folder_is_not_read_again() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    let arguments = [
        "scan",
        ".",
        "--select",
        "host-network",
        "--format",
        "text",
        "--format",
        "json=out.json",
    ];
    let first = world.run(&arguments);
    assert_eq!(world.run(&arguments).all(), first.all());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let world = World::new();
    for at in 0..40 {
        let text = HOST_NETWORK.replace("web", &format!("web-{at}"));
        world.file(
            &format!("d{}/f{at}.yaml", at % 7),
            format!("{text}---\n{text}"),
        );
    }
    for format in ["text", "json", "sarif", "github", "markdown"] {
        let scan = |folder: &str, paths: &[&str]| {
            let all: Vec<&str> = ["scan", "--format", format]
                .iter()
                .chain(paths)
                .copied()
                .collect();
            world.run_in(Path::new(folder), &all, "").stdout
        };
        let first = scan("", &["."]);
        let folders = ["d0", "d1", "d2", "d3", "d4", "d5", "d6"];
        assert_eq!(scan("", &["."]), first, "{format}");
        assert_eq!(scan("d3", &[".."]), first, "{format}");
        assert_eq!(scan("", &folders), first, "{format}");
        let mut turned = folders;
        turned.reverse();
        assert_eq!(scan("", &turned), first, "{format}");
        assert_eq!(scan("", &["d1", ".", "d0/f0.yaml"]), first, "{format}");
    }
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let world = World::new();
    world.file("web.yaml", format!("{HOST_NETWORK}---\n").repeat(3000));
    let arguments = ["scan", "web.yaml", "--format", "json"];
    let mut child = world
        .command(Path::new(""), &arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut some = [0; 10];
    stdout.read_exact(&mut some).expect("a few bytes");
    drop(stdout);
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_version_of_knative_may_be_one_that_the_facts_do_not_cover() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    let report = world.json(&[
        "web.yaml",
        "--knative-version",
        "1.99",
        "--k8s-version",
        "1.99",
    ]);
    let notes = report["notes"].to_string();
    assert!(notes.contains("do not cover Knative 1.99"), "{notes}");
    assert!(notes.contains("do not cover Kubernetes 1.99"), "{notes}");
    let wrong = world.run(&["scan", "web.yaml", "--k8s-version", "latest"]);
    assert_eq!(wrong.code, Some(2));
}

#[test]
fn explicit_colour_wins_over_the_environment() {
    let world = World::new();
    world.file("web.yaml", HOST_NETWORK);
    let styled = |arguments: &[&str], variables: &[(&str, &str)]| {
        let all: Vec<&str> = ["scan", "web.yaml"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let output = world
            .command(Path::new(""), &all)
            .envs(variables.iter().copied())
            .output();
        output.expect("the program ends").stdout.contains(&0x1b)
    };
    assert!(!styled(&[], &[]));
    assert!(styled(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(styled(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!styled(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!styled(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn the_help_is_that_of_the_program_that_was_started() {
    for (name, usage) in [
        ("knight", "Usage: knight scan"),
        ("kubectl-knight", "Usage: kubectl knight scan"),
        ("kn-knight", "Usage: kn knight scan"),
    ] {
        let world = World::new().named(name);
        let help = world.run(&["help", "scan"]);
        assert!(help.stdout.contains(usage), "{}", help.stdout);
        assert_eq!(help.code, Some(0));
    }
}

#[test]
fn help_shows_every_subcommand() {
    let world = World::new();
    assert_snapshot!(world.run(&["--help"]).stdout, @"
    Finds what is unsafe in a Knative cluster that several teams share

    Usage: knight [OPTIONS] <COMMAND>

    Commands:
      scan         Finds what is unsafe in manifests or a running cluster
      reach        Says who can talk to whom by the network policies
      explain      Says what a control or a setting is about, why, and what to do
      list         Lists what Knight knows
      snapshot     Reads a running cluster into one file
      init         Writes a commented knight.yaml
      completions  Prints a script that completes Knight's command line in a shell
      help         Print this message or the help of the given subcommand(s)

    Options:
          --color <WHEN>
              When to use colours; wins over `NO_COLOR` and `CLICOLOR_FORCE`

              Possible values:
              - auto:   On a terminal, unless the environment says otherwise
              - always: Always
              - never:  Never
              
              [default: auto]

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "the whole text is compared")]
fn help_shows_every_option() {
    let world = World::new();
    assert_snapshot!(world.run(&["help", "scan"]).stdout, @"
    Finds what is unsafe in manifests or a running cluster

    Exit codes: 0 when every selected control passes, 1 when one fails or cannot be told to hold, 2 when
    the arguments or knight.yaml are wrong, or when something that was named could not be read.

    Usage: knight scan [OPTIONS] [PATH]...

    Arguments:
      [PATH]...
              Files and folders to scan; `-` for stdin
              
              In folders, *.yaml, *.yml and *.json are read; hidden files are passed over, and
              .knightignore, .ignore and .gitignore are honoured.

    Options:
          --color <WHEN>
              When to use colours; wins over `NO_COLOR` and `CLICOLOR_FORCE`

              Possible values:
              - auto:   On a terminal, unless the environment says otherwise
              - always: Always
              - never:  Never
              
              [default: auto]

      -h, --help
              Print help (see a summary with '-h')

    A running cluster:
          --cluster
              Read the running cluster that the kubeconfig names; Knight only ever reads

          --context-name <NAME>
              The context of the kubeconfig [default: its current one]

      -n, --namespace <NAMESPACE>
              Only these namespaces, and of the whole cluster what says how they are judged

      -A, --all-namespaces
              All namespaces, as is the default

          --timeout <SECONDS>
              How many seconds the server may be silent before it is asked again
              
              [default: 30]

          --print-role
              Print the role that reading a cluster needs, and nothing else

    Comparison:
          --diff <OLD> <NEW>
              Say what is new and what is fixed from OLD to NEW: JSON reports, snapshots, files or
              folders
              
              The exit code is 1 when something is new, worse or not comparable. Files and folders are
              scanned with the same options, each with the knight.yaml of its own root.

    What is judged:
          --profile <PROFILE>
              The scenarios, joined by commas; of several, the stricter wins [default: shared]

              Possible values:
              - hosted: untrusted code of strangers
              - shared: teams of one organisation
              - single: one sensitive tenant
              - airgap: no way out to the internet

          --select <PATTERN>
              Only these controls: ids, families, or mappings such as `pss/baseline` or
              `stride/spoofing`

          --ignore <PATTERN>
              Not these controls: the same words

          --severity <LEVEL>
              The least severity that is reported

              Possible values:
              - info:     worth knowing
              - low:      hygiene
              - medium:   weakens a layer of defence
              - high:     gives an attacker what the next step needs
              - critical: gives the node or the cluster away

          --audience <AUDIENCE>
              Only what this audience can mend

              Possible values:
              - platform: whoever runs the platform
              - tenant:   whoever owns the namespace

          --fail-on <LEVEL>
              The least severity that makes the exit code 1; `none` for never
              
              [default: info]
              [possible values: info, low, medium, high, critical, none]

          --strict
              Any problem makes the exit code 2, one in a folder too

    What is known besides the input:
          --context <PATH>
              Files and folders that say what the cluster is like, and are not judged themselves

          --config <FILE>
              The configuration [default: knight.yaml at the root, the nearest folder with it or .git]

          --k8s-version <VERSION>
              The minor version of Kubernetes, such as 1.34

          --knative-version <VERSION>
              The version of Knative, such as 1.22; `devel` is the newest that is known
              
              Newer than the one that labels of the input say is installed, it previews the upgrade.

          --today <YYYY-MM-DD>
              The day by which exceptions expire [default: today, in UTC]

          --baseline <FILE>
              Findings of this file are known and do not count

          --write-baseline <FILE>
              Write the findings to this file, for --baseline

          --max-file-bytes <BYTES>
              The most bytes that one file may have
              
              [default: 268435456]

    Fixes:
          --fix
              Mend what can be mended without stopping or changing a running workload

          --unsafe-fixes
              Mend what may stop or change a running workload too

          --dry-run
              Print what --fix would change instead of the report, and change nothing

    Output:
          --format <FORMAT[=FILE]>
              text, json, sarif, github or markdown; `FORMAT=FILE` writes to a file; can be repeated

      -q, --quiet
              Only the findings and one closing line

          --max-places <N>
              How many places and lines of a list are shown before it says how many more there are
              
              [default: 5]

    Examples:
      knight scan manifests/
      kustomize build . | knight scan -
      knight scan apps/ --context platform/ --format text --format sarif=knight.sarif
      knight scan . --select pss/baseline --ignore image-without-digest
      knight scan --cluster
      knight scan --diff main/ change/ --fail-on high
    ");
}
