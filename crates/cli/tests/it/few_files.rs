//! Runs of a process that may open few files.

use std::process::Command;

use crate::program::{Ended, Place, summary};
use crate::server::Server;

/// Runs a plan of 60 users, each with one request of these `settings`, where 150 files may be open; 100 of them
/// are kept for others than users.
fn run(place: &Place, server: &Server, settings: &str) -> Ended {
    place.write(
        "plan.yaml",
        &format!(
            "loadline: 1\ntarget: {}\ngroups:\n  - name: Users\n    load: {{users: 60, iterations_each: 1}}\n    \
             do:\n      - get: /a\n        settings: {settings}\n",
            server.url("")
        ),
    );
    let program = place.command(&["run", "plan.yaml", "-q", "--out", "run"]);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ulimit -n 150 && exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(place.path(""));
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    Ended::of(shell.output().unwrap())
}

#[test]
fn users_who_keep_no_connection_are_run_with_a_warning() {
    let (place, server) = (Place::new(), Server::answering(200));
    let ended = run(&place, &server, "{keep_alive: false}").expect(0);
    ended
        .says("warning[machine]: 60 users may need up to 160 open files, but the limit is 150")
        .says("more than 50 are under way at once")
        .says("--> plan.yaml:4");
    assert_eq!(
        summary(&place.path("run"))["totals"]["samples"],
        serde_json::json!(60)
    );
}

#[test]
fn users_who_keep_a_connection_are_refused_with_the_line_of_the_plan() {
    let (place, server) = (Place::new(), Server::answering(200));
    let ended = run(&place, &server, "{keep_alive: true}").expect(1);
    ended
        .says("error[machine]: 60 users need 160 open files, but the limit is 150")
        .says("--> plan.yaml:4")
        .says("help: raise it for this shell with `ulimit -n 160`");
    assert_eq!(server.count(), 0);
}
