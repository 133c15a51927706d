//! Ctrl-C once and twice, and a kill.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};
use std::time::Duration;

use crate::program::{Ended, Place, summary};
use crate::server::Server;

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

/// Starts a long run with a progress line each step and waits until it has sent something.
fn started(place: &Place, server: &Server) -> Child {
    let mut child = place.spawn(&[
        "run",
        &server.url("/"),
        "-u",
        "2",
        "-d",
        "10m",
        "--out",
        "run",
    ]);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    // The first progress line comes when the first second is over.
    assert!(lines.next().unwrap().unwrap().contains("users"));
    std::thread::spawn(move || lines.for_each(drop));
    child
}

#[test]
fn one_signal_ends_a_run_with_its_summary() {
    let (place, server) = (Place::new(), Server::answering(200));
    let child = started(&place, &server);
    signal(&child, "-INT");
    let ended = Ended::of(child.wait_with_output().unwrap()).expect(105);
    ended.says("GET /");
    assert!(summary(&place.path("run"))["totals"]["samples"].as_u64() > Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    // The answers take longer than anyone waits, so a graceful stop has to wait for them.
    let (place, server) = (Place::new(), Server::taking(Duration::from_secs(20)));
    let child = started(&place, &server);
    signal(&child, "-INT");
    // Signals that come together are delivered as one: repeat until it has heard both.
    let (done, ended) = std::sync::mpsc::channel();
    let id = child.id();
    std::thread::spawn(move || done.send(child.wait_with_output().unwrap()));
    let output = loop {
        match ended.recv_timeout(Duration::from_millis(300)) {
            Ok(output) => break output,
            Err(_) => {
                let _ = Command::new("kill")
                    .args(["-INT", &id.to_string()])
                    .status();
            }
        }
    };
    Ended::of(output).expect(105);
    let summary = summary(&place.path("run"));
    assert!(summary["duration_s"].as_f64().unwrap() < 15.0);
}

#[test]
fn a_killed_run_can_be_reported() {
    let (place, server) = (Place::new(), Server::answering(200));
    let mut child = started(&place, &server);
    signal(&child, "-KILL");
    child.wait().unwrap();
    let ended = place.run(&["report", "run"]);
    ended.says("cut off").says("GET /");
    assert!(summary(&place.path("run"))["totals"]["samples"].as_u64() > Some(0));
}
