//! Generators that are native programs: the floor, wrk, oha, hey, vegeta.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::Value;

use super::{
    HTTP1_ONLY, Job, Launch, NO_PLANS, NO_THINK_TIME, Places, SAME_BYTES, Said, Start, Tool,
    go_module, installed, micros, says, word_after,
};
use crate::workload::{Request, Streams};

/// Why generators on Go's HTTP/2 cannot open several connections.
const ONE_CONNECTION: &str = "all requests of HTTP/2 share a connection";
/// Most results that hey keeps; of those beyond it counts only.
const MOST_OF_HEY: u64 = 1_000_000;

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool {
            name: "floor",
            settings: "a bare write and read for each request (this program's `floor`)",
            find: |_: &Places| std::env::current_exe().ok(),
            version: |_| Some(env!("CARGO_PKG_VERSION").to_owned()),
            launch: |job, program| Ok(floor(job, program, [])),
        },
        Tool {
            name: "measured",
            settings: "the same with a task of tokio for each connection and a record for each request (`floor --measured`)",
            find: |_: &Places| std::env::current_exe().ok(),
            version: |_| Some(env!("CARGO_PKG_VERSION").to_owned()),
            launch: |job, program| Ok(floor(job, program, ["--measured"])),
        },
        Tool {
            name: "wrk",
            settings: "-t1, no script but for a body; a histogram only",
            find: |places| installed(places, "wrk"),
            version: |program| says(program, &["-v"]),
            launch: wrk,
        },
        Tool {
            name: "oha",
            settings: "--no-tui, --disable-compression, -w (waits for the last answers), --worker-threads 1; every result kept in memory",
            find: |places| installed(places, "oha"),
            version: |program| says(program, &["--version"]),
            launch: oha,
        },
        Tool {
            name: "hey",
            settings: "GOMAXPROCS=1, -disable-compression; the first million results kept in memory",
            find: |places| installed(places, "hey"),
            version: go_module,
            launch: hey,
        },
        Tool {
            name: "vegeta",
            settings: "-rate=0, -workers, -max-workers, -connections and -max-connections as many as users, -max-body=0, GOMAXPROCS=1; every result as gob to a file",
            find: |places| installed(places, "vegeta"),
            version: go_module,
            launch: vegeta,
        },
    ]
}

fn floor<const N: usize>(job: &Job<'_>, program: &std::path::Path, more: [&str; N]) -> Start {
    let workload = job.workload;
    let is_plain = workload.think.is_none() && workload.keep_alive && !workload.tls;
    if !is_plain || workload.request != Request::Small {
        return Start::Cannot("a small GET on kept connections of HTTP/1.1 only");
    }
    let launch = Launch::new(program).arg("floor").arg(job.port.to_string());
    let launch = launch.arg(workload.users.to_string());
    Start::Launch(launch.arg(job.length.as_secs().to_string()).args(more))
}

/// Why a generator that repeats a request without a pause cannot do the workload.
fn refused(job: &Job<'_>) -> Option<&'static str> {
    match job.workload.request {
        Request::Ten => Some(NO_PLANS),
        _ => job.workload.think.map(|_| NO_THINK_TIME),
    }
}

/// A generator that sends the same bytes each time.
fn repeating(job: &Job<'_>, program: &std::path::Path) -> Launch {
    let mut launch = Launch::new(program);
    launch.note = job.workload.request.is_read().then_some(SAME_BYTES);
    launch
}

fn wrk(job: &Job<'_>, program: &std::path::Path) -> Result<Start> {
    if let Some(reason) = refused(job) {
        return Ok(Start::Cannot(reason));
    }
    if job.workload.http2.is_some() {
        return Ok(Start::Cannot(HTTP1_ONLY));
    }
    let mut launch = repeating(job, program).args(["-t1", "--latency"]);
    launch = launch
        .arg(format!("-c{}", job.workload.users))
        .arg(format!("-d{}s", job.length.as_secs()));
    if let Some(body) = job.workload.request.body() {
        let script = format!("wrk.method = 'POST'\nwrk.body = '{body}'\n");
        launch = launch.arg("-s").arg(job.write("post.lua", &script)?);
    }
    for (name, value) in job.headers() {
        launch = launch.arg("-H").arg(format!("{name}: {value}"));
    }
    launch.quantiles = |said| {
        let (_, table) = said.stdout.split_once("Latency Distribution")?;
        let at = |mark: &str| micros(word_after(table, mark)?);
        Some([at("50%")?, at("90%")?, at("99%")?])
    };
    Ok(Start::Launch(launch.arg(job.url())))
}

fn oha(job: &Job<'_>, program: &std::path::Path) -> Result<Start> {
    if let Some(reason) = refused(job) {
        return Ok(Start::Cannot(reason));
    }
    let mut launch = repeating(job, program).args(["--no-tui", "--output-format", "json"]);
    launch = launch.args([
        "--insecure",
        "--disable-compression",
        "-w",
        "--worker-threads",
        "1",
    ]);
    let (connections, streams) = match job.workload.http2 {
        Some(Streams::Many) => (1, job.workload.users),
        _ => (job.workload.users, 1),
    };
    if job.workload.http2.is_some() {
        launch = launch.arg("--http2").arg("-p").arg(streams.to_string());
    }
    launch = launch
        .arg("-c")
        .arg(connections.to_string())
        .arg("-z")
        .arg(format!("{}s", job.length.as_secs()));
    launch = launch.arg("-m").arg(job.workload.request.method());
    if !job.workload.keep_alive {
        launch = launch.arg("--disable-keepalive");
    }
    for (name, value) in job.workload.request.headers() {
        launch = launch.arg("-H").arg(format!("{name}: {value}"));
    }
    if let Some(body) = job.workload.request.body() {
        launch = launch.arg("-D").arg(job.write("body.json", &body)?);
    }
    launch.recorded = |said| {
        let said: Value = serde_json::from_str(&said.stdout).ok()?;
        Some(
            said.get("statusCodeDistribution")?
                .as_object()?
                .values()
                .filter_map(Value::as_u64)
                .sum(),
        )
    };
    launch.quantiles = |said| {
        let said: Value = serde_json::from_str(&said.stdout).ok()?;
        let at = |name: &str| {
            Some(
                said.pointer(&format!("/latencyPercentiles/{name}"))?
                    .as_f64()?
                    * 1e6,
            )
        };
        Some([at("p50")?, at("p90")?, at("p99")?])
    };
    Ok(Start::Launch(launch.arg(job.url())))
}

fn hey(job: &Job<'_>, program: &std::path::Path) -> Result<Start> {
    if let Some(reason) = refused(job) {
        return Ok(Start::Cannot(reason));
    }
    if job.workload.http2 == Some(Streams::One) {
        return Ok(Start::Cannot(ONE_CONNECTION));
    }
    let mut launch = repeating(job, program).env("GOMAXPROCS", "1");
    launch = launch.arg("-disable-compression");
    if job.workload.tls {
        // It names the host to the server with the port, which is no name; a server may refuse that.
        launch = launch.args(["-host", "localhost"]);
    }
    if job.workload.http2.is_some() {
        launch = launch.arg("-h2");
    }
    launch = launch
        .arg("-c")
        .arg(job.workload.users.to_string())
        .arg("-z")
        .arg(format!("{}s", job.length.as_secs()));
    launch = launch.arg("-m").arg(job.workload.request.method());
    if !job.workload.keep_alive {
        launch = launch.arg("-disable-keepalive");
    }
    for (name, value) in job.workload.request.headers() {
        launch = launch.arg("-H").arg(format!("{name}: {value}"));
    }
    if let Some(body) = job.workload.request.body() {
        launch = launch.arg("-D").arg(job.write("body.json", &body)?);
    }
    launch.recorded = |said| {
        // `  [200]\t12345 responses`
        let counts = said.stdout.lines().filter_map(|line| {
            let (status, count) = line.trim().strip_suffix(" responses")?.split_once(']')?;
            count
                .trim()
                .parse::<u64>()
                .ok()
                .filter(|_| status.starts_with('['))
        });
        Some(counts.sum::<u64>().min(MOST_OF_HEY))
    };
    launch.quantiles = |said| {
        // `  50%% in 0.0051 secs`, with one sign in older versions.
        let text = said.stdout.replace("%%", "%");
        let at = |mark: &str| micros(word_after(&text, mark)?);
        Some([at("50% in")?, at("90% in")?, at("99% in")?])
    };
    Ok(Start::Launch(launch.arg(job.url())))
}

fn vegeta(job: &Job<'_>, program: &std::path::Path) -> Result<Start> {
    if let Some(reason) = refused(job) {
        return Ok(Start::Cannot(reason));
    }
    if job.workload.http2 == Some(Streams::One) {
        return Ok(Start::Cannot(ONE_CONNECTION));
    }
    let mut target = format!("{} {}\n", job.workload.request.method(), job.url());
    for (name, value) in job.workload.request.headers() {
        target += &format!("{name}: {value}\n");
    }
    if let Some(body) = job.workload.request.body() {
        let path: PathBuf = job.write("body.json", &body)?;
        target += &format!("@{}\n", path.display());
    }
    let mut launch = repeating(job, program).env("GOMAXPROCS", "1");
    launch = launch.args(["attack", "-rate=0", "-max-body=0", "-insecure"]);
    launch = launch.arg(format!("-http2={}", job.workload.http2.is_some()));
    let users = job.workload.users;
    launch = launch
        .arg(format!("-max-workers={users}"))
        .arg(format!("-workers={users}"));
    launch = launch
        .arg(format!("-connections={users}"))
        .arg(format!("-max-connections={users}"))
        .arg(format!("-duration={}s", job.length.as_secs()));
    if !job.workload.keep_alive {
        launch = launch.arg("-keepalive=false");
    }
    launch = launch.arg(format!(
        "-targets={}",
        job.write("targets", &target)?.display()
    ));
    launch = launch.arg(format!(
        "-output={}",
        job.folder.join("results.bin").display()
    ));
    launch.recorded = |said| vegeta_report(said)?.get("requests")?.as_u64();
    launch.quantiles = |said| {
        let report = vegeta_report(said)?;
        let at = |name: &str| Some(report.pointer(&format!("/latencies/{name}"))?.as_f64()? / 1e3);
        Some([at("50th")?, at("90th")?, at("99th")?])
    };
    Ok(Start::Launch(launch))
}

/// What vegeta makes of its results, asked after the measurement.
fn vegeta_report(said: &Said) -> Option<Value> {
    let program = std::fs::read_to_string(said.folder.join("program")).ok()?;
    let results = said.folder.join("results.bin");
    let output = std::process::Command::new(program)
        .args(["report", "-type=json"])
        .arg(results)
        .output()
        .ok()?;
    serde_json::from_slice(&output.stdout).ok()
}
