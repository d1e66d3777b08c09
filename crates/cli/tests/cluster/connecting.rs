//! From the kubeconfig to a server, or to words that help.

use std::{fs, net::TcpListener, process::Output};

use crate::{
    server::Reply,
    world::{Objects, TOKEN, World},
};

fn world() -> World {
    World::faulty(Objects::with_pods(1), |_| None)
}

fn error(world: &World, arguments: &[&str]) -> String {
    let run = world.take(arguments);
    assert_eq!(run.code, Some(2), "{run:#?}");
    run.stderr
}

#[test]
fn says_that_no_cluster_is_named() {
    let world = world();
    let arguments = ["snapshot", "--cluster", "-o", "taken.knight"];
    let home = world.path("home");
    let command = || {
        let mut command = world.command(&arguments);
        command.env_remove("KUBECONFIG").env("HOME", &home);
        command
    };
    let Output { status, stderr, .. } = command().output().unwrap();
    assert_eq!(status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&stderr),
        "knight: error: no cluster is named: there is no KUBECONFIG and no ~/.kube/config, and this \
         is no pod of a cluster\n"
    );
    // What kubectl reads by default is read.
    fs::create_dir_all(home.join(".kube")).unwrap();
    fs::copy(world.path("kubeconfig"), home.join(".kube/config")).unwrap();
    assert_eq!(command().output().unwrap().status.code(), Some(0));
}

#[test]
fn says_which_context_there_is_not() {
    let stderr = error(&world(), &["--context-name", "prod\u{1b}[2J"]);
    assert_eq!(
        stderr,
        "knight: error: the kubeconfig has no context `prod [2J`\n"
    );
}

#[test]
fn says_which_kubeconfig_there_is_not() {
    let world = world();
    fs::remove_file(world.path("kubeconfig")).unwrap();
    let path = world.path("kubeconfig");
    assert_eq!(
        error(&world, &[]),
        format!(
            "knight: error: the kubeconfig `{}` cannot be read: No such file or directory (os error \
             2)\n",
            path.display()
        )
    );
}

#[test]
fn refuses_arguments_that_would_mean_nothing() {
    let world = world();
    for arguments in [
        &["scan", ".", "--cluster"][..],
        &["scan", ".", "-n", "team-a"],
        &["scan", ".", "-A"],
        &["scan", ".", "--timeout", "5"],
        &["scan", ".", "--context-name", "test"],
        &["scan", "--cluster", "-A", "-n", "team-a"],
        &["scan", "--cluster", "--fix"],
        &["scan", "--cluster", "--print-role"],
        &["scan", "--cluster", "--diff", "old", "new"],
        &["scan", "-n", "team-a", "--diff", "old", "new"],
        &["scan", "--cluster", "--timeout", "0"],
        &["snapshot", "--cluster"],
    ] {
        let run = world.run(arguments);
        assert_eq!((run.code, &*run.stdout), (Some(2), &b""[..]), "{run:#?}");
        assert!(run.stderr.starts_with("error: "), "{run:#?}");
    }
    assert_eq!(world.server.seen().len(), 0);
}

#[test]
fn quotes_nothing_of_a_kubeconfig_that_it_cannot_read() {
    let world = world();
    for broken in [
        format!("users: [{{name: a, user: {{token: {TOKEN}"),
        format!("users:\n- name: test\n  user: {TOKEN}\n"),
        TOKEN.to_owned(),
    ] {
        fs::write(world.path("kubeconfig"), broken).unwrap();
        let stderr = error(&world, &[]);
        assert!(
            stderr.starts_with("knight: error: the kubeconfig "),
            "{stderr}"
        );
    }
}

#[test]
fn shows_nothing_that_a_command_for_credentials_prints() {
    let world = world();
    let user = |script: &str| {
        let user = format!(
            "exec: {{apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, \
             args: [-c, \"{script}\"], interactiveMode: Never}}"
        );
        world.kubeconfig(&world.server.url(), &user);
    };
    for script in [
        format!("echo {TOKEN}; echo {TOKEN} >&2; exit 3"),
        format!("echo {TOKEN}"),
        format!("echo '{{}}' {TOKEN}"),
    ] {
        user(&script);
        let stderr = error(&world, &[]);
        assert!(stderr.contains("credentials"), "{stderr}");
    }
}

#[test]
fn says_what_to_do_about_a_connection_that_is_not_secure() {
    let world = world();
    let server = world.server.url().replace("http://", "https://");
    world.kubeconfig(&server, &format!("token: {TOKEN}"));
    let stderr = error(&world, &[]);
    assert!(stderr.contains("the cluster cannot be read"), "{stderr}");
    assert!(
        world
            .server
            .seen()
            .iter()
            .all(|seen| seen.authorization.is_none())
    );
}

#[test]
fn says_that_nobody_listens() {
    let world = world();
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    world.kubeconfig(&format!("http://{address}"), &format!("token: {TOKEN}"));
    let stderr = error(&world, &[]);
    assert!(
        stderr.starts_with(
            "knight: error: the cluster cannot be read: the server cannot be reached (Connection \
             refused"
        ),
        "{stderr}"
    );
}

#[test]
fn says_that_a_server_is_no_api_server() {
    let world = World::of(|_| Reply::json(200, "<html>Sign in</html>"));
    assert_eq!(
        error(&world, &[]),
        "knight: error: the cluster cannot be read: the answer to `/version` is not that of a \
         Kubernetes API server\n"
    );
}
