//! Runs that go well.

use crate::program::{Place, summary};
use crate::server::{Server, respond};

#[test]
fn a_url_is_loaded_for_a_number_of_iterations() {
    let (place, server) = (Place::new(), Server::answering(200));
    let ended = place.run(&[
        "run",
        &server.url("/a"),
        "-u",
        "3",
        "-n",
        "30",
        "-q",
        "--json",
    ]);
    let summary = ended.expect(0).json();
    assert_eq!(summary["format"], "loadline-summary/1");
    assert_eq!(summary["totals"]["samples"], 30);
    assert_eq!(summary["totals"]["errors"], 0);
    assert_eq!(summary["labels"][0]["label"], "GET /a");
    assert_eq!(server.count(), 30);
}

#[test]
fn report_gives_the_same_bytes() {
    let (place, server) = (Place::new(), Server::answering(200));
    let limit = "errors <= 10%";
    let url = server.url("/");
    let arguments = [
        "run",
        &url,
        "-u",
        "4",
        "-d",
        "2s",
        "-q",
        "--out",
        "run",
        "--limit",
        limit,
        "--no-color",
    ];
    let first = place.run(&arguments);
    let folder = place.path("run");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let (summary, page) = (read("summary.json"), read("report.html"));
    std::fs::remove_file(folder.join("summary.json")).unwrap();
    std::fs::remove_file(folder.join("report.html")).unwrap();
    let again = place.run(&["report", "run", "--no-color"]);
    assert_eq!(first.code, again.code);
    assert_eq!(first.stdout, again.stdout);
    assert_eq!(summary, read("summary.json"));
    assert_eq!(page, read("report.html"));
}

#[test]
fn the_parts_of_a_summary_sum_to_the_whole() {
    let place = Place::new();
    let server = Server::start(|n, stream| respond(stream, if n % 4 == 0 { 500 } else { 200 }, ""));
    place.write(
        "plan.yaml",
        &format!(
            "loadline: 1\nname: Two labels\ntarget: {}\ngroups:\n  - name: Users\n    load: {{users: 2, \
             iterations_each: 20}}\n    do:\n      - get: /a\n      - get: /b\n",
            server.url("")
        ),
    );
    place
        .run(&["run", "plan.yaml", "-q", "--out", "run"])
        .expect(0);
    let summary = summary(&place.path("run"));
    let labels = summary["labels"].as_array().unwrap();
    let sum = |key: &str| {
        labels
            .iter()
            .map(|label| label[key].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(summary["totals"]["samples"], 80);
    assert_eq!(sum("samples"), 80);
    assert_eq!(sum("errors"), 20);
    assert_eq!(summary["errors"][0]["count"], 20);
    for label in labels {
        let times = &label["response_time_us"];
        let value = |name: &str| times[name]["value"].as_f64().unwrap_or(f64::NAN);
        assert!(
            value("p50") <= value("p90") && value("p90") <= value("p95"),
            "{times}"
        );
        assert!(
            value("p95") <= value("p99") && value("p99") <= value("max"),
            "{times}"
        );
    }
}

#[test]
fn a_limit_on_errors_fails_with_its_exit_code() {
    let (place, server) = (Place::new(), Server::answering(503));
    let url = server.url("/");
    let arguments = [
        "run",
        &url,
        "-u",
        "2",
        "-d",
        "2s",
        "-q",
        "--limit",
        "errors <= 10%",
    ];
    place
        .run(&arguments)
        .expect(99)
        .says("FAIL")
        .says("HTTP 503");
}

#[test]
fn then_stop_ends_a_run_early() {
    let (place, server) = (Place::new(), Server::answering(503));
    let url = server.url("/");
    let limit = "errors <= 10% then stop";
    let arguments = [
        "run", &url, "-u", "2", "-d", "10m", "-q", "--json", "--limit", limit,
    ];
    let summary = place.run(&arguments).expect(99).json();
    assert!(summary["duration_s"].as_f64().unwrap() < 60.0);
}

#[test]
fn two_runs_are_compared() {
    let (place, server) = (Place::new(), Server::answering(200));
    let url = server.url("/");
    for folder in ["a", "b"] {
        place
            .run(&["run", &url, "-u", "2", "-d", "2s", "-q", "--out", folder])
            .expect(0);
    }
    let ended = place.run(&["compare", "a", "b"]);
    assert!(matches!(ended.code, Some(0 | 98)), "{}", ended.stderr);
    assert!(place.path("b/comparison.html").is_file());
}

#[test]
fn a_jmeter_plan_and_its_properties_run() {
    let (place, server) = (Place::new(), Server::answering(201));
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    for file in ["stress.jmx", "users.csv"] {
        std::fs::copy(format!("{examples}/{file}"), place.path(file)).unwrap();
    }
    let port = format!("port={}", server.port);
    let arguments = [
        "run",
        "stress.jmx",
        "-q",
        "--out",
        "run",
        "-J",
        &port,
        "-J",
        "users=2",
        "-J",
        "increment=1",
        "-J",
        "ramp=1",
        "-J",
        "delay2=2",
        "-J",
        "delay3=4",
        "-J",
        "duration1=6",
        "-J",
        "duration2=4",
        "-J",
        "duration3=2",
    ];
    // The server is the test itself, and stays.
    place.run(&arguments).says("GET /posts/");
    let summary = summary(&place.path("run"));
    assert_eq!(summary["steps"].as_array().unwrap().len(), 3);
    assert_eq!(summary["totals"]["samples"], server.count());
    assert_eq!(summary["totals"]["errors"], 0);
}
