//! Runs of a process that may open few files.

use std::process::Command;

use crate::program::{Ended, Place, summary};
use crate::server::Server;

/// Runs the program with `arguments` beside a `plan.yaml` of 60 users, each with one request of these `settings`,
/// where 150 files may be open; 100 of them are kept for others than users.
fn run_with(place: &Place, server: &Server, settings: &str, arguments: &[&str]) -> Ended {
    place.write(
        "plan.yaml",
        &format!(
            "loadline: 1\ntarget: {}\ngroups:\n  - name: Users\n    load: {{users: 60, iterations_each: 1}}\n    \
             do:\n      - get: /a\n        settings: {settings}\n",
            server.url("")
        ),
    );
    let program = place.command(arguments);
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

/// Runs the plan.
fn run(place: &Place, server: &Server, settings: &str) -> Ended {
    let arguments = ["run", "plan.yaml", "-q", "--out", "run"];
    run_with(place, server, settings, &arguments)
}

/// Searches up to the load `max` and leaves no time for a trial, in a new folder or one that is there.
fn find_in(place: &Place, server: &Server, settings: &str, max: &str, folder: [&str; 2]) -> Ended {
    let [how, folder] = folder;
    let arguments = [
        "find",
        "plan.yaml",
        "--max",
        max,
        "--limit",
        "p95 < 5s",
        "--budget",
        "1s",
        how,
        folder,
    ];
    run_with(place, server, settings, &arguments)
}

/// The same in a new folder.
fn find(place: &Place, server: &Server, settings: &str, max: &str) -> Ended {
    find_in(place, server, settings, max, ["--out", "search"])
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

#[test]
fn a_search_warns_once_of_users_who_keep_no_connection() {
    let (place, server) = (Place::new(), Server::answering(200));
    let ended = find(&place, &server, "{keep_alive: false}", "60").expect(0);
    ended
        .says("60 users may need up to 160 open files, but the limit is 150")
        .says("--> plan.yaml:4");
    let warnings = ended.stderr.matches("warning[machine]").count();
    assert_eq!(warnings, 1, "{}", ended.stderr);
    assert_eq!(server.count(), 0);
}

/// Each trial of arrivals needs files for the same users, whatever its rate.
#[test]
fn a_search_is_refused_before_anything_is_sent() {
    for max in ["60", "5/s"] {
        let (place, server) = (Place::new(), Server::answering(200));
        let ended = find(&place, &server, "{keep_alive: true}", max).expect(1);
        ended
            .says("open files, but the limit is 150")
            .says("--> plan.yaml:4");
        assert_eq!(server.count(), 0);
        assert!(!place.path("search").exists());
    }
}

/// A search goes on up to the load that it was begun with.
#[test]
fn a_search_that_goes_on_needs_the_files_of_its_own_greatest_load() {
    let (place, server) = (Place::new(), Server::answering(200));
    let settings = "{keep_alive: true}";
    find(&place, &server, settings, "40").expect(0);
    find_in(&place, &server, settings, "60", ["--resume", "search"]).expect(0);
    assert_eq!(server.count(), 0);
}
