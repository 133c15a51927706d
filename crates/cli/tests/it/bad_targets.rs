//! Targets that refuse, reset, answer garbage, never answer or die: data, never a crash.

use std::io::Write;

use crate::program::{Ended, Place, summary};
use crate::server::{Server, respond};

fn run(server: &Server, more: &[&str]) -> (Ended, serde_json::Value) {
    let place = Place::new();
    let url = server.url("/");
    let mut arguments = vec!["run", &url, "-q", "--out", "run"];
    arguments.extend(more);
    let ended = place.run(&arguments);
    (ended, summary(&place.path("run")))
}

#[test]
fn a_target_that_refuses_is_said_before_anything_else() {
    let place = Place::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let ended = place.run(&["run", &url, "-n", "1"]).expect(1);
    ended
        .says("nothing answers at")
        .says("refused")
        .says("start the server");
    assert!(!place.path("loadline-runs").exists());
}

#[test]
fn garbage_and_resets_are_errors_of_their_kind() {
    let garbage = Server::start(|_, stream| stream.write_all(b"\x00\x01garbage\r\n\r\n").is_ok());
    let (_, summary) = run(&garbage, &["-n", "5"]);
    assert_eq!(summary["totals"]["errors"], 5);
    assert_eq!(summary["errors"][0]["kind"], "protocol");

    let closing = Server::start(|_, _| false);
    let (_, summary) = run(&closing, &["-n", "5"]);
    assert_eq!(summary["totals"]["errors"], 5);
    assert_eq!(summary["errors"][0]["kind"], "closed");
}

#[test]
fn a_target_that_never_answers_times_out() {
    let silent = Server::start(|_, _| {
        loop {
            std::thread::park();
        }
    });
    let (_, summary) = run(&silent, &["-u", "2", "-n", "2", "--timeout", "300ms"]);
    assert_eq!(summary["errors"][0]["kind"], "timeout");
    assert_eq!(summary["totals"]["errors"], 2);
}

#[test]
fn a_target_that_dies_in_the_middle_fails_what_follows() {
    // After 50 requests every connection is closed at once.
    let server = Server::start(|n, stream| n < 50 && respond(stream, 200, "{}"));
    let limits = ["-n", "100", "--limit", "errors <= 1%"];
    let (ended, summary) = run(&server, &limits);
    ended.expect(99);
    assert_eq!(summary["totals"]["samples"], 100);
    assert_eq!(summary["totals"]["errors"], 50);
}

#[test]
fn a_public_target_is_refused_until_told() {
    let place = Place::new();
    // An address of a documentation block: public, and nobody's.
    let ended = place
        .run(&["run", "http://192.0.2.1/", "-n", "1"])
        .expect(2);
    ended.says("--i-may-load").says("192.0.2.1");
}

#[test]
fn a_public_address_of_the_plans_own_hosts_is_refused_until_told() {
    let (place, server) = (Place::new(), Server::answering(200));
    let run = |addresses: &str| {
        place.write(
            "plan.yaml",
            &format!(
                "loadline: 1\ntarget: {}\ngroups:\n  - name: Users\n    load: {{users: 1, iterations_each: 1}}\n    \
                 do:\n      - dns_cache_manager: {{hosts: {{shop.test: '{addresses}'}}}}\n      - get: /a\n",
                server.url("").replace("127.0.0.1", "shop.test")
            ),
        );
        place.run(&["run", "plan.yaml", "-q"])
    };
    let ended = run("127.0.0.1,192.0.2.1").expect(2);
    ended
        .says("shop.test (192.0.2.1)")
        .says("--i-may-load shop.test");
    assert_eq!(server.count(), 0);
    run("127.0.0.1").expect(0);
    assert_eq!(server.count(), 1);
}

#[test]
fn a_server_that_cannot_be_watched_is_said_before_traffic() {
    let (place, server) = (Place::new(), Server::answering(200));
    let url = server.url("/");
    let run = |source: &str| place.run(&["run", &url, "-n", "1", "--server", source]);
    run("pid:4194000").expect(1).says("does not exist");
    run("docker:web").expect(2).says("unknown server source");
    assert_eq!(server.count(), 0);
}
