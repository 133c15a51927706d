//! What is injected can be seen from outside.
//!
//! Times are only bounded from below, where the fault promises them; a slow machine is no failure.

use std::io;
use std::time::{Duration, Instant};

use loadline_backend::Profile;

use crate::client::Client;
use crate::contract::metric;
use crate::server::TestServer;

fn tuned_with(fault: &str) -> TestServer {
    TestServer::start(Profile::Tuned, &[fault])
}

/// Statuses of `count` requests, one after the other.
fn statuses(client: &mut Client, count: usize) -> Vec<u16> {
    (0..count).map(|_| client.get("/users/1/").status).collect()
}

/// Time until `count` requests, sent at once over as many connections, are answered.
fn time_at_once(server: &TestServer, count: usize) -> Duration {
    let mut clients: Vec<Client> = (0..count).map(|_| server.client()).collect();
    let start = Instant::now();
    for client in &mut clients {
        client.start("GET", "/users/1/", "").unwrap();
    }
    for client in &mut clients {
        assert_eq!(client.receive("GET").unwrap().status, 200);
    }
    start.elapsed()
}

#[test]
fn errors_come_in_their_share_and_in_a_seeded_order() {
    let draw = || statuses(&mut tuned_with("errors=5%").client(), 1000);
    let drawn = draw();
    let failed = drawn.iter().filter(|status| **status == 500).count();
    assert!((30..=70).contains(&failed), "{failed} of 1000");
    assert_eq!(drawn, draw());
}

#[test]
fn health_and_metrics_are_spared() {
    let server = tuned_with("errors=100%");
    let mut client = server.client();
    assert_eq!(client.get("/health").status, 200);
    assert_eq!(client.get("/metrics").status, 200);
    assert_eq!(client.get("/books/1/").status, 500);
}

#[test]
fn a_limit_refuses_with_the_time_to_come_back() {
    let server = tuned_with("limit=1/m");
    let mut client = server.client();
    assert_eq!(client.get("/users/1/").status, 200);
    let refused = client.get("/users/1/");
    assert_eq!(refused.status, 429);
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}

#[test]
fn a_stall_holds_all_answers_back() {
    let server = tuned_with("stall=300ms@0s");
    let start = Instant::now();
    assert_eq!(server.client().get("/health").status, 200);
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[test]
fn a_pause_stops_the_threads_once_per_period() {
    let server = tuned_with("pause=60ms/100ms");
    let mut client = server.client();
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(250) {
        assert_eq!(client.get("/users/1/").status, 200);
    }
    let histogram = "http_request_duration_seconds_sum{method=\"GET\",route=\"/users/{id}/\"}";
    assert!(metric(&mut client, histogram) >= 0.05);
}

#[test]
fn a_fixed_time_holds_for_any_number_at_once() {
    let server = tuned_with("fixed=50ms");
    assert!(time_at_once(&server, 1) >= Duration::from_millis(50));
    let together = time_at_once(&server, 40);
    assert!(together >= Duration::from_millis(50));
    assert!(
        together < Duration::from_millis(40 * 50),
        "they wait side by side: {together:?}"
    );
}

#[test]
fn a_pool_serves_its_capacity_and_no_more() {
    let server = tuned_with("pool=4:20ms");
    assert!(time_at_once(&server, 12) >= Duration::from_millis(60));
    let mut client = server.client();
    assert_eq!(metric(&mut client, "db_pool_size{pool=\"handlers\"}"), 4.0);
    assert_eq!(
        metric(&mut client, "db_pool_waiting{pool=\"handlers\"}"),
        0.0
    );
}

#[test]
fn a_lock_serves_one_at_a_time() {
    let server = tuned_with("lock=10ms");
    assert!(time_at_once(&server, 8) >= Duration::from_millis(80));
}

#[test]
fn a_slow_dependency_is_waited_for() {
    assert!(time_at_once(&tuned_with("slow-dependency=30ms"), 1) >= Duration::from_millis(30));
}

#[test]
fn burnt_cpu_takes_at_least_its_time() {
    assert!(time_at_once(&tuned_with("cpu=20ms"), 1) >= Duration::from_millis(20));
}

#[test]
fn a_reset_ends_the_connection_without_an_answer() {
    let server = tuned_with("reset=100%");
    let mut client = server.client();
    client.start("GET", "/users/1/", "").unwrap();
    let error = client.receive("GET").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(server.client().get("/health").status, 200);
}

/// Makes this binary, started once more, run the crash below in earnest.
const CRASH_VARIABLE: &str = "LOADLINE_TEST_CRASH";

#[test]
fn a_crash_aborts_the_process_at_its_request() {
    if std::env::var_os(CRASH_VARIABLE).is_some() {
        let server = tuned_with("crash-at=3");
        let mut client = server.client();
        println!("{:?}", statuses(&mut client, 2));
        client.get("/health");
        println!("survived");
        return;
    }
    let name = "faults::a_crash_aborts_the_process_at_its_request";
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(CRASH_VARIABLE, "1")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("[200, 200]"), "{output:?}");
    assert!(!printed.contains("survived"), "{output:?}");
    #[cfg(unix)]
    {
        const SIGABRT: i32 = 6;
        let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
        assert_eq!(signal, Some(SIGABRT));
    }
}

#[test]
fn a_short_accept_queue_still_serves() {
    let server = tuned_with("accept-queue=16:1ms");
    assert!(time_at_once(&server, 4) > Duration::ZERO);
}

#[test]
#[cfg(target_os = "linux")]
fn a_leak_grows_the_process() {
    let resident_bytes = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"))
            .unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    };
    let server = tuned_with("leak=4MiB/request");
    let mut client = server.client();
    let before = resident_bytes();
    statuses(&mut client, 50);
    // Other tests share the process, so this only sees that most of 200 MiB is there.
    assert!(resident_bytes() - before > 100 << 20);
}
